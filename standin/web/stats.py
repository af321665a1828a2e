"""/v1/stats and /metrics, as JSON or Prometheus text."""

import asyncio
import time
from typing import Any

from aiohttp import web

from standin.common.errors import ApiError, not_ready, unreachable
from standin.common.metrics import Entry, Metrics, prometheus_text
from standin.common.peers import PeerDown
from standin.store.nodes import Node
from standin.web.access import caller_of, has_api_key
from standin.web.answers import answer
from standin.web.backend import Backend

APP, DB = "app", "db"
SLOW = 30.0
HANDLING = "handle-request"
KINDS = {
    "api_requests_duration_ms_count": ("counter", "Requests of the API"),
    "api_requests_duration_ms_sum": ("counter", "Milliseconds spent in requests of the API"),
    "web_connections": ("counter", "Requests accepted since the start"),
    "web_handled_requests": ("counter", "Requests answered since the start"),
    "web_idle_processes": ("gauge", "Idle workers"),
    "web_max_pending_connections": ("gauge", "Most requests at a time"),
    "web_out_kbytes": ("counter", "Kilobytes sent"),
    "web_pending_connections": ("gauge", "Requests that are being answered"),
    "web_process_limit_hit": ("counter", "How often all workers were busy"),
    "web_queue_len": ("gauge", "Requests that wait for a worker"),
    "web_requests": ("gauge", "Requests by state"),
    "web_total_processes": ("gauge", "Workers"),
    "web_uptime": ("gauge", "Seconds since the start"),
}


class Counting:
    """What one webapp counts about the requests that it answers."""

    def __init__(self, node: str) -> None:
        self._node = node
        self._began = time.monotonic()
        self._open = 0
        self._most = 0
        self.metrics = Metrics(KINDS)
        for name in ("web_idle_processes", "web_process_limit_hit", "web_queue_len"):
            self.metrics.set(name, 0, node=node)
        self.metrics.set("web_total_processes", 1, node=node)

    @web.middleware
    async def middleware(self, request: web.Request, handler: Any) -> web.StreamResponse:
        """Counts a request."""
        began, node = time.monotonic(), self._node
        self._open += 1
        self._most = max(self._most, self._open)
        self.metrics.add("web_connections", node=node)
        try:
            response: web.StreamResponse = await handler(request)
        finally:
            self._open -= 1
        resource = request.match_info.route.resource
        path = resource.canonical if resource else "unknown"
        labels = {"node": node, "result": str(response.status), "method": request.method + path.replace("/", "_")}
        self.metrics.observe("api_requests_duration_ms", (time.monotonic() - began) * 1000, **labels)
        self.metrics.add("web_handled_requests", node=node)
        self.metrics.add("web_out_kbytes", (response.content_length or 0) / 1024, node=node)
        return response

    def current(self) -> dict[str, Entry]:
        """The metrics now."""
        node = self._node
        self.metrics.set("web_uptime", int(time.monotonic() - self._began), node=node)
        self.metrics.set("web_pending_connections", self._open, node=node)
        self.metrics.set("web_max_pending_connections", self._most, node=node)
        self.metrics.set("web_requests", self._open, node=node, state=HANDLING)
        return self.metrics.as_json()


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
            status, body = await self._backend.peers.call("GET", host, port, f"/stats/{kind}", timeout=timeout)
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
