"""Answers of a node's ports to the webapps: envelope, errors, and what is counted."""

import json
import logging
import secrets
import time
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from standin.common.errors import ApiError
from standin.node.base.runtime import Runtime
from standin.store.engine import DatabaseDown

log = logging.getLogger("endpoints")
Answer = tuple[int, dict[str, Any]]


def envelope(runtime: Runtime, payload: dict[str, Any]) -> dict[str, Any]:
    """An answer that passed through a coreapp: the version has no `v`."""
    return payload | {"meta": {"api_status": "stable", "version": runtime.release.version}}


async def answered(runtime: Runtime, request: web.Request, work: Callable[[], Awaitable[Answer]]) -> web.Response:
    """The work's answer, or its error's, in the envelope."""
    began = time.monotonic()
    result = "0"
    try:
        status, payload = await work()
    except DatabaseDown as error:
        log.error("database: %s", error.orig)
        failure = ApiError(1023, "The database could not be used")
        status, payload, result = failure.status, {"errors": [failure.as_dict()]}, "1023"
    except ApiError as error:
        status, payload, result = error.status, {"errors": [error.as_dict()]}, str(error.code)
    resource = request.match_info.route.resource
    name = f"{request.method}_{resource.canonical if resource else request.path}".replace("/", "_").replace("__", "_")
    runtime.metrics.add("endpoint_requests", method=name, result=result)
    runtime.metrics.observe("endpoint_requests_duration_ms", (time.monotonic() - began) * 1000, method=name)
    headers = {"X-Internal-Request-IDS": f"{secrets.token_hex(16)}|{secrets.token_hex(8).upper()}"}
    return web.json_response(envelope(runtime, payload), status=status, headers=headers)


async def json_object(request: web.Request) -> dict[str, Any]:
    """The request's body, {} when it has none; raises ApiError 1025."""
    raw = await request.read()
    try:
        body = json.loads(raw) if raw.strip() else {}
    except ValueError as error:
        raise ApiError(1025, "The request body is not JSON") from error
    if not isinstance(body, dict):
        raise ApiError(1025, "The request body is not a JSON object")
    return body
