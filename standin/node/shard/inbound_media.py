"""Media files that come with inbound messages."""

import asyncio
import base64
import hashlib
import logging
import uuid

from standin.common.jsonlines import Message as News
from standin.common.media import INCOMING, ROOT
from standin.node.base.application_rules import value_at
from standin.node.base.runtime import Runtime
from standin.store.engine import DatabaseDown
from standin.store.media import Medium, add_medium

log = logging.getLogger("media")


async def store_media(runtime: Runtime, news: News) -> None:
    """Writes the file of an inbound message and describes it in the message's content; without a file does nothing.

    A repeated message writes the same file again under the same name.
    """
    data = news.pop("media", None)
    if data is None:
        return
    raw, content = base64.b64decode(data), news["content"]
    name = str(uuid.uuid5(uuid.NAMESPACE_OID, news["id"]))
    content |= {"id": name, "sha256": hashlib.sha256(raw).hexdigest()}
    if news["type"] not in value_at(runtime.application, "media.auto_download"):
        return
    path = ROOT / INCOMING / name
    try:
        await asyncio.to_thread(path.write_bytes, raw)
        await runtime.run(add_medium, Medium(name, INCOMING, content["mime_type"], len(raw)))
    except (OSError, DatabaseDown) as error:
        log.error("inbound media not stored: %s", error)
        return
    runtime.metrics.add("media_downloads")
    content["file"] = str(path)
