"""The stickers of one of the business's own sticker packs."""

from typing import Any

from aiohttp import web

from standin.common import fields
from standin.common.errors import ApiError
from standin.common.media import is_name
from standin.node.base.answering import Answer, json_object
from standin.node.base.runtime import Runtime
from standin.node.stickers.packs import change, look
from standin.store.media import use_medium
from standin.store.stickerpacks import Pack, Sticker

LONGEST_ID = 64
LONGEST_EMOJI = 32


def _sticker(pack: Pack, request: web.Request) -> Sticker:
    sticker = pack.stickers.get(request.match_info["index"])
    if sticker is None:
        raise ApiError(1006, "There is no sticker of this index")
    return sticker


async def _image(runtime: Runtime, body: dict[str, Any]) -> str:
    name = fields.text(body, "image_data_id", LONGEST_ID)
    if not is_name(name) or await runtime.run(use_medium, name) is None:
        raise ApiError(1006, f"There is no media file {name}")
    return name


def _emojis(value: Any) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(one, str) and 0 < len(one) <= LONGEST_EMOJI for one in value):
        raise fields.wrong("emojis", "a list of emojis")
    return value


async def show_stickers(runtime: Runtime, request: web.Request) -> Answer:
    """The indexes of a pack's stickers; raises ApiError."""
    indexes = await look(runtime, request, lambda pack: list(pack.stickers))
    return 200, {"stickers": [{"index": index} for index in indexes]}


async def add_sticker(runtime: Runtime, request: web.Request) -> Answer:
    """A new sticker from an uploaded media file; raises ApiError."""
    body = await json_object(request)
    fields.only(body, "image_data_id", "emojis")
    sticker = Sticker(await _image(runtime, body), _emojis(body.get("emojis", [])))
    index = await change(runtime, request, lambda pack: pack.add(sticker))
    return 200, {"stickers": [{"index": index}]}


async def show_sticker(runtime: Runtime, request: web.Request) -> Answer:
    """One sticker; raises ApiError."""
    sticker = await look(runtime, request, lambda pack: _sticker(pack, request))
    image = sticker.image_data_id
    return 200, {"stickers": [{"id": image, "emojis": sticker.emojis, "image_data_id": image}]}


async def change_sticker(runtime: Runtime, request: web.Request) -> Answer:
    """Changes the sent fields; raises ApiError."""
    body = await json_object(request)
    fields.only(body, "image_data_id", "emojis")
    image = await _image(runtime, body) if "image_data_id" in body else None
    emojis = _emojis(body["emojis"]) if "emojis" in body else None

    def update(pack: Pack) -> None:
        sticker = _sticker(pack, request)
        sticker.image_data_id = image or sticker.image_data_id
        sticker.emojis = sticker.emojis if emojis is None else emojis

    await change(runtime, request, update)
    return 200, {}


async def delete_sticker(runtime: Runtime, request: web.Request) -> Answer:
    """Removes a sticker; the others keep their indexes. Raises ApiError."""

    def remove(pack: Pack) -> None:
        _sticker(pack, request)
        del pack.stickers[request.match_info["index"]]

    await change(runtime, request, remove)
    return 200, {}
