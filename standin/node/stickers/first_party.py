"""The sticker packs that WhatsApp itself maintains (`?namespace=whatsapp`): they can be read and sent, not changed."""

import uuid
from dataclasses import dataclass

from aiohttp import web

from standin.common.errors import ApiError
from standin.node.base.answering import Answer
from standin.node.base.runtime import Runtime

_IDS = uuid.UUID("6f2c4c1e-0a53-4f0e-9d6b-0d0f5c9a7b11")


@dataclass(frozen=True)
class _Pack:
    """Id, name, and what each of the stickers stands for."""

    id: str
    name: str
    emojis: tuple[tuple[str, ...], ...]

    def sticker(self, index: int) -> str:
        """The media id of a sticker, the same on every client."""
        return str(uuid.uuid5(_IDS, f"{self.id}/{index}"))


_ALL = (_Pack("cuppy", "Cuppy", (("☕", "🙂"), ("😂",), ("😢",))), _Pack("salty", "Salty", (("🧂", "😐"), ("🎉",))))
STICKERS = frozenset(pack.sticker(index) for pack in _ALL for index in range(len(pack.emojis)))


def _pack(request: web.Request) -> _Pack:
    for pack in _ALL:
        if pack.id == request.match_info["id"]:
            return pack
    raise ApiError(1006, "WhatsApp has no sticker pack of this id")


async def show_packs(_runtime: Runtime, _request: web.Request) -> Answer:
    """The ids of the packs."""
    return 200, {"stickerpacks": [{"id": pack.id} for pack in _ALL]}


async def show_pack(_runtime: Runtime, request: web.Request) -> Answer:
    """One pack; raises ApiError 1006."""
    return 200, {"stickerpacks": [{"publisher": "WhatsApp", "name": _pack(request).name}]}


async def show_stickers(_runtime: Runtime, request: web.Request) -> Answer:
    """The indexes of a pack's stickers; raises ApiError 1006."""
    return 200, {"stickers": [{"index": str(index)} for index in range(len(_pack(request).emojis))]}


async def show_sticker(_runtime: Runtime, request: web.Request) -> Answer:
    """One sticker; raises ApiError 1006."""
    pack = _pack(request)
    for index, emojis in enumerate(pack.emojis):
        if str(index) == request.match_info["index"]:
            return 200, {"stickers": [{"id": pack.sticker(index), "emojis": list(emojis)}]}
    raise ApiError(1006, "There is no sticker of this index")
