"""HAProxy in front of another site's webapps: health checks, drain and restore, without failed requests."""

from __future__ import annotations

import contextlib
import itertools
import json
import re
import statistics
import threading
import time
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest

from tests.lab import another_site, balanced
from tests.lab.another_site import API_NAME, API_PORT, EDGE, SECRETS, UNIT, WEBAPPS, run
from tests.lab.client import Connection
from tests.lab.conftest import Site
from tests.lab.hosts import address, on, shell
from tests.lab.load import Load
from tests.lab.play import announced
from tests.support.paths import ROOT
from tests.support.playbook import PlaybookRun, run_playbook
from tests.support.waiting import wait_for

pytestmark = pytest.mark.drill

CONTAINER = "branch-webapp-1"
CONFIGURATION = f"{another_site.DIRECTORY}/loadbalancer/haproxy.cfg"
SELF_MADE = f"{another_site.DIRECTORY}/loadbalancer/self-made.pem"
GIVEN = f"{another_site.DIRECTORY}/loadbalancer/certificate.pem"
BOTH_UP = {"web1": "UP", "web2": "UP"}
OPEN_SECONDS = 20  # longer than a run that drains and gives up
ALONE_PORT = 8444
_CHECK = re.compile(r"(\S+ \S+) UTC \d+ access\] GET / 200 ")


@pytest.fixture(autouse=True)
def both(site: Site) -> None:
    """Both webapps are UP at the start of a test."""
    wait_for("both webapps", lambda: balanced.statuses(UNIT) == BOTH_UP, 30)


def at_the_balancer(verb: str, host: str, **given: Any) -> PlaybookRun:
    """Run playbooks/internal/tasks/<verb>.yml for a host's webapp, as an upgrade does."""
    variables = {"verb": verb, "webapp_host": host, "_loadbalancer_spare_needed": True, **given}
    return run_playbook(ROOT / "tests" / "lab" / "drain.yml", inventory=another_site.inventory(), extra_vars=variables)


def asked(authority: str = "", path: str = "/v1/health") -> tuple[int, Any]:
    """Return status and decoded answer of a request through the balancer."""
    connection = Connection(
        EDGE, authority or another_site.authority().pem, API_PORT, 3 * OPEN_SECONDS, known_as=API_NAME
    )
    try:
        connection.request("GET", path, headers={"Authorization": f"Apikey {SECRETS.values['wabiz_api_key']}"})
        answer = connection.getresponse()
        content = answer.read()
        return answer.status, json.loads(content) if answer.status == 200 else content
    finally:
        connection.close()


@contextlib.contextmanager
def slow_health(*hosts: str) -> Iterator[None]:
    """The webapps of these hosts are late with their next answer about the health.

    Held around the one request that it is for: any other look at the health would use it up.
    """
    fault = ["standinctl", "fault", "add", "api", "--endpoint", "GET /v1/health", "--delay", str(OPEN_SECONDS)]
    try:
        for host in hosts:
            on(host, "docker", "exec", CONTAINER, *fault, "--times", "1")
        yield
    finally:
        for host in hosts:
            on(host, "docker", "exec", CONTAINER, "standinctl", "fault", "clear")


@pytest.mark.proves(
    *("wabiz_loadbalancer_address", "wabiz_loadbalancer_port", "wabiz_loadbalancer_certificate"),
    *("wabiz_loadbalancer_maxconn", "wabiz_loadbalancer_packages"),
)
def test_where_and_how_clients_are_served() -> None:
    """With a certificate of the site's CA; on that address of the host alone."""
    assert asked()[0] == 200
    listening = on(EDGE, "ss", "--listening", "--tcp", "--numeric", "--no-header").splitlines()
    served = [line.split()[3] for line in listening if line.split()[3].endswith(f":{API_PORT}")]
    assert served == [f"{address(EDGE)}:{API_PORT}"]
    assert "Maxconn: 2345" in balanced.said("show info", UNIT).splitlines()
    assert on(EDGE, "which", "tree") == "/usr/bin/tree"


