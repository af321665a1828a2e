# Copyright: (c) 2026, wabiz.onprem contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where databases are dumped, what is said before a dump and a restore, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.wabiz.onprem.plugins.module_utils._plans.dumps import plan
from ansible_collections.wabiz.onprem.plugins.module_utils._plans.dumps.place import place
from ansible_collections.wabiz.onprem.plugins.module_utils._plans.facts import Facts

ENGINE = {"running": True}
NOTE = "/etc/wabiz/wabiz/database-restore.json"
PROGRAMS = {"mysql": True, "mysqldump": True}
SETTINGS = {
    "database_engine": "mysql",
    "database_prefix": "wabiz_",
    "database_host": "db.example.net",
    "database_port": 3306,
    "database_user": "wabiz",
    "database_password": "Canary-1",
    "database_root_password": "Canary-2",
    "dumps": "/var/backups/wabiz/wabiz",
}
DUMP = {
    "name": "one",
    "created": "2026-11-04T03:15:00+00:00",
    "note": "before the upgrade",
    "prefix": "wabiz_",
    "kind": "mariadb",
    "version": "10.11.6",
    "bytes": 60_000_000,
    "size": 12_000_000,
    "databases": ["wabiz_waent", "wabiz_waweb"],
    "owners": [],
}
LOOK: dict[str, Any] = {
    "server": {"kind": "mariadb", "version": "10.11.6"},
    "program": "10.11.6",
    "databases": [{"name": "wabiz_waent", "bytes": 50_000_000, "owner": "", "sessions": 0}],
    "roles": [],
    "members": [],
    "may_create": True,
    "missing_rights": {},
    "free": 90_000_000,
    "dumps": [DUMP],
}
PLACE: dict[str, Any] = {
    "host": "db1",
    "container": "wabiz-database",
    "address": None,
    "port": None,
    "user": "root",
    "directory": SETTINGS["dumps"],
    "refusals": [],
}


def server(**more: Any) -> dict[str, Any]:
    return {"name": "wabiz-database", "cluster": "wabiz", "node": "", "running": True, **more}


def node(**more: Any) -> dict[str, Any]:
    return {"name": "wabiz-coreapp-1", "cluster": "wabiz", "node": "coreapp", "running": True, **more}


def report(*containers: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"engine": ENGINE, "containers": list(containers), "disk_free": 10**11, "files": {}, "programs": {}, **more}


def facts(
    surveys: dict[str, Any] | None = None,
    own: bool = True,
    settings: dict[str, Any] | None = None,
    look: dict[str, Any] = LOOK,
    dump_place: dict[str, Any] = PLACE,
) -> Facts:
    services = {"web1": ["webapp"], "core1": ["coreapp"], "db1": ["database"] if own else ["retired"]}
    topology = {
        "cluster": "wabiz",
        "keeper": "web1",
        "database_server": "db1, container wabiz-database",
        "services": services,
        "groups": {"database": ["db1"] if own else []},
        "unfinished": {"web1": {"restore": NOTE}, "core1": {}, "db1": {}},
        "dumps": {**dict.fromkeys(services, SETTINGS["dumps"]), "core1": "/data/dumps/wabiz"},
    }
    found = {"web1": report(), "core1": report(), "db1": report(server())} | (surveys or {})
    given = SETTINGS | (settings or {})
    return Facts(topology, given, found, {}, "2026-11-25", dump_place=dump_place, databases=look)


# --- the place --------------------------------------------------------------------------------------------------------


def test_the_roles_server_is_dumped_in_its_container_by_its_administrator() -> None:
    found = place(facts())
    assert (found["host"], found["container"], found["address"], found["user"]) == (
        *("db1", "wabiz-database"),
        *(None, "root"),
    )
    assert (
        place(facts(settings={"database_engine": "postgresql", "database_root_password": None}))["user"] == "postgres"
    )


@pytest.mark.parametrize(
    ("surveys", "words"),
    [
        ({"db1": report()}, "container wabiz-database does not run"),
        ({"db1": report(server(running=False))}, "container wabiz-database does not run"),
        ({"db1": report(server(cluster=""))}, "container wabiz-database does not run"),
        ({"db1": {"unreachable": True, "msg": "no route"}}, "db1: is unreachable: no route."),
    ],
)
def test_without_its_container_nothing_is_asked(surveys: dict[str, Any], words: str) -> None:
    found = place(facts(surveys))
    assert found["host"] == "" and words in found["refusals"][0]


def test_an_external_server_is_dumped_by_the_first_node_host_that_has_the_programs() -> None:
    found = place(facts({"core1": report(programs=PROGRAMS), "db1": report(programs=PROGRAMS)}, own=False))
    assert found["refusals"] == [] and found["container"] is None
    assert (found["host"], found["address"], found["port"], found["user"]) == ("core1", "db.example.net", 3306, "wabiz")


