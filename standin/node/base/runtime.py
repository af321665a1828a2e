"""What the parts of one node share."""

import asyncio
import logging
import os
import time
import uuid
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from standin.common.environment import NodeSettings
from standin.common.metrics import Metrics
from standin.common.peers import Peers
from standin.common.release import Release
from standin.common.timing import Scale
from standin.node.base import application_rules as rules
from standin.node.base.intervals import PEER_TIMEOUT, Monitoring
from standin.node.base.metrics import KINDS
from standin.store.bootstrap import is_migrating
from standin.store.config import APPLICATION, Account, read_account, read_value
from standin.store.engine import Store
from standin.store.nodes import Node
from standin.store.sharding import read_order

log = logging.getLogger("node")
MIN_TIMEOUT = 0.5
INTERVALS = "STANDIN_INTERVALS"


def intervals_after_restart() -> bool:
    """The switch: changed heartbeat intervals act only after a node's restart. Raises ValueError."""
    choice = os.environ.get(INTERVALS) or "at_once"
    if choice not in {"at_once", "after_restart"}:
        raise ValueError(f"{INTERVALS} must be at_once or after_restart, not {choice!r}")
    return choice == "after_restart"


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
    schema_ready: bool = False
    migrating: bool = False
    account: Account | None = None
    monitoring: Monitoring = field(default_factory=Monitoring)
    keep_intervals: bool = field(default_factory=intervals_after_restart)
    restart_ordered: asyncio.Event = field(default_factory=asyncio.Event)
    application: rules.Settings = field(default_factory=lambda: rules.complete({}))
    metrics: Metrics = field(default_factory=partial(Metrics, KINDS))
    _at_start: rules.Settings | None = None
    _loaded: bool = False

    @property
    def loaded(self) -> bool:
        """Registration and settings have been read once."""
        return self._loaded

    @property
    def initialized(self) -> bool:
        """The schema suffices, and no primary master is migrating it."""
        return self.schema_ready and not self.migrating

    @property
    def name(self) -> str:
        """The node's name in the cluster."""
        return self.node.name

    async def reload(self) -> None:
        """Reads registration and settings again; raises sqlalchemy's DBAPIError."""
        if not self.schema_ready:
            return
        self.migrating = await self.run(is_migrating)
        if self.migrating:
            return
        account, application, order = await self.store.run(
            lambda connection: (
                read_account(connection),
                read_value(connection, APPLICATION) or {},
                read_order(connection),
            )
        )
        if account != self.account:
            log.info("registration: %s, shards: %s", account.number if account else "none", account and account.shards)
        self.account = account
        if not (self._loaded and self.keep_intervals):
            self.monitoring = Monitoring(
                float(application.get("heartbeat_interval", Monitoring.heartbeat)),
                float(application.get("unhealthy_interval", Monitoring.unhealthy)),
            )
        self._at_start = application if self._at_start is None else self._at_start
        self.application = rules.held_back(application, self._at_start)
        self._loaded = True
        if self.node.incarnation in order.incarnations:
            self.restart_ordered.set()

    async def run(self, function: Any, *arguments: Any) -> Any:
        """Runs function(connection, *arguments) in a database thread; raises sqlalchemy's DBAPIError."""
        began, name = time.monotonic(), "db_request_error_duration_us"
        try:
            result = await self.store.run(lambda connection: partial(function, connection)(*arguments))
            name = "db_request_duration_us"
            return result
        finally:
            labels = {"db": function.__module__.rpartition(".")[2], "operation": function.__name__}
            self.metrics.observe(name, (time.monotonic() - began) * 1e6, **labels)


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
