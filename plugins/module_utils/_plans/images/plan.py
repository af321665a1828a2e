# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What images.yml shows and is going to do, and how other playbooks' missing images come. No I/O."""

from __future__ import annotations

import typing as t
from dataclasses import replace

from ansible_collections.wabiz.onprem.plugins.module_utils._model import images
from ansible_collections.wabiz.onprem.plugins.module_utils._model.holdings import Facts as ImageFacts
from ansible_collections.wabiz.onprem.plugins.module_utils._model.holdings import Holdings, kinds, same, short
from ansible_collections.wabiz.onprem.plugins.module_utils._plans import table
from ansible_collections.wabiz.onprem.plugins.module_utils._plans.facts import Facts
from ansible_collections.wabiz.onprem.plugins.module_utils._plans.images import sources
from ansible_collections.wabiz.onprem.plugins.module_utils._plans.images.sources import Places, Step
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.expiry import expiry, expiry_date
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.findings import Finding, judgement
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.image_faults import image_faults
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.room import megabytes, no_room

COLUMNS = ("image", "host", "id", "digest", "created", "expires", "for", "size", "from")
# Where the verbs that bring images may take them from.
_SOURCES = {"copy": ("hosts",), "load": ("archive",)}
_NOTHING = {
    "copy": "Nothing to copy: each host has its images.",
    "load": "Nothing to load: each host has its images.",
    "save": "Nothing to save: the archive has the images.",
    "push": "Nothing to push: no host has an image.",
}


def plan(facts: Facts) -> dict[str, t.Any]:
    """The plan of images.yml, by its verb."""
    verb = facts.setting("images_verb") or "show"
    return _plan(facts, verb, _SOURCES.get(verb) or facts.setting("image_sources") or sources.ALL)


def bringing(facts: Facts) -> dict[str, t.Any]:
    """How the missing images of another playbook's hosts come; what comes from nowhere is left to its own pull.

    Only hosts of the play are brought anything: another one may have lost an image that its containers still use.
    """
    whole = holdings(facts)
    wanted = {host: images for host, images in whole.wanted.items() if host in facts.played or not facts.played}
    found = replace(whole, wanted=wanted)
    steps, _lost = sources.ways(found, _archive(facts), facts.setting("image_sources") or sources.ALL)
    moved = [one for one in steps if one.source != "registry"]
    return {
        "steps": [_told(facts, found, one) for one in moved],
        "place": _places(facts).place,
        "text": [_line(one) for one in steps],
        **judgement(_room(facts, moved)),
    }


def holdings(facts: Facts) -> Holdings:
    return Holdings(
        facts.topology["wanted_images"],
        facts.surveys,
        facts.setting("image_ids") or {},
        facts.setting("image_digests") or {},
    )


def _archive(facts: Facts) -> dict[str, ImageFacts]:
    return {entry["image"]: entry for entry in facts.archive}


def _plan(facts: Facts, verb: str, allowed: t.Sequence[str]) -> dict[str, t.Any]:
    found, archive = holdings(facts), _archive(facts)
    # Moving an expired image does no harm.
    findings = image_faults(found) + expiry(found.reports, facts.today, allow_expired=True)
    findings += [Finding(host, "was not inspected.", "Check the connection.", fatal=False) for host in found.silent]
    if verb in ("save", "push"):
        steps, lost = _outward(found, archive, verb), _unheld(found)
        findings += _undecided(found, verb)
    else:
        steps, lost = sources.ways(found, archive, allowed)
        findings += _without_engine(found, steps) if verb != "show" else []
    findings += [Finding("", line, fatal=False) for line in lost]
    findings += _missing_setting(facts, verb)
    acted = [] if verb == "show" else steps
    findings += _room(facts, acted)
    judged = judgement(findings if verb != "show" else [_milder(one) for one in findings])
    # An image that is nowhere is named by a warning.
    nothing = [_NOTHING[verb]] if verb != "show" and not lost else []
    lines = [_line(one) for one in acted] or nothing
    return {
        "verb": verb,
        "steps": [_told(facts, found, one) for one in acted],
        "place": _places(facts).place,
        "missing": {image: found.lacking(image) for image in found.images if found.lacking(image)},
        "text": [*table.render(COLUMNS, _rows(found, archive, steps)), "", *lines, *_said(judged)],
        **judged,
    }


def _places(facts: Facts) -> Places:
    place = images.place(facts.setting("images_directory") or "", facts.topology["cluster"])
    return Places(place, facts.setting("image_archive") or "", facts.setting("image_archive_host") or "")


def _told(facts: Facts, found: Holdings, one: Step) -> dict[str, t.Any]:
    """A step with all that acting needs; `entry` is what the archive's manifest says of the image."""
    held = dict(found.has(one.host, one.image) or {})
    registry = facts.setting("push_registry") or ""
    return {
        **one.as_dict(),
        **_places(facts).way(one),
        "entry": {"image": one.image, "file": one.file, **held},
        "pushed_as": f"{registry}/{one.image.rpartition('/')[2]}",
        "text": _line(one),
    }


