# Copyright: (c) 2026, wabiz.onprem contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from ansible_collections.wabiz.onprem.plugins.filter.without_secrets import without_secrets

SETTINGS = {"WA_DB_PASSWORD": "Db-secret", "SITE_NUMBER": "123456", "WA_DB_PORT": "3306"}
CONTAINER = {"name": "wabiz-dbupgrade", "env": SETTINGS}


def test_secrets_by_name_and_those_that_are_named() -> None:
    said = "refused: Db-secret at port 3306, number 123456"
    assert without_secrets(said, CONTAINER) == "refused: ******** at port 3306, number 123456"
    assert without_secrets(said, CONTAINER, ["SITE_NUMBER"]) == "refused: ******** at port 3306, number ********"


def test_however_they_are_quoted() -> None:
    container = {"env": {"WA_DB_PASSWORD": "it's 100%"}, "command": ["x", "--token=abcdef"]}
    said = "mysql://u:it%27s%20100%25@db refused; 'it\\'s 100%'; abcdef"
    assert without_secrets(said, container) == "mysql://u:********@db refused; '********'; ********"


def test_as_an_error_of_a_mysql_driver_shows_it() -> None:
    password = 'it\'s 9% \\ "q"'
    quoted = 'it\\\'s 9% \\\\ \\"q\\"'
    said = f"Cannot execute SQL: {(1064, f'near {quoted}')}; {(1064, quoted)}; {quoted}"
    shown = without_secrets(said, {"env": {"WA_DB_PASSWORD": password}})
    assert "9%" not in shown and shown.count("********") == 3