@pytest.mark.proves("wabiz_loadbalancer_check_interval")
def test_how_often_webapps_are_checked() -> None:
    """Each second instead of every other one, by the webapp's own log."""
    lines = on("web1", "docker", "exec", CONTAINER, "tail", "--lines=200", "/var/log/whatsapp/web.log")
    times = [datetime.fromisoformat(found[1]) for found in map(_CHECK.search, lines.splitlines()) if found][-12:]
    gaps = [(after - before).total_seconds() for before, after in itertools.pairwise(times)]
    assert len(gaps) >= 8
    assert 0.5 < statistics.median(gaps) < 1.6


def test_a_stopped_webapp_is_detected_and_clients_are_not_affected() -> None:
    with Load(EDGE, 5, front=another_site.front()) as load:
        wait_for("load", lambda: len(load.accepted) > 5, 20)
        began = time.monotonic()
        on("web2", "docker", "stop", CONTAINER)
        wait_for("the check", lambda: balanced.statuses(UNIT)["web2"] == "DOWN", 15)
        print(f"detected after {time.monotonic() - began:.1f} s")
        # Requests that were open at the stop, which had no drain, have failed; later ones may not.
        accepted, refused = len(load.accepted), load.refused.total()
        wait_for("requests on the other", lambda: len(load.accepted) > accepted + 10, 20)
        on("web2", "docker", "start", CONTAINER)
        wait_for("its return", lambda: balanced.statuses(UNIT)["web2"] == "UP", 60)
    assert load.refused.total() == refused, load.failures


def test_drained_and_restored_without_a_failed_request() -> None:
    with Load(EDGE, 10, front=another_site.front()) as load:
        wait_for("load", lambda: len(load.accepted) > 10, 20)
        at_the_balancer("drain", "web1").succeeded()
        assert balanced.servers(UNIT)["web1"] == {"status": "DRAIN", "requests": 0, "only_one": False}
        on("web1", "docker", "restart", CONTAINER)
        at_the_balancer("restore", "web1").succeeded()
        assert balanced.statuses(UNIT)["web1"] == "UP"
        after = len(load.accepted)
        wait_for("load on both", lambda: len(load.accepted) > after + 10, 20)
    assert load.refused.total() == 0, load.failures


def with_requests() -> list[str]:
    """Return the hosts whose webapps have open requests."""
    return [host for host, server in balanced.servers(UNIT).items() if server["requests"]]


@pytest.mark.proves("wabiz_drain_timeout")
def test_a_drain_waits_for_an_open_request_as_long_as_it_may() -> None:
    """Three seconds are too short: the run fails. By default it waits until the request is answered."""
    answered: list[float] = []

    def ask() -> None:
        assert asked()[0] == 200
        answered.append(time.monotonic())

    with slow_health(*WEBAPPS):
        asking = threading.Thread(target=ask, daemon=True)
        asking.start()
        (busy,) = wait_for("the open request", with_requests, 5, pause=0.1)
        hasty = at_the_balancer("drain", busy, wabiz_drain_timeout=3).failed()
        assert not answered, "the request had ended before the time-out: a longer one is needed"
        assert hasty.failures
        at_the_balancer("drain", busy).succeeded()
        ended = time.monotonic()
        asking.join(OPEN_SECONDS)
    assert answered and answered[0] < ended
    assert balanced.servers(UNIT)[busy]["status"] == "DRAIN"
    at_the_balancer("restore", busy).succeeded()


