# Copyright: (c) 2026, wabiz.onprem contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What role database asks of a server's administrator, and what it says where that fails."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.wabiz.onprem.plugins.module_utils._model.docker_command import docker

from tests.support.paths import ROOT
from tests.support.playbook import LOCALLY
from tests.unit.roles.scripted_database import calls, run, run_play

pytestmark = pytest.mark.slow

SERVER = ROOT / "roles" / "database" / "tasks" / "server.yml"
# A context of the user's may lead to another engine.
ONLY_HERE = '[ "$1 $2" = "--host unix:///var/run/docker.sock" ] || exit 9\n'
SECRET = 'can\'t "4711" \\ ry'


def test_the_connections_are_counted_with_what_status_reads(tmp_path: Path) -> None:
    """status.yml reads no password of an administrator."""
    given = {"database_engine": "mysql", "database_user": "wabiz", "database_password": "x"}
    run(tmp_path, ["connections_mysql"], given).succeeded()
    (asked,) = calls(tmp_path, "mysql_query")
    assert (asked["login_user"], asked["login_unix_socket"]) == ("wabiz", f"{tmp_path}/database-socket/mysqld.sock")


MYSQL: dict[str, Any] = {"database_engine": "mysql", "database_user": "wabiz", "database_other_user": "wabiz_b"}
OURS = {**MYSQL, "database_password": SECRET, "database_root_password": "r", "database_prefix": "wa_"}
VERSION = {"mysql_info": {"version": {"major": 8, "minor": 0}, "server_engine": "MySQL"}}


def test_what_a_user_has_already_is_not_taken_from_it(tmp_path: Path) -> None:
    """Rights on the prefix of another installation, or those of an administrator; and that it has to use TLS."""
    row = {"name": "wabiz", "type": "ANY", "cipher": "", "issuer": "", "subject": ""}
    given = {**OURS, "allow_database_change": False}
    run(tmp_path, ["accounts"], given, {**VERSION, "ssl_type": {"query_result": [[row]]}}).succeeded()
    (made,) = calls(tmp_path, "mysql_user")
    assert (made["append_privs"], made["tls_requires"]) == (True, {"SSL": None})


@pytest.mark.parametrize(
    ("owners", "owner"),
    [([], ""), (["wabiz"], "wabiz"), (["wabiz_b"], ""), (["another"], ""), (["wabiz", "wabiz_b"], "")],
)
def test_databases_stay_those_of_the_other_user_of_the_pair(owners: list[str], owner: str, tmp_path: Path) -> None:
    """As they are after a rotation, or after a restore on a new server; no other role is joined."""
    given = {**OURS, "database_engine": "postgresql", "database_user": "wabiz_b", "database_other_user": "wabiz"}
    rows = [{"name": name, "mighty": False} for name in owners]
    answers = {"datname ~": {"query_result": rows}}
    run(tmp_path, ["accounts"], {**given, "allow_database_change": False}, answers).succeeded()
    joined = [(one["group"], one["target_role"]) for one in calls(tmp_path, "postgresql_membership")]
    assert joined == ([(owner, "wabiz_b")] if owner else [])
    acting = [one["configuration"] for one in calls(tmp_path, "postgresql_user") if one.get("configuration")]
    assert acting == ([{"role": owner}] if owner else [])


@pytest.mark.parametrize(
    ("name", "mighty", "told"), [("postgres", True, "postgres"), ("wabiz", True, ""), ("group", False, "")]
)
def test_an_owner_who_may_do_more_is_told(name: str, mighty: bool, told: str, tmp_path: Path) -> None:
    answers = {"datname ~": {"query_result": [{"name": name, "mighty": mighty}]}, "": {"query_result": []}}
    given = {**OURS, "database_engine": "postgresql"}
    show, asked = "{{ database_users.mighty_owner }}", {"_database_accepts": False, "_database_version": "13.16"}
    run(tmp_path, ["users"], given, answers, variables=asked, shown=show).succeeded()
    assert (tmp_path / "shown").read_text(encoding="utf-8") == told


def test_a_statement_that_fails_is_told_without_the_password(tmp_path: Path) -> None:
    """As mysql_query tells of it; the playbooks show the message of the task that failed."""
    said = f"Cannot execute SQL 'ALTER USER' args [{{'user': 'wabiz', 'password': {SECRET!r}}}]: (1819, 'the policy')"
    for step in ("begin_password", "end_password"):
        answers = {"ALTER USER": {"failed": True, "msg": said}}
        variables = {"_database_users": [{"name": "wabiz", "plugin": "p"}]}
        done = run(tmp_path, [step], OURS, answers, variables=variables).failed()
        assert "the policy" in done.failures[-1]["msg"]
        assert "4711" not in done.output


