# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is wrong with the images that hosts have, or would get. No I/O."""

from __future__ import annotations

import typing as t

from ansible_collections.wabiz.onprem.plugins.module_utils._model.holdings import Holdings, kinds, short
from ansible_collections.wabiz.onprem.plugins.module_utils._model.unchecked import is_unchecked
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.findings import Finding

Findings = t.Iterator[Finding]


def image_faults(found: Holdings) -> list[Finding]:
    """All that is found, about hosts and about images; whether they have expired is judged in expiry.py."""
    checks = (_differing, _moved, _pinned, _architecture)
    return [finding for image in found.images for check in checks for finding in check(found, image)]


def _differing(found: Holdings, image: str) -> Findings:
    holders = found.fit(image)
    groups = kinds(holders)
    if len(groups) > 1:
        held = "; ".join(f"{short(holders[group[0]]['id'])} on {', '.join(group)}" for group in groups)
        yield Finding(
            "",
            f"Image {image} is not the same on all hosts: {held}.",
            "Decide which one is right and pin it with wabiz_image_ids.",
            fatal=False,
        )


def _moved(found: Holdings, image: str) -> Findings:
    """The registry gives other hosts something else under the same name; no matter where a digest is pulled."""
    if found.digests.get(found.images[image]):
        return
    now = {remote["digest"] for host in found.lacking(image) if (remote := found.remote(host, image))} - {""}
    known = {digest for facts in found.fit(image).values() for digest in facts["digests"]}
    if now and known and not now & known:
        yield Finding(
            "",
            f"The tag of image {image} has moved: the registry has {', '.join(map(short, sorted(now)))} now, "
            f"the hosts have {', '.join(map(short, sorted(known)))}.",
            "Pin the right one with wabiz_image_digests, or copy it from host to host.",
            fatal=False,
        )


def _pinned(found: Holdings, image: str) -> Findings:
    for host, facts in found.holders(image).items():
        difference = found.other(image, facts)
        if difference and image in found.wanted.get(host, {}):
            yield Finding(
                host,
                f"image {image} is another one than is pinned: {difference}.",
                "Correct the pin, or remove the image from the host's engine so that the right one is brought.",
            )


def _architecture(found: Holdings, image: str) -> Findings:
    for host, images in found.wanted.items():
        machine, offered = found.architecture(host), _offered(found, host, image)
        if image in images and machine and any(offered) and machine not in offered:
            yield Finding(
                host,
                f"image {image} is made for {', '.join(offered)}, and the host is {machine}.",
                "Choose a host of that architecture; the client exists for amd64 only.",
            )


def _offered(found: Holdings, host: str, image: str) -> list[str]:
    """For which architectures a host has an image, or can get it."""
    facts, where = found.has(host, image), found.where(host, image)
    if facts:
        return [facts["architecture"]]
    if where == "registry" or not where or is_unchecked(where):
        return list(found.remote(host, image).get("architectures") or [])
    # No registry has it: what other hosts have is all that there is.
    return sorted({facts["architecture"] for facts in found.fit(image).values()})
