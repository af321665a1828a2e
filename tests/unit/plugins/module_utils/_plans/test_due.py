# Copyright: (c) 2026, wabiz.onprem contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which parts of which hosts a playbook has to visit, by what the hosts say and what the last run noted there."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from ansible_collections.wabiz.onprem.plugins.module_utils._model.inventory import Inventory
from ansible_collections.wabiz.onprem.plugins.module_utils._plans import due as plans
from ansible_collections.wabiz.onprem.plugins.module_utils._plans import parts
from ansible_collections.wabiz.onprem.plugins.module_utils._plans.digests import digests
from ansible_collections.wabiz.onprem.plugins.plugin_utils.declared import declared
from ansible_collections.wabiz.onprem.plugins.plugin_utils.host_settings import host_settings

GROUPS = {
    "database": ["d"],
    "webapp": ["w1", "w2"],
    "master": ["m"],
    "coreapp": ["c"],
    "loadbalancer": ["w2", "b"],
    "retired": ["r"],
}
GIVEN = {
    "version": "2.57.2",
    "database_host": "d",
    "database_user": "wabiz",
    "database_password": "canary-Password-1",
    "database_root_password": "canary-Password-2",
    "api_key": "canary-Api-key-1",
}
CA = "/etc/wabiz/wabiz/webapp-ca.pem"
NUMBER = {"cluster": "wabiz", "number": "4915112345"}
HEALTH: dict[str, Any] = {
    "summary": {"single_instance": False},
    "nodes": [
        {"host": "m", "container_id": "1", "role": "primary_master", "gateway_status": "connected", "errors": []},
        {"host": "c", "container_id": "2", "role": "coreapp", "gateway_status": "connected", "errors": []},
    ],
}
LOCKING = {"host": "w1", "groups": ["wabiz_locking"]}
UNVERIFIED = {"host": "w1", "groups": ["wabiz_unverified"]}


def cluster(**given: Any) -> Inventory:
    """As site.yml reads it; what is given holds for all hosts."""
    wanted = [variable for variable in declared().read_by("site") if not variable.deferred]
    variables = {f"wabiz_{key}": value for key, value in {**GIVEN, **given}.items()}
    hosts = {host for hosts in GROUPS.values() for host in hosts}
    settings = {host: host_settings(host, variables, wanted, lambda value: value) for host in hosts}
    assert not [finding for found in settings.values() for finding in found.findings]
    return Inventory(GROUPS, {host: found.values for host, found in settings.items()}, GROUPS)


def made(found: Inventory, host: str, edition: str = "edition") -> dict[str, str]:
    """The digests of what is wanted on a host."""
    return digests(found, host, declared(), edition)


def report(found: Inventory, host: str) -> dict[str, Any]:
    """A host that is as the last run left it."""
    resources = parts.resources(found, host)
    fingerprints = {part: dict.fromkeys(names, "same") for part, names in resources.items()}
    wanted = made(found, host)
    return {
        "engine": {"running": True},
        "requirements": {"requests": True, "crontab": True},
        "files": {},
        "clusters": [NUMBER],
        "fingerprints": fingerprints,
        "stamp": {part: {"wanted": wanted[part], "found": dict(fingerprints[part])} for part in resources},
        "certificate_authority": {"digest": "ab", "problem": ""},
        "file_digests": {CA: "ab"},
    }


Reports = dict[str, dict[str, Any]]


@pytest.fixture
def reports() -> Reports:
    found = cluster()
    return {host: report(found, host) for host in found.hosts}


def reasons(
    found: Inventory, reports: Reports, playbook: str = "site", edition: str = "edition"
) -> dict[str, dict[str, str]]:
    wanted = {host: made(found, host, edition) for host in reports}
    return plans.due_parts(found, reports, playbook, wanted)


def due(reports: Reports, playbook: str = "site", **given: Any) -> dict[str, set[str]]:
    return {host: set(named) for host, named in reasons(cluster(**given), reports, playbook).items()}


def follows(reports: Reports, refused: str = "", needs_lock: bool = True, **given: Any) -> dict[str, Any]:
    found = cluster()
    return plans.what_follows(found, reports, "site", refused, needs_lock, lambda host: made(found, host), **given)


