# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a MySQL or MariaDB server is told that its certificate is another one. No I/O."""

from __future__ import annotations

import typing as t

# The first release with the statement, and the statement.
_MYSQL = ((8, 0, 16), "ALTER INSTANCE RELOAD TLS")
_MARIADB = ((10, 4, 0), "FLUSH SSL")


def certificate_reload(server: t.Mapping[str, t.Any]) -> str:
    """The statement; empty where the server reads its certificate at its start only.

    C(server) is the result of M(community.mysql.mysql_info) with its C(version) and C(server_engine).
    """
    since, statement = _MARIADB if server["server_engine"] == "MariaDB" else _MYSQL
    number = tuple(int(server["version"][part]) for part in ("major", "minor", "release"))
    return statement if number >= since else ""
