# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Databases that a restore has left in the middle."""

from __future__ import annotations

import typing as t

from ansible_collections.wabiz.onprem.plugins.module_utils._rules.findings import Finding


def half_restored(
    host: str, unfinished: t.Mapping[str, str], report: t.Mapping[str, t.Any], server: str
) -> t.Iterator[Finding]:
    """C(unfinished) are the files of the host that an operation leaves which was interrupted; nodes would use half.

    C(server) is the inventory's, as the note names it. The databases of another one are no matter for the nodes.
    """
    path = unfinished.get("restore", "")
    if not (report.get("files") or {}).get(path):
        return
    noted = ((report.get("records") or {}).get(path) or {}).get("content") or {}
    where = noted.get("server")
    if where and server and where != server:
        yield Finding(
            host,
            f"a restore of the databases into {where} was started and not finished; the inventory has {server}.",
            f"Before {where} is used, restore there again. If it never is, remove {path}.",
            fatal=False,
        )
    else:
        yield Finding(
            host,
            "a restore of the databases was started and not finished; they may be incomplete.",
            f"Run the playbook again that restores them ({path} says with what).",
        )