def _milder(finding: Finding) -> Finding:
    """To look is never refused."""
    return Finding(finding.where, finding.problem, finding.remedy, fatal=False, variable=finding.variable)


def _said(judged: t.Mapping[str, t.Sequence[str]]) -> list[str]:
    return [
        *(f"REFUSED: {line}" for line in judged["refusals"]),
        *(f"WARNING: {line}" for line in judged["warnings"]),
    ]


def _outward(found: Holdings, archive: t.Mapping[str, ImageFacts], verb: str) -> list[Step]:
    """Each image that hosts have, and of one kind only, once."""
    held = [image for image in found.images if images.is_movable(image) and len(kinds(found.fit(image))) == 1]
    steps = [sources.step(found, {}, image, "hosts", ()) for image in held]
    if verb == "push":
        return steps
    return [one for one in steps if not (one.image in archive and same(one.as_dict(), archive[one.image]))]


def _unheld(found: Holdings) -> list[str]:
    return [f"Image {image} ({kind}) is on no host." for image, kind in found.images.items() if not found.fit(image)]


def _undecided(found: Holdings, verb: str) -> list[Finding]:
    """What the hosts disagree about is not made the one copy that others are made from; nor what loses its name."""
    why = {
        image: "is not the same on all hosts" if images.is_movable(image) else "is named by its digest"
        for image in found.images
        if len(kinds(found.fit(image))) > 1 or not images.is_movable(image)
    }
    return [
        Finding("", f"Image {image} {reason}; it is not part of {verb}.", fatal=False) for image, reason in why.items()
    ]


def _without_engine(found: Holdings, steps: t.Sequence[Step]) -> list[Finding]:
    targets = dict.fromkeys(host for one in steps for host in one.targets)
    return [
        Finding(host, "no Docker engine answers.", "Run site.yml, which installs it, or start it.")
        for host in targets
        if not found.reports[host]["engine"]["running"]
    ]


def _missing_setting(facts: Facts, verb: str) -> list[Finding]:
    needed = {"save": "image_archive", "load": "image_archive", "push": "push_registry"}.get(verb)
    if not needed or facts.setting(needed):
        return []
    return [Finding("", f"is needed for {verb}.", "Set it.", variable=f"wabiz_{needed}")]


def _room(facts: Facts, steps: t.Sequence[Step]) -> list[Finding]:
    """A host that sends needs room for its largest archive; one that receives also for what it keeps."""
    place = facts.setting("images_directory") or ""
    largest: dict[str, int] = {}
    kept: dict[str, int] = {}
    for one in steps:
        for host in (*([one.host] if one.host else []), *one.targets):
            largest[host] = max(largest.get(host, 0), one.bytes)
        for host in one.targets:
            kept[host] = kept.get(host, 0) + one.bytes
    found: list[Finding] = []
    for host, size in largest.items():
        report = facts.surveys[host]
        free = (report.get("spaces") or {}).get(place)
        found += no_room(host, "The archive of an image", size, free, place)
        found += no_room(host, "What is loaded", kept.get(host, 0), report.get("disk_free"), "Docker's directory")
    return found


def _line(one: Step) -> str:
    """What a step does, for people."""
    size = megabytes(one.bytes) if one.bytes else "size unknown"
    places = {"registry": "its registry", "hosts": one.host, "archive": "the archive"}
    goal = ", ".join(one.targets)
    return f"{one.image} ({size}): from {places[one.source]}{f' to {goal}' if goal else ''}"


def _rows(found: Holdings, archive: t.Mapping[str, ImageFacts], steps: t.Sequence[Step]) -> list[dict[str, t.Any]]:
    """A row for each image on each host that has or wants it, and for each one in the archive."""
    rows: list[dict[str, t.Any]] = []
    for image in found.images:
        holders = found.holders(image)
        for host in [*holders, *found.lacking(image)]:
            coming = next((one for one in steps if one.image == image and host in one.targets), None)
            rows.append(_row(image, host, holders.get(host), _from(coming)))
        if image in archive:
            rows.append(_row(image, "(archive)", archive[image], ""))
    return rows


def _from(coming: Step | None) -> str:
    if coming is None:
        return ""
    return coming.host or coming.source


def _row(image: str, host: str, facts: ImageFacts | None, source: str) -> dict[str, t.Any]:
    if facts is None:
        return {"image": image, "host": host, "id": "missing", "from": source or "nowhere"}
    expires = expiry_date(image.rpartition(":")[2], facts["expires_on"], facts["created"])
    known = facts["expires_on"] or image.rpartition(":")[2].startswith("v")
    return {
        "image": image,
        "host": host,
        "id": short(facts["id"]),
        "digest": short(facts["digests"][0]) if facts["digests"] else "",
        "created": facts["created"][:10],
        "expires": str(expires) if expires and known else "",
        "for": facts["architecture"],
        "size": megabytes(facts["size"]),
        "from": "",
    }
