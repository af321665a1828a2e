"""Port 6253: figures of this process, and of the database."""

from typing import Any

from aiohttp import web
from sqlalchemy.engine import Connection

from standin.common.metrics import Entry, metric
from standin.node.base.answering import Answer, answered
from standin.node.parts import Parts
from standin.store import messages
from standin.store.bootstrap import CORE_DATABASE, database_name
from standin.store.callbacks import count_callbacks
from standin.store.contacts import count_contacts
from standin.store.engine import Store, connect


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


class Figures:
    """Their handlers."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._runtime = parts.runtime
        database = parts.runtime.settings.database
        # Counting millions of rows takes longer than any other work may.
        self._patient = Store(connect(database, database_name(database, CORE_DATABASE), patient=True))

    @property
    def routes(self) -> list[web.RouteDef]:
        """Their routes."""
        return [web.get("/stats/app", self.app), web.get("/stats/db", self.database)]

    async def app(self, _request: web.Request) -> web.Response:
        """What this process counted."""
        return web.json_response({"name": self._runtime.name, "stats": self._runtime.metrics.as_json()})

    async def database(self, request: web.Request) -> web.Response:
        """What the database holds, by the primary master only."""

        async def work() -> Answer:
            stats: dict[str, Any] = {}
            if self._parts.primary and self._runtime.initialized:
                stats = await self._patient.run(database_metrics)
            return 200, {"name": self._runtime.name, "stats": stats}

        return await answered(self._runtime, request, work)
