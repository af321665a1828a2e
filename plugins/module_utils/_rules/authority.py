# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether the webapps' CA certificate that a host keeps is still the one that they use. No I/O."""

from __future__ import annotations

import typing as t

from ansible_collections.wabiz.onprem.plugins.module_utils._rules.findings import Finding

_Report = t.Mapping[str, t.Any]


def certificate_stale(report: _Report, path: str) -> bool:
    """Whether the file at C(path) differs from the CA in the webapp's container, or is missing.

    C(report) is host_info's result with C(ca_of) and C(path) among C(file_digests). A CA that cannot be read proves
    nothing.
    """
    inside = _inside(report)
    return bool(inside) and (report.get("file_digests") or {}).get(path, "") != inside


def different_authorities(reports: t.Mapping[str, _Report]) -> list[Finding]:
    """The webapps take their CA from the database at their start: who has another one was not restarted since."""
    hosts_by_digest: dict[str, list[str]] = {}
    for host, report in reports.items():
        if _inside(report):
            hosts_by_digest.setdefault(_inside(report), []).append(host)
    if len(hosts_by_digest) < 2:
        return []
    parts = "; ".join(f"{digest[:12]} on {', '.join(hosts)}" for digest, hosts in hosts_by_digest.items())
    return [
        Finding(
            "group webapp",
            f"uses more than one CA certificate: {parts}.",
            "Restart the webapps that have the old one, one at a time; until then calls to them fail.",
            fatal=False,
        )
    ]


def _inside(report: _Report) -> str:
    return str((report.get("certificate_authority") or {}).get("digest") or "")
