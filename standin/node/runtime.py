"""What the parts of one node share."""

import logging
import uuid
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from standin.common.environment import NodeSettings
from standin.common.peers import Peers
from standin.common.release import Release
from standin.common.timing import Scale
from standin.node.settings import PEER_TIMEOUT, Monitoring
from standin.store.config import APPLICATION, Account, read_account, read_value
from standin.store.engine import Store
from standin.store.nodes import Node

log = logging.getLogger("node")
MIN_TIMEOUT = 0.5


@dataclass
class Runtime:
    """One node's identity, what it knows of the cluster, and its means."""

    settings: NodeSettings
    release: Release
    scale: Scale
    store: Store
    peers: Peers
    node: Node
    cluster_id: str = ""
    initialized: bool = False
    account: Account | None = None
    monitoring: Monitoring = field(default_factory=Monitoring)

    @property
    def name(self) -> str:
        """The node's name in the cluster."""
        return self.node.name

    async def reload(self) -> None:
        """Reads registration and settings again; raises sqlalchemy's DBAPIError."""
        if not self.initialized:
            return
        account, application = await self.store.run(
            lambda connection: (read_account(connection), read_value(connection, APPLICATION) or {})
        )
        if account != self.account:
            log.info("registration: %s", account.number if account else "none")
        self.account = account
        self.monitoring = Monitoring(
            float(application.get("heartbeat_interval", Monitoring.heartbeat)),
            float(application.get("unhealthy_interval", Monitoring.unhealthy)),
        )

    async def run(self, function: Any, *arguments: Any) -> Any:
        """Runs function(connection, *arguments) in a database thread; raises sqlalchemy's DBAPIError."""
        return await self.store.run(lambda connection: partial(function, connection)(*arguments))


def kind_of(settings: NodeSettings) -> str:
    """What this container is by its environment."""
    if not settings.multiconnect:
        return "single"
    return "master" if settings.master else "coreapp"


def build_runtime(settings: NodeSettings, release: Release, scale: Scale, store: Store) -> Runtime:
    """A fresh incarnation of a node."""
    node = Node(
        name=f"{settings.hostname}:{settings.container_id}",
        hostname=settings.hostname,
        ports=settings.ports,
        kind=kind_of(settings),
        version=release.version,
        incarnation=uuid.uuid4().hex,
    )
    peers = Peers(settings.secret, max(MIN_TIMEOUT, scale.seconds(PEER_TIMEOUT)))
    return Runtime(settings, release, scale, store, peers, node)
