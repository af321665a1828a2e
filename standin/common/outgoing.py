"""The body of POST /v1/messages: what is accepted, and with which error the rest is refused. No I/O."""

from dataclasses import dataclass
from typing import Any

from standin.common import fields
from standin.common.errors import ApiError

LONGEST_TEXT = 4096
LONGEST_CONTENT = 60000
SHORTEST_ID, LONGEST_ID = 5, 20
MEDIA = ("image", "document", "audio", "video", "voice", "sticker")
OTHERS = ("contacts", "hsm", "interactive", "location", "reaction", "template")
TYPES = ("text", *MEDIA, *OTHERS)


@dataclass(frozen=True)
class Order:
    """A checked message: recipient (digits), type, and the type's own object."""

    to: str
    type: str
    content: dict[str, Any]

    @property
    def media_id(self) -> str:
        """The uploaded file that goes with it, '' when there is none."""
        return str(self.content.get("id", "")) if self.type in MEDIA else ""


def whatsapp_id(text: str) -> str:
    """The digits of a WhatsApp id; raises ApiError 1009."""
    digits = text.removeprefix("+")
    if not digits.isascii() or not digits.isdigit() or not SHORTEST_ID <= len(digits) <= LONGEST_ID:
        raise ApiError(1009, "Parameter 'to' is not a WhatsApp id")
    return digits


def _content(body: dict[str, Any], kind: str) -> dict[str, Any]:
    value = body.get(kind)
    if value is None:
        raise ApiError(1008, f"Parameter '{kind}' is mandatory")
    if kind == "contacts" and isinstance(value, list) and value:
        return {"list": value}
    if not isinstance(value, dict):
        raise ApiError(1009, f"Parameter '{kind}' must be an object")
    return value


def _check_media(kind: str, content: dict[str, Any]) -> None:
    if content.get("id") is None and content.get("link") is None:
        raise ApiError(1008, f"Parameter '{kind}.id' or '{kind}.link' is mandatory")
    for name in ("id", "link"):
        if content.get(name) is not None:
            fields.text(content, name)


def read_order(body: dict[str, Any]) -> Order:
    """A message to be sent; raises ApiError 1001, 1002, 1008 or 1009."""
    to = whatsapp_id(fields.text(body, "to"))
    recipient_type = body.get("recipient_type")
    if recipient_type not in (None, "individual"):
        raise ApiError(1002, "Parameter 'recipient_type' must be individual")
    kind = body.get("type")
    if kind is None:
        kind = "text"
    if not isinstance(kind, str) or kind not in TYPES:
        raise ApiError(1009, "Parameter 'type' must be one of " + ", ".join(TYPES))
    content = _content(body, kind)
    if kind == "text" and len(fields.text(content, "body")) > LONGEST_TEXT:
        raise ApiError(1001, f"Parameter 'text.body' must have at most {LONGEST_TEXT} characters")
    if kind in MEDIA:
        _check_media(kind, content)
    return Order(to, kind, content)
