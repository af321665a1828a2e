# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plan of an upgrade: order, cost, refusals, and what an interrupted run leaves to do."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.wabiz.onprem.plugins.module_utils._plans.facts import Facts
from ansible_collections.wabiz.onprem.plugins.module_utils._plans.upgrade.plan import plan
from ansible_collections.wabiz.onprem.plugins.module_utils._plans.upgrade.situation import Situation, Wish
from ansible_collections.wabiz.onprem.plugins.module_utils._plans.verbs import VERBS
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.findings import Finding
from hypothesis import given
from hypothesis import strategies as st

OLD, NEW = "2.55.1", "2.57.2"
WISH = Wish(NEW, "mysql", today="2026-03-01")
SCHEMA = {"config": 1, "message": 1}
HOOK = ("the database", "wabiz_database_backup_tasks")
Item = dict[str, Any]
LIMIT = ("wabiz_upgrade_minimum_disk_gb", 2.0)
COUNTS = {"webapp": 2, "master": 3, "coreapp": 5}


def container(host: str, service: str, version: str, running: bool = True) -> Item:
    place = {"name": f"wabiz-{service}-1", "id": host, "cluster": "wabiz", "node": service}
    return {**place, "version": version, "running": running}


def situation(
    wish: Wish = WISH,
    versions: dict[str, str] | None = None,
    shards: int = 4,
    counts: dict[str, int] | None = None,
    broken: tuple[str, ...] = (),
    registered: bool | None = True,
    **more: Any,
) -> Situation:
    """Every node on a host of its own, named as web1, mast1, core1; `versions` by host, '' for a missing container."""
    sizes = counts or COUNTS
    places = [(f"{service[:4]}{n}", service) for service, count in sizes.items() for n in range(1, count + 1)]
    running = {host: OLD for host, _service in places} | (versions or {})
    nodes = [{"host": h, "service": s, "name": f"wabiz-{s}-1", "address": h} for h, s in places]
    said = []
    for host, service in places:
        if service == "webapp" or not running[host]:
            continue
        role = service if service == "coreapp" else "primary_master" if host == "mast1" else "secondary_master"
        served = service == "coreapp" and int(host[4:]) <= shards
        status = "connected" if served else "disconnected"
        if registered is False:
            status = "unregistered"
        gone = host in broken
        said.append(
            {
                "name": f"{host}:{host}",
                "container_id": host,
                "role": None if gone else role,
                "gateway_status": None if gone else status,
                "errors": [{"code": 1014}] if gone else [],
            }
        )
    good = [node for node in said if not node["errors"]]
    summary = {
        "registered": registered,
        "single_instance": False,
        "primary_masters": sum(node["role"] == "primary_master" for node in good),
        "connected_coreapps": sum(node["role"] == "coreapp" and node["gateway_status"] == "connected" for node in good),
    }
    reports = {
        host: {
            "engine": {"running": True},
            "containers": [container(host, service, running[host])] if running[host] else [],
            "images": {f"r/x:v{NEW}": "registry"},
            "disk_free": 50e9,
            "connections": {"db:3306": ""},
        }
        for host, service in places
    }
    given: dict[str, Any] = {
        "topology": {
            "cluster": "wabiz",
            "nodes": nodes,
            "groups": {"database": []},
            "disk_limits": dict.fromkeys([*(host for host, _service in places), "db1"], LIMIT),
        },
        "reports": reports,
        "health": {"nodes": said, "summary": summary, "version": OLD},
        "shards": shards if registered else None,
        "support": {"nodes": [{"schema": SCHEMA}]},
        "messages": 3_000_000,
        "wish": wish,
    }
    return Situation(**{**given, **more})


def with_report(found: Situation, host: str, **values: Any) -> Situation:
    return replace(found, reports={**found.reports, host: {**found.reports.get(host, {}), **values}})


def whats(found: Item) -> list[str]:
    return [f"{step['what']} @ {step['where']}" for step in found["steps"]]


def all_on(version: str, *but: str) -> dict[str, str]:
    hosts = [f"{service[:4]}{n}" for service, count in COUNTS.items() for n in range(1, count + 1)]
    return {host: version for host in hosts if host not in but}


