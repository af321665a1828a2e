"""/v1/stats and /metrics, as JSON or Prometheus text."""

import asyncio
from typing import Any

from aiohttp import web

from standin.common.errors import ApiError, not_ready, unreachable
from standin.common.metrics import prometheus_text
from standin.common.peers import PeerDown
from standin.store.nodes import Node
from standin.web.access import caller_of, has_api_key
from standin.web.answers import answer
from standin.web.backend import Backend
from standin.web.counting import Counting

APP, DB = "app", "db"
SLOW = 30.0


class Stats:
    """Handlers of /v1/stats and /metrics."""

    def __init__(self, backend: Backend, counting: Counting) -> None:
        self._backend = backend
        self._counting = counting

    @property
    def routes(self) -> list[web.RouteDef]:
        """Their routes."""
        return [
            web.get("/metrics", self.metrics),
            web.get("/v1/stats/app", self.app),
            web.get("/v1/stats/db", self.database),
            web.get("/v1/stats/app/internal", self.app_internal),
            web.get("/v1/stats/db/internal", self.database_internal),
        ]

    async def _admit(self, request: web.Request, key: bool = True) -> None:
        if not (key and has_api_key(self._backend, request)):
            await caller_of(self._backend, request)
        if request.query.get("format", "json") not in ("json", "prometheus"):
            raise ApiError(1009, "Parameter 'format' must be json or prometheus")

    async def metrics(self, request: web.Request) -> web.Response:
        """GET /metrics: of this webapp."""
        await self._admit(request)
        current = self._counting.current()
        if request.query.get("format") == "prometheus":
            return _text(prometheus_text([({}, current)]))
        return answer(self._backend.release.version, {"metrics": current})

    async def app(self, request: web.Request) -> web.Response:
        """GET /v1/stats/app."""
        await self._admit(request)
        return await self._stats(request, APP)

    async def database(self, request: web.Request) -> web.Response:
        """GET /v1/stats/db."""
        await self._admit(request)
        return await self._stats(request, DB)

    async def app_internal(self, request: web.Request) -> web.Response:
        """GET /v1/stats/app/internal: the same numbers, without the API key."""
        await self._admit(request, key=False)
        return await self._stats(request, APP)

    async def database_internal(self, request: web.Request) -> web.Response:
        """GET /v1/stats/db/internal: the same numbers, without the API key."""
        await self._admit(request, key=False)
        return await self._stats(request, DB)

    async def _stats(self, request: web.Request, kind: str) -> web.Response:
        multiconnect = self._backend.settings.multiconnect
        found = await (self._cluster(kind) if multiconnect else self._single(kind))
        if request.query.get("format") == "prometheus":
            parts = [({"node": name}, stats) for name, stats in found.items()] if multiconnect else [({}, found)]
            return _text(prometheus_text(parts))
        return answer(self._backend.release.version, {"stats": {kind: found}})

    async def _ask(self, host: str, port: int, kind: str) -> dict[str, Any]:
        timeout = SLOW if kind == DB else None
        try:
            status, body = await self._backend.ask("GET", host, port, f"/stats/{kind}", timeout=timeout)
        except PeerDown as error:
            raise unreachable(host, port) from error
        if status != 200:
            raise ApiError(int(body["errors"][0]["code"]), str(body["errors"][0]["details"]))
        answered: dict[str, Any] = body
        return answered

    async def _single(self, kind: str) -> dict[str, Any]:
        stats: dict[str, Any] = (await self._ask(self._backend.settings.core_host, 6253, kind))["stats"]
        return stats

    async def _cluster(self, kind: str) -> dict[str, Any]:
        nodes = await self._backend.nodes()
        if not nodes:
            raise not_ready()
        found = await asyncio.gather(*(self._of_node(node, kind) for node in nodes))
        return {node.name: stats for node, stats in zip(nodes, found, strict=True)}

    async def _of_node(self, node: Node, kind: str) -> dict[str, Any]:
        try:
            body = await self._ask(node.hostname, node.ports[3], kind)
        except ApiError:
            return {}  # a silent node has no numbers; its health says why
        stats: dict[str, Any] = body["stats"] if body["name"] == node.name else {}
        return stats


def _text(text: str) -> web.Response:
    return web.Response(text=text, headers={"Content-Type": "text/plain; version=0.0.4; charset=utf-8"})
