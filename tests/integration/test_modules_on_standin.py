# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The modules against the running stand-in, on two of its versions."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.wabiz.onprem.tests.unit.plugins.in_process import execute

from tests.standin.cluster import API_KEY, NUMBER, PASSWORD, Cluster, docker, running_cluster

pytestmark = pytest.mark.docker

Run = Callable[..., dict[str, Any]]
OTHER_PASSWORD = "0ther-Passw0rd"
ADMIN = {"username": "admin", "password": PASSWORD}
PHONE = {"cc": NUMBER[0], "phone_number": NUMBER[1]}
NO_WEBAPP = "https://127.0.0.1:9"


@pytest.fixture(scope="module", params=["2.53.3", "2.57.2"])
def cluster(request: pytest.FixtureRequest) -> Iterator[Cluster]:
    """Return a fresh cluster of two masters and three coreapps; the tests go through its life in order."""
    with running_cluster("MYSQL", scale=20.0, version=request.param) as running:
        running.up()
        yield running


@pytest.fixture(scope="module")
def run(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Return a function that runs a module through both webapps."""
    ca = Path(tmp_path_factory.mktemp("ca")) / "ca.pem"
    ca.write_text(cluster.ca("web1"))
    ports = [docker("port", cluster.container(web), "443").rpartition(":")[2] for web in cluster.webs]
    # Nobody listens at the first address: every test also fails over.
    endpoints = [NO_WEBAPP, *(f"https://127.0.0.1:{port}" for port in ports)]
    shared = {"endpoints": endpoints, "ca_path": str(ca), "api_key": API_KEY, "proxy": "", "wait_interval": 0.2}

    def start(module: str, *, check: bool = False, **arguments: Any) -> dict[str, Any]:
        given = {**shared, **arguments}
        if module not in ("health_info", "registration", "shards"):
            given.pop("wait_interval")
        return execute(module, given, check=check)

    return start


def good(result: dict[str, Any]) -> dict[str, Any]:
    """Return a result; fail where it is a failure or shows a secret."""
    assert not result.get("failed"), result
    for secret in (API_KEY, PASSWORD, OTHER_PASSWORD):
        assert secret not in str(result)
    return result


def test_before_registration(cluster: Cluster, run: Run) -> None:
    expected = {"masters": 2, "coreapps": 3, "shards": 1, "registered": False}
    result = good(run("health_info", wait_for=expected, wait_timeout=60))
    assert result["version"] == cluster.version
    assert result["summary"]["statuses"] == {"unregistered": 1}
    assert len(result["nodes"]) == 5


def test_the_first_password(run: Run) -> None:
    arguments = {"username": "admin", "password": "secret"}
    assert run("token", **arguments)["error"]["code"] == 1024
    assert good(run("token", check=True, new_password=PASSWORD, **arguments))["changed"]
    assert good(run("token", new_password=PASSWORD, **arguments))["changed"]
    again = good(run("token", new_password=PASSWORD, **arguments))
    assert not again["changed"]
    assert good(run("token", token=again["token"], state="absent"))["changed"]
    assert not good(run("token", token=again["token"], state="absent"))["changed"]


def test_users(run: Run) -> None:
    user = {"name": "messaging", "user_password": PASSWORD, **ADMIN}
    assert good(run("user", check=True, **user))["changed"]
    assert good(run("user", **user))["changed"]
    assert not good(run("user", **user))["changed"]
    assert good(run("user_info", name="messaging", **ADMIN))["user"]["role"] == "ROLE_USER"
    user["user_password"] = OTHER_PASSWORD
    assert good(run("user", **user))["changed"]
    assert not good(run("user", **user))["changed"]
    denied = run("user_info", name="admin", username="messaging", password=OTHER_PASSWORD)
    assert (denied["error"]["status"], denied["error"]["code"]) == (403, 1005)
    assert good(run("user", name="messaging", state="absent", **ADMIN))["changed"]
    assert not good(run("user", name="messaging", state="absent", **ADMIN))["changed"]


def test_registration(cluster: Cluster, run: Run) -> None:
    vname = cluster.standinctl("cert", "".join(NUMBER))
    refused = run("registration", cert="bm90IGEgY2VydGlmaWNhdGU=", **PHONE, **ADMIN)
    assert refused["error"]["code"] == 1005
    assert good(run("registration", check=True, cert=vname, **PHONE, **ADMIN))["code_sent"]
    asked = good(run("registration", cert=vname, **PHONE, **ADMIN))
    assert (asked["changed"], asked["code_sent"], asked["registered"]) == (True, True, False)
    assert asked["vname"] == "Standin Business"
    code = cluster.standinctl("code", "".join(NUMBER))
    done = good(run("registration", code=code, wait_timeout=30, **PHONE, **ADMIN))
    assert (done["changed"], done["registered"]) == (True, True)
    assert not good(run("registration", code=code, **PHONE, **ADMIN))["changed"]
    assert not good(run("registration", cert=vname, **PHONE, **ADMIN))["changed"]


def test_after_registration(run: Run) -> None:
    expected = {"masters": 2, "coreapps": 3, "shards": 1, "registered": True, "hosts": ["master1", "core1", "core3"]}
    result = good(run("health_info", wait_for=expected, wait_timeout=60))
    assert result["summary"]["connected_coreapps"] == 1
    assert result["summary"]["failing"] == []


def test_a_stopped_coreapp_is_named(cluster: Cluster, run: Run) -> None:
    connected = good(run("health_info"))["summary"]["connected"][0].partition(":")[0]
    docker("kill", cluster.container(connected))
    failed = run("health_info", wait_for={"coreapps": 3, "shards": 1}, wait_timeout=0)
    assert failed["failed"]
    assert connected in failed["msg"]
    tolerant = {"coreapps": 2, "shards": 1, "max_errors": 1}
    assert connected not in str(good(run("health_info", wait_for=tolerant, wait_timeout=60))["summary"]["connected"])
    docker("start", cluster.container(connected))
    good(run("health_info", wait_for={"masters": 2, "coreapps": 3, "shards": 1}, wait_timeout=60))


def test_a_webapp_that_goes_away_is_not_missed(cluster: Cluster, run: Run) -> None:
    docker("stop", "-t", "1", cluster.container("web1"))
    assert good(run("health_info"))["summary"]["registered"]
    docker("start", cluster.container("web1"))


def test_a_wrong_key_fails_at_once(run: Run) -> None:
    result = run("health_info", api_key="not-the-key-of-this", wait_for={}, wait_timeout=600)
    assert result["error"]["status"] == 401
