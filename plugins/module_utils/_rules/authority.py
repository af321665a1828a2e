# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether the webapps' CA certificate that a host keeps is still the one that they use. No I/O."""

from __future__ import annotations

import typing as t

_Report = t.Mapping[str, t.Any]


def certificate_stale(report: _Report, path: str) -> bool:
    """Whether the file at C(path) differs from the CA in the webapp's container, or is missing.

    C(report) is host_info's result with C(ca_of) and C(path) among C(file_digests). A CA that cannot be read proves
    nothing.
    """
    inside = _inside(report)
    return bool(inside) and (report.get("file_digests") or {}).get(path, "") != inside


def certificate_unchanged(report: _Report, path: str) -> bool:
    """Whether the file at C(path), which belongs to part webapp, is there and as the last run noted it."""
    resource = f"file {path}"
    there = (report["fingerprints"].get("webapp") or {}).get(resource)
    noted = ((report["stamp"].get("webapp") or {}).get("found") or {}).get(resource)
    return bool(there) and there == noted


def _inside(report: _Report) -> str:
    return str((report.get("certificate_authority") or {}).get("digest") or "")