def test_the_whole_order_on_mysql() -> None:
    found = plan(situation())
    assert whats(found) == [
        "back up the settings @ through the API",
        "pull the images @ 10 hosts",
        "POINT OF NO RETURN: dbupgrade @ one host",
        "shorten the heartbeat intervals @ through the API",
        "replace wabiz-webapp-1 @ weba1",
        "replace wabiz-webapp-1 @ weba2",
        "replace wabiz-master-1 (secondary) @ mast2",
        "replace wabiz-master-1 (secondary) @ mast3",
        "replace wabiz-master-1 (primary) @ mast1",
        "replace wabiz-coreapp-1 (standby) @ core5",
        "replace wabiz-coreapp-1 (connected) @ core1",
        "replace wabiz-coreapp-1 (connected) @ core2",
        "replace wabiz-coreapp-1 (connected) @ core3",
        "replace wabiz-coreapp-1 (connected) @ core4",
        "restore the heartbeat intervals @ through the API",
        "verify @ the cluster",
    ]
    assert [step["capacity left"] for step in found["steps"][4:14]] == [
        *["1 of 2 webapps"] * 2,
        *["2 of 3 masters"] * 3,
        "4 of 4 shards, 0 standby",
        *["3 of 4 shards for 5 to 6 s, then 4 of 4 shards, 0 standby"] * 4,
    ]
    assert [step["step"] for step in found["steps"]] == list(range(1, 17))
    assert (found["point_of_no_return"], found["dbupgrade"], found["refusals"]) == (3, True, [])
    assert (found["needed"], found["rollback"], found["unfinished"]) == (True, False, False)
    assert (found["predicted_seconds"], found["previous_versions"]) == (150.0, [OLD])
    text = "\n".join(found["text"])
    assert "Without service: 4 times one shard, 5 to 6 s each" in text
    assert "3000000 messages are a large database" in text
    assert f"version {OLD} -> {NEW}" in text
    assert json.loads(json.dumps(found)) == found


def test_the_failover_window_is_never_made_longer() -> None:
    found = plan(situation(heartbeat=1, unhealthy=3))
    assert found["heartbeat"]["change"] is False
    assert not any("failover window" in step["what"] for step in found["steps"])
    changed = plan(situation(heartbeat=5, unhealthy=3))["heartbeat"]
    assert changed["wanted"] == {"heartbeat_interval": 1, "unhealthy_interval": 3}
    assert changed["original"] == {"heartbeat_interval": 5, "unhealthy_interval": 3}


def test_on_postgresql_the_masters_migrate_while_no_shard_is_served() -> None:
    found = plan(situation(replace(WISH, engine="postgresql", rows_per_second=100_000)))
    assert (found["dbupgrade"], found["predicted_seconds"]) == (False, 30.0)
    marked = found["steps"][found["point_of_no_return"] - 1]
    assert marked["what"] == "POINT OF NO RETURN: replace wabiz-master-1 (secondary)"
    primary = next(step for step in found["steps"] if "(primary)" in step["what"])
    assert (primary["seconds"], "no shard is served" in primary["capacity left"]) == ([50, 80], True)
    text = "\n".join(found["text"])
    assert "every shard for about 30 s" in text and "3000000 messages, 100000 rows/s assumed" in text


def test_an_unknown_number_of_rows_is_said_with_its_reason() -> None:
    found = plan(situation(replace(WISH, engine="postgresql"), messages=None, uncounted="no answer in time."))
    assert found["predicted_seconds"] is None
    assert "for an unknown time" in "\n".join(found["text"])
    assert any("is not known: no answer in time." in text for text in found["warnings"])


def test_garbage_is_collected_only_when_that_is_wanted() -> None:
    assert not any("garbage" in what for what in whats(plan(situation())))
    found = plan(situation(replace(WISH, gc=True, database_backup=HOOK)))
    assert found["gc"] and "collect garbage @ every coreapp" in whats(found)
    assert "back up the database @ the database" in whats(found)
    assert not plan(situation(replace(WISH, gc=True, gc_above=3_000_000), messages=3_000_000))["gc"]
    several = plan(situation(replace(WISH, gc=True, gc_rounds=3), messages=10_000_001))
    assert several["gc_rounds"] == 3


