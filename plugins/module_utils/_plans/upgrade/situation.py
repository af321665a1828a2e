# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an upgrade finds: who runs which version, what is half done, what an interrupted run noted. No I/O."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from ansible_collections.wabiz.onprem.plugins.module_utils._formats.unfit import Unfit
from ansible_collections.wabiz.onprem.plugins.module_utils._model import version as versions
from ansible_collections.wabiz.onprem.plugins.module_utils._model.ids import short
from ansible_collections.wabiz.onprem.plugins.module_utils._model.observed import Dict, ObservedCluster
from ansible_collections.wabiz.onprem.plugins.module_utils._rules import hops
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.findings import Finding
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.message_gc import rounds

UNREADABLE: versions.Version = (0, 0, 0)


@dataclass(frozen=True)
class Wish:
    """What is wanted. Intervals in seconds, `today` as YYYY-MM-DD, `hops` further rules as dictionaries.

    `database_backup` says where to the database is saved before its schema changes, and how; empty texts where it is
    not. `database_findings` speak against that.
    """

    version: str
    engine: str
    today: str = ""
    allow_downgrade: bool = False
    allow_expired: bool = False
    gc: bool = False
    gc_above: int = 0
    gc_rounds: int = 1
    gc_read: bool = True
    without_standby: bool = False
    database_backup: tuple[str, str] = ("", "")
    database_findings: t.Sequence[Finding] = ()
    ownership_fix: bool = False
    heartbeat_interval: int = 1
    unhealthy_interval: int = 5
    rows_per_second: int = 20_000
    hops: t.Sequence[t.Mapping[str, str]] = ()


@dataclass(frozen=True)
class Member:
    """A container of the inventory: state is same, changed or fresh; `version` and `id` are those that run now."""

    host: str
    name: str
    service: str
    address: str
    version: str = ""
    id: str = ""
    state: str = "fresh"
    running: bool = False
    reason: str = "it is missing"
    problem: str = "is missing"

    @property
    def label(self) -> str:
        return f"{self.host}/{self.name}"

    def as_dict(self) -> dict[str, str]:
        """For a plan or a report."""
        return {key: getattr(self, key) for key in ("host", "name", "service", "id", "version", "state")}


