# Copyright: (c) 2026, wabiz.onprem contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is said of a collection of logs beforehand."""

from __future__ import annotations

from typing import Any

from ansible_collections.wabiz.onprem.plugins.module_utils._plans.facts import Facts
from ansible_collections.wabiz.onprem.plugins.module_utils._plans.verbs import VERBS

FOUND = {"size": 90_000_000, "taken": 50_000_000, "cut": ["kernel.log"], "problems": ["x: broken"], "free": 10**12}


def planned(**logs: Any) -> dict[str, Any]:
    topology = {"cluster": "wabiz", "services": {"core1": ["coreapp"], "core2": ["coreapp"]}}
    return VERBS["collect_logs"](Facts(topology, {"logs_limit_mb": 50}, {}, {}, "2026-03-01", logs=logs))


def test_how_much_of_each_host() -> None:
    found = planned(core1=FOUND, core2={"unreachable": True, "msg": "no\nroute."})
    assert (found["hosts"], found["refusals"], found["size"]) == (["core1"], [], 50_000_000)
    text = "\n".join(found["text"])
    assert "core1  90 MB     50 MB      parts of 1 log(s)" in text
    assert "core2: nothing is collected: no route." in text
    assert "50 MB before compression, at most 50 MB of each host" in text
    assert found["notes"] == {
        "core1": ["Only the end, or nothing, of: kernel.log", "x: broken"],
        "core2": ["nothing is collected: no route."],
    }


def test_hosts_that_were_left_out_are_named() -> None:
    assert planned(core1=FOUND)["notes"]["core2"] == ["not asked."]


def test_it_refuses_without_room_and_without_hosts() -> None:
    (refusal,) = planned(core1={**FOUND, "free": 149_000_000})["refusals"]
    assert refusal.startswith("core1: the collection of logs needs 150 MB in /var/lib")
    (refusal,) = planned(core1={"msg": "no"})["refusals"]
    assert "No host can be looked at" in refusal