def test_unread_messages_are_not_collected() -> None:
    (refusal,) = plan(situation(replace(WISH, gc=True, gc_read=False)))["refusals"]
    assert "wabiz_message_gc_read: true" in refusal
    assert plan(situation(replace(WISH, gc_read=False)))["refusals"] == []


def test_upgrading_to_what_runs_does_nothing_and_says_so() -> None:
    found = plan(situation(versions=all_on(NEW)))
    assert (found["needed"], found["steps"], found["refusals"], found["warnings"]) == (False, [], [], [])
    assert found["text"] == [f"Nothing to do: every node runs {NEW}."]


def test_a_resumed_run_leaves_out_what_is_done() -> None:
    done = all_on(NEW, "core1", "core2")
    record = {"version": NEW, "previous_versions": [OLD], "schema": SCHEMA, "schema_versions": [OLD]}
    found = plan(situation(versions=done, record=record))
    assert [what for what in whats(found) if "replace" in what] == [
        "replace wabiz-coreapp-1 (connected) @ core1",
        "replace wabiz-coreapp-1 (connected) @ core2",
    ]
    assert (found["refusals"], found["unfinished"], found["half_done"]) == ([], True, [])
    assert found["record"] == {**record, "schema_upgraded": False}


@pytest.mark.parametrize(
    ("done", "noted_for", "level", "again"),
    [
        pytest.param(True, NEW, 2, False, id="done"),
        pytest.param(False, NEW, 2, True, id="broken off"),
        pytest.param(True, NEW, 1, True, id="a restored database"),
        pytest.param(True, "2.56.1", 2, True, id="another version's"),
    ],
)
def test_the_schema_is_not_upgraded_twice(done: bool, noted_for: str, level: int, again: bool) -> None:
    record = {"version": noted_for, "previous_versions": [OLD], "schema": SCHEMA, "schema_versions": [OLD]}
    support = {"nodes": [{"schema": {**SCHEMA, "message": level}}]}
    wish = replace(WISH, database_backup=HOOK)
    found = plan(situation(wish, record={**record, "schema_upgraded": done}, support=support))
    assert (found["dbupgrade"], found["record"]["schema_upgraded"]) == (again, not again)
    assert (found["point_of_no_return"] == 0) is not again
    assert ("The schema is upgraded already" in "\n".join(found["text"])) is not again
    # A backup of a changed schema could replace the one that leads back.
    saved = any("back up the database" in what for what in whats(found))
    assert (found["schema_moved"], saved) == ((True, False) if (noted_for, level) == (NEW, 2) else (False, True))
    assert found["database_backup"] is saved


def test_what_speaks_against_the_backup_of_the_database_stops_the_upgrade() -> None:
    wish = replace(WISH, database_backup=("db1:/dumps", "at most 5 MB"), database_findings=[Finding("db1", "is full.")])
    found = plan(situation(wish))
    assert "back up the database @ db1:/dumps" in whats(found)
    (refused,) = found["refusals"]
    assert refused.startswith("db1: is full. Or save the database by other means (wabiz_database_backup_tasks)")
    # Where the schema is not changed there is nothing to roll back to.
    assert plan(situation(wish, versions=all_on(NEW)))["refusals"] == []


def test_what_is_incomplete_is_named_and_repaired_first() -> None:
    found = plan(situation(versions={**all_on(NEW, "core1", "core2"), "core5": ""}))
    steps = [what for what in whats(found) if "coreapp" in what]
    assert steps[0] == "start wabiz-coreapp-1 @ core5"
    assert found["half_done"][0]["problem"] == "is missing"
    assert any("core5/wabiz-coreapp-1 is missing" in text for text in found["warnings"])
    assert found["refusals"] == []


def test_the_last_one_missing_is_work_although_no_old_version_runs() -> None:
    found = plan(situation(versions={**all_on(NEW), "core5": ""}))
    assert found["needed"] and not found["dbupgrade"]


