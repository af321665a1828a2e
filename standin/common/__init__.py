"""What the client and the fake of WhatsApp share."""
