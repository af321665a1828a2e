"""Drills of upgrade.yml's failures: the cluster serves after each one, and the next run finishes the upgrade."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.lab import upgrading
from tests.lab.hosts import containers, listing, on, shell
from tests.lab.operation import KEEPER, holder
from tests.lab.play import play
from tests.lab.upgrading import DIRECTORY, NEW, OLD, SOON, reason
from tests.support.killing import kill_at, run_and_kill, spread
from tests.support.waiting import wait_for

pytestmark = pytest.mark.drill

MEDIA = [f"/usr/local/wamedia/{name}" for name in ("incoming", "outgoing", "shared")]
SEED = int(os.environ.get("WABIZ_SEED", "6"))


@pytest.fixture
def given(lab: Path) -> Iterator[dict[str, Any]]:
    """A registered cluster of the old version; returns the variables that it needs."""
    yield upgrading.old_cluster()
    upgrading.removed()


@pytest.fixture(scope="module")
def one(lab: Path) -> Iterator[dict[str, Any]]:
    """The same for tests that continue where the one before has stopped."""
    yield upgrading.old_cluster()
    upgrading.removed()


def test_an_upgrade_waits_for_approval_and_site_refers_to_it(one: dict[str, Any]) -> None:
    run = play("upgrade", extra_vars={**one, "wabiz_upgrade_ask": True, "wabiz_upgrade_approve": OLD}).failed()
    assert f"wabiz_upgrade_approve={NEW}" in run.failures[0]["msg"]
    assert run.changed == set()
    run = play("site", extra_vars=one).failed()
    assert "Run playbook upgrade.yml" in run.failures[0]["msg"]
    assert run.changed == set()


@pytest.mark.parametrize("kind", ["webapp", "secondary_master", "primary_master", "standby", "connected"])
def test_a_broken_image(one: dict[str, Any], kind: str) -> None:
    """In the order of the upgrade: each run stops at the broken image, and the next one continues there."""
    (host, *_others) = upgrading.standing(kind)
    image = "web" if kind == "webapp" else "coreapp"
    upgrading.spoil(host, image)
    try:
        said = reason(play("upgrade", extra_vars={**one, **SOON}))
    finally:
        upgrading.unspoil(host, image)
    assert f"{host}/wabiz-" in said and "is stopped and stays out of service" in said, said
    assert f"{host}:/etc/wabiz/wabiz/failed-wabiz-" in said, said
    upgrading.serves()


def test_the_next_run_finishes_the_upgrade(one: dict[str, Any]) -> None:
    play("upgrade", extra_vars=one).succeeded()
    upgrading.whole()


def test_the_owner_of_the_media_of_2_29_is_changed_to_root(one: dict[str, Any]) -> None:
    """The record is that of an upgrade from 2.29 that was interrupted after its last node."""
    record = {"version": NEW, "previous_versions": ["2.29.2"], "schema": {}, "schema_versions": []}
    shell(KEEPER, f"cat > {DIRECTORY}/upgrade.json << END\n{json.dumps(record)}\nEND")
    inside = ["docker", "exec", "wabiz-webapp-1"]
    on(KEEPER, *inside, "chown", "-R", "1000", *MEDIA)
    play("upgrade", extra_vars=one).succeeded()
    # The run does not wait for it.
    owners = [*inside, "stat", "-c", "%u", *MEDIA]
    wait_for("media owned by root", lambda: on(KEEPER, *owners).split() == ["0"] * len(MEDIA) or None, limit=60)
    upgrading.whole()


def test_the_rollback_before_the_schema_is_upgraded(given: dict[str, Any]) -> None:
    """A failed schema upgrade has changed no node; the same playbook with the old version restores the rest."""
    broken = {"wabiz_dbupgrade_env": {"STANDIN_FAULTS": "dbupgrade 0"}}
    play("upgrade", extra_vars={**given, **broken}).failed()
    play("upgrade", extra_vars={**given, "wabiz_version": OLD}).succeeded()
    assert set(upgrading.versions().values()) == {OLD}
    assert upgrading.left_behind() == set()
    upgrading.serves()


def test_nothing_is_changed_while_the_container_of_a_killed_run_upgrades_the_schema(given: dict[str, Any]) -> None:
    """It waits for a database that is not there, so it is still running when the other runs look."""
    waiting = {"wabiz_dbupgrade_env": {"WA_DB_HOSTNAME": "192.0.2.1"}}
    number, last = run_and_kill(
        "playbooks/upgrade.yml", lambda _number, line: "Wait until it has ended" in line, {**given, **waiting}
    )
    assert "Wait until it has ended" in last, (number, last)
    try:
        before = listing()
        for playbook in ("site", "uninstall"):
            run = play(playbook, extra_vars={**given, "wabiz_version": OLD}).failed()
            said = run.failures[-1]["msg"]
            assert f"core1: container wabiz-dbupgrade is upgrading the schema of the databases to version {NEW}" in said
            assert listing() == before
            assert holder() == ""
        assert upgrading.versions() == dict.fromkeys(upgrading.ALL, OLD)
        assert "core1: container wabiz-dbupgrade" in play("verify", extra_vars={**given, "wabiz_version": OLD}).stdout
    finally:
        # The next run would wait for it.
        on("core1", "docker", "rm", "--force", "wabiz-dbupgrade")
    play("upgrade", extra_vars=given).succeeded()
    upgrading.whole()


def test_others_are_refused_while_an_upgrade_runs(given: dict[str, Any]) -> None:
    """In its schema step, which is held until the others have ended, and in its rounds; the upgrade goes on."""
    with ThreadPoolExecutor(1) as pool:
        upgrade = pool.submit(play, "upgrade", extra_vars=given)
        wait_for("the schema step", lambda: containers("core1", "name=wabiz-dbupgrade", "status=running") or None, 300)
        on("core1", "docker", "pause", "wabiz-dbupgrade")
        try:
            before = listing()
            refused("site", given)
            refused("uninstall", given)
            refused("upgrade", {**given, "wabiz_version": OLD})
            assert listing() == before
        finally:
            on("core1", "docker", "unpause", "wabiz-dbupgrade")
        wait_for("the rounds", lambda: NEW in upgrading.versions().values() or None, 300)
        refused("uninstall", given)
        assert not upgrade.done()
        upgrade.result().succeeded()
    upgrading.whole()


def refused(verb: str, given: dict[str, Any]) -> None:
    """Run a playbook: it is refused, names the upgrade that holds the lock, and changes nothing."""
    owner = holder()
    run = play(verb, extra_vars=given).failed()
    said = run.failures[-1]["msg"]
    assert owner and owner in said and "upgrade.yml" in said, said
    assert run.changed == set()


def test_heartbeat_settings_that_take_effect_after_a_restart(given: dict[str, Any]) -> None:
    """With garbage collection first, which no other test here has."""
    on("core1", "docker", "exec", "wabiz-coreapp-1", "standinctl", "seed-messages", "20000")
    late = {"wabiz_extra_env": {"STANDIN_TIME_SCALE": "4", "STANDIN_INTERVALS": "after_restart"}}
    play("upgrade", extra_vars={**given, **late, "wabiz_upgrade_gc": True, **upgrading.COLLECTED}).succeeded()
    assert shell(KEEPER, f"ls {DIRECTORY}/message-gc.stamp")
    upgrading.whole()
    assert play("upgrade", extra_vars={**given, **late}).succeeded().changed == set()
    run = play("upgrade", extra_vars={**given, **late, "wabiz_version": OLD}).failed()
    assert run.changed == set()


def test_ten_kill_points(lab: Path) -> None:
    """Points spread over the tasks by seed; each time the next run takes the lock of the dead one and finishes."""
    for point in spread(30, 330, 10, SEED):
        fresh = upgrading.old_cluster()
        print(kill_at("playbooks/upgrade.yml", point, fresh), flush=True)
        play("upgrade", extra_vars=fresh).succeeded()
        upgrading.whole()
    upgrading.removed()