def test_a_container_that_does_not_run_is_replaced_first() -> None:
    found = situation(versions=all_on(NEW, "core1"))
    found = with_report(found, "core5", containers=[container("core5", "coreapp", NEW, running=False)])
    found = replace(
        found, health={**found.health, "nodes": [n for n in found.health["nodes"] if n["container_id"] != "core5"]}
    )
    steps = [step for step in plan(found)["steps"] if "coreapp" in step["what"]]
    assert [step["where"] for step in steps] == ["core5", "core1"]
    assert steps[0]["reason"].startswith("it does not run")


def test_after_its_last_node_only_the_tail_is_left() -> None:
    record = {"version": NEW, "previous_versions": ["2.29.2"], "schema": {}, "schema_versions": []}
    found = plan(situation(versions=all_on(NEW), record=record))
    assert (found["needed"], found["unfinished"], bool(found["ownership"])) == (False, True, True)
    assert "interrupted" in found["text"][1]


@pytest.mark.parametrize(("level", "warned"), [(1, False), (2, True)])
def test_back_before_any_node_was_replaced(level: int, warned: bool) -> None:
    """Nothing but the schema may have changed; old nodes run on, and their operator is told."""
    record = {"version": NEW, "previous_versions": [OLD], "schema": SCHEMA, "schema_versions": [OLD]}
    support = {"nodes": [{"schema": {**SCHEMA, "message": level}}]}
    found = plan(situation(Wish(OLD, "mysql"), record=record, support=support))
    assert (found["needed"], found["unfinished"], bool(found["warnings"])) == (False, True, warned)
    assert any("The schema was migrated" in text for text in found["text"]) is warned


@pytest.mark.parametrize(("version", "reason"), [(OLD, f"version {OLD} -> {NEW}"), (NEW, "env.WA_X: 1 -> 2")])
def test_the_reason_is_the_version_or_the_difference_of_the_container(version: str, reason: str) -> None:
    resource = {"kind": "container", "name": "wabiz-coreapp-1", "state": "changed", "differences": ["env.WA_X: 1 -> 2"]}
    comparisons = {"core5": [{**resource, "kind": "image"}, resource]}
    found = plan(situation(versions={"core5": version}, comparisons=comparisons))
    assert reason == next(step["reason"] for step in found["steps"] if step["where"] == "core5")


REFUSED: list[tuple[Situation, str]] = [
    (situation(replace(WISH, version="2.57.x")), "not a client version"),
    (with_report(situation(), "core1", engine={"running": False}), "core1: the Docker engine does not answer"),
    (situation(health={"msg": "refused"}), "The API does not answer: refused"),
    (situation(registered=None), "does not report whether a number is registered"),
    (situation(shards=4, broken=("core1",)), "3 coreapps are connected for 4 shards"),
    (situation(broken=("core5",)), "core5/wabiz-coreapp-1: does not answer"),
    (situation(broken=("mast1",)), "There are 0 primary masters"),
    (situation(versions={"core5": ""}), f"Run playbook site.yml with version {OLD} first"),
    (situation(versions=all_on(NEW, "core1"), broken=("core5",)), f"runs {NEW} already and does not answer"),
    (replace(situation(), shards=3), "4 coreapps are connected for 3 shards"),
    (replace(situation(), shards=None), "does not report how many shards"),
    (situation(counts={**COUNTS, "coreapp": 4}), "leave no standby"),
    (with_report(situation(), "core1", connections={"db:3306": "timed out"}), "database at db:3306: timed out"),
    (with_report(situation(), "core1", disk_free=1e9), "core1: has 1.0 GB free"),
    (
        with_report(situation(), "core1", image_facts={f"r/x:v{NEW}": {"created": "", "expires_on": "2026-01-01"}}),
        "expired",
    ),
    (situation(replace(WISH, hops=({"effect": "refusal", "text": "by way of 2.56"},))), "by way of 2.56"),
    (situation(replace(WISH, version="2.53.3")), "is older than the running version 2.55.1"),
]


@pytest.mark.parametrize(("found", "words"), REFUSED, ids=[words for _found, words in REFUSED])
def test_what_is_refused(found: Situation, words: str) -> None:
    result = plan(found)
    assert any(words in text for text in result["refusals"]), result["refusals"]
    assert any(words in text for text in result["text"])


