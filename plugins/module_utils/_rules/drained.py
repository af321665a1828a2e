# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Webapps that a run has taken out of their balancers."""

from __future__ import annotations

import typing as t

from ansible_collections.wabiz.onprem.plugins.module_utils._rules.findings import Finding


def drained(files: t.Mapping[str, str], report: t.Mapping[str, t.Any]) -> list[str]:
    """The containers of a host whose file is there; C(files) are those of the host, by container."""
    there = report.get("files") or {}
    return [name for name, path in files.items() if there.get(path)]


def left_drained(host: str, files: t.Mapping[str, str], report: t.Mapping[str, t.Any]) -> t.Iterator[Finding]:
    """For a moment in which no run that could restore them holds the lock."""
    for name in drained(files, report):
        problem = f"a run that ended early left webapp {name} drained; it may get no requests."
        yield Finding(host, problem, "Run site.yml.", fatal=False)
