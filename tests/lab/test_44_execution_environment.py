"""The life of a cluster from inside the execution environment: AWX's way by ansible-runner, and ansible-navigator's.

What of the image's build needs no engine is in tests/gates/test_execution_environment.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.docker import docker
from tests.lab import client, foreign, gateway, inside, upgrading
from tests.lab.hosts import on
from tests.lab.upgrading import INTERVALS, NEW, OLD
from tests.support.waiting import wait_for

pytestmark = pytest.mark.drill

BEFORE = {**INTERVALS, "wabiz_version": OLD}
SCALED = {"wabiz_shards": 2}


@pytest.fixture(scope="module")
def image(lab: Path) -> str:
    """The image, built on the lab's base image without Galaxy and PyPI."""
    return inside.made()


@pytest.fixture(scope="module")
def empty(image: str) -> Iterator[None]:
    """Hosts without a cluster; what the tests have made is removed."""
    upgrading.removed()
    foreign.place()
    yield
    upgrading.removed()


def test_the_image_has_what_was_tested(image: str) -> None:
    """With any user, as AWX and OpenShift start it."""
    script = "ansible --version && ansible-galaxy collection list && command -v ssh-agent sshpass"
    said = docker("run", "--rm", "--user=4711:0", image, "sh", "-c", script).stdout
    assert "ansible [core 2.19." in said
    for name in ("wabiz.onprem", "community.docker", "community.mysql", "community.postgresql"):
        assert f"{name} " in said
    # Neither what it was built from, nor what other collections would like to have.
    left = "ls /opt/wheels /etc/pip.conf; python3 -c 'import paramiko'"
    done = docker("run", "--rm", image, "sh", "-c", left, check=False)
    assert "No module named 'paramiko'" in done.stderr
    assert done.stdout == ""


def test_a_cluster_is_deployed(empty: None) -> None:
    assert inside.run("site", BEFORE).succeeded().changed
    assert inside.run("site", BEFORE).succeeded().changed == set()
    assert set(upgrading.versions().values()) == {OLD}


def test_its_number_is_registered_in_two_jobs(empty: None) -> None:
    """The second one has the code, as a survey's answer."""
    assert "Run this playbook again with wabiz_registration_code" in inside.run("register", BEFORE).succeeded().stdout
    code = on("gateway", "standinctl", "code", inside.NUMBER)
    inside.run("register", {**BEFORE, "wabiz_registration_code": code}).succeeded()
    client.settled()


def test_it_is_scaled_out(empty: None) -> None:
    inside.run("multiconnect", {**BEFORE, **SCALED}).succeeded()
    wait_for("two connected coreapps", lambda: len(client.connected()) == 2, 60)


def test_it_is_upgraded_after_its_plan(empty: None) -> None:
    given = {**INTERVALS, **SCALED}
    plan = inside.run("upgrade", given, ["--check"]).succeeded()
    assert plan.changed == set()
    assert f"Upgrade from {OLD} to {NEW}" in plan.stdout
    inside.run("upgrade", given).succeeded()
    assert set(upgrading.versions().values()) == {NEW}
    assert gateway.punishable() == []


def test_it_is_verified(empty: None) -> None:
    run = inside.run("verify", SCALED).succeeded()
    assert "WABIZ OK" in run.stdout or "WABIZ WARNING" in run.stdout
    assert run.changed == set()


def test_ansible_navigator_runs_it_as_well(empty: None, tmp_path: Path) -> None:
    run = inside.navigate(tmp_path, "status").succeeded()
    assert all(name in run.stdout for name in ("web1", "master1", "core1"))
    # The artefact with all results of a run is switched off.
    assert {path.name for path in tmp_path.iterdir()} >= {"inventory", "ansible-navigator.yml"}
    assert list(tmp_path.glob("*artifact*.json")) == []
