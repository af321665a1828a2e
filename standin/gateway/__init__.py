"""The fake of WhatsApp's servers: registration, connections, bans."""
