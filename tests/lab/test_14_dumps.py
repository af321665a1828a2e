"""The way through docs/database_backup.md, command by command, and a restore whose controller is lost."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from typing import Any

import pytest

from tests.lab import administrator, client, gateway, upgrading
from tests.lab.hosts import CLUSTER, on, shell
from tests.lab.inventories import variant
from tests.lab.operation import KEEPER
from tests.lab.play import SECRETS, play
from tests.lab.walk import Walk
from tests.support.killing import run_and_kill
from tests.support.paths import BUILD
from tests.support.waiting import wait_for

pytestmark = pytest.mark.drill

PAGE = "database_backup.md"
DUMPS = f"/var/backups/wabiz/{CLUSTER}"
NOTE = f"/etc/wabiz/{CLUSTER}/database-restore.json"
INVENTORY = BUILD / "inventory"
MARK = "INSERT INTO wabiz_waent.after_the_dump VALUES (1)"


@pytest.fixture(scope="module")
def walk(cluster_at_first: None) -> Iterator[Walk]:
    shutil.rmtree(INVENTORY, ignore_errors=True)
    variant("dumps", lambda _: None).rename(INVENTORY)
    shell(upgrading.SERVER, f"rm -rf {DUMPS}")
    yield Walk(PAGE, SECRETS)
    shutil.rmtree(INVENTORY, ignore_errors=True)
    shell(upgrading.SERVER, f"rm -rf {DUMPS}")


def names() -> list[str]:
    """Return what is in the directory of the dumps."""
    return shell(upgrading.SERVER, f"ls -A {DUMPS} 2> /dev/null || true").split()


def test_a_dump_is_announced_and_made(walk: Walk) -> None:
    told = walk.run("--check")
    assert re.search(r"wabiz_waent +[\d.]+ MB +dumped", told), told
    assert f"{upgrading.SERVER}:{DUMPS}" in told
    assert names() == []
    walk.run("database_backup")
    (dump,) = (name for name in names() if name != ".lock")
    walk.environment["DUMP"] = dump
    assert on(upgrading.SERVER, "stat", "--format=%a", f"{DUMPS}/{dump}/databases.sql.gz") == "600"
    assert shell(upgrading.SERVER, f"gunzip --stdout {DUMPS}/{dump}/*.gz | tail -n 1").startswith("-- Dump completed")
    client.settled(60)


def test_dumps_are_shown_and_nodes_are_stopped(walk: Walk) -> None:
    administrator.sql("CREATE TABLE wabiz_waent.after_the_dump (n INT)")
    administrator.sql(MARK)
    assert walk.environment["DUMP"] in walk.run("database_restore")
    refused = play("database_restore", extra_vars=restoring(walk)).failed()
    assert "wabiz-coreapp-1 runs" in refused.failures[-1]["msg"]
    walk.run("uninstall")
    assert upgrading.versions() == {}


def restoring(walk: Walk, **more: Any) -> dict[str, Any]:
    return {"wabiz_database_restore_from": walk.environment["DUMP"], "wabiz_database_restore_cluster": CLUSTER, **more}


def test_a_restore_is_announced(walk: Walk) -> None:
    told = walk.run("--check")
    assert re.search(r"wabiz_waent +[\d.]+ MB +replaced", told), told
    assert administrator.sql("SELECT COUNT(*) FROM wabiz_waent.after_the_dump") == "1"


def test_after_a_lost_controller_no_node_is_started_until_the_restore_is_done_again(walk: Walk) -> None:
    _number, task = run_and_kill(
        "playbooks/database_restore.yml", lambda _number, line: "Restore the databases" in line, restoring(walk)
    )
    assert "Restore the databases" in task
    note = json.loads(on(KEEPER, "cat", NOTE))
    assert (note["dump"], note["server"]) == (
        *(walk.environment["DUMP"], f"{upgrading.SERVER}, container {CLUSTER}-database"),
    )
    idle = f"flock --nonblock {DUMPS}/.lock true && echo idle || true"
    wait_for("the end of the program", lambda: shell(upgrading.SERVER, idle) == "idle", 120)
    for playbook in ("site", "database_backup"):
        refused = play(playbook, extra_vars={"wabiz_take_over": True}).failed()
        assert "a restore of the databases was started and not finished" in refused.failures[-1]["msg"]
    # Another server, as where the databases were to be moved and the old values are set again.
    shell(KEEPER, f"sed -i.kept 's/{upgrading.SERVER}, container/old1, container/' {NOTE}")
    told = play("database_backup", "--check").stdout
    assert "a restore of the databases into old1, container" in told and "they may be incomplete" not in told
    shell(KEEPER, f"mv {NOTE}.kept {NOTE}")
    assert upgrading.versions() == {}


def test_the_nodes_run_on_what_the_dump_held(walk: Walk) -> None:
    walk.run("database_restore")
    assert administrator.sql("SHOW TABLES FROM wabiz_waent LIKE 'after_the_dump'") == ""
    assert shell(KEEPER, f"ls {NOTE} 2> /dev/null || true") == ""
    walk.run("site")
    client.settled(120)
    assert gateway.punishable() == []


def test_each_command_of_the_page_was_run(walk: Walk) -> None:
    assert walk.ahead == []
