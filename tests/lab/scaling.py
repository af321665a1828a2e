"""Scale a registered cluster out and in again under load; the Molecule scenario multiconnect runs it.

Writes build/multiconnect.json: for each step its duration and the seconds without service of each shard.
"""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from typing import Any

from tests.lab import client, gateway
from tests.lab.play import play
from tests.lab.service import unserved
from tests.lab.traffic import Sender, judge
from tests.support.paths import BUILD

# Shards, and coreapps on each of the three hosts: always at least one more than shards.
STEPS = ((2, 1), (4, 2), (8, 3), (2, 1), (1, 1))
REPORT = BUILD / "multiconnect.json"


def step(shards: int, instances: int) -> dict[str, Any]:
    """Scale the cluster to a number of shards and return the figures; AssertionError if the result differs."""
    began = datetime.now(UTC)
    run = play("multiconnect", extra_vars={"wabiz_shards": shards, "wabiz_coreapp_instances": instances}).succeeded()
    coreapps = [node for node in client.nodes() if node.role == "coreapp"]
    connected = [node for node in coreapps if node.status == "connected"]
    assert (len(connected), len(coreapps)) == (shards, 3 * instances), coreapps
    found = {
        "shards": shards,
        "coreapps": len(coreapps),
        "seconds": round(run.seconds, 1),
        "without_service": unserved(gateway.events(), began, shards),
    }
    print(json.dumps(found), flush=True)
    return found


def main() -> int:
    """Return 0 when all steps succeeded and no accepted message was lost or duplicated; AssertionError otherwise."""
    with Sender() as sender:
        steps = [step(*wanted) for wanted in STEPS]
    messages = judge(sender)
    BUILD.mkdir(exist_ok=True)
    REPORT.write_text(json.dumps({"steps": steps, "messages": messages}, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(messages), flush=True)
    assert messages["accepted"] > 0, messages
    assert (messages["lost"], messages["duplicated"]) == ([], []), messages
    assert gateway.punishable() == []
    last = {"wabiz_shards": STEPS[-1][0], "wabiz_coreapp_instances": STEPS[-1][1]}
    assert play("multiconnect", extra_vars=last).succeeded().changed == set()
    return 0


if __name__ == "__main__":
    sys.exit(main())
