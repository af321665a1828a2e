"""How long the schema upgrade ran, from the events of the engines, however it was started."""

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
    """Watches hosts while it is open; ``seconds`` afterwards, 0 if no dbupgrade ran."""

    def __init__(self, hosts: Iterable[str]) -> None:
        self.seconds = 0.0
        self._hosts = tuple(dict.fromkeys(hosts))
        self._since = ""

    def __enter__(self) -> SchemaWatch:
        """Start watching; an engine also returns the events since the given time."""
        self._since = str(int(time.time()))
        for host in self._hosts:
            on(host, "systemd-run", "--quiet", "--collect", f"--unit={_UNIT}", *_WATCH, f"--since={self._since}")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop watching, and add up."""
        for host in self._hosts:
            on(host, "systemctl", "stop", _UNIT)
            on(host, "journalctl", "--sync")
            said = on(host, "journalctl", f"--unit={_UNIT}", "--output=cat", f"--since=@{self._since}")
            self.seconds += duration(said.splitlines())


def duration(lines: Iterable[str]) -> float:
    """Return the seconds that containers with dbupgrade in their name ran; other lines are ignored."""
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
