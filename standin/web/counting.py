"""What one webapp counts: the documented metrics of /metrics."""

import time
from typing import Any

from aiohttp import web

from standin.common.metrics import Entry, Metrics

HANDLING = "handle-request"
KINDS = {
    "api_requests_coreapp_duration_ms_count": ("counter", "Requests passed on to coreapps and masters"),
    "api_requests_coreapp_duration_ms_sum": ("counter", "Milliseconds until they answered"),
    "api_requests_db_duration_ms_count": ("counter", "Pieces of database work"),
    "api_requests_db_duration_ms_sum": ("counter", "Milliseconds spent in database work"),
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


def web_metrics(node: str) -> Metrics:
    """Fresh counters of a container."""
    metrics = Metrics(KINDS, node=node)
    metrics.set("web_total_processes", 1)
    return metrics


class Counting:
    """Counts the requests that the webapp answers."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self._began = time.monotonic()
        self._open = 0
        self._most = 0

    @web.middleware
    async def middleware(self, request: web.Request, handler: Any) -> web.StreamResponse:
        """Counts a request."""
        began, metrics = time.monotonic(), self._metrics
        self._open += 1
        self._most = max(self._most, self._open)
        metrics.add("web_connections")
        try:
            response: web.StreamResponse = await handler(request)
        finally:
            self._open -= 1
        resource = request.match_info.route.resource
        path = resource.canonical if resource else "unknown"
        labels = {"result": str(response.status), "method": request.method + path.replace("/", "_")}
        metrics.observe("api_requests_duration_ms", (time.monotonic() - began) * 1000, **labels)
        metrics.add("web_handled_requests")
        metrics.add("web_out_kbytes", (response.content_length or 0) / 1024)
        return response

    def current(self) -> dict[str, Entry]:
        """The metrics now."""
        metrics = self._metrics
        metrics.set("web_uptime", int(time.monotonic() - self._began))
        metrics.set("web_pending_connections", self._open)
        metrics.set("web_max_pending_connections", self._most)
        metrics.set("web_requests", self._open, state=HANDLING)
        return metrics.as_json()
