# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every plan starts from: settings, survey and snapshot of one cluster. No I/O."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from ansible_collections.wabiz.onprem.plugins.module_utils._model.heartbeat import Intervals, intervals
from ansible_collections.wabiz.onprem.plugins.module_utils._model.observed import Dict, ObservedCluster


@dataclass(frozen=True)
class Facts:
    """`topology` is preflight's, `settings` those of one host, `surveys` host_info's results by host as far as
    they were inspected, `snapshot` the result of snapshot_info (a failed one as well).

    `due` says why a part of a host has to be compared in full, by host and part. `compared` holds the resources of
    M(wabiz.onprem.containers) by host, `record` the text of what an interrupted run noted, `connections` how many
    the database server has and allows, `database` what it says of the client's login, `archive` the images that were
    saved, `played` the hosts of the play, `dump_place` where databases are dumped, `databases` what
    M(wabiz.onprem.database_dump_info) said there, `ssh` the port by which each host is reached, `media` what
    M(wabiz.onprem.media_probe) found on each host, `logs` what M(wabiz.onprem.host_logs)
    found there.
    `secrets` is what M(wabiz.onprem.token) and M(wabiz.onprem.certificate) said of those that a rotation looks at.
    `backups` is what M(wabiz.onprem.backup_info) said on the host that keeps them. `today` is YYYY-MM-DD in UTC.
    """

    topology: Dict
    settings: Dict
    surveys: t.Mapping[str, Dict]
    snapshot: Dict
    today: str
    compared: t.Mapping[str, t.Sequence[Dict]] = field(default_factory=dict)
    record: str | None = None
    certificate: str = ""
    connections: t.Sequence[int] = ()
    database: Dict = field(default_factory=dict)
    due: t.Mapping[str, t.Mapping[str, str]] = field(default_factory=dict)
    archive: t.Sequence[Dict] = ()
    played: t.Collection[str] = ()
    dump_place: Dict = field(default_factory=dict)
    databases: Dict = field(default_factory=dict)
    backups: Dict = field(default_factory=dict)
    secrets: Dict = field(default_factory=dict)
    ssh: t.Mapping[str, int] = field(default_factory=dict)
    media: t.Mapping[str, Dict] = field(default_factory=dict)
    logs: t.Mapping[str, Dict] = field(default_factory=dict)

    @property
    def health(self) -> dict[str, t.Any]:
        """The health; where it could not be asked for, the reason."""
        reason = str(self.snapshot.get("msg") or "no host of a webapp can be reached.")
        return dict(self.snapshot.get("health") or {"msg": reason})

    @property
    def shards(self) -> int | None:
        """How many shards the cluster has; None where it was not reported."""
        return t.cast("int | None", self.snapshot.get("shards"))

    @property
    def support(self) -> dict[str, t.Any]:
        return dict(self.snapshot.get("support") or {})

    @property
    def stats(self) -> dict[str, t.Any]:
        return dict(self.snapshot.get("stats") or {})

    @property
    def intervals(self) -> Intervals:
        """The heartbeat's intervals in force; the client's defaults where they were not reported."""
        return intervals(self.snapshot.get("settings"))

    @property
    def observed(self) -> ObservedCluster:
        """The cluster as hosts and API show it."""
        return ObservedCluster(
            self.topology,
            self.surveys,
            self.health,
            self.shards,
            self.support,
            **self.intervals,
            comparisons=self.compared,
        )

    def setting(self, name: str) -> t.Any:
        """A setting without its prefix; None where it is not given."""
        return self.settings.get(name)