def test_no_host_is_visited_where_nothing_has_changed(reports: Reports) -> None:
    reports["w1"]["health"] = HEALTH
    found = follows(reports)
    assert (found["due"], found["due_groups"]) == ({}, [])
    assert found["wanted"]["d"].keys() == {"database"}


def test_hosts_are_sorted_by_what_is_due(reports: Reports) -> None:
    reports["c"]["fingerprints"]["coreapp"]["network wabiz"] = "other"
    reports["w1"]["health"] = HEALTH
    found = follows(reports, needs_lock=False)
    assert found["due"] == {"c": {"coreapp": "changed since the last run: network wabiz"}}
    assert found["due_groups"] == [{"host": "c", "groups": ["wabiz_due", "wabiz_due_coreapp"]}, UNVERIFIED]


def test_a_new_cluster_is_all_due() -> None:
    found = cluster()
    empty = {host: {**report(found, host), "stamp": {}} for host in found.hosts}
    assert due(empty) == {
        "d": {"database"},
        "w1": {"webapp", "log_cleanup"},
        "w2": {"webapp", "log_cleanup", "loadbalancer"},
        "m": {"master", "log_cleanup"},
        "c": {"coreapp", "log_cleanup"},
        "b": {"loadbalancer"},
    }


@pytest.mark.parametrize(
    ("setting", "value", "hosts"),
    [
        ("log_cleanup_schedule", {"minute": "7"}, {"w1", "w2", "m", "c"}),
        ("loadbalancer_port", 8443, {"w2", "b"}),
        ("api_key", "another-Api-key-1", {"w1", "w2"}),
        ("database_root_password", "another-Password-2", {"d"}),
        ("database_server_settings", {"max_connections": "300"}, {"d"}),
        ("verify_timeout", 7, set()),
        ("uninstall_volumes", "wabiz", set()),
    ],
)
def test_a_setting_is_due_where_its_role_reads_it(reports: Reports, setting: str, value: Any, hosts: set[str]) -> None:
    found = due(reports, **{setting: value})
    balancers = {"w2", "b"} if any("webapp" in named for named in found.values()) else set()
    assert found.keys() == hosts | balancers


def test_another_edition_of_the_collection_makes_all_due(reports: Reports) -> None:
    assert reasons(cluster(), reports, edition="another").keys() == set(reports) - {"r"}


# --- what only one playbook brings about ----------------------------------------------------------------------------


@pytest.fixture
def untouched(reports: Reports) -> Reports:
    """Nothing was ever noted, and no engine runs."""
    record = {"/etc/wabiz/wabiz/master.yml": True}
    for found in reports.values():
        found |= {"stamp": {}, "engine": {"running": False}, "clusters": [], "files": record}
    return reports


SHARED = {"media_path": "/media", "phone_cc": "49", "phone_number": "15112345"}


@pytest.mark.parametrize(
    ("playbook", "expected"),
    [
        ("multiconnect", {"engine", "media", "coreapp", "number", "log_cleanup"}),
        ("upgrade", {"coreapp"}),
        ("site", {"engine", "media", "coreapp", "number", "log_cleanup", "stale"}),
    ],
)
def test_a_playbook_visits_only_what_it_brings_about(untouched: Reports, playbook: str, expected: set[str]) -> None:
    assert due(untouched, playbook, **SHARED)["c"] == expected


def test_multiconnect_and_upgrade_leave_hosts_of_others_alone(untouched: Reports) -> None:
    assert due(untouched, "upgrade", **SHARED) == {
        "w1": {"webapp"},
        "w2": {"webapp"},
        "m": {"master"},
        "c": {"coreapp"},
    }
    for host in ("d", "w1", "w2", "m", "b"):
        assert not due(untouched, "multiconnect", **SHARED).get(host, set()) & {"webapp", "master", "loadbalancer"}


def settled(**given: Any) -> tuple[Inventory, Reports]:
    """A cluster with a share, and its hosts as the last run left them."""
    found = cluster(media_path="/media", **given)
    return found, {host: report(found, host) for host in found.node_hosts}