def test_the_directory_is_the_one_that_the_host_itself_names() -> None:
    """Where another host runs the play, its own counted."""
    assert place(facts())["directory"] == SETTINGS["dumps"]
    there = facts({"core1": report(programs=PROGRAMS)}, settings={"database_backup_host": "core1"})
    found = place(there)
    assert (found["host"], found["directory"]) == ("core1", "/data/dumps/wabiz")
    told = plan.backup(facts(dump_place={**PLACE, **found}, look={**LOOK, "free": 5}))
    assert told["target"] == "core1:/data/dumps/wabiz" and "/data/dumps/wabiz" in told["refusals"][0]


def test_where_no_host_has_them_it_is_said_which_package_brings_them() -> None:
    (refused,) = place(facts(own=False))["refusals"]
    for word in ("mysqldump", "default-mysql-client", "wabiz_database_backup_host"):
        assert word in refused


def test_the_host_can_be_named() -> None:
    named = {"database_backup_host": "core1"}
    found = place(facts({"core1": report(programs=PROGRAMS)}, settings=named))
    assert (found["host"], found["container"], found["user"]) == ("core1", None, "wabiz")
    assert "core1: lacks programs" in place(facts(settings=named))["refusals"][0]
    assert "no host of the cluster" in place(facts(settings={"database_backup_host": "nas"}))["refusals"][0]


def test_a_server_that_demands_tls_is_reached_as_the_nodes_reach_it() -> None:
    tls = {"database_tls": True, "database_tls_ca": "/etc/db/ca.pem", "database_tls_key": "/etc/db/key.pem"}
    there = {"core1": report(programs=PROGRAMS)}
    found = place(facts(there, own=False, settings=tls))
    assert (found["ca_path"], found["certificate_path"], found["key_path"]) == (
        "/etc/db/ca.pem",
        None,
        "/etc/db/key.pem",
    )
    assert place(facts(settings=tls))["ca_path"] is None
    assert place(facts(there, own=False))["ca_path"] is None


def test_what_is_needed_is_named_and_no_secret_is_told() -> None:
    missing = {"database_user": None, "database_password": None, "database_host": None}
    found = place(facts({"core1": report(programs=PROGRAMS)}, own=False, settings=missing))
    assert len([line for line in found["refusals"] if "is needed to dump" in line]) == 3
    assert "wabiz_database_root_password" in place(facts(settings={"database_root_password": None}))["refusals"][0]
    assert "Canary" not in str(place(facts()))


# --- a dump -----------------------------------------------------------------------------------------------------------


def test_the_plan_of_a_dump_says_what_is_dumped_to_where() -> None:
    found = plan.backup(facts(settings={"database_backup_keep": 1}))
    text = "\n".join(found["text"])
    assert found["refusals"] == [] and found["target"] == "db1:/var/backups/wabiz/wabiz"
    for words in ("wabiz_waent  50 MB", "at most 50 MB, 90 MB are free", "mariadb 10.11.6", "Removed afterwards: one."):
        assert words in text
    assert "Removed" not in "\n".join(plan.backup(facts(settings={"database_backup_keep": 2}))["text"])


def test_why_the_server_could_not_be_asked_is_the_refusal() -> None:
    (refused,) = plan.backup(facts(look={"failed": True, "msg": "The database server cannot be asked: no."}))[
        "refusals"
    ]
    assert refused == "db1: the database server cannot be asked: no. Check the server and its user."
    nowhere = {**PLACE, "host": "", "refusals": ["db1: container wabiz-database does not run. Start it."]}
    found = plan.backup(facts(look={"skipped": True}, dump_place=nowhere))
    assert found["refusals"] == nowhere["refusals"]


def test_half_restored_databases_are_not_dumped() -> None:
    (refused,) = plan.backup(facts({"web1": report(files={NOTE: True})}))["refusals"]
    assert "a restore of the databases was started and not finished" in refused


def noted(server: str) -> dict[str, Any]:
    """The keeper after a restore that was interrupted."""
    content = {"dump": "one", **({"server": server} if server else {})}
    return report(files={NOTE: True}, records={NOTE: {"age": 60, "content": content}})


@pytest.mark.parametrize("server", ["", "db1, container wabiz-database"])
def test_the_note_of_this_server_or_of_one_that_is_not_known_is_refused(server: str) -> None:
    assert "they may be incomplete" in plan.backup(facts({"web1": noted(server)}))["refusals"][0]


def test_the_note_of_another_server_keeps_nothing_from_the_old_one() -> None:
    """A database was to be moved, and the old values are set again."""
    found = plan.backup(facts({"web1": noted("db2:3306")}))
    assert found["refusals"] == []
    assert "into db2:3306 was started and not finished" in found["warnings"][0] and NOTE in found["warnings"][0]


