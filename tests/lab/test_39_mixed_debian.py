"""The main job on one cluster of Debian 11, 12 and 13, on hosts that lack what role engine brings.

The lab is made anew with such hosts, and afterwards with those of its own inventory.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.lab import client, cron, foreign
from tests.lab.hosts import CLUSTER, HOSTS, containers, everywhere, on
from tests.lab.inventories import Groups, variant
from tests.lab.play import announced, play
from tests.support.paths import LAB_INVENTORY, ROOT
from tests.support.playbook import PlaybookRun
from tests.support.waiting import wait_for

pytestmark = pytest.mark.drill

OLD, NEW = "2.55.1", "2.57.2"
RELEASES = {
    "db1": 12, "web1": 11, "web2": 13, "master1": 13, "master2": 11, "core1": 11, "core2": 12, "core3": 13,
}  # fmt: skip
PYTHONS = {11: "Python 3.9", 12: "Python 3.11", 13: "Python 3.13"}
ENGINES = {11: "20.10.5", 12: "20.10.24", 13: "26.1.5"}
# Removed from hosts before the first run. Host core3 has no engine either.
MISSING = {"web2": "docker-cli", "core1": "python3-requests", "master1": "cron"}
INSTALLED = {(host, f"package {package}") for host, package in MISSING.items()} | {
    ("core3", "package docker.io docker-cli"),
    ("core3", "package python3-requests"),
}
# On that host: what is left of podman-docker until it boots.
LINK = "ln --symbolic --force podman/podman.sock /run/docker.sock"


def renewed(inventory: Path) -> None:
    """Make the lab anew with the hosts of an inventory."""
    for arguments in (["down"], ["up", "--inventory", str(inventory)]):
        subprocess.run([sys.executable, "-m", "lab", *arguments], cwd=ROOT, check=True)
    foreign.place(new_hosts=True)


@pytest.fixture(scope="module")
def mixed(lab: Path) -> Iterator[Path]:
    """The inventory of hosts of three releases, some of which lack something; the engine's packages are the default."""

    def change(groups: Groups) -> None:
        for group in groups.values():
            for host, variables in group["hosts"].items():
                variables["lab_release"] = RELEASES[host]
                variables.pop("wabiz_engine_packages", None)

    inventory = variant("mixed-debian", change)
    try:
        renewed(inventory)
        for host, package in MISSING.items():
            on(host, "dpkg", "--remove", package)
        on("core3", *LINK.split())
        yield inventory
    finally:
        renewed(LAB_INVENTORY)


@pytest.fixture(scope="module")
def prediction(mixed: Path) -> set[tuple[str, str]]:
    return announced("site", inventory=mixed, extra_vars={"wabiz_version": OLD})


@pytest.fixture(scope="module")
def first_run(mixed: Path, prediction: set[tuple[str, str]]) -> PlaybookRun:
    return play("site", inventory=mixed, extra_vars={"wabiz_version": OLD}).succeeded()


@pytest.fixture(scope="module")
def registered(mixed: Path, first_run: PlaybookRun) -> None:
    """The cluster of the old version with its number, complete."""
    play("register", inventory=mixed, extra_vars={"wabiz_version": OLD}).succeeded()
    client.settled(120)


@pytest.fixture(scope="module")
def upgraded(mixed: Path, registered: None) -> PlaybookRun:
    run = play("upgrade", inventory=mixed).succeeded()
    client.settled(120)
    return run


def test_the_hosts_are_what_they_shall_be(mixed: Path) -> None:
    found = everywhere("sed -n 's/^VERSION_ID=\"\\(.*\\)\"$/\\1/p' /etc/os-release; python3 --version")
    for host, release in RELEASES.items():
        number, python = found[host].splitlines()
        assert number == str(release), host
        assert python.startswith(PYTHONS[release]), host


def test_only_what_a_host_lacks_is_installed(prediction: set[tuple[str, str]], first_run: PlaybookRun) -> None:
    assert first_run.changed == prediction
    assert {(host, what) for host, what in prediction if what.startswith("package ")} == INSTALLED


def test_every_release_runs_its_own_engine(first_run: PlaybookRun) -> None:
    found = everywhere("docker version --format '{{.Server.Version}}'")
    assert {host: found[host].partition("+")[0] for host in HOSTS} == {
        host: ENGINES[release] for host, release in RELEASES.items()
    }


def test_the_log_cleanup_finds_its_commands_on_every_release(registered: None) -> None:
    for host in ("web1", "web2", "core2", "master1"):
        assert cron.cleaned(host) == {name for name in containers(host) if name.startswith("wabiz-")}


def test_the_cluster_is_upgraded(upgraded: PlaybookRun) -> None:
    ours = [f"--filter=label=org.wabiz.cluster={CLUSTER}", "--filter=label=org.wabiz.node"]
    listed = {host: on(host, "docker", "ps", *ours, "--format={{.Image}}").split() for host in HOSTS if host != "db1"}
    assert all(listed.values())
    assert {image.rpartition(":v")[2] for images in listed.values() for image in images} == {NEW}


def test_a_second_run_changes_nothing(mixed: Path, upgraded: PlaybookRun) -> None:
    before = everywhere("docker ps --no-trunc --format '{{.ID}}' | sort")
    assert announced("site", inventory=mixed) == set()
    run = play("site", inventory=mixed).succeeded()
    assert run.changed == set()
    assert "[WARNING]" not in run.output
    assert {row.executions for row in run.hosts.values()} == {1}
    assert everywhere("docker ps --no-trunc --format '{{.ID}}' | sort") == before


def test_it_is_scaled_out_and_verified(mixed: Path, upgraded: PlaybookRun) -> None:
    larger: dict[str, Any] = {"wabiz_shards": 2}
    play("multiconnect", inventory=mixed, extra_vars=larger).succeeded()
    wait_for("connected coreapps", lambda: len(client.connected()) == 2, 60)
    assert play("verify", inventory=mixed, extra_vars=larger).succeeded().changed == set()


def test_it_is_removed(mixed: Path, upgraded: PlaybookRun) -> None:
    play("uninstall", inventory=mixed, extra_vars={"wabiz_uninstall_volumes": CLUSTER}).succeeded()
    ours = f"label=org.wabiz.cluster={CLUSTER}"
    assert {host: left for host in HOSTS if (left := containers(host, ours))} == {}