def test_modes_are_set_where_they_are_others_and_the_plan_says_it() -> None:
    modes = {"modes": {"/media": "2755", "/media/incoming": "700", "/media/shared": "755"}}
    found, reports = settled()
    reports["c"]["media"] = modes
    reason = "mode 755 is set on /media/incoming (700), not on what is deeper"
    assert reasons(found, reports) == {"c": {"media": reason}}
    found, reports = settled(media_set_mode=False)
    reports["c"]["media"] = modes
    assert reasons(found, reports) == {}


def test_docker_waiting_for_a_mount_that_is_no_longer_wanted_is_due() -> None:
    found, reports = settled(media_require_mount=False)
    reports["m"]["files"] = {found.boot_file: True}
    assert reasons(found, reports) == {"m": {"media": "Docker waits for a mount that is no longer wanted"}}
    # Who does not know whether it is wanted leaves it.
    del found.variables["m"]["media_require_mount"]
    assert "m" not in plans.due_parts(found, reports, "loadbalancer", {host: {} for host in reports})
    # The containers of a retired host still need the mount.
    found, reports = settled(media_require_mount=False)
    reports["r"] = {**report(found, "r"), "files": {found.boot_file: True}}
    assert reasons(found, reports) == {}
    # Where it is wanted, the file belongs to the part.
    wanted, reports = settled()
    reports["m"]["files"] = {wanted.boot_file: True}
    assert reasons(wanted, reports) == {}


@pytest.mark.parametrize("playbook", ["site", "multiconnect", "upgrade"])
@pytest.mark.parametrize("role", ["webapp", "master", "coreapp", "media", "log_cleanup", "database", "loadbalancer"])
def test_a_playbook_that_notes_parts_reads_all_that_they_are_made_from(playbook: str, role: str) -> None:
    """Otherwise the digest of one playbook would differ from that of the next, and all would be due each time."""
    mine, its = ({variable.key for variable in declared().read_by(name)} for name in (playbook, f"role {role}"))
    assert its <= mine


# --- the rules of single parts --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "missing", [{"engine": {"running": False}}, {"requirements": {"requests": False}}, {"services": {"cron": False}}]
)
def test_docker_is_installed_where_containers_run_and_nowhere_else(reports: Reports, missing: dict[str, Any]) -> None:
    """A webapp's host may be a balancer too; a balancer alone needs no Docker, and a retired host none any more."""
    for found in reports.values():
        found |= missing
    assert {host for host, named in due(reports).items() if "engine" in named} == {"d", "w1", "w2", "m", "c"}


def test_a_stopped_service_is_named(reports: Reports) -> None:
    reports["c"]["services"] = {"docker": True, "cron": False}
    assert reasons(cluster(), reports) == {"c": {"engine": "service cron does not run"}}


def test_the_record_of_a_service_that_has_left_is_removed(reports: Reports) -> None:
    for found in reports.values():
        found["files"] = {"/etc/wabiz/wabiz/master.yml": True, "/etc/wabiz/wabiz/coreapp.yml": False}
    # The retired host's coreapp may still run.
    assert due(reports) == {host: {"stale"} for host in ("d", "w1", "w2", "c", "b")}


def test_the_phone_number_is_noted_where_nodes_run(reports: Reports) -> None:
    for found in reports.values():
        found["clusters"] = [{**NUMBER, "number": ""}]
    assert due(reports) == {}
    given = {"phone_cc": "49", "phone_number": "15112345"}
    assert {host for host, named in due(reports, **given).items() if "number" in named} == {"w1", "w2", "m", "c"}
    reports["m"]["clusters"] = [NUMBER]
    assert "number" not in due(reports, **given).get("m", set())


@pytest.mark.parametrize("kept", ["", "cd"])
def test_another_certificate_of_the_webapps_is_fetched_and_given_to_the_balancers(reports: Reports, kept: str) -> None:
    reports["w2"]["file_digests"] = {CA: kept}
    assert due(reports) == {"w2": {"webapp", "loadbalancer", "authority"}, "b": {"loadbalancer", "authority"}}


def test_a_certificate_that_cannot_be_read_proves_nothing(reports: Reports) -> None:
    reports["w1"]["certificate_authority"] = {"digest": "", "problem": "no such container"}
    assert due(reports) == {}


