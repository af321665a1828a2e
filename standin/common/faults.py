"""Faults on demand: a file in the container, written by `standinctl fault` and looked at where a fault may strike.

The file belongs to one container and survives its restart; the variable STANDIN_FAULTS fills it at the first start.
"""

import asyncio
import json
import logging
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

STATE = Path("/var/lib/standin/faults.json")
LOOK = 0.2

log = logging.getLogger("faults")


class MigrationFault(Exception):
    """The fault `dbupgrade` strikes now."""


@dataclass(frozen=True)
class Fault:
    """One fault: its number, kind, and what it needs to know."""

    id: int
    kind: str
    values: dict[str, Any] = field(default_factory=dict)


class Faults:
    """The faults of one container."""

    def __init__(self, path: Path = STATE) -> None:
        self._path = path
        self._mark: tuple[int, int] | None = None
        self._faults: list[Fault] = []
        self._last = 0

    def read(self) -> list[Fault]:
        """All faults as they are in the file now."""
        try:
            state = self._path.stat()
        except OSError:
            self._mark, self._faults, self._last = None, [], 0
            return []
        mark = (state.st_mtime_ns, state.st_ino)
        if mark != self._mark:
            content = json.loads(self._path.read_text(encoding="utf-8"))
            self._faults, self._last = [Fault(**entry) for entry in content["faults"]], content["last"]
            self._mark = mark
            log.warning("faults: %s", ", ".join(f"{fault.kind} {fault.values}" for fault in self._faults) or "none")
        return self._faults

    def of(self, kind: str) -> list[Fault]:
        """The faults of one kind."""
        return [fault for fault in self.read() if fault.kind == kind]

    def add(self, kind: str, values: dict[str, Any]) -> Fault:
        """Adds a fault. No number is given twice: whoever counts how often one struck, counts by it."""
        faults = self.read()
        fault = Fault(self._last + 1, kind, values)
        self._write([*faults, fault], fault.id)
        return fault

    @property
    def fresh(self) -> bool:
        """No fault has been written in this container yet."""
        return not self._path.exists()

    def clear(self, number: int | None = None) -> int:
        """Removes one fault or all; how many."""
        faults = self.read()
        kept = [fault for fault in faults if number is not None and fault.id != number]
        self._write(kept, self._last)
        return len(faults) - len(kept)

    def _write(self, faults: list[Fault], last: int) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        partial = self._path.with_suffix(".new")
        content = {"last": last, "faults": [asdict(fault) for fault in faults]}
        partial.write_text(json.dumps(content), encoding="utf-8")
        partial.replace(self._path)


FAULTS = Faults()


async def pass_unless_hung(faults: Faults = FAULTS) -> None:
    """Returns at once, or, while the fault `hang` is there, not before it is gone."""
    while faults.of("hang"):
        await asyncio.sleep(LOOK)


def database_refused() -> bool:
    """The fault `database-refused` is there."""
    return bool(FAULTS.of("database-refused"))


def fencing_off() -> bool:
    """The fault `fencing-off` is there."""
    return bool(FAULTS.of("fencing-off"))


def lease_not_renewed() -> bool:
    """The fault `lease-not-renewed` is there."""
    return bool(FAULTS.of("lease-not-renewed"))


def wall_time() -> float:
    """Unix seconds by this container's clock, which the fault `clock` sets wrong."""
    return time.time() + sum(fault.values["seconds"] for fault in FAULTS.of("clock"))


def check_migration(percent: float) -> None:
    """Raises MigrationFault once the fault `dbupgrade` wants a migration to fail."""
    for fault in FAULTS.of("dbupgrade"):
        if percent >= fault.values["percent"]:
            raise MigrationFault(f"fault: the schema upgrade fails at {fault.values['percent']} %")
