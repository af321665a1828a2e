"""Log files at the documented places, rotated and compressed, and the same lines on stdout."""

import gzip
import logging
import logging.handlers
import shutil
import sys
import time
from pathlib import Path

ARCHIVE = Path("/var/log/whatsapp/archive")
KEEP = 30


class _Archiver(logging.handlers.RotatingFileHandler):
    """Rotates by size into compressed files of the archive directory; never removes one."""

    def __init__(self, path: Path, max_bytes: int) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        super().__init__(path, maxBytes=max_bytes, backupCount=KEEP, encoding="utf-8")

    def doRollover(self) -> None:
        """Moves the full file away under a time stamp."""
        if self.stream:
            self.stream.close()
        ARCHIVE.mkdir(parents=True, exist_ok=True)
        stamp = time.strftime("%Y%m%d-%H%M%S", time.gmtime()) + f"-{time.time_ns() % 10**9:09d}"
        target = ARCHIVE / f"{Path(self.baseFilename).name}.{stamp}.gz"
        full = Path(self.baseFilename)
        with full.open("rb") as source, gzip.open(target, "wb") as packed:
            shutil.copyfileobj(source, packed)
        full.unlink()
        self.stream = self._open()


def _formatter() -> logging.Formatter:
    form = logging.Formatter(
        "%(levelname).1s %(asctime)s.%(msecs)03d UTC %(process)d %(name)s] %(message)s", "%Y-%m-%d %H:%M:%S"
    )
    form.converter = time.gmtime
    return form


def add_file(logger: logging.Logger, path: Path, megabytes: int) -> None:
    """Sends a logger's lines to a rotated file as well."""
    handler = _Archiver(path, megabytes << 20)
    handler.setFormatter(_formatter())
    logger.addHandler(handler)


def setup(path: Path | None, megabytes: int = 20) -> None:
    """Logs to stdout and, with a path, to a file that rotates above the given size (MB)."""
    root = logging.getLogger()
    root.setLevel(logging.INFO)
    stream = logging.StreamHandler(sys.stdout)
    stream.setFormatter(_formatter())
    root.addHandler(stream)
    if path:
        add_file(root, path, megabytes)
    logging.getLogger("aiohttp.access").setLevel(logging.WARNING)
