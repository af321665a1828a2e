# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which changed container of a service is replaced next, by the health of this moment. Pure functions, no I/O."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.wabiz.onprem.plugins.module_utils._model.ids import short
from ansible_collections.wabiz.onprem.plugins.module_utils._model.observed import Dict
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.findings import Finding

# What a container does for the cluster, in the order of replacement: nothing, it could take over, it does the work.
IDLE, SPARE, BUSY = range(3)


@dataclass(frozen=True)
class View:
    """One service at this moment.

    `left` are the containers still to be replaced, `done` all others of the service, `nodes` the health answer's nodes.
    """

    left: t.Sequence[Dict]
    done: t.Sequence[Dict]
    nodes: t.Sequence[Dict]
    shards: int

    @property
    def total(self) -> int:
        """Containers of the service in all; a done one that answers in another role is not one of them."""
        own = "coreapp" if self.left[0]["service"] == "coreapp" else "_master"
        foreign = {node["container_id"] for node in self.answering if not str(node["role"]).endswith(own)}
        return len(self.left) + sum(short(item["id"]) not in foreign for item in self.done)

    @property
    def answering(self) -> list[Dict]:
        """Nodes without errors."""
        return [node for node in self.nodes if not node["errors"]]

    def node(self, container: Dict) -> Dict | None:
        """What health says of a container that answers; None where it says nothing good."""
        own = short(container["id"])
        return next((node for node in self.answering if own and node["container_id"] == own), None)

    @property
    def masters(self) -> list[Dict]:
        """Answering masters."""
        return [node for node in self.answering if str(node["role"]).endswith("_master")]

    @property
    def coreapps(self) -> list[Dict]:
        """Coreapps that are connected or could be."""
        known = ("connected", "connecting", "disconnected")
        return [node for node in self.answering if node["role"] == "coreapp" and node["gateway_status"] in known]

    @property
    def connected(self) -> int:
        """Shards that are served."""
        return sum(node["gateway_status"] == "connected" for node in self.coreapps)

    @property
    def waiting(self) -> list[Dict]:
        """Standbys that need not be replaced any more."""
        new = {short(item["id"]) for item in self.done}
        found = [node for node in self.coreapps if node["container_id"] in new]
        return [node for node in found if node["gateway_status"] == "disconnected"]

    @property
    def served(self) -> int:
        """Shards that can be served by as many containers as there are."""
        return min(self.shards, self.total)


def next_replacement(
    candidates: t.Sequence[Dict], nodes: t.Sequence[Dict], shards: int, done: t.Sequence[Dict]
) -> dict[str, t.Any]:
    """The container to be replaced now, whether that is allowed, and if not, whether waiting may help.

    `candidates` have host, name, id (of the container that runs now, empty where none does) and service; all are of one
    service. `done` names, with host, name and id, every other container of the service.
    """
    finished = {(item["host"], item["name"]) for item in done}
    left = [item for item in candidates if (item["host"], item["name"]) not in finished]
    if not left:
        none = dict.fromkeys(("host", "name", "id", "service", "role"), "")
        return {**none, "connected": False, "left": 0, "wait": False, **_judged(_no("nothing is left"), False)}
    view = View(left, done, nodes, shards)
    rank, judge = _RULES[left[0]["service"]]
    chosen = min(left, key=lambda item: rank(view, item))
    finding = judge(view, chosen, rank(view, chosen))
    node = view.node(chosen) or {}
    connected = node.get("gateway_status") == "connected" and node["role"] == "coreapp"
    judged = _judged(finding, connected)
    return {
        **{key: chosen[key] for key in ("host", "name", "id", "service")},
        "role": node.get("role") or chosen["service"],
        "connected": connected,
        "left": len(left),
        "wait": not judged["allowed"],
        **judged,
    }


def _judged(finding: Finding | None, connected: bool) -> dict[str, t.Any]:
    """Whether it may be replaced now, why not or what is to be known, and how many shards lose service."""
    allowed = finding is None or not finding.fatal
    reason = finding.reason if finding else ""
    return {"allowed": allowed, "reason": reason, "shards_away": int(allowed and connected)}


def _no(problem: str) -> Finding:
    """It must not be replaced now."""
    return Finding("", f"{problem}.")


def _yes(note: str) -> Finding:
    """It may be replaced, with something to be known."""
    return Finding("", f"{note}.", fatal=False)


