"""The way through docs/database.md, command by command: a cluster on a database server that the site runs."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest
import yaml

from tests.lab import external_database
from tests.lab.external_database import SECRETS
from tests.lab.hosts import CLUSTER, HOSTS, containers
from tests.lab.play import play
from tests.lab.walk import Walk
from tests.support.guide import blocks
from tests.support.paths import BUILD

pytestmark = pytest.mark.drill

PAGE = "database.md"
# Where a reader stands: as deep as the lab's own inventory is below the root.
INVENTORY = BUILD / "inventory"
VARIABLES = INVENTORY / "group_vars" / "all"
OURS = f"label=org.wabiz.cluster={CLUSTER}"


@pytest.fixture(scope="module")
def walk(lab: object) -> Iterator[Walk]:
    """The site's server, the inventory of a reader who has done the page's second step, and no cluster on the hosts."""
    remove = {"wabiz_uninstall_volumes": CLUSTER}
    play("uninstall", extra_vars=remove).succeeded()
    external_database.stop()
    external_database.start()
    shutil.rmtree(INVENTORY, ignore_errors=True)
    shutil.copytree(external_database.inventory(), INVENTORY)
    (VARIABLES / "site.yml").unlink()
    # Read after the lab's own variables, so that it counts.
    vault = {"vault_database_password": SECRETS.values["wabiz_database_password"]}
    (VARIABLES / "vault.yml").write_text(yaml.safe_dump(vault), encoding="utf-8")
    (VARIABLES / "site_database.yml").write_text("".join(blocks(PAGE, "yaml")), encoding="utf-8")
    yield Walk(PAGE, SECRETS)
    play("uninstall", inventory=INVENTORY, secrets=SECRETS, extra_vars=remove).succeeded()
    external_database.stop()
    shutil.rmtree(INVENTORY)


def test_the_server_is_looked_at_before_anything_is_changed(walk: Walk) -> None:
    walk.run("preflight")
    assert not any(containers(host, OURS) for host in HOSTS if host != "core3")


def test_the_cluster_is_started(walk: Walk) -> None:
    walk.run("--check")
    walk.run("site")
    nodes = [name for host in HOSTS for name in containers(host, "label=org.wabiz.node", OURS)]
    assert len(nodes) == 7


def test_a_second_run_changes_nothing(walk: Walk) -> None:
    told = walk.run("site")
    assert "changed=0" in told
    assert not [line for line in told.splitlines() if " changed=" in line and " changed=0 " not in line]
    walk.run("status")


def test_each_command_of_the_page_was_run(walk: Walk) -> None:
    assert walk.ahead == []
