# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""For how long the cluster's lock is renewed before a step: for all that the step may wait for, and a margin."""

from __future__ import annotations

import typing as t
from collections import Counter

Dict = t.Mapping[str, t.Any]

# Seconds for what has no time-out of its own: downloads, stopping containers, a site's own tasks.
MARGIN = 1800
# Seconds that an image may take to be exported and loaded, an hour each.
IMAGE = 7200

# The waits of each step, one after the other.
STEPS: dict[str, tuple[str, ...]] = {
    "act": (),
    "verify": ("verify",),
    "prepare": ("server",),
    "start": ("starts",),
    "replace": ("gate", "drain", "start", "drain", "gate"),
    # A role in a play of the user: a server, new containers, then one replacement after the other, each with a renewal.
    "turn": ("server", "starts", "gate", "drain", "start", "drain", "gate"),
    "undo": ("start", "drain"),
    "restore_drained": ("drains",),
    "remove": ("verify", "drain", "verify"),
    "interrupt": ("starts", "starts", "starts", "verify"),
    "shards": ("verify", "shards"),
    "drill": ("drill", "verify"),
    "schema": ("schema",),
    "collect": ("collection",),
    "dump": ("dump",),
    "backup": ("dump", "verify", "verify"),
    "image": ("image",),
}


def lease(step: str, settings: Dict, topology: Dict, gate: int = 0) -> int:
    """Seconds for a step; C(gate) is how long each of its gates waits, where that is more than wabiz_verify_timeout.

    A setting that the playbook does not read is none that it waits for. KeyError for an unknown step.
    """
    known = waits(settings, topology, gate)
    return MARGIN + sum(known[name] for name in STEPS[step])


def waits(settings: Dict, topology: Dict, gate: int = 0) -> dict[str, int]:
    """Seconds of each wait."""
    verify, ready = settings.get("verify_timeout", 0), settings.get("ready_timeout", 0)
    # One balancer after the other, one container of a host after the other.
    drain = settings.get("drain_timeout", 0) * len(topology.get("groups", {}).get("loadbalancer", []))
    most = max(Counter((node["host"], node["service"]) for node in topology.get("nodes", [])).values(), default=1)
    return {
        "verify": verify,
        "gate": max(verify, gate),
        # Until its port is open, then until it serves.
        "start": 2 * ready,
        "starts": 2 * ready * most,
        "drain": drain,
        "drains": drain * most,
        "server": settings.get("database_ready_timeout", 0),
        "shards": settings.get("shards_timeout", 0),
        "drill": settings.get("drill_limit", 0),
        "schema": settings.get("dbupgrade_timeout", 0),
        "collection": settings.get("message_gc_timeout", 0),
        # The time-out is for one file, and there are two databases.
        "dump": 2 * settings.get("database_backup_timeout", 0),
        "image": IMAGE,
    }
