# SPDX-License-Identifier: GPL-3.0-or-later
"""What the client and the hosts say where it is not of the expected kind: no plan breaks because of it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.wabiz.onprem.plugins.module_utils._formats import balancer_requests, balancer_statistics
from ansible_collections.wabiz.onprem.plugins.module_utils._formats.numbers import whole
from ansible_collections.wabiz.onprem.plugins.module_utils._model.heartbeat import intervals
from ansible_collections.wabiz.onprem.plugins.module_utils._model.stats import media_free_gb
from ansible_collections.wabiz.onprem.plugins.module_utils._plans.facts import Facts
from ansible_collections.wabiz.onprem.plugins.module_utils._plans.verbs import VERBS
from ansible_collections.wabiz.onprem.plugins.plugin_utils.declared import declared
from ansible_collections.wabiz.onprem.tests.unit.plugins.action.test_plan import SERVICES, TOPOLOGY, snapshot, survey
from hypothesis import given
from hypothesis import strategies as st

pytestmark = pytest.mark.slow

SETTINGS = {
    **{variable.key: variable.default for variable in declared().variables.values()},
    "version": "2.57.2",
    "database_host": "db",
    "directory": "/etc/wabiz/wabiz",
    "upgrade_database_backup": False,
}
# Of every host, as host_info answers where there is nothing special.
NOTHING: dict[str, Any] = {
    **{key: {} for key in ("spaces", "mounts", "files", "names", "lock", "problems", "fingerprints", "stamp")},
    **{key: [] for key in ("clusters", "networks", "volumes", "ports_taken")},
    "certificate_authority": {"digest": "", "problem": ""},
    "requirements": {"requests": True, "crontab": True},
}
SAID = ("status", "verify", "failover_drill", "multiconnect", "upgrade")
JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-(10**20), 10**20), st.floats(allow_nan=False), st.text()),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(), inner, max_size=3)),
    max_leaves=6,
)


def planned(verb: str, record: str | None = None, **said: Any) -> dict[str, Any]:
    """A verb's plan where everything is as usual, except what the client said or an earlier run noted."""
    topology: dict[str, Any] = {**TOPOLOGY, "holder": "me", "directory": "/etc/wabiz/wabiz", "playbook": verb}
    topology["unfinished"] = {**topology["unfinished"], "web1": {"upgrade": "/etc/wabiz/wabiz/upgrade.json"}}
    surveys = {host: {**NOTHING, **survey(host)} for host in SERVICES}
    facts = Facts(topology, SETTINGS, surveys, {**snapshot(), **said}, today="2026-11-26", record=record)
    found = VERBS[verb](facts)
    assert json.dumps(found) and all(isinstance(line, str) for line in found["text"])
    return found


# --- K1: answers of the client ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("verb", SAID)
@given(heartbeat=JSON, unhealthy=JSON)
def test_any_interval_of_the_heartbeat_can_be_planned_with(verb: str, heartbeat: Any, unhealthy: Any) -> None:
    planned(verb, settings={"heartbeat_interval": heartbeat, "unhealthy_interval": unhealthy})


@pytest.mark.parametrize("verb", SAID)
@given(schema=JSON, shards=JSON, free=JSON)
def test_anything_that_a_node_says_to_an_administrator(verb: str, schema: Any, shards: Any, free: Any) -> None:
    node = {"container_id": "c1", "schema": schema, "shards": shards, "free_space_media_incoming": free}
    planned(verb, support={"days_left": 99, "expires": "2027-01-01T00:00:00+00:00", "nodes": [node]})


def test_what_cannot_be_read_counts_as_not_stated() -> None:
    assert intervals({"heartbeat_interval": "7", "unhealthy_interval": "soon"}) == {"heartbeat": 7, "unhealthy": 30}
    assert media_free_gb([{"free_space_media_incoming": "9" * 5000, "free_space_media_outgoing": "2000000000"}]) == 2.0
    assert [whole(value) for value in ("12", 12, "-1", "1.5", 1.5, True, None, "९", "9" * 30)] == [
        *(12, 12, -1),
        *[None] * 6,
    ]


def test_an_owner_of_shards_beyond_all_bounds_owns_those_that_there_are() -> None:
    node = {"container_id": "c1", "shards": [[-1, -1], [0, 10**15], ["x", 3], 5]}
    found = planned("status", support={"nodes": [node]})
    assert sorted(found["owners"]) == list(range(32))


def test_an_error_without_words_is_an_error() -> None:
    health = snapshot()["health"]
    health["nodes"][3] |= {"role": None, "gateway_status": None, "errors": [{"code": None, "title": None}]}
    text = "\n".join(planned("status", health=health)["text"])
    assert "an error" in text and "None" not in text


# --- K6: answers of a balancer ----------------------------------------------------------------------------------------

HEAD = "# pxname,svname,scur,status\n"


@pytest.mark.parametrize(
    ("statistics", "servers"),
    [
        ("Permission denied\nType 'help' for a list of commands\n", {}),
        ("<html>\n<body>\n", {}),
        ("\x00\n\x00,\n", {}),
        ("a\n" + "x" * 200_000, {}),
        (HEAD + "webapps,w1,3,UP\nwebapps,w2,1", {"w1": {"status": "UP", "requests": 3}}),
        (HEAD + "webapps,w1,many,DOWN 1/2\nwebapps,,1,UP\nother,x,1,UP\n", {"w1": {"status": "DOWN", "requests": 0}}),
    ],
    ids=lambda value: repr(value)[:20],
)
def test_statistics_that_are_no_table_or_were_cut_off(statistics: str, servers: dict[str, Any]) -> None:
    assert balancer_statistics.servers(statistics) == servers
    assert all(
        type(number) is int for row in balancer_requests.counters(statistics).values() for number in row.values()
    )


# --- K5: what a killed run left ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "record",
    ["", "{", "null", "[]", '"x"', "\x00", "[" * 100_000, '{"version": "2.57.2"}', '{"version": 2, "schema": {}}'],
    ids=lambda text: repr(text[:12]),
)
def test_a_record_of_an_upgrade_that_cannot_be_read_is_a_refusal(record: str) -> None:
    """Half a record would let the schema be taken for the one of another version."""
    (line,) = planned("upgrade", record)["refusals"]
    assert line.startswith("web1, /etc/wabiz/wabiz/upgrade.json: cannot be read")
    assert "remove it" in line
