# Copyright: (c) 2026, wabiz.onprem contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a MySQL account may do with databases of a prefix."""

from __future__ import annotations

import pytest
from ansible_collections.wabiz.onprem.plugins.module_utils._formats.mysql_grants import (
    NEEDED,
    TO_DUMP,
    TO_RESTORE,
    missing_rights,
)
from hypothesis import given
from hypothesis import strategies as st

USAGE = "GRANT USAGE ON *.* TO `wabiz`@`%`"


@pytest.mark.parametrize(
    ("grant", "missing"),
    [
        ("GRANT ALL PRIVILEGES ON *.* TO `wabiz`@`%` WITH GRANT OPTION", []),
        (r"GRANT ALL PRIVILEGES ON `wabiz\_%`.* TO `wabiz`@`%`", []),
        # In a grant _ stands for any character, too.
        ("GRANT ALL PRIVILEGES ON `wabiz_%`.* TO 'wabiz'@'%'", []),
        (r"GRANT ALL PRIVILEGES ON `other\_%`.* TO `wabiz`@`%`", list(NEEDED)),
        ("GRANT ALL PRIVILEGES ON `wabiz_1`.`messages` TO `wabiz`@`%`", list(NEEDED)),
        (r"GRANT SELECT, INSERT, UPDATE, DELETE ON `wabiz\_%`.* TO `wabiz`@`%`", ["CREATE", "DROP", "ALTER", "INDEX"]),
        (r"GRANT SELECT (a, b), CREATE ON `wabiz\_%`.* TO `wabiz`@`%`", [n for n in NEEDED[1:] if n != "CREATE"]),
        (USAGE, list(NEEDED)),
        ("GRANT `role`@`%` TO `wabiz`@`%`", list(NEEDED)),
    ],
)
def test_what_is_missing(grant: str, missing: list[str]) -> None:
    assert missing_rights([USAGE, grant], "wabiz_1") == missing


def test_the_clients_rights_are_too_few_for_a_dump_and_for_a_restore() -> None:
    grants = [rf"GRANT {', '.join(NEEDED)} ON `wabiz\_%`.* TO `wabiz`@`%`"]
    assert missing_rights(grants, "wabiz_waent", needed=TO_DUMP) == ["SHOW VIEW", "TRIGGER", "EVENT", "EXECUTE"]
    assert "LOCK TABLES" in missing_rights(grants, "wabiz_waent", needed=TO_RESTORE)


def test_a_pattern_stands_for_itself_on_a_server_with_partial_revokes() -> None:
    pattern = r"GRANT ALL PRIVILEGES ON `wabiz\_%`.* TO `wabiz`@`%`"
    assert missing_rights([pattern], "wabiz_1", patterns=False) == list(NEEDED)
    assert missing_rights([pattern.replace("%`.*", "1`.*")], "wabiz_1", patterns=False) == []
    assert missing_rights(["GRANT ALL PRIVILEGES ON *.* TO `wabiz`@`%`"], "wabiz_1", patterns=False) == []


def test_rights_of_several_grants_add_up() -> None:
    grants = [f"GRANT {right} ON `wabiz\\_%`.* TO `wabiz`@`%`" for right in NEEDED]
    assert missing_rights(grants, "wabiz_1") == []
    assert missing_rights(grants[1:], "wabiz_1") == [NEEDED[0]]


@given(st.from_regex(r"[A-Za-z0-9_-]{1,40}", fullmatch=True))
def test_an_escaped_prefix_means_itself(prefix: str) -> None:
    escaped = prefix.replace("_", r"\_")
    grants = [f"GRANT ALL PRIVILEGES ON `{escaped}%`.* TO `wabiz`@`%`"]
    assert missing_rights(grants, f"{prefix}1") == []
    assert missing_rights(grants, f"x{prefix.lower()}") == list(NEEDED) or prefix.lower().startswith("x")


@given(st.lists(st.text()), st.text())
def test_no_text_is_too_odd(grants: list[str], name: str) -> None:
    assert set(missing_rights(grants, name)) <= set(NEEDED)
