"""The runbooks of docs/operations.md, command by command: each in the situation that it is for."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest
import yaml

from tests.lab import client, gateway
from tests.lab.hosts import containers, on, shell, unreachable
from tests.lab.inventories import Groups, variant
from tests.lab.play import SECRETS, play
from tests.lab.walk import Walk
from tests.support.paths import BUILD

pytestmark = pytest.mark.drill

INVENTORY = BUILD / "inventory"
OURS = "label=org.wabiz.cluster=wabiz"


@pytest.fixture(scope="module")
def walk(cluster_at_first: None) -> Iterator[Walk]:
    shutil.rmtree(INVENTORY, ignore_errors=True)
    variant("runbooks", lambda _groups: None).rename(INVENTORY)
    yield Walk("operations.md", SECRETS)
    shutil.rmtree(INVENTORY, ignore_errors=True)
    shutil.rmtree(BUILD / "logs", ignore_errors=True)
    play("site").succeeded()
    play("multiconnect").succeeded()
    play("retire").succeeded()


def changed(**hosts: dict[str, list[str]]) -> None:
    """Give the hosts of the inventory other groups, and the coreapps another number where one is named."""
    path = INVENTORY / "hosts.yml"
    inventory = yaml.safe_load(path.read_text(encoding="utf-8"))
    groups: Groups = inventory["all"]["children"]
    for host, wanted in hosts.items():
        for group in groups.values():
            group["hosts"].pop(host, None)
        for name in wanted["groups"]:
            groups.setdefault(name, {"hosts": {}})["hosts"][host] = {}
    path.write_text(yaml.safe_dump(inventory), encoding="utf-8")


def sized(shards: int, instances: int) -> None:
    """Set the size of the cluster."""
    settings = {"wabiz_shards": shards, "wabiz_coreapp_instances": instances}
    (INVENTORY / "group_vars/all/size.yml").write_text(yaml.safe_dump(settings), encoding="utf-8")


def test_daily_check(walk: Walk) -> None:
    assert "Last log cleanup: " in walk.run("status")
    assert "WABIZ OK" in walk.run("verify")


def test_node_down(walk: Walk) -> None:
    on("core1", "docker", "kill", "wabiz-coreapp-1")
    assert "core1" in walk.run("site --check")
    walk.run("site")
    client.settled(60)


def test_host_dead(walk: Walk) -> None:
    """The rest is repaired; then the run fails, as the inventory still has the host."""
    on("core2", "docker", "stop", "wabiz-coreapp-1")
    on("core1", "docker", "kill", "wabiz-coreapp-1")
    try:
        with unreachable("core2"):
            assert "unreachable" in walk.run("status")
            assert "coreapps: wanted at least 3, found 2" in walk.run("site --limit 'all:!core2'", fails=True)
        assert on("core1", "docker", "inspect", "--format", "{{.State.Running}}", "wabiz-coreapp-1") == "true"
    finally:
        on("core2", "docker", "start", "wabiz-coreapp-1")
    client.settled(60)


def test_host_replaced(walk: Walk) -> None:
    """The coreapp of core2 goes to the host of a master."""
    changed(core2={"groups": ["retired"]}, master1={"groups": ["master", "coreapp"]})
    walk.run("site")
    assert "wabiz-coreapp-1" in walk.run("retire --check")
    walk.run("retire")
    assert containers("core2", OURS) == {}
    assert shell("core2", "ls -d /etc/wabiz/wabiz 2> /dev/null || true") == ""
    client.settled(60)


def test_scale_out(walk: Walk) -> None:
    changed(core2={"groups": ["coreapp"]})
    sized(2, 2)
    walk.run("site")
    assert "set 2 shards" in walk.run("multiconnect --check")
    walk.run("multiconnect")
    assert len(client.connected()) == 2


def test_scale_in(walk: Walk) -> None:
    changed(master1={"groups": ["master"]})
    sized(1, 1)
    walk.run("multiconnect")
    walk.run("site")
    walk.run("retire")
    assert len(client.connected()) == 1
    assert set(containers("master1", OURS)) == {"wabiz-master-1"}


def test_disk_full(walk: Walk) -> None:
    walk.run("log-cleanup.sh")
    assert '"wabiz-coreapp-1": 0' in on("core1", "cat", "/etc/wabiz/wabiz/log-cleanup.json")
    walk.run("log_cleanup")
    assert "media that were not used for 30 days are removed" in walk.run("media_gc")


def test_database_down(walk: Walk) -> None:
    on("db1", "docker", "kill", "wabiz-database")
    walk.run("site")
    walk.run("verify")
    client.settled(60)


def test_client_about_to_expire(walk: Walk) -> None:
    assert "Nothing to do: every node runs version 2.57.2" in walk.run("upgrade")


def test_old_messages(walk: Walk) -> None:
    assert "Nothing to do: " in walk.run("--check")
    assert "Nothing to do: " in walk.run("message_gc")


def test_logs(walk: Walk) -> None:
    assert "before compression" in walk.run("--check")
    assert "The logs are in " in walk.run("collect_logs")
    assert walk.ahead == []
    assert gateway.punishable() == []
