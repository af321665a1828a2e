"""Control port: garbage collection, and the statistics of one node."""

from typing import TYPE_CHECKING, Any

from aiohttp import web
from sqlalchemy.engine import Connection

from standin.common.errors import ApiError, not_ready
from standin.common.metrics import Entry, metric
from standin.common.tasks import spawn
from standin.node.answering import Answer, answered, json_object
from standin.store import messages
from standin.store.bootstrap import CORE_DATABASE, database_name
from standin.store.callbacks import count_callbacks
from standin.store.contacts import count_contacts
from standin.store.engine import Store, connect

if TYPE_CHECKING:
    from standin.node.daemon import Daemon

PROCESSING = {"status": "processing"}


def database_metrics(connection: Connection) -> dict[str, Entry]:
    """What /v1/stats/db counts."""
    contacts = count_contacts(connection)
    by_type = messages.count_by_type(connection) or {"text": 0}
    kinds = (({"type": "whatsapp_user"}, True), ({"type": "non_whatsapp_user"}, False))
    return {
        "db_contacts": metric("Contacts", "gauge", ((labels, contacts.get(user, 0)) for labels, user in kinds)),
        "db_message_receipts": metric("Messages with a receipt", "gauge", [({}, messages.count_receipts(connection))]),
        "db_messages": metric("Messages", "gauge", (({"type": kind}, count) for kind, count in by_type.items())),
        "db_pending_callbacks": metric("Callbacks that wait", "gauge", [({}, count_callbacks(connection))]),
        "db_pending_messages": metric("Messages to be sent", "gauge", [({}, messages.count_queued(connection))]),
    }


class Services:
    """Handlers of the control and healthcheck ports."""

    def __init__(self, daemon: "Daemon") -> None:
        self._daemon = daemon
        self._runtime = daemon.runtime
        database = daemon.runtime.settings.database
        # Counting millions of rows takes longer than any other work may.
        self._patient = Store(connect(database, database_name(database, CORE_DATABASE), patient=True))

    @property
    def control(self) -> list[web.RouteDef]:
        """The control port's routes."""
        return [
            web.put("/v1/services/message/gc", self.collect_messages),
            web.put("/v1/services/media/gc", self.collect_media),
        ]

    @property
    def signs(self) -> list[web.RouteDef]:
        """The healthcheck port's routes."""
        return [web.get("/stats/app", self.app_stats), web.get("/stats/db", self.db_stats)]

    def _check_ready(self) -> None:
        if not self._runtime.initialized:
            raise not_ready()

    async def collect_messages(self, request: web.Request) -> web.Response:
        """This node's share of a collection of messages."""

        async def work() -> Answer:
            self._check_ready()
            order = await json_object(request)
            spawn(self._daemon.collection.messages_now(order["part"], order["parts"]), "message collection")
            return 200, PROCESSING

        return await answered(self._runtime, request, work)

    async def collect_media(self, request: web.Request) -> web.Response:
        """A collection of media files, by the primary master."""

        async def work() -> Answer:
            self._check_ready()
            if not self._daemon.primary:
                raise ApiError(1017, "Please send the request to the primary master or try again")
            spawn(self._daemon.collection.media_now(), "media collection")
            return 200, {"services": {"media": {"gc": PROCESSING}}}

        return await answered(self._runtime, request, work)

    async def app_stats(self, _request: web.Request) -> web.Response:
        """What this process counted."""
        return web.json_response({"name": self._runtime.name, "stats": self._runtime.metrics.as_json()})

    async def db_stats(self, request: web.Request) -> web.Response:
        """What the database holds, by the primary master only."""

        async def work() -> Answer:
            stats: dict[str, Any] = {}
            if self._daemon.primary and self._runtime.initialized:
                stats = await self._patient.run(database_metrics)
            return 200, {"name": self._runtime.name, "stats": stats}

        return await answered(self._runtime, request, work)