def test_databases_whose_schema_is_being_upgraded_are_not_dumped() -> None:
    upgrades = node(name="wabiz-dbupgrade", node="", client="dbupgrade", version="2.57.2")
    (refusal,) = plan.backup(facts({"core1": report(upgrades)}))["refusals"]
    assert refusal.startswith("core1: container wabiz-dbupgrade is upgrading the schema")


def test_a_dump_for_which_there_is_no_room_is_refused() -> None:
    assert "needs 50 MB" in plan.backup(facts(look={**LOOK, "free": 1}))["refusals"][0]


# --- a restore --------------------------------------------------------------------------------------------------------

ASKED = {"database_restore_from": "one", "database_restore_cluster": "wabiz"}


def test_without_a_name_the_dumps_are_shown_and_nothing_is_refused() -> None:
    found = plan.restore(facts({"core1": report(node())}))
    assert (found["name"], found["refusals"]) == ("", [])
    assert "before the upgrade" in found["text"][1]
    assert plan.restore(facts(look={**LOOK, "dumps": []}))["text"] == ["There is no dump."]


def test_the_plan_of_a_restore_says_what_is_replaced() -> None:
    stays = {"name": "wabiz_wanew", "bytes": 1_000_000, "owner": "", "sessions": 0}
    found = plan.restore(facts(settings=ASKED, look={**LOOK, "databases": [*LOOK["databases"], stays]}))
    assert (found["name"], found["refusals"]) == ("one", [])
    rows = [line.split(maxsplit=3) for line in found["text"][1:4]]
    assert rows == [
        ["wabiz_waent", "50", "MB", "replaced"],
        ["wabiz_wanew", "1.0", "MB", "stays: not in the dump"],
        ["wabiz_waweb", "-", "created"],
    ]
    assert "12 MB of 2026-11-04T03:15:00+00:00, mariadb 10.11.6 (before the upgrade)" in found["text"][-1]


@pytest.mark.parametrize(
    ("surveys", "words"),
    [
        ({"core1": report(node())}, "core1: wabiz-coreapp-1 runs, and would use databases that are replaced."),
        ({"core1": report(node(name="wabiz-dbupgrade", node=""))}, "wabiz-dbupgrade runs"),
        ({"core1": {"unreachable": True}}, "core1: is unreachable"),
    ],
)
def test_nothing_is_replaced_while_nodes_run_or_may_run(surveys: dict[str, Any], words: str) -> None:
    assert words in plan.restore(facts(surveys, settings=ASKED))["refusals"][0]


def test_stopped_nodes_and_those_of_other_clusters_do_not_matter() -> None:
    others = report(node(running=False), node(cluster="other"), node(cluster=""))
    assert plan.restore(facts({"core1": others}, settings=ASKED))["refusals"] == []


@pytest.mark.parametrize("cluster", [None, "other"])
def test_data_are_replaced_only_where_the_cluster_is_named(cluster: str | None) -> None:
    unconfirmed = {**ASKED, "database_restore_cluster": cluster}
    (refused,) = plan.restore(facts(settings=unconfirmed))["refusals"]
    assert "All data in wabiz_waent would be replaced. wabiz_database_restore_cluster: wabiz" in refused
    # An empty server has nothing to lose.
    assert plan.restore(facts(settings=unconfirmed, look={**LOOK, "databases": []}))["refusals"] == []


def test_a_dump_that_is_not_there_is_refused_and_the_others_are_shown() -> None:
    found = plan.restore(facts(settings={**ASKED, "database_restore_from": "two"}))
    assert "names two, and there is no complete dump of that name" in found["refusals"][0]
    assert "before the upgrade" in "\n".join(found["text"])


def test_the_server_needs_room_for_what_the_dump_held() -> None:
    small = {"db1": report(server(), disk_free=9_000_000)}
    assert (
        "the databases need 60 MB, and the server has 59 MB"
        in plan.restore(facts(small, settings=ASKED))["refusals"][0]
    )


def test_the_clients_user_must_be_able_to_use_what_is_restored() -> None:
    """After a rotation, on a new server; the plan knows the user, whoever asks the server."""
    dump = {**DUMP, "kind": "postgresql", "version": "13.16", "owners": ["wabiz"]}
    server = {"server": {"kind": "postgresql", "version": "13.16"}, "program": "13.16"}
    there = {**server, "roles": ["postgres", "wabiz_b"], "dumps": [dump]}
    given = facts(settings={**ASKED, "database_user": "wabiz_b"}, look={**LOOK, **there})
    assert 'GRANT "wabiz" TO "wabiz_b";' in plan.restore(given)["refusals"][0]


def test_what_does_not_fit_the_server_is_refused() -> None:
    other = {**LOOK, "server": {"kind": "mysql", "version": "8.0.33"}}
    assert "the dump is of MariaDB" in plan.restore(facts(settings=ASKED, look=other))["refusals"][0]
