"""Dumps and a restore of the other site's databases, PostgreSQL in the role's own container."""

from __future__ import annotations

import json

import pytest

from tests.lab import another_site, gateway
from tests.lab.another_site import CLUSTER, NODES, PAIRS, SECRETS, SERVER, run
from tests.lab.conftest import Site
from tests.lab.hosts import on, shell
from tests.support.waiting import wait_for

pytestmark = [pytest.mark.drill, pytest.mark.usefixtures("site")]

DIRECTORY = "/srv/branch-dumps"
DUMPS = f"{DIRECTORY}/{CLUSTER}"
GIVEN = {"wabiz_database_backup_directory": DIRECTORY}
DATABASES = [f"{another_site.PREFIX}{name}" for name in ("waent", "waweb")]


def names() -> list[str]:
    """Return the dumps that are there, and what killed runs have left."""
    return [name for name in shell(SERVER, f"ls -A {DUMPS} 2> /dev/null || true").split() if name != ".lock"]


def administer(statement: str, database: str = "postgres") -> str:
    """Ask the server as its administrator, by its own socket."""
    ask = [
        "psql",
        "--username=postgres",
        f"--dbname={database}",
        "--tuples-only",
        "--no-align",
        f"--command={statement}",
    ]
    return on(SERVER, "docker", "exec", f"{CLUSTER}-database", *ask)


@pytest.mark.proves("wabiz_database_backup_directory", "wabiz_database_backup_keep")
def test_the_newest_dumps_are_kept_in_its_directory() -> None:
    run("database_backup", "--check", **GIVEN).succeeded()
    assert names() == []
    run("database_backup", **GIVEN).succeeded()
    (first,) = names()
    shell(SERVER, f"mkdir {DUMPS}/.killed.partial")
    run("database_backup", wabiz_database_backup_keep=1, **GIVEN).succeeded()
    (second,) = names()
    assert second != first
    manifest = json.loads(on(SERVER, "cat", f"{DUMPS}/{second}/manifest.json"))
    assert (manifest["databases"], manifest["kind"], manifest["owners"]) == (DATABASES, "postgresql", ["branch"])
    for file in manifest["files"]:
        digest, size = f"sha256sum {DUMPS}/{second}/{file['file']}", f"stat --format=%s {DUMPS}/{second}/{file['file']}"
        assert (shell(SERVER, digest).split()[0], int(shell(SERVER, size))) == (file["sha256"], file["bytes"])


@pytest.mark.proves("wabiz_database_backup_host")
def test_another_host_needs_the_programs() -> None:
    refused = run("database_backup", wabiz_database_backup_host=NODES, **GIVEN).failed()
    assert f"{NODES}: lacks programs that dump and restore databases (psql, pg_dump, pg_restore)" in refused.output


@pytest.mark.proves("wabiz_database_backup_timeout")
def test_a_dump_that_takes_too_long_leaves_nothing() -> None:
    """It waits for a table that a session has locked, which is no table of the client's."""
    before = names()
    administer("CREATE TABLE waiting (n int)", DATABASES[0])
    hold = "BEGIN; LOCK TABLE waiting; SELECT pg_sleep(60)"
    psql = ["psql", "--username=postgres", f"--dbname={DATABASES[0]}", f"--command={hold}"]
    on(SERVER, "docker", "exec", "--detach", f"{CLUSTER}-database", *psql)
    held = "SELECT count(*) FROM pg_locks WHERE mode = 'AccessExclusiveLock' AND granted"
    wait_for("the lock", lambda: int(administer(held, DATABASES[0])), 30)
    failed = run("database_backup", wabiz_database_backup_timeout=3, **GIVEN).failed()
    assert "it was stopped after 3 seconds" in failed.output
    administer("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'BEGIN; LOCK%'")
    administer("DROP TABLE waiting", DATABASES[0])
    assert names() == before


@pytest.mark.proves("wabiz_database_restore_from", "wabiz_database_restore_cluster")
def test_lost_databases_are_restored(site: Site) -> None:
    (dump,) = names()
    given = {"wabiz_database_restore_from": dump, **GIVEN}
    assert "-webapp-1 runs, and would use databases" in run("database_restore", **given).failed().output
    for host, name in PAIRS:
        on(host, "docker", "stop", name)
    administer("DELETE FROM users", DATABASES[1])
    refused = run("database_restore", **given).failed()
    assert f"wabiz_database_restore_cluster: {CLUSTER} says that they may be" in refused.output
    assert administer("SELECT count(*) FROM users", DATABASES[1]) == "0"
    restored = run("database_restore", wabiz_database_restore_cluster=CLUSTER, **given).succeeded()
    assert SECRETS.leaks(restored.output) == []
    assert administer("SELECT username FROM users", DATABASES[1]) == "admin"
    for host, name in PAIRS:
        on(host, "docker", "start", name)
    another_site.served(1, 120)
    assert gateway.punishable() == []
    shell(SERVER, f"rm -r {DIRECTORY}")