@pytest.mark.parametrize("kind", ["mysql", "postgresql"])
def test_the_user_of_two_installations_stays(kind: str, tmp_path: Path) -> None:
    rights = [{"name": "wabiz", "place": f"{prefix}waent"} for prefix in ("wa_", "wa_two_")]
    listed: dict[str, Any] = {name: {} for name in ("wa_waent", "wa_two_waent", "mysql")}
    answers: dict[str, Any] = {
        "mysql_info": {**VERSION["mysql_info"], "databases": listed},
        "AS place": {"query_result": [rights] if kind == "mysql" else rights},
        "": {"query_result": [[]] if kind == "mysql" else []},
    }
    given = {**OURS, "database_engine": kind, "database_host": "db", "database_port": 1, "database_tls": False}
    login = {"database_admin_user": "dba", "database_admin_password": "x"}
    done = run(tmp_path, ["external_absent"], {**given, **login}, answers, own=False).succeeded()
    assert [one["name"] for one in calls(tmp_path, f"{kind}_db")] == ["wa_waent"]
    # A list would be written as an array whose names have quotes.
    asked = calls(tmp_path, f"{kind}_query")
    assert not [one for one in asked if any(isinstance(value, list) for value in one.get("named_args", {}).values())]
    assert calls(tmp_path, f"{kind}_user") == []
    assert "wabiz: kept on the database server" in done.stdout


@pytest.mark.parametrize("kind", ["mysql", "postgresql"])
def test_an_installation_without_a_prefix_goes_and_all_others_stay(kind: str, tmp_path: Path) -> None:
    """Every name begins with an empty prefix, and `%` is not a right on this installation alone."""
    names = ("waent", "waweb", "wallet", "waent_old", "wa_waent", "mysql")
    rights = [{"name": "wabiz", "place": name} for name in ("waent", "waweb")]
    everything = [{"name": "wabiz", "place": name} for name in names]
    answers: dict[str, Any] = {
        "mysql_info": {**VERSION["mysql_info"], "databases": {name: {} for name in names}},
        "AS place": {"query_result": [rights] if kind == "mysql" else everything},
        "": {"query_result": [[]] if kind == "mysql" else []},
    }
    given = {**OURS, "database_engine": kind, "database_host": "db", "database_port": 1, "database_tls": False}
    login = {"database_admin_user": "dba", "database_admin_password": "x", "database_prefix": ""}
    run(tmp_path, ["external_absent"], {**given, **login}, answers, own=False).succeeded()
    assert [one["name"] for one in calls(tmp_path, f"{kind}_db")] == ["waent", "waweb"]
    asked = [one.get("named_args", {}) for one in calls(tmp_path, f"{kind}_query")]
    if kind == "mysql":
        assert [(one["one"], one["two"]) for one in asked if "one" in one] == [("waent", "waweb")] * 2
        assert [one["name"] for one in calls(tmp_path, "mysql_user")] == ["wabiz"]
    else:
        # It owns others' databases too.
        assert calls(tmp_path, "postgresql_user") == []


def test_without_a_prefix_a_user_has_rights_on_two_databases(tmp_path: Path) -> None:
    given = {**OURS, "allow_database_change": False, "database_prefix": ""}
    run(tmp_path, ["accounts"], given, {**VERSION, "ssl_type": {"query_result": [[]]}}).succeeded()
    (made,) = calls(tmp_path, "mysql_user")
    assert made["priv"] == {"waent.*": "ALL", "waweb.*": "ALL"}


def test_without_a_prefix_the_owner_of_the_clients_databases_is_asked_for(tmp_path: Path) -> None:
    answers: dict[str, Any] = {"": {"query_result": []}}
    given = {**OURS, "database_engine": "postgresql", "database_prefix": ""}
    run(
        tmp_path, ["users"], given, answers, variables={"_database_accepts": False, "_database_version": ""}
    ).succeeded()
    (asked,) = (one for one in calls(tmp_path, "postgresql_query") if "datname ~" in one["query"])
    assert asked["named_args"] == {"own": "waent|waweb"}


