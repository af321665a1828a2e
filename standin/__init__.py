"""A stand-in for the vendor's WhatsApp Business client, our own code for the documented contract."""
