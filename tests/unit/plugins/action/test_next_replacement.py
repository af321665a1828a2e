# Copyright: (c) 2026, wabiz.onprem contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The action within real runs of ansible-playbook, against a webapp that follows a script."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.wabiz.onprem.tests.unit.plugins.answers import META
from ansible_collections.wabiz.onprem.tests.unit.plugins.scripted_server import ScriptedServer, Step, error

from tests.support.playbook import LOCALLY, PlaybookRun, run_playbook

pytestmark = pytest.mark.slow

KEY = "Canary-api-key-1"
PASSWORD = "Canary-password-1"
COREAPPS = [{"host": host, "name": "wabiz-coreapp-1", "service": "coreapp", "id": host} for host in ("c1", "c2")]
WEBAPP = {"host": "web1", "name": "wabiz-webapp-1", "service": "webapp", "id": "w1"}
ADDRESSES = {host: f"{host}.net" for host in ("web1", "m1", "c1", "c2")}


def health(**statuses: str) -> Step:
    """Coreapps by their status, next to the primary master."""
    nodes: dict[str, Any] = {"m1.net:m1": {"gateway_status": "disconnected", "role": "primary_master"}}
    for name, status in statuses.items():
        nodes[f"{name}.net:{name}"] = {"gateway_status": status, "role": "coreapp"}
    return Step("GET", "/v1/health", answer={"health": nodes, "meta": META})


def asked_for_shards(count: int) -> list[Step]:
    return [
        Step("POST", "/v1/users/login", answer={"users": [{"token": "canary.tok.en"}]}),
        Step("GET", "/v1/account/shards", answer={"account": {"shards": count}}),
        Step("POST", "/v1/users/logout", answer={}),
    ]


Choose = Callable[..., "tuple[dict[str, Any], PlaybookRun]"]


@pytest.fixture
def choose(tmp_path: Path, webapp: ScriptedServer, tls_files: dict[str, str]) -> Choose:
    """The result of the action, and the run."""

    def run(service: str = "coreapp", api: dict[str, Any] | None = None, **more: Any) -> tuple[Any, PlaybookRun]:
        reached = {"endpoints": [webapp.address], "ca_path": tls_files["ca"], "retries": 0, "api_key": KEY, "proxy": ""}
        options = {
            "service": service,
            "candidates": [WEBAPP] if service == "webapp" else COREAPPS,
            "done": [],
            "addresses": ADDRESSES,
            "shards": 1,
            # What is null is as not given.
            "api": {**reached, "username": "admin", "password": None, "server_hostname": None, **(api or {})},
            "wait_timeout": 60,
            "wait_interval": 0.1,
            **more,
        }
        file = tmp_path / "choice.json"
        copy = {"content": "{{ choice | to_json }}", "dest": str(file)}
        tasks = [
            {"wabiz.onprem.next_replacement": options, "register": "choice", "ignore_errors": True},
            {"ansible.builtin.copy": copy, "check_mode": False, "diff": False, "no_log": True},
        ]
        play = tmp_path / "play.yml"
        play.write_text(yaml.safe_dump([{"hosts": "all", "gather_facts": False, "tasks": tasks}]), encoding="utf-8")
        done = run_playbook(play, inventory="localhost,", extra_vars=LOCALLY, arguments=["-vvv", "--check"]).succeeded()
        return json.loads(file.read_text(encoding="utf-8")), done

    return run


def test_the_standby_is_first_and_nothing_may_be_worse(choose: Choose, webapp: ScriptedServer) -> None:
    webapp.expect(health(c1="connected", c2="disconnected"))
    found, _run = choose()
    assert (found["next"]["host"], found["next"]["left"], found["changed"]) == ("c2", 2, False)
    assert (found["node"], found["shards"]) == ("c2.net:c2", 1)
    wanted = {"hosts": ["c2.net"], "masters": 1, "coreapps": 2, "max_errors": 0, "shards": 1}
    assert found["expectation"] == wanted


def test_no_secret_is_shown(choose: Choose, webapp: ScriptedServer) -> None:
    webapp.expect(health(c1="connected", c2="disconnected"), *asked_for_shards(1))
    found, run = choose(api={"password": PASSWORD}, shards=2)
    for secret in (KEY, PASSWORD, "canary.tok.en"):
        assert secret not in run.output + json.dumps(found)


def test_it_waits_until_one_may_be_replaced(choose: Choose, webapp: ScriptedServer) -> None:
    starting = health(c1="connecting", c2="disconnected")
    # One look that fails says nothing new.
    unanswered = Step("GET", "/v1/health", 500, raw_answer=b"")
    webapp.expect(starting, unanswered, starting, health(c1="connected", c2="disconnected"))
    found, _run = choose()
    assert (found["next"]["host"], found["next"]["reason"]) == ("c2", "")
    assert found["expectation"]["shards"] == 1


