"""WhatsApp's address and single questions to it."""

import asyncio

from standin.common import jsonlines

HOST = "g.whatsapp.net"
PORT = 5222
TIMEOUT = 5.0


class WhatsAppDown(Exception):
    """WhatsApp's servers cannot be reached."""


async def connect() -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A connection to WhatsApp; raises WhatsAppDown."""
    try:
        return await asyncio.wait_for(asyncio.open_connection(HOST, PORT, limit=jsonlines.MAX_LINE), TIMEOUT)
    except (TimeoutError, OSError) as error:
        raise WhatsAppDown(f"{HOST}:{PORT} {error or type(error).__name__}") from error


async def ask(question: jsonlines.Message) -> jsonlines.Message:
    """One question, one answer; raises WhatsAppDown."""
    reader, writer = await connect()
    try:
        writer.write(jsonlines.encode(question))
        answer = await asyncio.wait_for(jsonlines.read(reader), TIMEOUT)
    except (TimeoutError, OSError, jsonlines.ProtocolError) as error:
        raise WhatsAppDown(f"{HOST}:{PORT} {error or type(error).__name__}") from error
    finally:
        writer.close()
    if answer is None:
        raise WhatsAppDown(f"{HOST}:{PORT} closed the connection")
    return answer
