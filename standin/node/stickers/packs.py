"""The business's own sticker packs."""

import uuid
from collections.abc import Callable
from typing import Any, TypeVar

from aiohttp import web
from sqlalchemy.engine import Connection

from standin.common import fields
from standin.common.errors import ApiError
from standin.common.media import is_name
from standin.node.base.answering import Answer, json_object
from standin.node.base.runtime import Runtime
from standin.store.stickerpacks import Pack, add_pack, read_pack, read_packs, remove_pack, write_pack

T = TypeVar("T")
NAMES = {"publisher": 128, "name": 128}
LINKS = {"ios_app_store_link": 2048, "android_app_store_link": 2048}


def _no_pack() -> ApiError:
    return ApiError(1006, "There is no sticker pack of this id")


async def look(runtime: Runtime, request: web.Request, work: Callable[[Pack], T]) -> T:
    """The outcome of work(pack) on the request's pack; raises ApiError and sqlalchemy's DBAPIError."""
    return await _with_pack(runtime, request, lambda _connection, _name, pack: work(pack))


async def change(runtime: Runtime, request: web.Request, work: Callable[[Pack], T]) -> T:
    """As look; the pack is written as work leaves it."""

    def changed(connection: Connection, name: str, pack: Pack) -> T:
        outcome = work(pack)
        write_pack(connection, name, pack)
        return outcome

    return await _with_pack(runtime, request, changed)


async def _with_pack(runtime: Runtime, request: web.Request, work: Callable[[Connection, str, Pack], T]) -> T:
    name = request.match_info["id"]

    def found(connection: Connection) -> T:
        pack = read_pack(connection, name)
        if pack is None:
            raise _no_pack()
        return work(connection, name, pack)

    if not is_name(name):
        raise _no_pack()
    return await runtime.store.run(found)


async def show_packs(runtime: Runtime, _request: web.Request) -> Answer:
    """The ids of the packs."""
    return 200, {"stickerpacks": [{"id": name} for name in await runtime.run(read_packs)]}


async def create_pack(runtime: Runtime, request: web.Request) -> Answer:
    """A new pack without stickers; raises ApiError."""
    body = await json_object(request)
    fields.only(body, *NAMES, *LINKS)
    facts = {name: fields.text(body, name, most) for name, most in NAMES.items()}
    name = str(uuid.uuid4())
    await runtime.run(add_pack, name, facts | fields.optional_texts(body, LINKS))
    return 200, {"stickerpacks": [{"id": name}]}


async def show_pack(runtime: Runtime, request: web.Request) -> Answer:
    """Who publishes a pack, and its name and links; raises ApiError."""
    facts: dict[str, Any] = await look(runtime, request, lambda pack: pack.facts)
    return 200, {"stickerpacks": [facts]}


async def change_pack(runtime: Runtime, request: web.Request) -> Answer:
    """Changes the sent fields; raises ApiError."""
    body = await json_object(request)
    fields.only(body, *NAMES, *LINKS)
    facts = {name: fields.text(body, name, most) for name, most in NAMES.items() if name in body}
    facts |= fields.optional_texts(body, LINKS)
    await change(runtime, request, lambda pack: pack.facts.update(facts))
    return 200, {}


async def delete_pack(runtime: Runtime, request: web.Request) -> Answer:
    """Removes a pack with its stickers; raises ApiError."""
    await _with_pack(runtime, request, lambda connection, name, _pack: remove_pack(connection, name))
    return 200, {}