@pytest.mark.proves("wabiz_loadbalancer_timeout", "wabiz_loadbalancer_names")
def test_a_reload_keeps_the_drain_and_the_last_webapp_is_not_drained() -> None:
    """Reloaded with another time-out, and a certificate that the balancer makes itself."""
    at_the_balancer("drain", "web1").succeeded()
    refused = at_the_balancer("drain", "web2").failed().output
    assert f"Balancer {EDGE} has no other webapp that answers" in refused
    changed = {
        "wabiz_loadbalancer_timeout": 2,
        "wabiz_loadbalancer_certificate": "",
        "wabiz_loadbalancer_names": [API_NAME, "192.0.2.7"],
    }
    prediction = announced("loadbalancer", inventory=another_site.inventory(), secrets=SECRETS, extra_vars=changed)
    done = run("loadbalancer", **changed).succeeded()
    assert done.changed == prediction
    assert (EDGE, f"template {CONFIGURATION}") in prediction
    # The one that the site gave before is not kept, nor is its key.
    assert (EDGE, f"file {GIVEN}") in prediction
    assert balanced.statuses(UNIT) == {"web1": "DRAIN", "web2": "UP"}
    names = on(EDGE, "openssl", "x509", "-in", SELF_MADE, "-noout", "-ext", "subjectAltName")
    assert f"DNS:{API_NAME}" in names and "IP Address:192.0.2.7" in names
    # The webapp that is left is late: the balancer answers for it.
    authority = on(EDGE, "cat", SELF_MADE)
    with slow_health("web2"):
        assert asked(authority)[0] == 504
    at_the_balancer("restore", "web1").succeeded()
    assert balanced.statuses(UNIT) == BOTH_UP
    assert (EDGE, f"template {CONFIGURATION}") in run("loadbalancer").succeeded().changed


def test_the_first_certificate_that_a_balancer_makes() -> None:
    """By loadbalancer.yml alone, on a host that has none: neither the certificate nor its key."""
    shell(EDGE, f"rm -f {SELF_MADE} {SELF_MADE}.key")
    made = {"wabiz_loadbalancer_certificate": "", "wabiz_loadbalancer_names": [API_NAME]}
    done = run("loadbalancer", **made).succeeded()
    assert (EDGE, f"copy {SELF_MADE}") in done.changed
    assert asked(on(EDGE, "cat", SELF_MADE))[0] == 200
    assert run("loadbalancer", **made).succeeded().changed == set()
    run("loadbalancer").succeeded()
    wait_for("both webapps", lambda: balanced.statuses(UNIT) == BOTH_UP, 30)


def test_a_second_run_changes_nothing() -> None:
    assert run("loadbalancer").succeeded().changed == set()
    assert asked()[0] == 200


def test_an_invalid_configuration_is_not_used() -> None:
    before = on(EDGE, "cat", CONFIGURATION)
    done = run("loadbalancer", wabiz_loadbalancer_address="nowhere.invalid").failed()
    assert "failed to validate" in done.failures[0]["msg"]
    assert on(EDGE, "cat", CONFIGURATION) == before


@pytest.mark.proves("wabiz_loadbalancer_servers", "wabiz_loadbalancer_ca", "wabiz_loadbalancer_state")
def test_the_role_by_itself() -> None:
    """Another balancer on the same host, for one webapp that the play names; removed again."""

    def alone(**more: Any) -> PlaybookRun:
        given = {
            "wabiz_cluster_name": "alone",
            "wabiz_loadbalancer_port": ALONE_PORT,
            "wabiz_loadbalancer_servers": [{"name": "one", "address": "web1", "port": another_site.WEB_PORT}],
            "wabiz_loadbalancer_ca": on("web1", "cat", f"{another_site.DIRECTORY}/webapp-ca.pem"),
            "wabiz_loadbalancer_names": [EDGE],
            **more,
        }
        return run_playbook(ROOT / "tests" / "lab" / "balancer_alone.yml", extra_vars=given).succeeded()

    alone()
    unit, directory = "alone-loadbalancer-1", "/etc/wabiz/alone/loadbalancer"
    wait_for("the webapp", lambda: balanced.statuses(unit) == {"one": "UP"}, 15)
    connection = Connection(EDGE, on(EDGE, "cat", f"{directory}/self-made.pem"), ALONE_PORT)
    connection.request("GET", "/")
    assert connection.getresponse().status == 200
    connection.close()
    alone(wabiz_loadbalancer_state="absent")
    assert shell(EDGE, f"ls -d /etc/systemd/system/{unit}.service /run/{unit} {directory} 2> /dev/null || true") == ""
    shell(EDGE, "rm -rf /etc/wabiz/alone")
