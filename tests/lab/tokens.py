"""Valid tokens of the API, read from the stand-in's database."""

from __future__ import annotations

from tests.lab.hosts import on

_SELECT = "SELECT rand FROM wabiz_waweb.tokens WHERE username = 'admin'"
# The root password stays inside the container.
_ASK = f'MYSQL_PWD="$MYSQL_ROOT_PASSWORD" exec mysql --user=root --skip-column-names --execute "{_SELECT}"'


def valid() -> set[str]:
    """Return the names of the valid tokens of account admin on the lab inventory's cluster."""
    return set(on("db1", "docker", "exec", "wabiz-database", "sh", "-c", _ASK).split())
