"""One JSON object a line over TCP: the protocol between the client and the fake of WhatsApp."""

import asyncio
import json
from typing import Any

Message = dict[str, Any]
MAX_LINE = 1 << 20


class ProtocolError(Exception):
    """The peer sent something that is not one JSON object a line."""


def encode(message: Message) -> bytes:
    """A message as one line."""
    return json.dumps(message, separators=(",", ":")).encode() + b"\n"


def decode(line: bytes) -> Message:
    """One line as a message; raises ProtocolError."""
    try:
        message = json.loads(line)
    except ValueError as error:
        raise ProtocolError("not JSON") from error
    if not isinstance(message, dict):
        raise ProtocolError("not an object")
    return message


async def read(reader: asyncio.StreamReader) -> Message | None:
    """The next message, None at the end of the stream; raises ProtocolError and OSError."""
    try:
        line = await reader.readline()
    except ValueError as error:  # a line above the stream's limit
        raise ProtocolError("line too long") from error
    return decode(line) if line else None
