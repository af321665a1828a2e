# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Answers of the client that several tests need."""

from __future__ import annotations

from typing import Any

from ansible_collections.wabiz.onprem.tests.unit.plugins.scripted_server import Step

META = {"api_status": "stable", "version": "v2.57.2"}
NOT_READY = {"errors": [{"code": 1011, "title": "Service not ready", "details": "Wacore is not instantiated."}]}


def cluster(connected: int, coreapps: int, *, registered: bool = True, failing: int = 0) -> dict[str, Any]:
    """Return a health map with one primary and one secondary master and some coreapps."""
    if not registered:
        others = {f"app{number}:0123456789ab": NOT_READY for number in range(2, 3 + coreapps)}
        return {"app1:0123456789ab": {"gateway_status": "unregistered", "role": "primary_master"}, **others}
    nodes: dict[str, Any] = {
        "app1:0123456789ab": {"gateway_status": "disconnected", "role": "primary_master"},
        "app2:0123456789ab": {"gateway_status": "disconnected", "role": "secondary_master"},
    }
    for number in range(coreapps):
        status = "connected" if number < connected else "disconnected"
        nodes[f"core{number}:0123456789ab"] = {"gateway_status": status, "role": "coreapp"}
    for number in range(failing):
        nodes[f"core{coreapps + number}:0123456789ab"] = NOT_READY
    return nodes


def health(connected: int = 1, coreapps: int = 2, **options: Any) -> Step:
    """Return a health request and its answer."""
    answer = {"health": cluster(connected, coreapps, **options), "meta": META}
    return Step("GET", "/v1/health", answer=answer)


def shards(number: Any, version: str = "v2.57.2") -> Step:
    """Return the question for the number of shards and its answer."""
    return Step("GET", "/v1/account/shards", answer={"account": {"shards": number}, "meta": {"version": version}})
