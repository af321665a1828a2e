# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What HAProxy's statistics (C(show stat), CSV) say about the webapps' servers. Pure functions, no I/O."""

from __future__ import annotations

import csv
import typing as t

from ansible_collections.wabiz.onprem.plugins.module_utils._formats.numbers import whole

BACKEND = "webapps"
_TOTALS = ("FRONTEND", "BACKEND")


def rows(statistics: str) -> list[dict[str, str]]:
    """The lines about the webapps, one for each server and for all together (C(svname)).

    None in an answer that is no table, as of a HAProxy that refuses the question.
    """
    try:
        found = list(csv.DictReader(statistics.lstrip("# ").splitlines()))
    except csv.Error:
        return []
    return [row for row in found if row.get("pxname") == BACKEND and row.get("svname")]


def servers(statistics: str) -> dict[str, dict[str, t.Any]]:
    """The servers by name, each with its status and the number of open requests; not one whose line was cut off."""
    return {
        # A server in transition is shown as "DOWN 1/2".
        row["svname"]: {"status": row["status"].partition(" ")[0], "requests": whole(row.get("scur")) or 0}
        for row in rows(statistics)
        if row["svname"] not in _TOTALS and row.get("status")
    }


def only_one(found: t.Mapping[str, t.Mapping[str, t.Any]], name: str) -> bool:
    """Whether a server is the last one of several that takes requests."""
    others = [server for other, server in found.items() if other != name]
    return found[name]["status"] == "UP" and bool(others) and all(server["status"] != "UP" for server in others)