def test_hosts_that_are_excluded_or_silent() -> None:
    found = situation()
    less = replace(found, reports={host: report for host, report in found.reports.items() if host != "core1"})
    assert any("core1: was not inspected" in text for text in plan(less)["refusals"])
    silent = replace(found, reports={**found.reports, "core1": {"msg": "unreachable"}})
    assert any("core1: is unreachable: unreachable" in text for text in plan(silent)["refusals"])


def test_nodes_that_the_inventory_does_not_know() -> None:
    found = situation()
    foreign = {**found.health["nodes"][-1], "name": "x:unknown", "container_id": "unknown"}
    outside = replace(found, health={**found.health, "nodes": [*found.health["nodes"], foreign]})
    assert any("x:unknown" in text for text in plan(outside)["refusals"])
    extra = {**container("core1", "coreapp", OLD), "name": "wabiz-coreapp-2", "id": "unknown"}
    surplus = with_report(outside, "core1", containers=[*found.reports["core1"]["containers"], extra])
    assert any("core1: wabiz-coreapp-2 belongs to the cluster" in text for text in plan(surplus)["refusals"])


def test_without_a_standby_each_shard_waits_for_its_own_coreapp() -> None:
    counts = {**COUNTS, "coreapp": 4}
    found = plan(situation(replace(WISH, without_standby=True), counts=counts))
    steps = [step for step in found["steps"] if "coreapp" in step["what"]]
    assert found["refusals"] == [] and len(steps) == 4
    assert {step["capacity left"] for step in steps} == {"3 of 4 shards, 0 standby"}
    assert all("no standby" in step["reason"] and step["away"] == [20, 60] for step in steps)


def test_a_single_master_and_a_single_webapp_are_warned_of() -> None:
    found = plan(situation(counts={"webapp": 1, "master": 1, "coreapp": 5}))
    text = "\n".join(found["warnings"])
    assert "one webapp" in text and "one master" in text
    assert next(step["away"] for step in found["steps"] if "(connected)" in step["what"]) == [120, 180]


def test_before_registration_shards_are_not_waited_for() -> None:
    found = plan(situation(registered=False))
    assert (found["refusals"], len([what for what in whats(found) if "replace" in what])) == ([], 10)
    assert not any("back up" in what or "failover" in what for what in whats(found))
    assert any("No phone number is registered" in text for text in found["warnings"])


@pytest.mark.parametrize(
    ("engine", "versions", "record", "allowed"),
    [
        ("postgresql", {"weba1": NEW}, None, True),
        ("postgresql", {"weba1": NEW, "weba2": NEW, "mast3": NEW}, None, False),
        ("mysql", {"weba1": NEW}, None, False),
        ("mysql", {"weba1": NEW}, SCHEMA, True),
        ("mysql", {"weba1": NEW}, {**SCHEMA, "message": 2}, False),
        ("mysql", all_on(NEW), SCHEMA, True),
        ("postgresql", all_on(NEW), None, False),
    ],
)
def test_the_rollback(engine: str, versions: dict[str, str], record: Item | None, allowed: bool) -> None:
    """Only while it is certain that the schema is the old one, or where the operator says so."""
    noted = record and {"version": NEW, "previous_versions": [OLD], "schema": record, "schema_versions": [OLD]}
    found = situation(Wish(OLD, engine), versions=versions, record=noted)
    result = plan(found)
    assert result["rollback"] and (result["refusals"] == []) is allowed, result["refusals"]
    assert plan(replace(found, wish=replace(found.wish, allow_downgrade=True)))["refusals"] == []
    if noted and allowed:
        # Interrupted during the rollback, it still knows which schema it came from.
        again = replace(found, record=result["record"])
        assert (plan(again)["refusals"], result["record"]["schema_versions"]) == ([], [OLD])


def test_betas_and_mixed_versions_are_warned_of() -> None:
    found = plan(situation(replace(WISH, version="2.58.1"), versions={"core1": "2.53.3"}))
    text = "\n".join(found["warnings"])
    assert "is a beta" in text and "Several other versions run: 2.53.3, 2.55.1" in text


