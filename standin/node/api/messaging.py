"""Port 6250: messages and media, by the coreapp that owns the shard."""

import base64
import json
import secrets
import uuid
from typing import Any

from aiohttp import web

from standin.common.errors import ApiError, not_primary, not_ready
from standin.common.media import OUTGOING, ROOT, SHARED, is_name
from standin.common.outgoing import LONGEST_CONTENT, Order, read_order
from standin.common.sharding import shard_of, slot_of
from standin.node.base.answering import Answer, answered, json_object
from standin.node.parts import Parts
from standin.node.shard.owner import Holding
from standin.node.stickers.first_party import STICKERS
from standin.store.media import Medium, add_medium, remove_medium, use_medium
from standin.store.messages import Message, mark_read


def new_message_id() -> str:
    """An id as the real client's look."""
    return "gBGG" + base64.urlsafe_b64encode(secrets.token_bytes(12)).decode()


class Messaging:
    """Handlers of the messaging port."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._runtime = parts.runtime

    @property
    def routes(self) -> list[web.RouteDef]:
        """Their routes."""
        return [
            web.post("/v1/messages", self.send),
            web.put("/v1/messages/{id}", self.mark),
            web.post("/v1/media", self.upload),
            web.get("/v1/media/{id}", self.describe),
            web.delete("/v1/media/{id}", self.remove),
        ]

    async def send(self, request: web.Request) -> web.Response:
        """POST /v1/messages: in the database before it is answered."""
        return await answered(self._runtime, request, lambda: self._send(request))

    async def _send(self, request: web.Request) -> Answer:
        order = read_order(await json_object(request))
        account = self._runtime.account
        if not self._runtime.initialized or account is None:
            raise not_ready()
        if order.to == account.number:
            raise ApiError(1021, "The recipient is the sender")
        if len(json.dumps(order.content)) > LONGEST_CONTENT:
            raise ApiError(1001, f"Parameter '{order.type}' is too long")
        holding = self._holding(shard_of(slot_of(order.to), account.shards))
        await self._check_media(order)
        message = Message(new_message_id(), slot_of(order.to), order.to, order.type, order.content)
        await holding.courier.accept(message)
        return 201, {"messages": [{"id": message.id}]}

    def _holding(self, shard: int) -> Holding:
        owner = self._parts.owner
        holding = owner.holding if owner else None
        if holding is None or holding.shard != shard or not holding.fence.held:
            raise not_primary()
        return holding

    async def _check_media(self, order: Order) -> None:
        if not order.media_id or order.media_id in STICKERS:
            return
        if not is_name(order.media_id) or await self._runtime.run(use_medium, order.media_id) is None:
            raise ApiError(1006, f"There is no media file {order.media_id[:100]}")

    async def mark(self, request: web.Request) -> web.Response:
        """PUT /v1/messages/{id}: an inbound message was read."""
        return await answered(self._runtime, request, lambda: self._mark(request))

    async def _mark(self, request: web.Request) -> Answer:
        status = (await json_object(request)).get("status")
        if status is None:
            raise ApiError(1008, "Parameter 'status' is mandatory")
        if status != "read":
            raise ApiError(1009, "Parameter 'status' must be read")
        self._serving()
        name = request.match_info["id"]
        if not name.isprintable() or not await self._runtime.run(mark_read, name[:64]):
            raise ApiError(1006, "There is no inbound message of this id")
        return 200, {}

    def _serving(self) -> None:
        if not self._runtime.initialized or self._runtime.account is None:
            raise not_ready()

    async def upload(self, request: web.Request) -> web.Response:
        """POST /v1/media: takes over the file that the webapp has put into the shared directory."""
        return await answered(self._runtime, request, lambda: self._upload(request))

    async def _upload(self, request: web.Request) -> Answer:
        self._serving()
        order = await json_object(request)
        handed_in = ROOT / SHARED / str(uuid.UUID(order["file"]))
        name = str(uuid.uuid4())
        try:
            size = handed_in.stat().st_size
            handed_in.rename(ROOT / OUTGOING / name)
        except FileNotFoundError as error:
            raise ApiError(1014, "The media directory is not shared between webapp and coreapp") from error
        except OSError as error:
            raise ApiError(1005, f"The media directory is not writable: {error.strerror}") from error
        await self._runtime.run(add_medium, Medium(name, OUTGOING, order["mime_type"], size))
        self._runtime.metrics.add("media_uploads")
        return 201, {"media": [{"id": name}]}

    async def _medium(self, request: web.Request) -> Medium:
        self._serving()
        name = request.match_info["id"]
        found: Medium | None = await self._runtime.run(use_medium, name) if is_name(name) else None
        if found is None:
            raise ApiError(1006, "There is no media file of this id")
        return found

    async def describe(self, request: web.Request) -> web.Response:
        """GET /v1/media/{id}: where the webapp finds the file."""

        async def work() -> tuple[int, dict[str, Any]]:
            found = await self._medium(request)
            return 200, {"folder": found.folder, "mime_type": found.mime_type}

        return await answered(self._runtime, request, work)

    async def remove(self, request: web.Request) -> web.Response:
        """DELETE /v1/media/{id}."""
        return await answered(self._runtime, request, lambda: self._remove(request))

    async def _remove(self, request: web.Request) -> Answer:
        found = await self._medium(request)
        try:
            (ROOT / found.folder / found.id).unlink(missing_ok=True)
        except OSError as error:
            raise ApiError(1005, f"The media directory is not writable: {error.strerror}") from error
        await self._runtime.run(remove_medium, found.id)
        return 200, {}
