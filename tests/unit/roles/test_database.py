# Copyright: (c) 2026, wabiz.onprem contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What role database asks of a server's administrator, and what it says where that fails."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.unit.roles.scripted_database import calls, run

SECRET = 'can\'t "4711" \\ ry'


def test_the_connections_are_counted_with_what_status_reads(tmp_path: Path) -> None:
    """status.yml reads no password of an administrator."""
    given = {"database_engine": "mysql", "database_user": "wabiz", "database_password": "x"}
    run(tmp_path, ["connections_mysql"], given).succeeded()
    (asked,) = calls(tmp_path, "mysql_query")
    assert (asked["login_user"], asked["login_unix_socket"]) == ("wabiz", f"{tmp_path}/database-socket/mysqld.sock")
