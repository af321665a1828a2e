"""Sticker packs."""
