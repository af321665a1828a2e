"""A registered installation as the vendor's files make it is taken over by the steps of docs/registration.md."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.lab import client, external_database
from tests.lab.conftest import OUR_NODES
from tests.lab.external_database import SECRETS
from tests.lab.hosts import CLUSTER, HOSTS, containers, on
from tests.lab.play import play
from tests.lab.recreation import creation
from tests.lab.refusal import refused
from tests.support.playbook import PlaybookRun

pytestmark = pytest.mark.drill

NO_PREFIX = {"wabiz_database_prefix": "none"}
VOLUMES = {"wabiz_uninstall_volumes": CLUSTER}


def run(verb: str, inventory: Path, **given: Any) -> PlaybookRun:
    return play(verb, inventory=inventory, secrets=SECRETS, extra_vars=given)


def compose_made(found: dict[str, Any], name: str) -> list[str]:
    """Options of `docker create` for the same container as Compose makes it, stopped, on Docker's own network."""
    ours = ("--label=", "--network=", "--name=", "--restart=")
    return [f"--name={name}", "--restart=no", *(one for one in creation(found) if not one.startswith(ours))]


@pytest.fixture(scope="module")
def inventory(lab: object) -> Iterator[Path]:
    """The site's server with the databases of a registered cluster, whose containers stopped and lost their labels."""
    play("uninstall", extra_vars=VOLUMES).succeeded()
    external_database.stop()
    external_database.start()
    site = external_database.inventory()
    run("site", site, **NO_PREFIX).succeeded()
    run("register", site, **NO_PREFIX).succeeded()
    there = {
        host: json.loads(on(host, "docker", "inspect", *found))
        for host in HOSTS
        if (found := containers(host, *OUR_NODES))
    }
    run("uninstall", site, **NO_PREFIX).succeeded()
    for host, found in there.items():
        for number, one in enumerate(found):
            on(host, "docker", "create", *compose_made(one, f"biz_{number}"))
    yield site
    for host in there:
        on(host, "sh", "-c", "docker rm --force $(docker ps --all --quiet --filter=name=^biz_) || true")
    run("uninstall", site, **NO_PREFIX, **VOLUMES).succeeded()
    external_database.stop()


def test_a_prefix_that_was_not_set_is_named(inventory: Path) -> None:
    refused("wabiz_database_prefix: none", inventory=inventory, secrets=SECRETS)


def test_another_version_is_refused(inventory: Path) -> None:
    given = {**NO_PREFIX, "wabiz_version": "2.55.1"}
    refused("wabiz_version", "then upgrade.yml", inventory=inventory, secrets=SECRETS, extra_vars=given)


def test_the_cluster_is_registered_without_a_code(inventory: Path) -> None:
    run("site", inventory, **NO_PREFIX).succeeded()
    client.settled(120)
    assert {"waent", "waweb"} <= external_database.known()
    assert not {f"{CLUSTER}_waent", f"{CLUSTER}_waweb"} & external_database.known()


def test_a_second_run_changes_nothing(inventory: Path) -> None:
    assert run("site", inventory, **NO_PREFIX).succeeded().changed == set()
