"""A webapp and a single instance in this process: real requests over TLS, SQLite, and the fake of WhatsApp."""

import asyncio
import contextlib
import http.client
import json
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, cast

import pytest
from aiohttp import web
from sqlalchemy.engine import Engine

from standin.common import faults, media, whatsapp
from standin.common.environment import node_settings, web_settings
from standin.common.passwords import hashed
from standin.common.peers import Peers
from standin.common.release import Release
from standin.common.serving import Runner
from standin.common.timing import Scale
from standin.gateway.accounts import Accounts
from standin.gateway.certificates import issue
from standin.gateway.delivery import Delivery
from standin.gateway.server import Server
from standin.gateway.sessions import Sessions
from standin.gateway.traffic import Traffic
from standin.node.api import figures
from standin.node.api.listening import listen
from standin.node.base.runtime import build_runtime
from standin.node.parts import Parts
from standin.store import leases
from standin.store.engine import Store
from standin.store.migrations import migrate
from standin.store.nodes import register_node
from standin.store.web import User, add_user, create_web_tables
from standin.web import certificates, installed
from standin.web.__main__ import application
from standin.web.answers import outside
from standin.web.backend import Backend
from tests.standin.cluster import API_KEY, NUMBER, PASSWORD, basic
from tests.standin.database import engine_with_clock

VERSION = "2.57.2"
USING_MEDIA = ("standin.web.media", "standin.node.api.messaging")
ENVIRONMENT = {
    "WA_DB_ENGINE": "MYSQL",
    "WA_DB_HOSTNAME": "db",
    "WA_DB_USERNAME": "u",
    "WA_API_KEY": API_KEY,
    "WA_SECRET": "between-web-and-core",
    "WA_WEB_JWT_CRYPTO_KEY": "0" * 64,
    "COREAPP_HOSTNAME": "127.0.0.1",
}


@dataclass
class LocalStore:
    """Runs database work where it is asked for: SQLite's one connection is no place for threads."""

    engine: Engine

    def call(self, work: Callable[[Any], Any]) -> Any:
        """Runs the work in one transaction."""
        with self.engine.begin() as connection:
            return work(connection)

    async def run(self, work: Callable[[Any], Any]) -> Any:
        """The same."""
        return self.call(work)


@dataclass
class Answer:
    """What came back; body is decoded JSON where it is JSON."""

    status: int
    headers: http.client.HTTPMessage
    raw: bytes

    @property
    def body(self) -> Any:
        """The decoded body."""
        return json.loads(self.raw)

    @property
    def code(self) -> int | None:
        """The error's code, None when there is no error."""
        errors = self.body.get("errors")
        return errors[0]["code"] if errors else None


@dataclass
class SmallCluster:
    """The cluster as a client sees it, and its inside for what a client cannot do."""

    loop: asyncio.AbstractEventLoop
    backend: Backend
    parts: Parts
    accounts: Accounts
    port: int = 0
    token: str = ""
    headers: dict[str, str] = field(default_factory=lambda: {"Content-Type": "application/json"})

    @property
    def address(self) -> str:
        """The webapp's address."""
        return f"https://127.0.0.1:{self.port}"

    def inside(self, work: Callable[[], Any]) -> Any:
        """The outcome of some work in the cluster's own thread."""
        return asyncio.run_coroutine_threadsafe(_called(work), self.loop).result(30)

    def close(self, peers: Peers) -> None:
        """Closes the connections of one container to others."""
        asyncio.run_coroutine_threadsafe(peers.close(), self.loop).result(30)
        time.sleep(0.3)

    def call(
        self, method: str, path: str, body: Any = None, auth: str | None = None, raw: bytes | None = None
    ) -> Answer:
        """One request, as the administrator unless others are given; body as JSON, or raw."""
        data = raw if body is None else json.dumps(body).encode()
        auth = self.token if auth is None else auth
        connection = http.client.HTTPSConnection("127.0.0.1", self.port, timeout=30, context=unverified())
        try:
            connection.request(method, path, data, self.headers | ({"Authorization": auth} if auth else {}))
            found = connection.getresponse()
            return Answer(found.status, found.headers, found.read())
        finally:
            connection.close()

    def _connection(self) -> ssl.SSLSocket:
        return unverified().wrap_socket(socket.create_connection(("127.0.0.1", self.port), 30))

    def send(self, *parts: bytes) -> bytes:
        """Everything that comes back for bytes that need not be a request, part by part, until the connection ends."""
        with self._connection() as connection:
            for part in parts:
                connection.sendall(part)
                time.sleep(0.05)
            found = b""
            with contextlib.suppress(ssl.SSLError, ConnectionError):
                while chunk := connection.recv(65536):
                    found += chunk
            return found

    def leave(self, *parts: bytes) -> None:
        """Sends bytes and is gone."""
        with self._connection() as connection:
            for part in parts:
                connection.sendall(part)
        time.sleep(0.3)

    def register(self) -> None:
        """Registers the number as a person with a phone would; then the only shard is served."""
        cc, phone = NUMBER
        order = {"cc": cc, "phone_number": phone, "method": "sms", "cert": issue(cc + phone, "Shop")}
        assert self.call("POST", "/v1/account", order).status == 202
        code = self.accounts.number(cc + phone).code
        assert self.call("POST", "/v1/account/verify", {"code": code}).status == 201
        assert self.parts.owner
        self.inside(self.parts.owner.hold_alone)