def test_the_database_server_s_own_disk() -> None:
    found = situation()
    found = replace(found, topology={**found.topology, "groups": {"database": ["db1"]}})
    assert plan(with_report(found, "db1", disk_free=1e9))["refusals"]
    tight = plan(with_report(found, "db1", disk_free=2.5e9))
    assert not tight["refusals"] and any("db1, the database server" in text for text in tight["warnings"])
    assert any("cannot be seen" in text for text in plan(situation())["warnings"])


def test_the_verb_takes_settings_and_modules_results() -> None:
    found = situation()
    settings = {
        "version": NEW,
        "database_engine": "mysql",
        "database_backup_tasks": None,
        "upgrade_allow_downgrade": False,
        "upgrade_expired": False,
        "upgrade_gc": True,
        "message_gc_above": 9,
        "message_gc_runs": 3,
        "message_gc_read": True,
        "upgrade_without_standby": False,
        "upgrade_heartbeat_interval": 2,
        "upgrade_unhealthy_interval": 6,
        "upgrade_rows_per_second": 5,
    }
    intervals = {"heartbeat_interval": 7, "unhealthy_interval": 21}
    snapshot = {"health": found.health, "shards": 4, "support": {}, "settings": intervals, "stats": {"messages": 10}}
    result = VERBS["upgrade"](Facts(found.topology, settings, found.reports, snapshot, "2026-03-01"))
    assert result["heartbeat"]["original"] == intervals and result["messages"] == 10
    assert result["heartbeat"]["wanted"] == {"heartbeat_interval": 2, "unhealthy_interval": 6}
    assert (result["gc"], result["predicted_seconds"]) == (True, 2.0)


@given(
    st.sets(st.sampled_from(sorted(all_on(NEW)))), st.sampled_from([1, 2, 4]), st.sampled_from(["mysql", "postgresql"])
)
def test_from_any_point_on_exactly_the_rest_is_done(done: set[str], shards: int, engine: str) -> None:
    found = plan(situation(replace(WISH, engine=engine), versions=dict.fromkeys(done, NEW), shards=shards))
    replaced = [step["where"] for step in found["steps"] if "replace" in step["what"]]
    assert sorted(replaced) == sorted(set(all_on(NEW)) - done)
    services = [step["service"] for step in found["steps"] if step["service"]]
    assert services == sorted(services, key=["webapp", "master", "coreapp"].index)
    assert found["refusals"] == [] and found["needed"] == (len(done) < 10)
    marked = [step for step in found["steps"] if step["point_of_no_return"]]
    assert len(marked) == (
        1 if engine == "mysql" and found["needed"] else int("master" in services and engine != "mysql")
    )
    assert not any("waits while" in step["reason"] for step in found["steps"])


@pytest.mark.parametrize(
    ("wish", "source", "reason"),
    [
        (WISH, "2.29.2", "2.29.1 and 2.29.2 leave media directories"),
        (replace(WISH, ownership_fix=True), OLD, "wabiz_upgrade_ownership_fix"),
        (replace(WISH, hops=({"effect": "ownership", "text": "Ours."},)), OLD, "Ours."),
        (WISH, OLD, ""),
    ],
)
def test_the_media_are_given_to_root_where_due_or_asked_for(wish: Wish, source: str, reason: str) -> None:
    found = plan(situation(wish, versions=all_on(source)))
    steps = [step for step in found["steps"] if "media" in step["what"]]
    assert bool(steps) == bool(reason) == bool(found["ownership"])
    if reason:
        assert reason in steps[0]["reason"]
        assert found["ownership"] == {"host": "weba1", "container": "wabiz-webapp-1", "unit": "wabiz-media-ownership"}


def test_a_rule_of_the_site_refuses() -> None:
    rule = {"effect": "refusal", "text": "Not before Monday.", "to_low": "2.57"}
    assert "Not before Monday." in plan(situation(replace(WISH, hops=(rule,))))["refusals"]


def test_the_limit_of_the_disk_is_that_of_the_host() -> None:
    found = situation()
    limits = {**found.topology["disk_limits"], "weba1": (LIMIT[0], 60.0)}
    limited = with_report(replace(found, topology={**found.topology, "disk_limits": limits}), "weba1", disk_free=59e9)
    (refused,) = plan(limited)["refusals"]
    assert "weba1: has 59.0 GB free" in refused and "60 GB" in refused
