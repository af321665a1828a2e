# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""outage_info against a scripted webapp: from the loss of a node to its successor."""

from __future__ import annotations

from typing import Any

from ansible_collections.wabiz.onprem.tests.unit.plugins.conftest import RunModule
from ansible_collections.wabiz.onprem.tests.unit.plugins.scripted_server import ScriptedServer, Step, error

KEY = "an-api-key-of-some-length"
GIVEN = {"api_key": KEY, "node": "core1:0123456789ab", "wait_interval": 0.01, "retries": 0}
DEAD = {"errors": [{"code": 1014, "title": "Internal error", "details": "Please check if wacore is running"}]}


def health(**nodes: Any) -> Step:
    """Return a health request whose answer has nodes named by host; a word is the status of a coreapp."""
    entries = {
        f"{host}:0123456789ab": {"gateway_status": node, "role": "coreapp"} if isinstance(node, str) else node
        for host, node in nodes.items()
    }
    return Step("GET", "/v1/health", answer={"health": entries, "meta": {"version": "2.57.2"}})


def master(role: str, status: str = "disconnected") -> dict[str, str]:
    """Return a master's entry."""
    return {"gateway_status": status, "role": f"{role}_master"}


def test_measures_from_the_last_good_answer_to_the_successor(run_module: RunModule, webapp: ScriptedServer) -> None:
    webapp.expect(
        health(core1="connected", core2="disconnected"),
        health(core1=DEAD, core2="disconnected"),
        error(500, "GET", "/v1/health", 1014),
        health(core1=DEAD, core2="connected"),
    )
    result = run_module("outage_info", **GIVEN)
    assert (result["began"], result["ended"], result["successor"]) == (True, True, "core2:0123456789ab")
    assert result["polls"] == 4
    assert result["seconds"] >= 0
    assert not result["changed"]


def test_every_shard_must_be_served_again(run_module: RunModule, webapp: ScriptedServer) -> None:
    webapp.expect(
        health(core1="connected", core2="connected", core3="disconnected"),
        health(core1=DEAD, core2="connected", core3="disconnected"),
        health(core1=DEAD, core2="connected", core3="connected"),
    )
    assert run_module("outage_info", shards=2, **GIVEN)["successor"] == "core3:0123456789ab"


def test_an_outage_that_never_begins(run_module: RunModule, webapp: ScriptedServer) -> None:
    webapp.expect(health(core1="connected"))
    result = run_module("outage_info", begin_timeout=0, **GIVEN)
    assert (result["began"], result["ended"], result["successor"]) == (False, False, None)


def test_an_outage_that_does_not_end(run_module: RunModule, webapp: ScriptedServer) -> None:
    webapp.expect(health(core1=DEAD), health(core1=DEAD))
    result = run_module("outage_info", wait_timeout=0, **GIVEN)
    assert (result["began"], result["ended"]) == (True, False)


def test_the_office_of_primary_master(run_module: RunModule, webapp: ScriptedServer) -> None:
    webapp.expect(
        health(core1=master("primary"), core2=master("secondary")),
        health(core1=DEAD, core2=master("secondary")),
        health(core1=DEAD, core2=master("primary")),
    )
    result = run_module("outage_info", role="primary_master", **GIVEN)
    assert result["successor"] == "core2:0123456789ab"


def test_a_primary_master_that_migrates_is_none_yet(run_module: RunModule, webapp: ScriptedServer) -> None:
    webapp.expect(
        health(core1=master("primary"), core2=master("secondary")),
        health(core1=DEAD, core2=master("primary", "uninitialized")),
        health(core1=DEAD, core2=master("primary")),
    )
    assert run_module("outage_info", role="primary_master", **GIVEN)["polls"] == 3


def test_without_masters_the_shards_are_watched(run_module: RunModule, webapp: ScriptedServer) -> None:
    whole = {"core1": "connected", "core2": "disconnected"}
    lost = {**whole, "master1": DEAD}
    webapp.expect(health(**whole, master1=master("primary")), health(**lost), health(**lost))
    watching = {**GIVEN, "node": None, "role": "masters", "watch_time": 0}
    result = run_module("outage_info", **watching)
    assert (result["began"], result["ended"], result["unserved"], result["successor"]) == (True, True, 0, None)
    assert result["polls"] == 1


def test_a_shard_without_service_is_counted(run_module: RunModule, webapp: ScriptedServer) -> None:
    lost = {"core1": DEAD, "master1": DEAD, "core2": "disconnected"}
    webapp.expect(health(**lost), health(**lost))
    result = run_module("outage_info", **{**GIVEN, "node": None, "role": "masters", "watch_time": 0})
    assert (result["began"], result["ended"]) == (True, False)
    assert result["unserved"] == result["polls"] == 1
