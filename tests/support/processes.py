"""Command lines of this machine's processes, collected while something runs.

with ProcessWatch() as watch:
    run_playbook("playbooks/site.yml")
assert "secret" not in watch.text
"""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path
from types import TracebackType

_INTERVAL = 0.05  # seconds between two looks
# In looks. A new process is read again in the next ones, since it may execute another program; all are read regularly.
_YOUNG = 4
_SWEEP = 20


class ProcessWatch:
    """Collects every command line between entering and leaving, also of processes in containers on this machine.

    A process that runs for less than one interval may be missed. ``since`` is the Unix time of the start.
    """

    def __init__(self) -> None:
        self.since = 0.0
        self._seen: set[bytes] = set()
        self._ages: dict[str, int] = {}
        self._looks = 0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="process-watch", daemon=True)

    def __enter__(self) -> ProcessWatch:
        """Start; the first look is finished when this returns."""
        self.since = time.time()
        self._look()
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Look a last time and stop."""
        self._ended.set()
        self._thread.join()
        self._look()

    @property
    def text(self) -> str:
        """All command lines, one a line, arguments separated by spaces."""
        return "\n".join(sorted(line.replace(b"\0", b" ").decode(errors="replace") for line in self._seen))

    def _watch(self) -> None:
        while not self._ended.wait(_INTERVAL):
            self._look()

    def _look(self) -> None:
        everything = self._looks % _SWEEP == 0
        self._looks += 1
        ages: dict[str, int] = {}
        with os.scandir("/proc") as entries:
            names = [entry.name for entry in entries if entry.name.isdigit()]
        for name in names:
            ages[name] = self._ages.get(name, 0) + 1
            if everything or ages[name] <= _YOUNG:
                self._read(name)
        self._ages = ages

    def _read(self, name: str) -> None:
        try:
            self._seen.add(Path("/proc", name, "cmdline").read_bytes())
        except OSError:
            return  # it has ended
