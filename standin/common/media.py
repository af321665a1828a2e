"""The shared media directory: the same file system on every web, coreapp and master container."""

import re
from pathlib import Path

ROOT = Path("/usr/local/wamedia")
INCOMING, OUTGOING, SHARED = "incoming", "outgoing", "shared"
FOLDERS = (INCOMING, OUTGOING, SHARED)
NAME = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
LARGEST = 100 << 20


def is_name(text: str) -> bool:
    """The text is a media id, and so safe as a file name."""
    return NAME.fullmatch(text) is not None