def test_balancers_are_compared_where_webapps_may_change(reports: Reports) -> None:
    reports["w1"]["fingerprints"]["webapp"]["container wabiz-webapp-1"] = "other"
    assert due(reports) == {"w1": {"webapp"}, "w2": {"loadbalancer"}, "b": {"loadbalancer"}}


def test_balancers_are_compared_where_the_webapps_certificate_is_not_the_last_runs(reports: Reports) -> None:
    for key in ("fingerprints", "stamp"):
        changed = copy.deepcopy(reports)
        changed["w1"][key] = {}
        assert due(changed)["b"] == {"loadbalancer"}
    # Excluded by --limit: not known.
    assert due({"b": reports["b"]})["b"] == {"loadbalancer"}


def test_a_certificate_of_the_site_is_compared_by_the_role(reports: Reports) -> None:
    assert due(reports, api_ca_path="/etc/ssl/ours.pem").keys() == {"w2", "b"}


def test_the_certificate_of_what_is_in_front_of_the_webapps_is_not_the_balancers_business(reports: Reports) -> None:
    found = cluster(api_ca_path="/etc/ssl/ours.pem", api_endpoints=["https://api.example.net"])
    assert reasons(found, {host: report(found, host) for host in reports}) == {}


def test_a_webapp_more_is_due_at_the_balancers(reports: Reports) -> None:
    found = cluster()
    found.variables["w1"]["webapp_instances"] = 2
    named = reasons(found, reports)
    assert "settings, or the collection" in named["b"]["loadbalancer"]
    assert named.keys() == {"w1", "w2", "b"}


def test_a_cluster_without_webapps_is_no_error(reports: Reports) -> None:
    alone = cluster()
    alone.groups = {**GROUPS, "webapp": []}
    assert "b" in reasons(alone, {"b": reports["b"]})


def test_no_secret_is_in_what_is_told(reports: Reports) -> None:
    assert "canary" not in str(follows(reports))


def groups(reports: Reports, needs_lock: bool = True) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = follows(reports, needs_lock=needs_lock)["due_groups"]
    return found


def test_a_whole_cluster_needs_neither_the_lock_nor_another_look(reports: Reports) -> None:
    reports["w1"]["health"] = HEALTH
    assert groups(reports) == []


@pytest.mark.parametrize(
    "health",
    [
        {},
        {"msg": "connection refused"},
        {**HEALTH, "nodes": HEALTH["nodes"][:1]},
        {**HEALTH, "nodes": [HEALTH["nodes"][0], {**HEALTH["nodes"][1], "gateway_status": "disconnected"}]},
    ],
)
def test_a_cluster_that_is_not_as_expected_is_asked_again(reports: Reports, health: dict[str, Any]) -> None:
    reports["w1"]["health"] = health
    assert groups(reports) == [UNVERIFIED]


def test_what_is_due_needs_the_lock_and_is_verified(reports: Reports) -> None:
    reports["w1"]["health"] = HEALTH
    reports["c"]["stamp"] = {}
    assert groups(reports)[1:] == [LOCKING, UNVERIFIED]
    assert groups(reports, needs_lock=False)[1:] == [UNVERIFIED]


def test_settings_of_the_heartbeat_that_a_killed_run_left_are_due(reports: Reports) -> None:
    reports["w1"]["files"] = {"/etc/wabiz/wabiz/heartbeat.yml": True}
    assert due(reports) == {"w1": {"heartbeat"}}


def test_while_someone_holds_the_lock_nothing_else_counts(reports: Reports) -> None:
    reports["w1"]["lock"] = {"holder": "anna", "expired": False}
    reports["c"]["stamp"] = {}
    found = follows(reports, "a port is taken")
    assert (found["refusal"], found["due_groups"]) == ("", [LOCKING])
    # Who has the lock by now is told what is wrong.
    assert follows(reports, "a port is taken", needs_lock=False) == {"refusal": "a port is taken"}


def test_what_either_look_found_due_is_due(reports: Reports) -> None:
    reports["c"]["stamp"] = {}
    before = {"m": {"master": "changed since the last run: network wabiz"}}
    found = follows(reports, needs_lock=False, before=before)
    assert {host: set(named) for host, named in found["due"].items()} == {
        "c": {"coreapp", "log_cleanup"},
        "m": {"master"},
    }


