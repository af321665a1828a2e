# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a role that is used alone reports."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.wabiz.onprem.plugins.filter.node_result import node_result


def resource(name: str, state: str, kind: str = "container") -> dict[str, Any]:
    return {"kind": kind, "name": name, "state": state, "differences": []}


THERE = [{"name": "c-1", "id": "0123456789ab", "running": True}, {"name": "other", "id": "ff", "running": True}]


@pytest.mark.parametrize(("state", "changed"), [("same", False), ("fresh", True), ("changed", True)])
def test_each_container_with_its_id_and_how_it_was_found(state: str, changed: bool) -> None:
    found = node_result([resource("net", "fresh", "network"), resource("c-1", state)], THERE)
    assert found == {
        "changed": changed,
        "containers": {"c-1": {"state": state, "id": "0123456789ab", "running": True}},
    }


def test_what_is_not_there_in_check_mode_has_no_id() -> None:
    assert node_result([resource("c-2", "fresh")], THERE)["containers"]["c-2"] == {
        "state": "fresh",
        "id": "",
        "running": False,
    }
