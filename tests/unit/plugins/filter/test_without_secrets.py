# Copyright: (c) 2026, wabiz.onprem contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from ansible_collections.wabiz.onprem.plugins.filter.without_secrets import without_secrets

SETTINGS = {"WA_DB_PASSWORD": "Db-secret", "SITE_PIN": "123456", "WA_DB_PORT": "3306"}
CONTAINER = {"name": "wabiz-dbupgrade", "env": SETTINGS}


def test_secrets_by_name_and_those_that_are_named() -> None:
    said = "refused: Db-secret at port 3306, PIN 123456"
    assert without_secrets(said, CONTAINER) == "refused: ******** at port 3306, PIN 123456"
    assert without_secrets(said, CONTAINER, ["SITE_PIN"]) == "refused: ******** at port 3306, PIN ********"