async def _called(work: Callable[[], Any]) -> Any:
    return work()


def unverified() -> ssl.SSLContext:
    """What a client needs that does not know the authority."""
    return ssl._create_unverified_context()  # noqa: S323


def _port(runner: web.AppRunner) -> int:
    return next(address[1] for address in runner.addresses if len(address) == 2)  # the IPv4 one


async def _whatsapp(state: Path, patch: pytest.MonkeyPatch) -> Accounts:
    accounts = Accounts(Scale(), state)
    sessions = Sessions(accounts, lambda *_event, **_facts: None, 10, time.monotonic)
    delivery = Delivery()
    traffic = Traffic(sessions, 10, time.monotonic, delivery.wake)
    server = Server(accounts, sessions, traffic, delivery, lambda *_event, **_facts: None)
    listener = await asyncio.start_server(server.client, "127.0.0.1", 0)
    patch.setattr(whatsapp, "HOST", "127.0.0.1")
    patch.setattr(whatsapp, "PORT", listener.sockets[0].getsockname()[1])
    return accounts


async def _node(store: LocalStore, patch: pytest.MonkeyPatch) -> tuple[Parts, list[web.AppRunner]]:
    release = Release("coreapp", VERSION, "2999-01-01")
    parts = Parts(build_runtime(node_settings(ENVIRONMENT), release, Scale(), cast(Store, store)))
    patch.setattr(figures, "connect", lambda *_arguments, **_options: None)
    patch.setattr(figures, "Store", lambda _engine: store)
    runtime = parts.runtime
    runners = await listen(parts, (0, 0, 0, 0))
    ports = cast(tuple[int, int, int, int], tuple(map(_port, runners)))
    runtime.node = node = replace(runtime.node, ports=ports)
    runtime.cluster_id, runtime.schema_ready = "c1", True

    def joined(connection: Any) -> None:
        leases.create_lead_row(connection)
        leases.try_lead(connection, node.name, node.incarnation, 10**12)
        leases.create_shards(connection, 1)
        own = (node.incarnation, 1)
        leases.grant_shard(connection, leases.read_shards(connection)[0], node.name, node.incarnation, "test", *own)
        leases.renew_shard(connection, 0, node.incarnation, 1, 10**12)
        register_node(connection, node)

    store.call(joined)
    return parts, runners


async def _web(store: LocalStore, directory: Path) -> tuple[Backend, web.AppRunner]:
    settings = web_settings(ENVIRONMENT | {"WA_APP_MULTICONNECT": "1"})
    backend = Backend(settings, Release("web", VERSION, "2999-01-01"), Scale())
    backend.web = backend.core = cast(Store, store)
    create_web_tables(store.engine)
    store.call(lambda connection: add_user(connection, User("admin", hashed(PASSWORD), "ROLE_ADMIN", False)))
    certificates.install(certificates.new_authority(), settings.names, backend.tls, directory)
    backend.ready = True
    runner = Runner(application(backend), outside(VERSION))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=backend.tls.context).start()
    return backend, runner


async def _disconnect(parts: Parts) -> None:
    holding = parts.owner.holding if parts.owner else None
    for task in holding.tasks if holding else ():
        task.cancel()
    await asyncio.sleep(0.1)


def _prepared(place: Path, patch: pytest.MonkeyPatch) -> None:
    for folder in media.FOLDERS:
        (place / folder).mkdir()
    for module in USING_MEDIA:
        patch.setattr(f"{module}.ROOT", place)
    patch.setattr(installed, "DIRECTORY", place)
    patch.setattr(faults.FAULTS, "_path", place / "faults.json")


@asynccontextmanager
async def _running(place: Path, patch: pytest.MonkeyPatch) -> Any:
    async with AsyncExitStack() as stack:
        engine = engine_with_clock(time.time)
        migrate(engine, VERSION)
        store = LocalStore(engine)
        accounts = await _whatsapp(place / "numbers.json", patch)
        parts, runners = await _node(store, patch)
        backend, runner = await _web(store, place)
        stack.push_async_callback(_disconnect, parts)
        for started in (*runners, runner):
            stack.push_async_callback(started.cleanup)
        for peers in (backend.peers, parts.runtime.peers):
            stack.push_async_callback(Peers.close, peers)
        yield SmallCluster(asyncio.get_running_loop(), backend, parts, accounts, _port(runner))


@contextlib.contextmanager
def small_cluster(place: Path) -> Iterator[SmallCluster]:
    """A fresh one, in a thread of its own; place is an empty directory."""
    found: list[SmallCluster] = []
    up, stop = threading.Event(), asyncio.Event()

    async def main(patch: pytest.MonkeyPatch) -> None:
        async with _running(place, patch) as cluster:
            found.append(cluster)
            up.set()
            await stop.wait()

    with pytest.MonkeyPatch.context() as patch:
        _prepared(place, patch)
        thread = threading.Thread(target=lambda: asyncio.run(main(patch)), daemon=True)
        thread.start()
        assert up.wait(60), "the cluster did not start"
        cluster = found[0]
        try:
            login = cluster.call("POST", "/v1/users/login", auth=basic("admin", PASSWORD))
            cluster.token = "Bearer " + login.body["users"][0]["token"]
            yield cluster
        finally:
            cluster.loop.call_soon_threadsafe(stop.set)
            thread.join(30)
