# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whom a play with a role counts as members of the role's service."""

from __future__ import annotations

import pytest
from ansible_collections.wabiz.onprem.plugins.module_utils._model.membership import joined

WEB = {"webapp": ["w1", "w2"], "master": []}


@pytest.mark.parametrize(
    ("groups", "role", "host", "played", "members"),
    [
        # The inventory names the group, and the play is on its hosts.
        (WEB, "webapp", "w1", ["w1", "w2"], ["w1", "w2"]),
        # On one of them only: the others count nevertheless, in the inventory's order.
        (WEB, "webapp", "w2", ["w2"], ["w1", "w2"]),
        # No host of the service is named: all hosts of the play are, also those of other services.
        (WEB, "master", "w1", ["w1", "w2"], ["w1", "w2"]),
        ({}, "coreapp", "c2", ["c1", "c2"], ["c1", "c2"]),
        # Hosts without a group join those of the service.
        (WEB, "webapp", "x1", ["w1", "x1", "x2"], ["w1", "w2", "x1", "x2"]),
        # A host of another service does not, unless it is the one that runs the role.
        ({**WEB, "master": ["m1"]}, "webapp", "w1", ["w1", "m1"], ["w1", "w2"]),
        ({**WEB, "master": ["m1"]}, "webapp", "m1", ["w1", "m1"], ["w1", "w2", "m1"]),
        # A role that is no service of the inventory.
        (WEB, "engine", "w1", ["w1", "x1"], ["w1", "x1"]),
    ],
)
def test_members(groups: dict[str, list[str]], role: str, host: str, played: list[str], members: list[str]) -> None:
    before = {name: list(hosts) for name, hosts in groups.items()}
    found = joined(groups, role, host, played)
    assert found == {**before, role: members}
    assert groups == before
