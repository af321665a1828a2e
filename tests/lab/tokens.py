"""Valid tokens of the API, read from the stand-in's database."""

from __future__ import annotations

from tests.lab import administrator

_SELECT = "SELECT rand FROM wabiz_waweb.tokens WHERE username = 'admin'"


def valid() -> set[str]:
    """Return the names of the valid tokens of account admin on the lab inventory's cluster."""
    return set(administrator.sql(_SELECT).split())