@dataclass(frozen=True)
class Situation(ObservedCluster):
    """The cluster as it is, and what is wanted of it.

    `record` is what an interrupted upgrade noted, `unreadable` what is wrong with it, `messages` the number of rows,
    None where it could not be read, `uncounted` the reason for that.
    """

    wish: Wish = field(default_factory=lambda: Wish("", ""))
    messages: int | None = None
    uncounted: str = ""
    record: Dict | None = None
    unreadable: Unfit | None = None

    @property
    def members(self) -> list[Member]:
        """Every container of the inventory, in its order."""
        running = {(item["host"], item["name"]): item for item in self.containers}
        return [self._member(node, running.get((node["host"], node["name"]))) for node in self.topology["nodes"]]

    def _member(self, node: Dict, container: Dict | None) -> Member:
        place = (node["host"], node["name"], node["service"], node["address"])
        if container is None:
            return Member(*place)
        found, number = container["version"], container["id"]
        compared = self.compared(node)
        if not container["running"]:
            return Member(*place, found, number, "changed", False, "it does not run", "does not run")
        if found != self.wish.version or compared.get("state") == "changed":
            reason = self._reason(found, compared.get("differences") or [])
            return Member(*place, found, number, "changed", True, reason, "")
        return Member(*place, found, number, "same", True, "", "does not answer" if self.failing(number) else "")

    def _reason(self, found: str, differences: t.Sequence[str]) -> str:
        if found == self.wish.version:
            return ", ".join(differences)
        # What the new image brings with it cannot be told apart from other differences before it is pulled.
        return f"version {found or 'unknown'} -> {self.wish.version}"

    def failing(self, number: str) -> bool:
        """Whether the health API names the container with an error; before registration that is normal."""
        nodes = self.health.get("nodes") or []
        return bool(self.registered) and any(node["container_id"] == short(number) and node["errors"] for node in nodes)

    @property
    def registered(self) -> bool | None:
        return t.cast("bool | None", self.summary.get("registered"))

    @property
    def needed(self) -> bool:
        """Whether anything runs another version, or does not run at all."""
        return any(item.version != self.wish.version or not item.running for item in self.members)

    @property
    def to_do(self) -> list[Member]:
        return [item for item in self.members if item.state != "same"]

    @property
    def midway(self) -> bool:
        """Whether an earlier run began with it."""
        return bool(self.record) or any(item.version == self.wish.version for item in self.members)

    @property
    def half_done(self) -> list[Member]:
        return [item for item in self.members if item.problem]

    @property
    def present_versions(self) -> set[str]:
        return {item.version for item in self.members if item.version}

    @property
    def previous_versions(self) -> list[str]:
        """Versions that are left behind, those that an interrupted run found included."""
        noted = set((self.record or {}).get("previous_versions") or [])
        return sorted((self.present_versions | noted) - {self.wish.version}, key=order)

    @property
    def older(self) -> list[Member]:
        return [item for item in self.members if item.version and order(item.version) < order(self.wish.version)]

    @property
    def newer(self) -> list[Member]:
        return [item for item in self.members if item.version and order(item.version) > order(self.wish.version)]

    @property
    def dbupgrade(self) -> bool:
        """Due as long as anything older runs and it is not known to be done; to run it twice does no harm."""
        due = bool(self.older) and hops.upgraded_by_dbupgrade(self.wish.engine, self.wish.version)
        return due and not self.schema_upgraded

    @property
    def migrated_by_master(self) -> bool:
        """Whether the first new primary master is going to migrate the schema, while no shard is served."""
        masters = any(item.service == "master" for item in self.older)
        return masters and not hops.upgraded_by_dbupgrade(self.wish.engine, self.wish.version)

    @property
    def migrates(self) -> bool:
        """Whether the schema is going to be changed."""
        return self.dbupgrade or self.migrated_by_master

    @property
    def collections(self) -> int:
        """How often old messages may be collected before the schema is changed; 0 for not at all."""
        wanted = self.needed and self.wish.gc and self.migrates and bool(self.registered)
        return rounds(self.messages, self.wish.gc_above, self.wish.gc_rounds) if wanted else 0

    @property
    def schema(self) -> dict[str, int]:
        """Levels of the stores, as the nodes report them."""
        nodes = (self.support or {}).get("nodes") or []
        levels = (node.get("schema") for node in nodes)
        return next((dict(found) for found in levels if found and isinstance(found, t.Mapping)), {})

    @property
    def schema_moved(self) -> bool:
        """Whether it is not the one that this upgrade began with, so that a backup of it cannot be rolled back to."""
        noted = self.record or {}
        return bool(noted and noted["version"] == self.wish.version and self.schema and self.schema != noted["schema"])

    @property
    def saves_database(self) -> bool:
        """Once the schema is upgraded, a backup is of no use for a rollback."""
        return self.needed and bool(self.wish.database_backup[0]) and self.migrates and not self.schema_moved

    @property
    def schema_upgraded(self) -> bool:
        """Whether an interrupted run noted it, and no restored database has taken it back since."""
        return self.schema_moved and bool((self.record or {}).get("schema_upgraded"))

    @property
    def schema_untouched(self) -> bool:
        """Whether it is certain that the schema still is the one of the wanted, older version."""
        noted = self.record or {}
        if noted.get("schema") and self.wish.version in noted["schema_versions"]:
            return bool(noted["schema"] == self.schema)
        if self.wish.version not in self.present_versions:
            return False
        by_dbupgrade = any(hops.upgraded_by_dbupgrade(self.wish.engine, item.version) for item in self.newer)
        return not by_dbupgrade and all(item.service == "webapp" for item in self.newer)

    @property
    def rules(self) -> list[hops.Hop]:
        """The rules for the jumps that are wanted."""
        sources = [source for source in self.previous_versions if order(source) > UNREADABLE]
        return hops.hops(sources, self.wish.version, self.wish.hops)

    @property
    def ownership_fix(self) -> bool:
        return self.wish.ownership_fix or any(rule.effect == hops.OWNERSHIP for rule in self.rules)

    @property
    def ownership(self) -> dict[str, str]:
        """Where it runs in the background; empty where it is not due."""
        webapp = next((item for item in self.members if item.service == "webapp"), None)
        if webapp is None or not self.ownership_fix:
            return {}
        unit = f"{self.topology['cluster']}-media-ownership"
        return {"host": webapp.host, "container": webapp.name, "unit": unit}

    def note(self) -> dict[str, t.Any]:
        """What a run writes down before it changes anything, so that the next one knows where it came from."""
        present = sorted(self.present_versions, key=order)
        # Where several versions run already, the schema may be of any of them.
        first = {"schema": self.schema, "schema_versions": present if len(present) == 1 else []}
        noted = {key: value for key, value in (self.record or {}).items() if key in first}
        kept = {**first, **noted, "schema_upgraded": self.schema_upgraded}
        return {"version": self.wish.version, "previous_versions": self.previous_versions, **kept}


def order(version: str) -> versions.Version:
    """A version for comparing; one that cannot be read comes first."""
    try:
        return versions.parse(version)
    except ValueError:
        return UNREADABLE
