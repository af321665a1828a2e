"""HAProxy in front of the webapps: health checks, drain and restore, without failed requests."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.lab.balanced import BALANCER, UNIT, servers, statuses
from tests.lab.balanced import inventory as balanced_inventory
from tests.lab.client import Connection
from tests.lab.hosts import on, shell
from tests.lab.load import AUTHORITY, PORT, Load
from tests.lab.play import announced, play
from tests.support.paths import ROOT
from tests.support.playbook import PlaybookRun, run_playbook
from tests.support.variables import LAB_VARIABLES
from tests.support.waiting import wait_for

# A drill, since all of it takes too long for make test.
pytestmark = pytest.mark.drill

OPEN_SECONDS = 8


@pytest.fixture(scope="module")
def inventory() -> Path:
    return balanced_inventory()


@pytest.fixture(scope="module")
def runs(cluster_at_first: None, inventory: Path) -> Iterator[tuple[set[tuple[str, str]], PlaybookRun]]:
    """What check mode predicted, and the run; the balancer is removed afterwards."""
    yield announced("loadbalancer", inventory=inventory), play("loadbalancer", inventory=inventory).succeeded()
    play("loadbalancer", inventory=inventory, extra_vars={"wabiz_loadbalancer_state": "absent"}).succeeded()
    assert shell(BALANCER, f"ls /etc/systemd/system/{UNIT}.service /run/{UNIT} 2> /dev/null || true") == ""
    assert on(BALANCER, "ls", "/etc/wabiz/wabiz").split() == ["cluster.json", "converged.json", "master.yml"]


@pytest.fixture
def balanced(runs: object) -> None:
    """Both webapps are UP at the start of a test."""
    wait_for("both webapps", lambda: statuses() == {"web1": "UP", "web2": "UP"}, 30)


def at_the_balancer(verb: str, host: str, inventory: Path) -> PlaybookRun:
    """Run playbooks/internal/tasks/<verb>.yml for a host's webapp, as an upgrade does."""
    given = {"verb": verb, "webapp_host": host, "_wabiz_upgrade": True}
    return run_playbook(ROOT / "tests" / "lab" / "drain.yml", inventory=inventory, extra_vars=given)


def test_the_run_changes_what_was_predicted(runs: tuple[set[tuple[str, str]], PlaybookRun]) -> None:
    prediction, run = runs
    assert run.changed == prediction
    assert (BALANCER, "template /etc/wabiz/wabiz/loadbalancer/haproxy.cfg") in prediction


def test_a_second_run_changes_nothing(balanced: None, inventory: Path) -> None:
    assert play("loadbalancer", inventory=inventory).succeeded().changed == set()
    assert announced("loadbalancer", inventory=inventory) == set()


def test_a_stopped_webapp_is_detected_and_clients_are_not_affected(balanced: None) -> None:
    with Load(BALANCER, 5) as load:
        wait_for("load", lambda: len(load.accepted) > 5, 20)
        began = time.monotonic()
        on("web2", "docker", "stop", "wabiz-webapp-1")
        wait_for("the check", lambda: statuses()["web2"] == "DOWN", 15)
        print(f"detected after {time.monotonic() - began:.1f} s")
        # Requests that were open at the stop, which had no drain, have failed; later ones may not.
        accepted, refused = len(load.accepted), load.refused.total()
        wait_for("requests on the other", lambda: len(load.accepted) > accepted + 10, 20)
        on("web2", "docker", "start", "wabiz-webapp-1")
        wait_for("its return", lambda: statuses()["web2"] == "UP", 60)
    assert load.refused.total() == refused, load.failures


def test_drained_and_restored_without_a_failed_request(balanced: None, inventory: Path) -> None:
    with Load(BALANCER, 10) as load:
        wait_for("load", lambda: len(load.accepted) > 10, 20)
        at_the_balancer("drain", "web1", inventory).succeeded()
        assert servers()["web1"] == {"status": "DRAIN", "requests": 0, "only_one": False}
        on("web1", "docker", "restart", "wabiz-webapp-1")
        at_the_balancer("restore", "web1", inventory).succeeded()
        assert statuses()["web1"] == "UP"
        after = len(load.accepted)
        wait_for("load on both", lambda: len(load.accepted) > after + 10, 20)
    assert load.refused.total() == 0, load.failures


def test_a_drain_waits_for_an_open_request(balanced: None, inventory: Path) -> None:
    fault = ["standinctl", "fault", "add", "api", "--endpoint", "GET /v1/health", "--delay", str(OPEN_SECONDS)]
    for host in ("web1", "web2"):
        on(host, "docker", "exec", "wabiz-webapp-1", *fault, "--times", "1")
    answered: list[float] = []
    try:
        asking = threading.Thread(target=lambda: answered.append(health()), daemon=True)
        asking.start()
        (busy,) = wait_for("it", lambda: [host for host, server in servers().items() if server["requests"]], 5)
        at_the_balancer("drain", busy, inventory).succeeded()
        ended = time.monotonic()
        asking.join(OPEN_SECONDS)
        assert answered and answered[0] < ended
        assert servers()[busy]["status"] == "DRAIN"
        at_the_balancer("restore", busy, inventory).succeeded()
    finally:
        for host in ("web1", "web2"):
            on(host, "docker", "exec", "wabiz-webapp-1", "standinctl", "fault", "clear")


def health() -> float:
    """Read the health through the balancer and return the time of the answer."""
    connection = Connection(BALANCER, on(BALANCER, "cat", AUTHORITY), PORT, 3 * OPEN_SECONDS)
    connection.request("GET", "/v1/health", headers={"Authorization": f"Apikey {LAB_VARIABLES['wabiz_api_key']}"})
    answer = connection.getresponse()
    assert answer.status == 200 and json.load(answer)["health"]
    return time.monotonic()


def test_the_last_webapp_is_not_drained_and_a_reload_keeps_the_drain(balanced: None, inventory: Path) -> None:
    at_the_balancer("drain", "web1", inventory).succeeded()
    refused = at_the_balancer("drain", "web2", inventory).failed().output
    assert f"Balancer {BALANCER} has no other webapp that answers" in refused
    run = play("loadbalancer", inventory=inventory, extra_vars={"wabiz_loadbalancer_timeout": 50}).succeeded()
    assert (BALANCER, "template /etc/wabiz/wabiz/loadbalancer/haproxy.cfg") in run.changed
    assert statuses() == {"web1": "DRAIN", "web2": "UP"}
    at_the_balancer("restore", "web1", inventory).succeeded()
    assert statuses() == {"web1": "UP", "web2": "UP"}


def test_an_invalid_configuration_is_not_used(balanced: None, inventory: Path) -> None:
    before = on(BALANCER, "cat", "/etc/wabiz/wabiz/loadbalancer/haproxy.cfg")
    given = {"wabiz_loadbalancer_address": "nowhere.invalid"}
    run = play("loadbalancer", inventory=inventory, extra_vars=given).failed()
    assert "failed to validate" in run.failures[0]["msg"]
    assert on(BALANCER, "cat", "/etc/wabiz/wabiz/loadbalancer/haproxy.cfg") == before
