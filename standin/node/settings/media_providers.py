"""Media providers: how the client logs in where linked media files are."""

from collections.abc import Callable
from typing import Any

from sqlalchemy.engine import Connection

from standin.common import fields
from standin.common.errors import ApiError
from standin.node.base.answering import Answer
from standin.node.base.runtime import Runtime
from standin.store.config import read_value, write_value

PROVIDERS = "media_providers"
MAX_NAME = 128


def _checked(entry: Any) -> dict[str, Any]:
    if not isinstance(entry, dict):
        raise fields.wrong("providers", "a list of objects")
    fields.only(entry, "name", "type", "config")
    name = fields.text(entry, "name", MAX_NAME)
    if fields.text(entry, "type") != "www":
        raise fields.wrong("type", "www")
    config = entry.get("config")
    if not isinstance(config, dict) or len(config) != 1:
        raise fields.wrong("config", "an object with either bearer or basic")
    fields.only(config, "bearer", "basic")
    if "bearer" in config:
        return {"name": name, "type": "www", "config": {"bearer": fields.text(config, "bearer", 4096)}}
    basic = config["basic"]
    if not isinstance(basic, dict):
        raise fields.wrong("basic", "an object with username and password")
    fields.only(basic, "username", "password")
    account = {key: fields.text(basic, key, 4096) for key in ("username", "password")}
    return {"name": name, "type": "www", "config": {"basic": account}}


def _change(connection: Connection, change: Callable[[dict[str, Any]], dict[str, Any]]) -> list[dict[str, Any]]:
    known = {entry["name"]: entry for entry in read_value(connection, PROVIDERS) or []}
    entries = list(change(known).values())
    write_value(connection, PROVIDERS, entries)
    return entries


def _listed(entries: list[dict[str, Any]]) -> Answer:
    return 200, {"settings": {"application": {"media": {"providers": entries}}}}


async def show(runtime: Runtime, _body: dict[str, Any]) -> Answer:
    """All media providers."""
    return _listed(await runtime.run(read_value, PROVIDERS) or [])


async def add(runtime: Runtime, body: dict[str, Any]) -> Answer:
    """Adds the providers of a list, or replaces those of the same names; raises ApiError."""
    given = body.get("providers")
    if not isinstance(given, list):
        raise ApiError(1025, "The request body is not a list of media providers")
    entries = {entry["name"]: entry for entry in map(_checked, given)}
    await runtime.run(_change, lambda known: known | entries)
    return 200, {}


async def remove(runtime: Runtime, body: dict[str, Any]) -> Answer:
    """Removes one provider; raises ApiError 1006 when there is none of that name."""
    name = fields.text(body, "name")

    def without(known: dict[str, Any]) -> dict[str, Any]:
        if name not in known:
            raise ApiError(1006, f"Media provider {name[:100]} not found")
        return {key: entry for key, entry in known.items() if key != name}

    await runtime.run(_change, without)
    return 200, {}
