"""From bare hosts to a registered cluster: the run changes what check mode predicts, and a second run nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.wabiz.onprem.plugins.plugin_utils.declared import declared

from tests.lab import administrator, client, foreign, tokens
from tests.lab.hosts import listing, on
from tests.lab.play import announced, play, warned
from tests.support.playbook import PlaybookRun

EXECUTIONS = 1  # the survey, which queries the client's API as well
NODES = {
    "web1": "webapp", "web2": "webapp", "master1": "master", "master2": "master",
    "core1": "coreapp", "core2": "coreapp", "core3": "coreapp",
}  # fmt: skip


@pytest.fixture(scope="module")
def prediction(bare_hosts: None) -> set[tuple[str, str]]:
    """The prediction of check mode on bare hosts, one of them without Docker; it must not change them."""
    before = listing()
    found = announced("site")
    assert listing() == before
    return found


@pytest.fixture(scope="module")
def first_run(prediction: set[tuple[str, str]]) -> PlaybookRun:
    """The first start, with verbose output."""
    return play("site", "-vvv").succeeded()


@pytest.fixture(scope="module")
def registered(status_before: dict[str, Any]) -> tuple[PlaybookRun, set[str]]:
    """The registration of the number, with verbose output, and the admin's tokens that are valid only since then."""
    before = tokens.valid()
    run = play("register", "-vvv").succeeded()
    return run, tokens.valid() - before


@pytest.fixture(scope="module")
def registration(registered: tuple[PlaybookRun, set[str]]) -> PlaybookRun:
    """Only the run."""
    return registered[0]


@pytest.fixture(scope="module")
def status_before(first_run: PlaybookRun, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The status before the registration."""
    return status(tmp_path_factory.mktemp("before"))


def status(directory: Path) -> dict[str, Any]:
    """Run status.yml and return its JSON; the printed table must show the same."""
    file = directory / "status.json"
    run = play("status", extra_vars={"wabiz_status_file": str(file)}).succeeded()
    found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    assert all(line.strip() in run.stdout for line in found["text"])
    return found


@pytest.mark.proves("wabiz_engine_packages")
def test_the_first_run_changes_what_was_predicted(prediction: set[tuple[str, str]], first_run: PlaybookRun) -> None:
    assert first_run.changed == prediction
    containers = {(host, f"container wabiz-{service}-1") for host, service in NODES.items()}
    assert containers | {("db1", "container wabiz-database")} <= prediction
    assert {("core3", "package docker.io pigz"), ("core3", "package python3-requests")} <= prediction
    assert on("core3", "which", "pigz") == "/usr/bin/pigz"
    assert ("core1", "network wabiz") in prediction
    assert ("core2", "network wabiz") not in prediction  # a foreign network of this name exists, and is used


def test_foreign_objects_are_unchanged(first_run: PlaybookRun) -> None:
    foreign.unchanged()


@pytest.mark.proves("wabiz_database_root_password", "wabiz_database_versions")
def test_the_databases_administrator_logs_in_by_the_socket_only(first_run: PlaybookRun) -> None:
    """The lab has MariaDB, which is accepted because the inventory says so."""
    assert administrator.sql("SELECT host FROM mysql.user WHERE user = 'root'") == "localhost"
    major, minor = administrator.sql("SELECT VERSION()").split(".")[:2]
    assert f"{major}.{minor}" not in declared().variables["wabiz_database_versions"].default["mysql"]
    grants = administrator.sql("SHOW GRANTS FOR wabiz@'%'").splitlines()
    assert grants[1] == "GRANT ALL PRIVILEGES ON `wabiz\\\\_%`.* TO `wabiz`@`%`"
    assert on("db1", "stat", "--format=%a %U", "/etc/wabiz/wabiz") == "700 root"
    environment = on("db1", "docker", "inspect", "--format={{json .Config.Env}}", "wabiz-database")
    assert "MYSQL_PASSWORD" not in environment and "MYSQL_ROOT_PASSWORD" not in environment


def test_before_registration_only_the_primary_answers(status_before: dict[str, Any]) -> None:
    """The others answer error 1011, which is normal then."""
    assert status_before["registered"] is False
    entries = [node for node in status_before["nodes"] if node["service"] in ("master", "coreapp")]
    primaries = [node for node in entries if node["role"] == "primary_master"]
    assert [node["gateway"] for node in primaries] == ["unregistered"]
    assert all(node["errors"] == ["1011 Service not ready"] for node in entries if node not in primaries)
    assert {(node["host"], node["state"]) for node in status_before["nodes"]} == {
        (host, "running") for host in [*NODES, "db1"]
    }


@pytest.mark.proves("wabiz_certificate", "wabiz_registration_code_command", "wabiz_status_file")
def test_registration_connects_one_coreapp(registration: PlaybookRun, tmp_path: Path) -> None:
    client.settled()
    found = status(tmp_path)
    assert found["registered"] is True
    shown = sorted(f"{node['role']} {node['gateway']}" for node in found["nodes"] if node["gateway"])
    assert shown == client.REGISTERED


def test_registration_leaves_no_valid_token(registered: tuple[PlaybookRun, set[str]]) -> None:
    assert registered[1] == set()


def test_both_webapps_report_the_same_nodes(registration: PlaybookRun) -> None:
    views = [sorted(node.host for node in client.nodes(web)) for web in client.WEBAPPS]
    assert views == [["core1", "core2", "core3", "master1", "master2"]] * 2


def test_a_second_run_changes_nothing_with_one_execution_per_host(registration: PlaybookRun) -> None:
    client.settled()
    run = play("site").succeeded()
    assert run.changed == set()
    assert {host: counts["changed"] for host, counts in run.recap.items() if counts["changed"]} == {}
    assert {host: row.executions for host, row in run.hosts.items()} == dict.fromkeys(run.hosts, EXECUTIONS)
    assert warned(run) == []


def test_nothing_is_warned_of(first_run: PlaybookRun, registration: PlaybookRun) -> None:
    assert {run.command[1]: warned(run) for run in (first_run, registration, play("status"))} == {
        f"playbooks/{verb}.yml": [] for verb in ("site", "register", "status")
    }


def test_check_mode_finds_nothing_to_do(registration: PlaybookRun) -> None:
    assert announced("site") == set()