# --- one part of one host ---------------------------------------------------------------------------------------------

NOTED: dict[str, Any] = {"wanted": "5d41", "found": {"file /a": "1", "file /b": "absent"}}


def due_part(noted: Any, there: dict[str, str], wanted: str = "5d41") -> dict[str, str]:
    stamp = {} if noted is None else {"webapp": noted}
    return plans.changed({"webapp": wanted}, {"stamp": stamp, "fingerprints": {"webapp": there}})


def test_nothing_is_due_where_all_is_as_it_was_left() -> None:
    assert due_part(NOTED, NOTED["found"]) == {}


@pytest.mark.parametrize(
    ("noted", "there", "wanted", "words"),
    [
        (None, {"file /a": "1"}, "5d41", "not recorded by a run yet"),
        (NOTED, {"file /a": "1", "file /b": "absent"}, "6e52", "settings, or the collection"),
        ({"found": NOTED["found"]}, {"file /a": "1", "file /b": "absent"}, "5d41", "settings, or the collection"),
        (NOTED, {"file /a": "2", "file /b": "3"}, "5d41", "file /a, file /b"),
        (NOTED, {"file /a": "1", "file /b": "unreadable: no engine answers"}, "5d41", "last run: file /b"),
        (NOTED, {"file /a": "1", "file /b": "absent", "file /c": "absent"}, "5d41", "file /c"),
        (NOTED, {"file /a": "1"}, "5d41", "its files or objects"),
        (NOTED, {}, "5d41", "its files or objects"),
    ],
)
def test_why_a_part_is_due(noted: Any, there: dict[str, str], wanted: str, words: str) -> None:
    assert words in due_part(noted, there, wanted)["webapp"]


def test_a_part_that_is_noted_but_not_wanted_any_more_is_not_due() -> None:
    assert plans.changed({}, {"stamp": {"webapp": NOTED}, "fingerprints": {}}) == {}


@pytest.mark.parametrize(
    ("running", "requests", "expected"), [(True, True, False), (False, True, True), (True, False, True)]
)
def test_when_the_engine_is_due(running: bool, requests: bool, expected: bool) -> None:
    report = {"engine": {"running": running}, "requirements": {"requests": requests, "crontab": True}}
    assert plans.engine_due(report) is expected


@pytest.mark.parametrize("playbook", ["site", "multiconnect"])
def test_the_login_that_a_killed_run_left_is_removed(reports: Reports, playbook: str) -> None:
    found = cluster()
    reports["c"]["files"] = {"/run/wabiz-wabiz-login": True}
    reason = "a run that ended early left the login of the registry"
    assert reasons(found, reports, playbook) == {"c": {"login": reason}}


@pytest.mark.parametrize(("until", "due"), [("2026-12-30", True), ("2026-12-31", False), ("", False)])
def test_a_certificate_of_ours_is_due_in_its_last_days(until: str, due: bool) -> None:
    """The balancer's; role certificate looks by itself at the time, a day earlier."""
    found = cluster()
    path = "/etc/wabiz/wabiz/loadbalancer/self-made.pem"
    reports = {host: report(found, host) for host in found.hosts}
    reports["b"] |= {"today": "2026-12-01", "certificates": {path: until}}
    named = plans.due_parts(found, reports, "site", {host: made(found, host) for host in reports})
    assert ("loadbalancer" in named.get("b", {})) is due


def test_a_certificate_that_was_given_is_the_sites_to_renew() -> None:
    assert cluster(loadbalancer_certificate="PEM").self_made("b") == {}


@pytest.mark.parametrize("playbook", ["site", "multiconnect", "upgrade", "rotate_database_password", "rotate_secrets"])
def test_a_webapp_that_a_killed_run_left_drained_is_due_for_each_playbook(reports: Reports, playbook: str) -> None:
    reports["w2"]["files"] = {"/etc/wabiz/wabiz/wabiz-webapp-1.drained": True}
    reason = "a run that ended early left wabiz-webapp-1 drained"
    assert reasons(cluster(), reports, playbook) == {"w2": {"drained": reason}}
