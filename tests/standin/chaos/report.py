"""What a run of faults under load has shown."""

import json
from collections import Counter
from dataclasses import dataclass
from typing import Any

from tests.standin.chaos.load import Ledger
from tests.standin.cluster import Cluster
from tests.standin.receiver import Receiver

# As documented, `read` may come without `delivered`.
ARRIVED = {"delivered", "read"}


@dataclass(frozen=True)
class Report:
    """The figures; `bad` are those that must be zero."""

    figures: dict[str, Any]
    bad: dict[str, int]

    @property
    def good(self) -> bool:
        """Nothing was lost, doubled, banned or connected twice."""
        return not any(self.bad.values())

    def __str__(self) -> str:
        lines = {**self.figures, **self.bad, "result": "good" if self.good else "BAD"}
        return "\n".join(f"{name:<32} {value}" for name, value in lines.items())


def carried(cluster: Cluster) -> list[dict[str, Any]]:
    """Every message that WhatsApp took."""
    found: list[dict[str, Any]] = json.loads(cluster.standinctl("messages", "--all"))
    return found


def settled(cluster: Cluster, ledger: Ledger, receiver: Receiver) -> bool:
    """Everything accepted has been delivered and the webhook knows."""
    delivered = {entry["id"] for entry in carried(cluster) if entry["delivered"]}
    told = {name for name, status in receiver.statuses() if status in ARRIVED}
    return set(ledger.accepted) <= delivered & told


def judge(cluster: Cluster, ledger: Ledger, receiver: Receiver, gap: float, notes: dict[str, Any]) -> Report:
    """Compares what was accepted with what WhatsApp and the webhook got."""
    messages = carried(cluster)
    delivered = {entry["id"] for entry in messages if entry["delivered"]}
    texts = Counter(entry["text"] for entry in messages if entry["delivered"])
    statuses = receiver.statuses()
    told = {name for name, status in statuses if status in ARRIVED}
    totals = json.loads(cluster.standinctl("messages"))
    figures = notes | {
        "accepted": len(ledger.accepted),
        "refused (status/code)": dict(ledger.refused.most_common()),
        "delivered": len(delivered),
        "delivered without a 201": len(delivered - set(ledger.accepted)),
        "re-sent": totals["resent"],
        "by shard": totals["by_shard"],
        "from replaced sessions, refused": totals["refused_from_replaced"],
        "read without delivered": sum((name, "delivered") not in statuses for name in told),
        "webhook calls": sum(statuses.values()),
        "webhook calls repeated": sum(statuses.values()) - len(statuses),
        "longest time without service (s)": round(gap, 1),
        "connections": len(cluster.events("connected")),
        "stalls of WhatsApp itself (s)": [entry["seconds"] for entry in cluster.events("loop_lag")],
    }
    bad = {
        "lost": len(set(ledger.accepted) - delivered),
        "doubled": sum(count - 1 for count in texts.values()) + ledger.doubled_ids,
        "deliveries untold": len(set(ledger.accepted) - told),
        "double connections": len(cluster.events("double_connection")),
        "bans": len(cluster.events("banned")),
    }
    return Report(figures, bad)
