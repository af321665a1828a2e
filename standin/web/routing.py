"""Which coreapp a request belongs to, by the shard map; each request reads it anew."""

import random
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from aiohttp import web
from sqlalchemy.engine import Connection

from standin.common.errors import ApiError, not_primary, not_ready, unreachable
from standin.common.peers import PeerAbsent, PeerDown
from standin.common.sharding import shard_of
from standin.store.config import read_account
from standin.store.leases import Shard, read_shards
from standin.store.nodes import Node, read_nodes
from standin.web.answers import passed_on
from standin.web.backend import Backend

MESSAGING, CONTACTS = 0, 1
PORTS = {MESSAGING: 6250, CONTACTS: 6251}
TIMEOUT = 15.0
MIN_TIMEOUT = 5.0


@dataclass(frozen=True)
class Map:
    """The cluster as a webapp sees it."""

    shards: int
    owners: list[Shard]
    nodes: dict[str, Node]

    def owner(self, shard: int) -> Node | None:
        """The coreapp that serves a shard now, None while there is none."""
        for one in self.owners:
            if one.shard == shard and one.taken and not one.revoked and not one.lapsed:
                node = self.nodes.get(one.owner)
                return node if node and node.incarnation == one.incarnation else None
        return None


def _read(connection: Connection) -> Map | None:
    account = read_account(connection)
    if account is None:
        return None
    return Map(account.shards, read_shards(connection), {node.name: node for node in read_nodes(connection)})


class Router:
    """Passes requests on to coreapps."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend

    async def _address(self, service: int, slot: int | None) -> tuple[str, int]:
        settings = self._backend.settings
        if not settings.multiconnect:
            return settings.core_host, PORTS[service]
        found: Map | None = await self._backend.use_core(_read)
        if found is None:
            raise not_ready()
        # without a recipient any owner will do
        shards = (
            [shard_of(slot, found.shards)] if slot is not None else random.sample(range(found.shards), found.shards)
        )
        node = next((owner for shard in shards if (owner := found.owner(shard))), None)
        if node is None:
            raise not_primary()
        return node.hostname, node.ports[service]

    async def ask(
        self, service: int, method: str, path: str, body: Any = None, slot: int | None = None
    ) -> tuple[int, Any]:
        """Status and body of a coreapp's answer; raises ApiError."""
        host, port = await self._address(service, slot)
        timeout = max(MIN_TIMEOUT, self._backend.scale.seconds(TIMEOUT))
        try:
            return await self._backend.ask(method, host, port, path, body, timeout)
        except PeerDown as error:
            # A failover is due, and a message that no one got may be sent again.
            if isinstance(error, PeerAbsent) and self._backend.settings.multiconnect:
                raise not_primary() from error
            raise unreachable(host, port) from error

    async def pass_on(
        self, service: int, request: web.Request, body: Any = None, slot: int | None = None
    ) -> web.Response:
        """The coreapp's answer to this request, as it is; raises ApiError."""
        if not request.raw_path.isascii() or _climbs(request.raw_path):
            raise ApiError(1006, "Nothing has such an id")
        status, answer = await self.ask(service, request.method, request.raw_path, body, slot)
        return passed_on(answer, status)


def _climbs(raw_path: str) -> bool:
    """Whether an id is a dot segment, which would lead the request to another path of the coreapp."""
    segments = raw_path.partition("?")[0].split("/")
    return not {".", ".."}.isdisjoint(map(unquote, segments))