_ROLES: dict[str, tuple[str, ...]] = {
    "webapp": (),
    "master": ("primary_master", "secondary_master"),
    "coreapp": ("coreapp",),
}


def outsiders(service: str, nodes: t.Iterable[Dict], addresses: t.Collection[str]) -> list[dict[str, str]]:
    """Nodes of a service on hosts that a limited run does not inspect: what answers there counts as done."""
    return [
        {"host": "", "name": node["name"], "id": node["container_id"]}
        for node in nodes
        if node["host"] not in addresses and node["role"] in _ROLES[service]
    ]


def not_worse(chosen: Dict, address: str, nodes: t.Sequence[Dict], summary: Dict, shards: int) -> dict[str, t.Any]:
    """What the cluster has to be after a replacement, as M(wabiz.onprem.health_info) takes it.

    The new node answers, and nothing is worse than before: others that are still to be replaced may be broken. C(nodes)
    and C(summary) are from before; both are empty where the API did not answer, and then nothing is expected.
    """
    if not summary:
        return {}
    others = [node for node in nodes if node["host"] == address and node["container_id"] != chosen["id"]]
    # Before registration every node has an error.
    answering = [node for node in others if not (summary["registered"] and node["errors"])]
    own = 0 if chosen["service"] == "webapp" else 1
    served = {"shards": shards} if summary["connected_coreapps"] == shards else {}
    return {
        "hosts": [address] * (len(answering) + own),
        "masters": summary["masters"],
        "coreapps": summary["coreapps"],
        "max_errors": len(summary["failing"]),
        **served,
    }


def _webapp_rank(_view: View, _item: Dict) -> int:
    return BUSY


def _webapp(view: View, _item: Dict, _rank: int) -> Finding | None:
    return None if view.total > 1 else _yes("the only webapp: the API is unavailable while it restarts")


def _master_rank(view: View, item: Dict) -> int:
    node = view.node(item)
    if node is None:
        return IDLE
    return BUSY if node["role"] == "primary_master" else SPARE


def _master(view: View, item: Dict, rank: int) -> Finding | None:
    if rank == IDLE:
        return _idle(view, item)
    if view.total == 1:
        return _yes("the only master: coreapps are not monitored while it restarts")
    own = short(item["id"])
    others = [node for node in view.masters if node["container_id"] != own]
    if rank == BUSY and not others:
        return _no("no other master answers that could become primary")
    if rank == SPARE and not any(node["role"] == "primary_master" for node in others):
        return _no("there is no primary master at this moment")
    return None


def _idle(view: View, item: Dict) -> Finding | None:
    """One that serves no shard may be replaced; but a silent health API proves nothing about a running container."""
    if item["id"] and not view.nodes:
        return _no("the health API lists no node")
    return _yes("it does not answer" if item["id"] else "it does not run")


def _coreapp_rank(view: View, item: Dict) -> int:
    node = view.node(item)
    if node is None or node not in view.coreapps:
        return IDLE
    return SPARE if node["gateway_status"] == "disconnected" else BUSY


def _coreapp(view: View, item: Dict, rank: int) -> Finding | None:
    node = view.node(item)
    if node is None:
        return _idle(view, item)
    if any(other["gateway_status"] == "uninitialized" for other in view.answering):
        return _no("a node is uninitialized; the schema may be in migration")
    if rank == IDLE:
        return _yes(f"it is {node['gateway_status']}")
    if node["gateway_status"] == "connecting":
        return _no("it is connecting")
    if view.connected < view.served:
        return _no(f"{view.connected} of {view.shards} shards are served")
    if rank == SPARE:
        healthy = len(view.coreapps) - 1
        enough = healthy >= view.served
        return None if enough else _no(f"only {healthy} coreapps would answer for {view.shards} shards")
    if view.total <= view.shards:
        return _yes("there is no standby: its shard is without service while it restarts")
    if not view.waiting:
        return _no("no updated standby is ready")
    return None


_Rank = t.Callable[[View, Dict], int]
# What speaks against a replacement now, or is to be known of it.
_Judge = t.Callable[[View, Dict, int], "Finding | None"]
_RULES: dict[str, tuple[_Rank, _Judge]] = {
    "webapp": (_webapp_rank, _webapp),
    "master": (_master_rank, _master),
    "coreapp": (_coreapp_rank, _coreapp),
}
