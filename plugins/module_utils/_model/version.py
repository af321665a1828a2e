# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Version numbers of the client and what they allow. Pure functions."""

from __future__ import annotations

import re

COLLECTION_VERSION = "0.1.0"

Version = tuple[int, int, int]

_VERSION = re.compile(r"v?(\d{1,9})\.(\d{1,9})(?:\.(\d{1,9}))?")


def parse(text: str) -> Version:
    """Return C(2.57.2), C(v2.57.2) or C(2.45) as three integers; a missing third part counts as 0.

    Raises ValueError for anything else.
    """
    match = _VERSION.fullmatch(text.strip())
    if match is None:
        raise ValueError(
            f"'{text}' is not a client version; expected digits such as 2.57.2, with or without a leading v"
        )
    major, minor, patch = match.groups(default="0")
    return int(major), int(minor), int(patch)


def normalise(text: str) -> str:
    """Return a version without the leading C(v), as three numbers. Raises ValueError."""
    return ".".join(str(part) for part in parse(text))


def at_least(version: str, minimum: str) -> bool:
    """Tell whether C(version) is C(minimum) or newer. Raises ValueError."""
    return parse(version) >= parse(minimum)


def is_beta(version: str) -> bool:
    """Even minor numbers are betas, which expire 45 days after their creation. Raises ValueError."""
    return parse(version)[1] % 2 == 0


def shards_certificate_required(version: str) -> bool:
    """From 2.45 on, setting shards always needs the verified-name certificate. Raises ValueError."""
    return at_least(version, "2.45")


def shards_certificate_accepted(version: str) -> bool:
    """The sources name 2.39.1 and 2.41.2; the earlier one counts, as the connection is lost without it."""
    return at_least(version, "2.39.1")


def pass_through_removable_only(version: str) -> bool:
    """From 2.35 on, pass_through can be switched off but not on again. Raises ValueError."""
    return at_least(version, "2.35")


def message_events_supported(version: str) -> bool:
    """C(webhooks.message) replaced C(sent_status) in 2.41.2. Raises ValueError."""
    return at_least(version, "2.41.2")
