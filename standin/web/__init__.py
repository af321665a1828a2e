"""The web image: the HTTPS API."""
