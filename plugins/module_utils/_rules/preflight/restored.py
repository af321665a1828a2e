# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Databases that a restore has left in the middle."""

from __future__ import annotations

import typing as t

from ansible_collections.wabiz.onprem.plugins.module_utils._rules.findings import Finding


def half_restored(host: str, unfinished: t.Mapping[str, str], report: t.Mapping[str, t.Any]) -> t.Iterator[Finding]:
    """C(unfinished) are the files of the host that an operation leaves which was interrupted; nodes would use half."""
    path = unfinished.get("restore", "")
    if (report.get("files") or {}).get(path):
        yield Finding(
            host,
            "a restore of the databases was started and not finished; they may be incomplete.",
            f"Run the playbook again that restores them ({path} says with what).",
        )
