# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From where a host gets an image that it lacks. No I/O."""

from __future__ import annotations

import typing as t
from dataclasses import asdict, dataclass

from ansible_collections.wabiz.onprem.plugins.module_utils._model.holdings import Facts, Holdings, kinds
from ansible_collections.wabiz.onprem.plugins.module_utils._model.images import archive_file, is_movable
from ansible_collections.wabiz.onprem.plugins.module_utils._model.unchecked import is_unchecked

ALL = ("registry", "hosts", "archive")


@dataclass(frozen=True)
class Step:
    """One image on one way, from a registry, a host or the archive to the hosts that lack it; without targets outwards.

    `sha256` is of the archive's file, where that is known; `bytes` what is moved to each target, 0 where unknown.
    """

    image: str
    kind: str
    source: str
    host: str
    targets: tuple[str, ...]
    id: str = ""
    content: str = ""
    digest: str = ""
    bytes: int = 0
    file: str = ""
    sha256: str = ""

    def as_dict(self) -> dict[str, t.Any]:
        return {**asdict(self), "targets": list(self.targets)}


@dataclass(frozen=True)
class Places:
    """Where files are on the way: `place` on hosts, `archive` on `archive_host` or, without one, on the controller."""

    place: str
    archive: str = ""
    archive_host: str = ""

    def way(self, one: Step) -> dict[str, str]:
        """From which host and path the controller fetches a file, into which directory of its own (empty: the one
        for what is only passed on), and to which host's archive it is sent.
        """
        here = self.archive and not self.archive_host
        saved = not one.targets
        if one.source == "archive":
            fetched = {"fetch_host": self.archive_host, "fetch_path": f"{self.archive}/{one.file}"}
        else:
            fetched = {"fetch_host": one.host, "fetch_path": f"{self.place}/{one.file}"}
        return {
            **fetched,
            "path": f"{self.place}/{one.file}",
            "directory": self.archive if here and (saved or one.source == "archive") else "",
            "keep_host": self.archive_host if saved else "",
            "keep_path": f"{self.archive}/{one.file}" if saved and self.archive_host else "",
        }


def ways(found: Holdings, archive: t.Mapping[str, Facts], sources: t.Sequence[str]) -> tuple[list[Step], list[str]]:
    """How the missing images come, and a line for each one that comes from nowhere."""
    steps: list[Step] = []
    lost: list[str] = []
    for image, kind in found.images.items():
        by_source: dict[str, list[str]] = {}
        for host in found.lacking(image):
            source = _source(found, archive, sources, host, image)
            by_source.setdefault(source, []).append(host)
        for source, hosts in by_source.items():
            if source:
                steps.append(step(found, archive, image, source, tuple(hosts)))
            else:
                why = _why(sources) if is_movable(image) else "only a registry gives an image by its digest"
                lost.append(f"Image {image} ({kind}) is missing on {', '.join(hosts)} and {why}.")
    return steps, lost


def _source(found: Holdings, archive: t.Mapping[str, Facts], sources: t.Sequence[str], host: str, image: str) -> str:
    there = {
        "registry": found.where(host, image) == "registry",
        "hosts": is_movable(image) and len(kinds(found.fit(image))) == 1,
        "archive": is_movable(image) and image in archive and not found.other(image, archive[image]),
    }
    sure = next((source for source in sources if there[source]), "")
    # A registry that could not be asked may give it nevertheless.
    where = found.where(host, image)
    return sure or ("registry" if "registry" in sources and (is_unchecked(where) or not where) else "")


def _why(sources: t.Sequence[str]) -> str:
    words = {
        "registry": "its registry has it not",
        "hosts": "no other host has it, or the hosts have different ones",
        "archive": "it is not in the archive",
    }
    return ", ".join(words[source] for source in sources) or "wabiz_image_sources names no source"


def step(found: Holdings, archive: t.Mapping[str, Facts], image: str, source: str, targets: tuple[str, ...]) -> Step:
    """The step that brings an image from a source of a kind that has it."""
    kind = found.images[image]
    if source == "registry":
        return Step(image, kind, source, "", targets, digest=found.digests.get(kind, ""))
    if source == "archive":
        entry = archive[image]
        known = {key: entry[key] for key in ("id", "content", "file", "sha256", "bytes")}
        return Step(image, kind, source, "", targets, **known)
    holders = found.fit(image)
    host = min(holders)
    facts = holders[host]
    return Step(
        *(image, kind, source, host, targets),
        id=facts["id"],
        content=facts["content"],
        bytes=facts["size"],
        file=archive_file(image, facts["id"]),
    )
