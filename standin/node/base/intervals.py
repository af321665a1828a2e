"""Intervals of the cluster, in the real client's seconds."""

from dataclasses import dataclass

LIVENESS = 60.0
LIVENESS_LIMIT = 120.0
MASTER_LEASE = 15.0
SHARD_LEASE = 20.0
LEASE_RENEWALS = 4
RETRY_FIRST = 1.0
RETRY_LAST = 8.0
PEER_TIMEOUT = 5.0


@dataclass(frozen=True)
class Monitoring:
    """The two application settings of the heartbeat monitor, in seconds."""

    heartbeat: float = 5.0
    unhealthy: float = 30.0

    @property
    def shard_lease(self) -> float:
        """A shard's lease never delays a failover that the heartbeat found."""
        return min(SHARD_LEASE, self.unhealthy * 2 / 3)
