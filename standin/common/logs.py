"""Log files at the documented places, rotated and compressed, and the same lines on stdout."""

import contextlib
import gzip
import logging
import logging.handlers
import shutil
import sys
import time
from pathlib import Path

ARCHIVE = Path("/var/log/whatsapp/archive")
KEEP = 30  # by the webapp's rotation; those of the coreapp are what cleanup.sh is for


class Archiver(logging.handlers.RotatingFileHandler):
    """Rotates by size (bytes) into compressed files of the archive directory; keep is how many of them, None all.

    A full or read-only disk costs log lines, never the process.
    """

    def __init__(self, path: Path, max_bytes: int, keep: int | None, archive: Path = ARCHIVE) -> None:
        self._keep = keep
        self._archive = archive
        path.parent.mkdir(parents=True, exist_ok=True)
        super().__init__(path, maxBytes=max_bytes, backupCount=1, encoding="utf-8")

    def doRollover(self) -> None:
        """Moves the full file away under a time stamp; writes on in it where that fails."""
        if self.stream:
            self.stream.close()
            self.stream = None
        full = Path(self.baseFilename)
        stamp = time.strftime("%Y%m%d-%H%M%S", time.gmtime()) + f"-{time.time_ns() % 10**9:09d}"
        target = self._archive / f"{full.name}.{stamp}.gz"
        try:
            self._archive.mkdir(parents=True, exist_ok=True)
            with full.open("rb") as source, gzip.open(target, "wb") as packed:
                shutil.copyfileobj(source, packed)
            full.unlink()
            self._remove_old(full.name)
        except OSError:
            with contextlib.suppress(OSError):
                target.unlink(missing_ok=True)
        finally:
            self.stream = self._open()

    def _remove_old(self, name: str) -> None:
        archives = sorted(self._archive.glob(f"{name}.*.gz"))
        for old in archives[: -self._keep] if self._keep else []:
            old.unlink(missing_ok=True)

    def handleError(self, record: logging.LogRecord) -> None:
        """A line that cannot be written is lost, without a traceback for each one."""
        if not isinstance(sys.exc_info()[1], OSError):
            super().handleError(record)


def _formatter() -> logging.Formatter:
    form = logging.Formatter(
        "%(levelname).1s %(asctime)s.%(msecs)03d UTC %(process)d %(name)s] %(message)s", "%Y-%m-%d %H:%M:%S"
    )
    form.converter = time.gmtime
    return form


def add_file(logger: logging.Logger, path: Path, megabytes: int, keep: int | None = None) -> None:
    """Sends a logger's lines to a rotated file as well; a file that cannot be opened is done without."""
    try:
        handler = Archiver(path, megabytes << 20, keep)
    except OSError as error:
        logger.error("no log file %s: %s", path, error)
        return
    handler.setFormatter(_formatter())
    logger.addHandler(handler)


def setup(path: Path | None, megabytes: int = 20, keep: int | None = None) -> None:
    """Logs to stdout and, with a path, to a file that rotates above a size (MB); keep archives, None all of them."""
    root = logging.getLogger()
    root.setLevel(logging.INFO)
    stream = logging.StreamHandler(sys.stdout)
    stream.setFormatter(_formatter())
    root.addHandler(stream)
    if path:
        add_file(root, path, megabytes, keep)
    logging.getLogger("aiohttp.access").setLevel(logging.WARNING)
