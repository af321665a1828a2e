# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a MySQL account may do with a database, from the answer to SHOW GRANTS. No I/O."""

from __future__ import annotations

import re
import typing as t

# What the client needs on databases that it creates and upgrades itself.
NEEDED = ("SELECT", "INSERT", "UPDATE", "DELETE", "CREATE", "DROP", "ALTER", "INDEX")
# Without them a dump fails, or lacks what the user does not see and says nothing.
TO_DUMP = ("SELECT", "SHOW VIEW", "TRIGGER", "EVENT", "EXECUTE")
# Without them a restore fails where a dump has such a thing, after the database was dropped. Every dump locks tables.
TO_RESTORE = (
    *("SELECT", "INSERT", "CREATE", "DROP", "ALTER", "REFERENCES", "LOCK TABLES"),
    *("CREATE VIEW", "TRIGGER", "EVENT", "CREATE ROUTINE", "ALTER ROUTINE"),
)
# Grants on single tables name them in place of the star.
_GRANT = re.compile(r"GRANT (?P<rights>.+?) ON (?P<database>\*|`(?:[^`]|``)+`)\.\* TO ", re.IGNORECASE | re.DOTALL)


def missing_rights(
    grants: t.Iterable[str], database: str, patterns: bool = True, needed: t.Sequence[str] = NEEDED
) -> list[str]:
    """The rights of C(needed) that the account lacks on a database of this name, which need not exist.

    Without C(patterns) a wildcard in a grant stands for itself, as on a server with partial_revokes.
    """
    had: set[str] = set()
    for grant in grants:
        found = _GRANT.match(grant)
        if found and _means(found["database"], database, patterns):
            had |= {right.strip().upper() for right in re.sub(r"\([^)]*\)", "", found["rights"]).split(",")}
    return [] if had & {"ALL", "ALL PRIVILEGES"} else [right for right in needed if right not in had]


def _means(named: str, database: str, patterns: bool) -> bool:
    """Whether the name in a grant, with the wildcards of LIKE, stands for this database."""
    if named == "*":
        return True
    expression = _expression if patterns else _itself
    pattern = "".join(map(expression, re.findall(r"\\.|.", named[1:-1].replace("``", "`"), re.DOTALL)))
    return re.fullmatch(pattern, database, re.IGNORECASE | re.DOTALL) is not None


def _expression(part: str) -> str:
    return {"%": ".*", "_": "."}.get(part) or re.escape(part[-1])


def _itself(part: str) -> str:
    return re.escape(part[-1])
