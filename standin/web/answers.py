"""Answers of the webapp: envelope, headers, and errors as the documents show them."""

import json
import logging
import secrets
import time
from collections.abc import Callable
from typing import Any

from aiohttp import web

from standin.common.errors import ApiError, not_ready
from standin.common.serving import UNREADABLE
from standin.store.engine import DatabaseDown
from standin.store.failures import not_there

log = logging.getLogger("web")
access_log = logging.getLogger("access")


def answer(version: str, payload: dict[str, Any], status: int = 200) -> web.Response:
    """An answer that the webapp gives alone: the version has a `v`."""
    return _response(payload | {"meta": {"api_status": "stable", "version": f"v{version}"}}, status)


def passed_on(body: Any, status: int) -> web.Response:
    """A coreapp's answer as it is, with the header of such answers."""
    response = _response(body, status)
    response.headers["X-Internal-Request-IDS"] = secrets.token_hex(16)
    return response


def _response(body: Any, status: int) -> web.Response:
    return web.Response(body=json.dumps(body).encode(), status=status, content_type="application/json")


def failure(version: str, error: ApiError) -> web.Response:
    """An error answer."""
    return answer(version, {"errors": [error.as_dict()]}, error.status)


def _finished(response: web.StreamResponse) -> None:
    response.headers["Server"] = "Server"
    response.headers["Cache-Control"] = "no-cache, private"
    response.headers["X-Request-ID"] = secrets.token_hex(16)


def outside(version: str) -> Callable[[int, str], web.Response]:
    """Makes the errors of what never comes to the middleware, from their status and reason."""

    def refuse(status: int, reason: str) -> web.Response:
        code = 1014 if status >= web.HTTPInternalServerError.status_code else 1025
        response = failure(version, ApiError(code, reason, status))
        _finished(response)
        return response

    return refuse


def _as_api_error(error: Exception) -> ApiError:
    if isinstance(error, ApiError):
        return error
    if isinstance(error, DatabaseDown):
        log.error("database: %s", error.orig)
        return not_ready() if not_there(error) else ApiError(1023, "The database could not be used")
    if isinstance(error, web.HTTPNotFound):
        return ApiError(1006, "No such endpoint")
    if isinstance(error, web.HTTPException):
        return ApiError(1025, error.reason, error.status)
    if isinstance(error, UNREADABLE):
        return ApiError(1025, "The request body cannot be read")
    log.exception("unexpected", exc_info=error)
    return ApiError(1014, "Internal error")


def middleware(version: str) -> Any:
    """Turns errors into answers, adds the headers of every answer, writes the access log."""

    @web.middleware
    async def around(request: web.Request, handler: Any) -> web.StreamResponse:
        began = time.monotonic()
        try:
            response: web.StreamResponse = await handler(request)
        except web.HTTPUnauthorized:
            response = web.Response(status=401)
        except Exception as error:
            response = failure(version, _as_api_error(error))
            if isinstance(error, web.HTTPMethodNotAllowed):
                response.headers["Allow"] = error.headers["Allow"]
            if isinstance(error, UNREADABLE):
                response.force_close()  # where the next request begins is not known
        _finished(response)
        spent = (time.monotonic() - began) * 1000
        access_log.info("%s %s %d %.0f ms", request.method, request.path, response.status, spent)
        return response

    return around


async def json_value(request: web.Request) -> Any:
    """The request's JSON, None for an empty or null body whatever its content type; raises ApiError 1025."""
    raw = await request.read()
    try:
        return json.loads(raw) if raw.strip() else None
    except (ValueError, RecursionError) as error:
        raise ApiError(1025, "The request body is not JSON") from error


def _object(body: Any) -> dict[str, Any]:
    if not isinstance(body, dict):
        raise ApiError(1025, "The request body is not a JSON object")
    return body


async def json_body(request: web.Request) -> dict[str, Any]:
    """The request's JSON object; raises ApiError 1008 when it has none, and 1025."""
    body = await json_value(request)
    if body is None:
        raise no_body()
    return _object(body)


async def optional_json_body(request: web.Request) -> dict[str, Any]:
    """The request's JSON object, {} when it has none; raises ApiError 1025."""
    body = await json_value(request)
    return {} if body is None else _object(body)


def no_body() -> ApiError:
    """A request that means nothing without a body."""
    return ApiError(1008, "The request body is missing")
