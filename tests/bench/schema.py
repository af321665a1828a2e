"""How long the schema's upgrade ran, as the engines saw it: whoever started it, and however it was waited for."""

from __future__ import annotations

import time
from collections.abc import Iterable
from types import TracebackType

from tests.lab.hosts import on

_UNIT = "bench-schema-watch"
_WATCH = (
    "docker", "events", "--filter=type=container", "--filter=event=start", "--filter=event=die",
    "--format={{.TimeNano}} {{.Action}} {{.Actor.Attributes.name}}",
)  # fmt: skip


class SchemaWatch:
    """Watches hosts while it is open; ``seconds`` afterwards, 0 where no dbupgrade ran."""

    def __init__(self, hosts: Iterable[str]) -> None:
        self.seconds = 0.0
        self._hosts = tuple(dict.fromkeys(hosts))
        self._since = ""

    def __enter__(self) -> SchemaWatch:
        """Begin; an engine remembers what happened before its program listens."""
        self._since = str(int(time.time()))
        for host in self._hosts:
            on(host, "systemd-run", "--quiet", "--collect", f"--unit={_UNIT}", *_WATCH, f"--since={self._since}")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End, and add up."""
        for host in self._hosts:
            on(host, "systemctl", "stop", _UNIT)
            on(host, "journalctl", "--sync")
            said = on(host, "journalctl", f"--unit={_UNIT}", "--output=cat", f"--since=@{self._since}")
            self.seconds += duration(said.splitlines())


def duration(lines: Iterable[str]) -> float:
    """Return how long the containers ran whose names say dbupgrade, in seconds; other lines are somebody else's."""
    total, started = 0.0, 0
    for line in lines:
        moment, _, rest = line.partition(" ")
        action, _, name = rest.partition(" ")
        if not moment.isdigit() or "dbupgrade" not in name:
            continue
        if action == "start":
            started = int(moment)
        elif action == "die" and started:
            total += (int(moment) - started) / 1e9
            started = 0
    return total
