# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which host has which image, and which it lacks: the hosts' own words next to what the inventory wants. No I/O."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

Facts = t.Mapping[str, t.Any]


@dataclass(frozen=True)
class Holdings:
    """`wanted` names the images of each host, with what they are (C(web), C(coreapp), C(database)); `reports` are
    host_info's results by host. A host that did not answer neither has nor lacks anything.
    """

    wanted: t.Mapping[str, t.Mapping[str, str]]
    reports: t.Mapping[str, Facts]
    # By what an image is.
    ids: t.Mapping[str, str] = field(default_factory=dict)
    digests: t.Mapping[str, str] = field(default_factory=dict)

    @property
    def images(self) -> dict[str, str]:
        """All images, with what they are."""
        return {image: kind for images in self.wanted.values() for image, kind in images.items()}

    @property
    def silent(self) -> list[str]:
        """Hosts that want something and did not answer."""
        return [host for host, images in self.wanted.items() if images and "engine" not in self._report(host)]

    def has(self, host: str, image: str) -> Facts | None:
        """What an image says of itself on a host; None where the host has it not."""
        facts = (self._report(host).get("image_facts") or {}).get(image)
        return t.cast("Facts | None", facts)

    def holders(self, image: str) -> dict[str, Facts]:
        """The hosts that have an image."""
        found = {host: self.has(host, image) for host in self.reports}
        return {host: facts for host, facts in found.items() if facts is not None}

    def fit(self, image: str) -> dict[str, Facts]:
        """The holders whose image is not another one than the pinned one."""
        return {host: facts for host, facts in self.holders(image).items() if not self.other(image, facts)}

    def lacking(self, image: str) -> list[str]:
        """The hosts that want an image and have it not."""
        return [
            host
            for host, images in self.wanted.items()
            if image in images and "engine" in self._report(host) and self.has(host, image) is None
        ]

    def remote(self, host: str, image: str) -> Facts:
        """What the registry says of an image to a host; empty where it was not asked or did not say."""
        return t.cast(Facts, (self._report(host).get("registry_facts") or {}).get(image) or {})

    def where(self, host: str, image: str) -> str:
        """C(local), C(registry), or why it was not found; empty where no engine could look."""
        return str((self._report(host).get("images") or {}).get(image, ""))

    def architecture(self, host: str) -> str:
        return str((self._report(host).get("engine") or {}).get("architecture") or "")

    def other(self, image: str, facts: Facts) -> str:
        """How an image differs from what is pinned; empty where it does not, or nothing can tell."""
        kind = self.images.get(image, "")
        identity, digest = self.ids.get(kind), self.digests.get(kind)
        if identity and facts["id"] != identity:
            return f"its id is {short(facts['id'])}, and {short(identity)} is pinned"
        if digest and not identity and facts["digests"] and digest not in facts["digests"]:
            return f"its digest is {short(facts['digests'][0])}, and {short(digest)} is pinned"
        return ""

    def _report(self, host: str) -> Facts:
        return self.reports.get(host) or {}


def short(identity: str) -> str:
    """The first 12 digits of an id or digest."""
    return identity.rpartition(":")[2][:12]


def same(one: Facts, other: Facts) -> bool:
    """Whether two engines, or an engine and an archive, have the same image."""
    return bool(one["id"] == other["id"] or (one["content"] and one["content"] == other["content"]))


def kinds(facts: t.Mapping[str, Facts]) -> list[list[str]]:
    """The holders of one name in groups, each of which has the same image; the largest first."""
    groups: list[list[str]] = []
    for host in sorted(facts):
        group = next((group for group in groups if same(facts[group[0]], facts[host])), None)
        if group is None:
            groups.append([host])
        else:
            group.append(host)
    return sorted(groups, key=len, reverse=True)
