"""What the webapp's handlers work with: databases, keys, and the cluster's nodes."""

import asyncio
import logging
import secrets
import time
from typing import Any

from standin.common.environment import WebSettings
from standin.common.errors import ApiError, unreachable
from standin.common.passwords import hashed
from standin.common.peers import PeerDown, Peers
from standin.common.release import Release
from standin.common.timing import Scale
from standin.store.bootstrap import CORE_DATABASE, WEB_DATABASE, create_database, database_name
from standin.store.engine import DatabaseDown, Store, connect
from standin.store.failures import already_there
from standin.store.leases import read_lead
from standin.store.nodes import Node, read_nodes
from standin.store.web import User, add_user, create_web_tables, read_shared, read_user, shared_value
from standin.web.certificates import EXTERNAL, Authority, install, install_external, new_authority
from standin.web.counting import web_metrics
from standin.web.tls import Tls

log = logging.getLogger("web")
ADMIN, FIRST_PASSWORD = "admin", "secret"
RETRY = 5.0
PEER_TIMEOUT = 5.0
CONTROL_TIMEOUT = 15.0
MIN_TIMEOUT = 1.0


class Backend:
    """One webapp's means; usable from the start, complete once `ready`."""

    def __init__(self, settings: WebSettings, release: Release, scale: Scale) -> None:
        self.settings = settings
        self.release = release
        self.scale = scale
        self.web = Store(connect(settings.database, database_name(settings.database, WEB_DATABASE)))
        self.core = Store(connect(settings.database, database_name(settings.database, CORE_DATABASE)))
        self.peers = Peers(settings.secret, max(MIN_TIMEOUT, scale.seconds(PEER_TIMEOUT)))
        self.tls = Tls()
        self.metrics = web_metrics(settings.container_id)
        self.ready = False
        # Without the variable each webapp signs with a key of its own, so that a forgotten one shows.
        self.jwt_key = settings.jwt_key or secrets.token_hex(32)

    def serve_something(self) -> None:
        """A certificate of a passing authority, so that TLS answers before the database does."""
        install(new_authority(), self.settings.names, self.tls)

    async def initialize(self) -> None:
        """Creates or reads what the webapps share; retries while the server is away, gives up after a collision."""
        while not self.ready:
            try:
                await asyncio.to_thread(self._initialize)
                self.ready = True
                log.info("database ready")
            except DatabaseDown as error:
                if already_there(error):
                    log.error("database initialisation collided with another webapp; restart this one: %s", error.orig)
                    return
                log.error("database initialisation failed: %s", error.orig)
                await asyncio.sleep(self.scale.seconds(RETRY))

    def _initialize(self) -> None:
        if create_database(self.settings.database, WEB_DATABASE):
            log.info("database created")
        engine = self.web.engine
        create_web_tables(engine)
        with engine.begin() as connection:
            if read_user(connection, ADMIN) is None:
                add_user(connection, User(ADMIN, hashed(FIRST_PASSWORD), "ROLE_ADMIN", must_change=True))
        self.install_certificate()

    def install_certificate(self, expired: bool = False) -> None:
        """Serves new connections with the right certificate, or an expired one; raises sqlalchemy's DBAPIError."""
        engine = self.web.engine
        authority = Authority.from_text(shared_value(engine, "authority", lambda: new_authority().text))
        with engine.begin() as connection:
            external = read_shared(connection, EXTERNAL)
        if external is None or expired:
            install(authority, self.settings.names, self.tls, expired=expired)
        else:
            install_external(external, self.tls)  # a bad one is fatal: the webapp does not come up

    async def use_web(self, work: Any) -> Any:
        """Runs work(connection) on the webapps' database; raises ApiError while that is not initialised."""
        if not self.ready:
            raise ApiError(1023, "The database is not initialised")
        return await self._run(self.web, work)

    async def use_core(self, work: Any) -> Any:
        """Runs work(connection) on the coreapps' database; raises sqlalchemy's DBAPIError."""
        return await self._run(self.core, work)

    async def _run(self, store: Store, work: Any) -> Any:
        began = time.monotonic()
        try:
            return await store.run(work)
        finally:
            self.metrics.observe("api_requests_db_duration_ms", (time.monotonic() - began) * 1000)

    async def ask(
        self, method: str, host: str, port: int, path: str, body: Any = None, timeout: float | None = None
    ) -> tuple[int, Any]:
        """Status and decoded JSON of a node's answer; raises PeerDown."""
        began = time.monotonic()
        try:
            return await self.peers.call(method, host, port, path, body, timeout)
        finally:
            spent = (time.monotonic() - began) * 1000
            self.metrics.observe("api_requests_coreapp_duration_ms", spent, app=f"{host}:{port}")

    async def nodes(self) -> list[Node]:
        """The cluster's nodes as the database lists them; raises sqlalchemy's DBAPIError."""
        found: list[Node] = await self.use_core(read_nodes)
        return found

    async def master(self) -> Node:
        """The primary master, another master while there is none; raises ApiError when no master is known."""
        nodes, lead = await self.use_core(lambda connection: (read_nodes(connection), read_lead(connection)))
        masters: list[Node] = [node for node in nodes if node.leads]
        if not masters:
            raise unreachable(self.settings.core_host, 6252)
        holders = [node for node in masters if lead.live and node.name == lead.holder]
        return (holders or masters)[0]

    async def control(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """Passes a request on to the primary master's control port; raises ApiError."""
        if self.settings.multiconnect:
            node = await self.master()
            host, port = node.hostname, node.ports[2]
        else:
            host, port = self.settings.core_host, 6252
        try:
            return await self.ask(method, host, port, path, body, CONTROL_TIMEOUT)
        except PeerDown as error:
            log.warning("control: %s", error)
            raise unreachable(host, port) from error
