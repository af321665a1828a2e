# Copyright: (c) 2026, wabiz.onprem contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.wabiz.onprem.plugins.filter.balancer_servers import balancer_servers

HEAD = "# pxname,svname,qcur,qmax,scur,smax,slim,stot,status,weight\n"


def statistics(**servers: str) -> str:
    """What HAProxy answers: two lines on totals around the servers, each `status/open requests`."""
    rows = [f"webapps,{name},0,0,{state.split('/')[1]},9,,9,{state.split('/')[0]},1" for name, state in servers.items()]
    return HEAD + "\n".join(["api,FRONTEND,,,7,9,4000,9,OPEN,", *rows, "webapps,BACKEND,0,0,7,9,4,9,UP,2"]) + "\n\n"


def test_states_and_open_requests_by_server() -> None:
    found = balancer_servers(statistics(a="UP/3", b="DRAIN/1", c="DOWN 1/2/0", d="MAINT/0"))
    assert {name: (row["status"], row["requests"]) for name, row in found.items()} == {
        "a": ("UP", 3),
        "b": ("DRAIN", 1),
        "c": ("DOWN", 2),
        "d": ("MAINT", 0),
    }


@pytest.mark.parametrize(
    ("servers", "only_one"),
    [
        ({"a": "UP/0", "b": "UP/0"}, False),
        ({"a": "UP/0", "b": "DOWN/0"}, True),
        ({"a": "UP/0", "b": "DRAIN/0"}, True),
        ({"a": "DRAIN/0", "b": "DOWN/0"}, False),
        ({"a": "UP/0"}, False),
    ],
)
def test_the_last_one_that_serves_is_not_drained(servers: dict[str, str], only_one: bool) -> None:
    """A balancer with a single webapp behind it has no choice; one that is drained already takes nothing."""
    assert balancer_servers(statistics(**servers))["a"]["only_one"] is only_one
