# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which jumps from version to version need what: rules as data. Pure functions, no I/O."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.wabiz.onprem.plugins.module_utils._model import version as versions

REFUSAL, WARNING, OWNERSHIP = "refusal", "warning", "ownership"
# From here on the schema is migrated next to the running old version.
DBUPGRADE_SINCE = "2.23"
_LOWEST, _HIGHEST = "0.0.0", "999999999.0.0"


@dataclass(frozen=True)
class Hop:
    """What holds for a jump from a version in [from_low, from_high) to one in [to_low, to_high).

    `effect` is refusal, warning or ownership (the owner of the media directories has to be changed).
    """

    effect: str
    text: str
    from_low: str = _LOWEST
    from_high: str = _HIGHEST
    to_low: str = _LOWEST
    to_high: str = _HIGHEST

    def applies(self, source: str, target: str) -> bool:
        """Whether the rule holds for this jump. Raises ValueError for versions that cannot be read."""
        return _within(source, self.from_low, self.from_high) and _within(target, self.to_low, self.to_high)


HOPS = (
    Hop(
        OWNERSHIP,
        "2.29.1 and 2.29.2 leave media directories to the wrong owner",
        from_low="2.29.1",
        from_high="2.29.3",
        to_low="2.29.3",
    ),
    Hop(
        WARNING,
        "From 2.35 on pass_through cannot be switched on again once it is off.",
        from_high="2.35",
        to_low="2.35",
    ),
    Hop(
        WARNING,
        "2.41.2 changes the schema and takes long: choose a time of low traffic, upgrade numbers of low traffic first.",
        from_high="2.41.2",
        to_low="2.41.2",
    ),
    Hop(
        WARNING,
        "From 2.45 on a change of the shards always needs the verified-name certificate (wabiz_certificate).",
        from_high="2.45",
        to_low="2.45",
    ),
)


def _within(version: str, low: str, high: str) -> bool:
    return versions.at_least(version, low) and not versions.at_least(version, high)


def hops(sources: t.Iterable[str], target: str, more: t.Iterable[t.Mapping[str, str]] = ()) -> list[Hop]:
    """The rules that hold for a jump from any of the sources; `more` adds rules by a site. Raises ValueError."""
    rules = (*HOPS, *(Hop(**rule) for rule in more))
    known = list(sources)
    return [rule for rule in rules if any(rule.applies(source, target) for source in known)]


def upgraded_by_dbupgrade(engine: str, target: str) -> bool:
    """Whether dbupgrade migrates the schema; else the first new primary master does, while no shard is served."""
    return engine == "mysql" and versions.at_least(target, DBUPGRADE_SINCE)
