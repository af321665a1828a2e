"""standinctl's commands about messages."""

import argparse
import base64
import json
import mimetypes
from collections.abc import Callable
from pathlib import Path
from typing import Any

Call = Callable[..., Any]
NAMES = ("messages", "inbound", "recipients")


def add_commands(commands: Any) -> None:
    """Adds them to the parser's commands."""
    listing = commands.add_parser("messages", help="how many messages WhatsApp got, re-sent ones, per shard")
    listing.add_argument("--all", action="store_true", help="every message, as JSON")
    inbound = commands.add_parser("inbound", help="someone writes to a registered number; prints the message's id")
    inbound.add_argument("sender", help="country code and number, digits only")
    inbound.add_argument("text", help="the text, or the caption of a file")
    inbound.add_argument("--to", default="", help="the registered number; default: the first one")
    inbound.add_argument("--name", default="A Customer")
    inbound.add_argument("--file", type=Path, help="a file in this container to send along")
    inbound.add_argument("--type", default="document", choices=["image", "document", "audio", "video", "voice"])
    people = commands.add_parser("recipients", help="how people's phones behave; seconds or never")
    people.add_argument("--delivered", type=_seconds, default=0.2)
    people.add_argument("--read", type=_seconds, default=1.0)


def _seconds(text: str) -> float | None:
    return None if text == "never" else float(text)


def _inbound(options: argparse.Namespace) -> dict[str, Any]:
    order = {"to": options.to, "from": options.sender, "name": options.name}
    if options.file is None:
        return order | {"type": "text", "content": {"body": options.text}}
    mime = mimetypes.guess_type(options.file.name)[0] or "application/octet-stream"
    content = {"caption": options.text, "mime_type": mime}
    return order | {
        "type": options.type,
        "content": content,
        "media": base64.b64encode(options.file.read_bytes()).decode(),
    }


def run(options: argparse.Namespace, call: Call) -> str:
    """What a command prints; call(method, path, body) asks the gateway."""
    match options.command:
        case "inbound":
            return str(call("POST", "/inbound", _inbound(options))["id"])
        case "recipients":
            return json.dumps(call("POST", "/recipients", {"delivered": options.delivered, "read": options.read}))
        case _:
            return json.dumps(call("GET", "/messages/all" if options.all else "/messages"))