def test_a_server_that_ends_at_once_is_told_with_its_log(tmp_path: Path) -> None:
    """It has no address. What it says may hold the password that PostgreSQL's image was given."""
    program = tmp_path / "bin" / "docker"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\n{ONLY_HERE}echo 'unknown variable innodb_bufer, canary-9' >&2\n", encoding="utf-8")
    program.chmod(0o755)
    settings = {"docker": docker(), "database_engine": "mysql", "database_ready_timeout": 1, "no_log": True}
    container = {"name": "wabiz-database", "env": {"POSTGRES_PASSWORD": "canary-9"}}
    task = {
        "ansible.builtin.include_role": {"name": "wabiz.onprem.database", "tasks_from": "answering"},
        "vars": {
            "_database_container": container,
            "__database_run": {"containers": {"wabiz-database": {"addresses": []}}},
        },
    }
    play = {
        "hosts": "all",
        "gather_facts": False,
        "tasks": [task],
        "environment": {"PATH": f"{program.parent}:/usr/bin:/bin"},
    }
    done = run_play(tmp_path, play, {"db1": {**LOCALLY, "_wabiz": settings}}).failed()
    assert "does not answer on port 3306. Last lines of docker logs wabiz-database: unknown" in done.failures[-1]["msg"]
    assert "canary-9" not in done.failures[-1]["msg"]


def test_the_first_start_is_waited_for_and_the_certificate_loaded_after_a_killed_run() -> None:
    """The container is the same then, and the certificate is there."""
    tasks = {task["name"]: str(task.get("when", "")) for task in yaml.safe_load(SERVER.read_text(encoding="utf-8"))}
    assert tasks["Wait until it answers"] == "not ansible_check_mode"
    assert "certificate_result" not in tasks["Have a running server use its certificate"]


def mysql(number: str) -> dict[str, Any]:
    version = dict(zip(("major", "minor", "release"), map(int, number.split(".")), strict=True))
    return {"version": version, "server_engine": "MySQL"}


def test_a_new_certificate_is_loaded_without_a_restart(tmp_path: Path) -> None:
    run(tmp_path, ["reload_certificate"], OURS, variables={"__database_mysql": mysql("8.0.16")}).succeeded()
    assert [one["query"] for one in calls(tmp_path, "mysql_query")] == ["ALTER INSTANCE RELOAD TLS"]


@pytest.mark.parametrize(
    ("age", "allowed", "restarted", "warned"),
    [(10, True, True, False), (10, False, False, True), (3600, True, False, False)],
)
def test_a_server_that_cannot_load_it_is_restarted_where_it_may_be(
    age: int, allowed: bool, restarted: bool, warned: bool, tmp_path: Path
) -> None:
    """It has run for ten minutes; its certificate may be older or newer."""
    (tmp_path / "server.pem").touch()
    made = time.time() - age
    os.utime(tmp_path / "server.pem", (made, made))
    docker_log = ["sh", "-c", f'echo "$@" >> {tmp_path}/docker', "docker"]
    given = {**OURS, "allow_database_change": allowed, "database_ready_timeout": 1, "docker": docker_log}
    variables = {
        "__database_mysql": mysql("5.7.44"),
        "_database_tls_files": {"certificate": f"{tmp_path}/server.pem"},
        "_database_container": {"name": "wabiz-database", "stop_timeout": 60},
    }
    answers = {"Uptime": {"query_result": [[{"Variable_name": "Uptime", "Value": "600"}]]}}
    done = run(tmp_path, ["reload_certificate"], given, answers, variables=variables).succeeded()
    said = (tmp_path / "docker").read_text(encoding="utf-8") if (tmp_path / "docker").exists() else ""
    assert said == ("restart --time 60 wabiz-database\n" if restarted else "")
    assert ("goes on with its old certificate" in done.stdout) is warned
    assert not [one for one in calls(tmp_path, "mysql_query") if "RELOAD" in one["query"] or "FLUSH" in one["query"]]


def test_the_driver_is_installed_under_its_name_on_that_system(tmp_path: Path) -> None:
    """Facts are not gathered; the survey knows the system."""
    hosts = {
        f"{kind}-{family}": {
            **LOCALLY,
            "_wabiz": {"database_engine": kind},
            "_wabiz_survey": {"system": {"family": family}},
        }
        for kind in ("mysql", "postgresql")
        for family in ("debian", "redhat")
    }
    show = {"ansible.builtin.debug": {"msg": "{{ inventory_hostname }} gets {{ _database_driver | join(', ') }}"}}
    play = {
        "hosts": "all",
        "gather_facts": False,
        "vars_files": [str(ROOT / "roles/database/vars/main.yml")],
        "tasks": [show],
    }
    said = run_play(tmp_path, play, hosts).succeeded().stdout
    assert "mysql-debian gets python3-pymysql, python3-cryptography" in said
    assert "mysql-redhat gets python3-PyMySQL, python3-cryptography" in said
    assert "postgresql-redhat gets python3-psycopg2" in said
    for role, file in (("database", "driver"), ("certificate", "library")):
        assert "ansible_facts" not in (ROOT / "roles" / role / "tasks" / f"{file}.yml").read_text(encoding="utf-8")
