# Copyright: (c) 2026, wabiz.onprem contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

from ansible_collections.wabiz.onprem.plugins.module_utils.status import build, render


def container(number: str, **values: Any) -> dict[str, Any]:
    base = {"id": number, "name": f"wabiz-coreapp-{number}", "cluster": "wabiz", "node": "coreapp", "version": "2.57.2"}
    return {**base, "running": True, **values}


def health(*nodes: dict[str, Any]) -> dict[str, Any]:
    return {
        "nodes": list(nodes),
        "version": "2.57.2",
        "summary": {
            "registered": True,
            "primary_master": "m1:3",
            "connected_coreapps": 1,
            "coreapps": 2,
            "masters": 2,
        },
    }


def said(number: str, **values: Any) -> dict[str, Any]:
    base = {"name": f"h:{number}", "host": "h", "container_id": number, "role": "coreapp", "errors": []}
    return {**base, "gateway_status": "connected", **values}


def reports(*containers: dict[str, Any]) -> dict[str, Any]:
    return {"h": {"engine": {"running": True}, "containers": list(containers)}}


def test_container_and_node_are_joined_by_id() -> None:
    view = build("wabiz", reports(container("1"), container("2", cluster="other")), health(said("1")))
    (node,) = view["nodes"]
    assert (node["container"], node["gateway"], node["state"]) == ("wabiz-coreapp-1", "connected", "running")


def test_a_node_that_no_host_runs_is_shown() -> None:
    view = build(
        "wabiz", reports(), health(said("9", gateway_status=None, errors=[{"code": 1014, "title": "Internal"}]))
    )
    (node,) = view["nodes"]
    assert node["state"] == "unknown to its host"
    assert node["errors"] == ["1014 Internal"]


def test_an_unreachable_host_and_a_silent_api_are_shown() -> None:
    view = build("wabiz", {"h": {"unreachable": True}}, {"failed": True, "msg": "refused"})
    text = "\n".join(render(view))
    assert "The API does not answer: refused" in text
    assert "unreachable" in text


def test_the_text_is_a_table() -> None:
    lines = render(build("wabiz", reports(container("1")), health(said("1"))))
    assert lines[1] == "registered; 1 of 2 coreapps connected; 2 masters, primary m1:3"
    heading, row = lines[-2:]
    assert heading.split() == ["HOST", "CONTAINER", "STATE", "VERSION", "ROLE", "GATEWAY", "NOTE"]
    assert row.split() == ["h", "wabiz-coreapp-1", "running", "2.57.2", "coreapp", "connected", "-"]
    assert heading.index("STATE") == row.index("running")
