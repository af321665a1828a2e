"""Port 6250: routes of the sticker packs, the business's own and, to read, WhatsApp's."""

from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from standin.common.errors import ApiError, not_ready
from standin.node.base.answering import Answer, answered
from standin.node.base.runtime import Runtime
from standin.node.stickers import first_party, packs, stickers

Work = Callable[[Runtime, web.Request], Awaitable[Answer]]
FIRST_PARTY = "whatsapp"


async def _refuse(_runtime: Runtime, _request: web.Request) -> Answer:
    raise ApiError(1005, "The sticker packs of WhatsApp cannot be changed")


PACKS = "/v1/stickerpacks"
PACK = PACKS + "/{id}"
STICKERS = PACK + "/stickers"
STICKER = STICKERS + "/{index}"
# What is done with the business's own packs, and with WhatsApp's.
WORK: dict[tuple[str, str], tuple[Work, Work]] = {
    ("GET", PACKS): (packs.show_packs, first_party.show_packs),
    ("POST", PACKS): (packs.create_pack, _refuse),
    ("GET", PACK): (packs.show_pack, first_party.show_pack),
    ("PATCH", PACK): (packs.change_pack, _refuse),
    ("DELETE", PACK): (packs.delete_pack, _refuse),
    ("GET", STICKERS): (stickers.show_stickers, first_party.show_stickers),
    ("POST", STICKERS): (stickers.add_sticker, _refuse),
    ("GET", STICKER): (stickers.show_sticker, first_party.show_sticker),
    ("PATCH", STICKER): (stickers.change_sticker, _refuse),
    ("DELETE", STICKER): (stickers.delete_sticker, _refuse),
}


def _handler(runtime: Runtime, own: Work, first_party: Work) -> Any:
    async def handle(request: web.Request) -> web.Response:
        async def work() -> Answer:
            if not runtime.initialized or runtime.account is None:
                raise not_ready()
            namespace = request.query.get("namespace")
            if namespace not in (None, FIRST_PARTY):
                raise ApiError(1009, f"Parameter 'namespace' must be {FIRST_PARTY}, or not be there")
            return await (own if namespace is None else first_party)(runtime, request)

        return await answered(runtime, request, work)

    return handle


def sticker_routes(runtime: Runtime) -> list[web.RouteDef]:
    """The routes."""
    return [web.route(method, path, _handler(runtime, *works)) for (method, path), works in WORK.items()]
