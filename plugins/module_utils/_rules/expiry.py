# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""When images of the client expire."""

from __future__ import annotations

import datetime as dt
import typing as t

from ansible_collections.wabiz.onprem.plugins.module_utils._model import version as versions
from ansible_collections.wabiz.onprem.plugins.module_utils._model.images import is_versioned
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.findings import Finding

# Days that an image lasts where it has no label: public releases, betas.
LIFETIME_DAYS = (180, 45)
EXPIRES_SOON_DAYS = 7


def expiry_date(version: str, expires_on: str, created: str) -> dt.date | None:
    """When an image expires, by its label C(EXPIRES_ON) or else by its age; None where neither can be read."""
    try:
        if expires_on:
            return dt.date.fromisoformat(expires_on[:10])
        return dt.date.fromisoformat(created[:10]) + dt.timedelta(days=LIFETIME_DAYS[versions.is_beta(version)])
    except ValueError:
        return None


def expiry(reports: t.Mapping[str, t.Mapping[str, t.Any]], today: str, allow_expired: bool = False) -> list[Finding]:
    """The images on the hosts, as far as they are pulled, that have expired or will soon.

    `reports` are host_info's results by host, `today` is YYYY-MM-DD. Raises ValueError for another form of it.
    """
    now = dt.date.fromisoformat(today)
    found: dict[str, dt.date] = {}
    for report in reports.values():
        for image, facts in (report.get("image_facts") or {}).items():
            if not (facts["expires_on"] or is_versioned(image)):
                # A database's image, whose age says nothing.
                continue
            date = expiry_date(image.rpartition(":")[2], facts["expires_on"], facts["created"])
            if date is not None:
                found[image] = min(date, found.get(image, date))
    remedy = "Choose a newer wabiz_version" + ("." if allow_expired else " (wabiz_upgrade_expired: true accepts it).")
    expired = [
        Finding("", f"Image {image} expired on {date}.", remedy, fatal=not allow_expired)
        for image, date in sorted(found.items())
        if date <= now
    ]
    soon = [
        Finding("", f"Image {image} expires on {date}.", fatal=False)
        for image, date in sorted(found.items())
        if 0 < (date - now).days < EXPIRES_SOON_DAYS
    ]
    return expired + soon
