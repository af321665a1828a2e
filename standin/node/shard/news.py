"""What WhatsApp tells about messages, written to the database in one transaction with the callbacks it causes."""

import time
from dataclasses import dataclass
from typing import Any

from sqlalchemy.engine import Connection

from standin.common.jsonlines import Message as News
from standin.common.sharding import slot_of
from standin.node.base.application_rules import Settings, value_at
from standin.store import messages
from standin.store.callbacks import INBOUND, STATUS, Callback, add_callbacks
from standin.store.messages import Message

ERRORS = {408: "Message is not valid", 410: "Message expired", 470: "Re-engagement window has passed", 500: "Generic"}


@dataclass(frozen=True)
class Wanted:
    """Which status callbacks the settings ask for, and whether callbacks are kept in the database."""

    sent: bool
    delivered: bool
    read: bool
    persist: bool

    @classmethod
    def of(cls, settings: Settings) -> "Wanted":
        """As these complete settings say; `sent_status` is the older form of `webhooks.message.sent`."""
        chosen: dict[str, bool] = value_at(settings, "webhooks.message") or {}
        return cls(
            sent=chosen.get("sent", bool(settings["sent_status"])),
            delivered=chosen.get("delivered", True),
            read=chosen.get("read", True),
            persist=settings["callback_persist"],
        )

    def __contains__(self, status: str) -> bool:
        return bool(getattr(self, status, True))


def status_callback(message_id: str, recipient: str, status: str, code: int | None = None) -> Callback:
    """The callback for one message's new status."""
    entry: dict[str, Any] = {
        "id": message_id,
        "recipient_id": recipient,
        "status": status,
        "timestamp": str(int(time.time())),
        "type": "message",
    }
    if code is not None:
        entry["errors"] = [{"code": code, "title": ERRORS.get(code, "Generic")}]
    return Callback(slot_of(recipient), STATUS, {"statuses": [entry]})


def inbound_callback(news: News, content: dict[str, Any]) -> Callback:
    """The callback for an inbound message."""
    sender = str(news["from"])
    message = {"from": sender, "id": news["id"], "timestamp": str(news["timestamp"]), "type": news["type"]}
    payload = {
        "contacts": [{"profile": {"name": news.get("name", "")}, "wa_id": sender}],
        "messages": [message | {news["type"]: content}],
    }
    return Callback(slot_of(sender), INBOUND, payload)


def _record_one(connection: Connection, news: News, wanted: Wanted) -> Callback | None:
    if news["op"] == "inbound":
        sender = str(news["from"])
        message = Message(news["id"], slot_of(sender), sender, news["type"], news["content"])
        return inbound_callback(news, news["content"]) if messages.add_inbound(connection, message) else None
    status = messages.SENT if news["op"] == "taken" else news["status"]
    # who has read it has got it, and the news of that may come later or never
    unseen = status == messages.READ and messages.advance(connection, news["id"], messages.DELIVERED)
    raised = messages.advance(connection, news["id"], status)
    # news about a collected message still goes to the webhook; repeated news does not
    fresh = raised or (news["op"] == "receipt" and not messages.exists(connection, news["id"]))
    if unseen and messages.READ not in wanted:
        status = messages.DELIVERED
    if not fresh or status not in wanted:
        return None
    return status_callback(news["id"], str(news["to"]), status, news.get("code"))


@dataclass(frozen=True)
class Recorded:
    """What a batch of news led to: callbacks that are kept in memory only, and how many inbound messages were new."""

    passing: list[Callback]
    inbound: int


def record(connection: Connection, batch: list[News], wanted: Wanted) -> Recorded:
    """Writes a batch of news."""
    if messages.SENT not in wanted:
        taken = [news["id"] for news in batch if news["op"] == "taken"]
        batch = [news for news in batch if news["op"] != "taken"]
        if taken:
            messages.advance_many(connection, taken, messages.SENT)
    caused = [callback for news in batch if (callback := _record_one(connection, news, wanted))]
    inbound = sum(callback.kind == INBOUND for callback in caused)
    if not wanted.persist:
        return Recorded(caused, inbound)
    add_callbacks(connection, caused)
    return Recorded([], inbound)