def test_it_gives_up_with_the_reason(choose: Choose, webapp: ScriptedServer) -> None:
    webapp.expect(health(c1="connecting", c2="disconnected"))
    found, _run = choose(wait_timeout=0)
    assert found["failed"]
    assert found["msg"] == "c2/wabiz-coreapp-1 is not replaced: 0 of 1 shards are served."


def test_the_number_of_shards_is_the_clusters_where_another_one_is_served(
    choose: Choose, webapp: ScriptedServer
) -> None:
    webapp.expect(health(c1="connected", c2="connected"), *asked_for_shards(2))
    found, _run = choose(api={"password": PASSWORD}, shards=3)
    assert (found["shards"], found["next"]["shards_away"], found["expectation"]["shards"]) == (2, 1, 2)


def test_without_a_password_the_expected_number_of_shards_counts(choose: Choose, webapp: ScriptedServer) -> None:
    webapp.expect(health(c1="connected", c2="connected"))
    found, _run = choose(shards=3)
    assert found["shards"] == 3 and "shards" not in found["expectation"]


THIRD = {"host": "c3", "name": "wabiz-coreapp-1", "id": "c3"}


def test_without_a_password_no_connected_coreapp_is_taken_for_a_standby(choose: Choose, webapp: ScriptedServer) -> None:
    """The inventory says one shard, the cluster has two."""
    webapp.expect(
        health(c1="connected", c2="connecting", c3="connecting"),
        health(c1="connected", c2="connected", c3="connecting"),
        # The second shard is about to move: c3 is no standby for the first one.
        health(c1="connected", c2="connecting", c3="disconnected"),
        health(c1="connected", c2="connected", c3="disconnected"),
    )
    found, _run = choose(done=[THIRD])
    assert (found["shards"], found["next"]["shards_away"], found["expectation"]["shards"]) == (2, 1, 2)


def test_without_a_password_the_number_of_the_rounds_before_counts(choose: Choose, webapp: ScriptedServer) -> None:
    webapp.expect(health(c1="connected", c2="disconnected", c3="disconnected"))
    found, _run = choose(done=[{**THIRD, "shards": 2}], wait_timeout=0)
    assert found["failed"] and "1 of 2 shards are served" in found["msg"]


def test_a_number_that_the_cluster_does_not_tell_is_no_guess(choose: Choose, webapp: ScriptedServer) -> None:
    login, question, logout = asked_for_shards(2)
    refused = error(500, question.method, question.path, 1014)
    webapp.expect(health(c1="connected", c2="connected"), login, refused, logout)
    found, _run = choose(api={"password": PASSWORD})
    assert found["failed"] and "reports no number of shards" in found["msg"] and "1014" in found["msg"]


def test_before_registration_no_shard_can_be_without_service(choose: Choose, webapp: ScriptedServer) -> None:
    nodes = {
        "m1.net:m1": {"gateway_status": "unregistered", "role": "primary_master"},
        "c1.net:c1": {"errors": [{"code": 1011, "title": "not ready"}]},
        "c2.net:c2": {"errors": [{"code": 1011, "title": "not ready"}]},
    }
    webapp.expect(Step("GET", "/v1/health", answer={"health": nodes, "meta": META}))
    found, _run = choose(api={"password": PASSWORD})
    assert (found["next"]["host"], found["expectation"]["max_errors"]) == ("c1", 2)
    assert "shards" not in found["expectation"]


def test_in_a_limited_run_what_answers_elsewhere_can_take_over(choose: Choose, webapp: ScriptedServer) -> None:
    webapp.expect(health(c1="connected", c2="disconnected"))
    here = {host: address for host, address in ADDRESSES.items() if host != "c2"}
    found, _run = choose(candidates=COREAPPS[:1], addresses=here)
    assert (found["next"]["host"], found["next"]["reason"], found["next"]["shards_away"]) == ("c1", "", 1)


@pytest.mark.parametrize("service", ["coreapp", "webapp"])
def test_only_a_webapp_is_replaced_where_the_api_does_not_answer(choose: Choose, service: str) -> None:
    found, _run = choose(service, api={"endpoints": ["https://127.0.0.1:9"]})
    if service == "coreapp":
        assert found["failed"] and "reports no health" in found["msg"] and "no connection" in found["msg"]
    else:
        assert (found["next"]["host"], found["node"], found["expectation"]) == ("web1", "", {})


def test_a_webapp_is_replaced_though_the_shards_are_not_known(choose: Choose, webapp: ScriptedServer) -> None:
    login, question, logout = asked_for_shards(2)
    webapp.expect(health(c1="connected", c2="connected"), login, error(500, "GET", question.path, 1014), logout)
    found, _run = choose("webapp", api={"password": PASSWORD})
    assert found["next"]["host"] == "web1"
    assert found["expectation"] == {"hosts": [], "masters": 1, "coreapps": 2, "max_errors": 0}


def test_nothing_is_left(choose: Choose, webapp: ScriptedServer) -> None:
    webapp.expect(health(c1="connected", c2="disconnected"))
    found, _run = choose(done=COREAPPS)
    assert found["failed"] and "nothing is left" in found["msg"]
