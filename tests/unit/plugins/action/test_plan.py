# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The action within real runs of ansible-playbook: what it reads of the run, and that it shows none of the secrets."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.wabiz.onprem.tests.unit.plugins.answers import META
from ansible_collections.wabiz.onprem.tests.unit.plugins.scripted_server import ScriptedServer, Step

from tests.support.paths import ROOT
from tests.support.playbook import DEAD, LOCALLY, PlaybookRun, run_playbook

pytestmark = pytest.mark.slow

SETTINGS = {
    "version": "2.57.2",
    "database_engine": "mysql",
    "database_backup_tasks": None,
    "api_key": "Canary-api-key-1",
    "drill_target": "coreapp",
    "shards": 2,
    "phone_cc": "49",
    "phone_number": "15112345",
    "certificate_date": None,
    "heartbeat_interval": None,
    "unhealthy_interval": None,
    "upgrade_allow_downgrade": False,
    "upgrade_expired": False,
    "upgrade_gc": False,
    "upgrade_without_standby": False,
    "upgrade_heartbeat_interval": 1,
    "upgrade_unhealthy_interval": 5,
    "upgrade_rows_per_second": 20000,
}
# One host for each service; the numbers are those of the containers.
SERVICES = {"web1": "webapp", "m1": "master", "m2": "master", "c1": "coreapp", "c2": "coreapp"}
NODES = [
    {"host": host, "service": service, "name": f"wabiz-{service}-1", "address": host}
    for host, service in SERVICES.items()
]
TOPOLOGY = {
    "cluster": "wabiz",
    "keeper": "web1",
    "database_server": "db:3306",
    "nodes": NODES,
    "services": {host: [service] for host, service in SERVICES.items()},
    "counts": {"webapp": 1, "master": 2, "coreapp": 2},
    "groups": {"database": []},
    "balanced": [],
    "balancer_socket": dict.fromkeys(SERVICES, ""),
    "presented": {},
    "unfinished": {host: {} for host in SERVICES},
    "drained": {"web1": {"wabiz-webapp-1": "/etc/wabiz/wabiz/wabiz-webapp-1.drained"}},
    "log_cleanup": {},
    "media_settings": {},
    "disk_limits": {host: ["wabiz_minimum_disk_gb", 5.0] for host in SERVICES},
}


IMAGE = "registry.example.net/coreapp:v2.57.2"
IMAGE_FACTS = {
    "id": "sha256:1",
    "digests": [],
    "tags": [],
    "content": "a",
    "created": "",
    "expires_on": "",
    "architecture": "amd64",
    "size": 800_000_000,
}


def survey(host: str) -> dict[str, Any]:
    container = {
        "name": f"wabiz-{SERVICES[host]}-1",
        "id": host,
        "cluster": "wabiz",
        "node": SERVICES[host],
        "running": True,
        "version": "2.55.1",
        "image": "image",
        "image_id": SERVICES[host],
    }
    engine = {"running": True, "present": True, "error": ""}
    return {"engine": engine, "containers": [container], "disk_free": 50_000_000_000, "images": {}, "connections": {}}


def said(host: str, role: str, status: str) -> dict[str, Any]:
    place = {"name": f"{host}:{host}", "host": host, "container_id": host}
    return {**place, "role": role, "gateway_status": status, "errors": []}


def snapshot() -> dict[str, Any]:
    nodes = [
        said("m1", "primary_master", "disconnected"),
        said("m2", "secondary_master", "disconnected"),
        said("c1", "coreapp", "connected"),
        said("c2", "coreapp", "disconnected"),
    ]
    summary = {
        "single_instance": False,
        "registered": True,
        "primary_masters": 1,
        "primary_master": "m1:m1",
        "masters": 2,
        "coreapps": 2,
        "connected_coreapps": 1,
    }
    health = {"nodes": nodes, "summary": summary, "version": "2.55.1"}
    settings = {"heartbeat_interval": 7, "unhealthy_interval": 21}
    support = {"days_left": 99, "expires": "2027-01-01T00:00:00+00:00", "nodes": [{"schema": {"message": 1}}]}
    return {"health": health, "shards": 1, "settings": settings, "support": support, "stats": {"messages": 40_000}}


def planned(tmp_path: Path, verb: str, limit: str = "", **more: Any) -> tuple[dict[str, Any], PlaybookRun]:
    """The result of the action on a cluster to whose hosts nothing connects."""
    hosts = {host: {"_wabiz_survey": survey(host)} for host in SERVICES if host != limit}
    inventory = {"all": {"vars": LOCALLY, "hosts": hosts | ({limit: {}} if limit else {})}}
    variables = {
        "_wabiz": SETTINGS,
        "_wabiz_topology": TOPOLOGY,
        "_wabiz_snapshot": snapshot(),
        "_wabiz_secrets": {"certificate": "Q2FuYXJ5LWNlcnRpZmljYXRl"},
        **more,
    }
    copy = {"content": "{{ plan | to_json }}", "dest": str(tmp_path / "plan.json")}
    tasks = [
        {"wabiz.onprem.plan": {"verb": verb}, "register": "plan", "run_once": True},
        {"ansible.builtin.copy": copy, "run_once": True, "check_mode": False, "diff": False, "no_log": True},
    ]
    for name, content in (
        ("inventory.yml", inventory),
        ("play.yml", [{"hosts": "all", "gather_facts": False, "tasks": tasks}]),
    ):
        (tmp_path / name).write_text(yaml.safe_dump(content), encoding="utf-8")
    run = run_playbook(
        tmp_path / "play.yml", inventory=tmp_path / "inventory.yml", extra_vars=variables, arguments=["-vvv", "--check"]
    ).succeeded()
    return json.loads((tmp_path / "plan.json").read_text(encoding="utf-8")), run


@pytest.mark.parametrize("verb", ["status", "verify", "failover_drill", "multiconnect", "upgrade"])
def test_every_verb_has_text_and_no_secret(tmp_path: Path, verb: str) -> None:
    found, run = planned(tmp_path, verb)
    assert found["changed"] is False
    assert all(isinstance(line, str) for line in found["text"]) and found["text"]
    assert isinstance(found["refusals"], list) and isinstance(found["warnings_found"], list)
    # Ansible would show and remove a key of this name.
    assert "warnings" not in found
    for secret in ("Canary-api-key-1", "Q2FuYXJ5LWNlcnRpZmljYXRl"):
        assert secret not in run.output and secret not in json.dumps(found)


def test_multiconnect_takes_settings_intervals_and_the_certificate(tmp_path: Path) -> None:
    found, _run = planned(tmp_path, "multiconnect")
    assert (found["current"], found["wanted"], found["refusals"]) == (1, 2, [])
    assert [step["what"] for step in found["steps"]] == ["set 2 shards, now 1"]
    refused, _run = planned(tmp_path, "multiconnect", _wabiz_secrets={"skipped": True})
    assert "Set wabiz_certificate" in refused["refusals"][0]


def test_upgrade_takes_the_record_of_an_interrupted_one(tmp_path: Path) -> None:
    found, _run = planned(tmp_path, "upgrade", _wabiz_record=None)
    assert (found["unfinished"], found["messages"]) == (False, 40_000)
    assert found["heartbeat"]["original"] == {"heartbeat_interval": 7, "unhealthy_interval": 21}
    noted = {"version": "2.57.2", "previous_versions": ["2.53.3"], "schema": {}, "schema_versions": []}
    # As in the playbook, where it is an expression.
    again, _run = planned(tmp_path, "upgrade", _wabiz_record="{{ noted | to_json }}", noted=noted)
    assert again["unfinished"] and again["previous_versions"] == ["2.53.3", "2.55.1"]


@pytest.mark.parametrize("verb", ["multiconnect", "upgrade"])
def test_a_plan_names_the_webapps_that_are_restored_first(tmp_path: Path, verb: str) -> None:
    due = {"web1": {"drained": "a run that ended early left wabiz-webapp-1 drained"}, "c1": {"coreapp": "new"}}
    found, _run = planned(tmp_path, verb, _wabiz_judged={"due": due})
    assert found["refusals"] == []
    line = "First restored at the balancer: web1: a run that ended early left wabiz-webapp-1 drained."
    assert [one for one in found["text"] if "restored" in one] == [line]


def test_a_host_that_was_not_inspected_is_omitted(tmp_path: Path) -> None:
    found, _run = planned(tmp_path, "multiconnect", limit="c2")
    assert "c2: was not inspected." in found["refusals"][0]


def test_a_snapshot_that_failed_is_the_reason(tmp_path: Path) -> None:
    for failed, words in (({"failed": True, "msg": "no library"}, "no library"), ({"skipped": True}, "no host of a")):
        found, _run = planned(tmp_path, "failover_drill", _wabiz_snapshot=failed)
        assert words in found["refusals"][0] and found["target"] is None


CLUSTER = {
    "wabiz_version": "2.57.2",
    "wabiz_database_host": "db",
    "wabiz_api_key": "Canary-api-key-1",
    "wabiz_admin_password": "Canary-admin-1",
}


@pytest.fixture
def unreachable(tmp_path: Path) -> Path:
    """An inventory of hosts that refuse the connection."""
    nowhere = {**LOCALLY, **DEAD}
    groups = {"webapp": ["web1"], "master": ["m1", "m2"], "coreapp": ["c1", "c2"]}
    children = {group: {"hosts": dict.fromkeys(hosts)} for group, hosts in groups.items()}
    file = tmp_path / "inventory.yml"
    file.write_text(yaml.safe_dump({"all": {"vars": {**nowhere, **CLUSTER}, "children": children}}), encoding="utf-8")
    return file


def test_verify_ends_with_an_error_and_the_line_where_nothing_answers(tmp_path: Path, unreachable: Path) -> None:
    file = tmp_path / "verify.json"
    run = run_playbook(
        ROOT / "playbooks" / "verify.yml", inventory=unreachable, extra_vars={"wabiz_verify_file": str(file)}
    ).failed()
    found = json.loads(file.read_text(encoding="utf-8"))
    assert found["state"] == "CRITICAL" and "web1, m1, m2, c1, c2" in found["line"]
    assert run.output.count("WABIZ CRITICAL - ") >= 1
    assert "Canary" not in run.output + json.dumps(found)


def test_verify_hears_the_api_where_no_host_answers(
    tmp_path: Path, unreachable: Path, webapp: ScriptedServer, tls_files: dict[str, str]
) -> None:
    """Asked on the controller, with the inventory's password, in one login."""
    nodes = {
        "m1:1": {"gateway_status": "disconnected", "role": "primary_master"},
        "c1:2": {"gateway_status": "connected", "role": "coreapp"},
    }
    account = {"users": [{"username": "admin"}]}
    webapp.expect(
        Step("GET", "/v1/health", answer={"health": nodes, "meta": META}),
        Step("POST", "/v1/users/login", answer={"users": [{"token": "canary.tok.en"}]}),
        Step("GET", "/v1/account/shards", answer={"account": {"shards": 1}}),
        Step("GET", "/v1/settings/application", answer={"settings": {"application": {}}}),
        Step("GET", "/v1/support", answer={"support": {}}),
        Step("GET", "/v1/users/admin", answer=account),
        Step("POST", "/v1/users/logout", answer={}),
    )
    asked = {
        "wabiz_api_delegate_to": "localhost",
        "wabiz_api_endpoints": [webapp.address],
        "wabiz_api_ca_path": tls_files["ca"],
        "wabiz_verify_file": str(tmp_path / "verify.json"),
    }
    environment = {"no_proxy": "127.0.0.1"}
    run = run_playbook(
        ROOT / "playbooks" / "verify.yml", inventory=unreachable, extra_vars=asked, environment=environment
    ).failed()
    found = json.loads((tmp_path / "verify.json").read_text(encoding="utf-8"))
    assert (found["shards"], found["webapps"][0]["ok"]) == (1, True)
    problems = {one["problem"].partition(":")[0] for one in found["findings"] if one["where"] == "the cluster"}
    assert problems == {"masters", "coreapps"}
    assert "anary" not in run.output


def test_status_shows_what_there_is_where_nothing_answers(tmp_path: Path, unreachable: Path) -> None:
    file = tmp_path / "status.json"
    run_playbook(
        ROOT / "playbooks" / "status.yml", inventory=unreachable, extra_vars={"wabiz_status_file": str(file)}
    ).succeeded()
    found = json.loads(file.read_text(encoding="utf-8"))
    assert {node["state"] for node in found["nodes"]} == {"unreachable"} and found["api_error"]


@pytest.mark.parametrize("verb", ["", "show", "copy"])
def test_images_are_planned_where_nothing_answers(tmp_path: Path, unreachable: Path, verb: str) -> None:
    """A blank verb, as a survey of AWX gives it, shows."""
    file = tmp_path / "plan.json"
    given = {"wabiz_images_verb": verb, "wabiz_plan_file": str(file), "wabiz_registry_password": "Canary-login-1"}
    run = run_playbook(
        ROOT / "playbooks" / "images.yml", inventory=unreachable, extra_vars=given, arguments=["--check"]
    ).succeeded()
    found = json.loads(file.read_text(encoding="utf-8"))
    assert (found["verb"], found["steps"]) == (verb or "show", [])
    assert any(line.startswith("web1, m1, m2, c1, c2: was not inspected") for line in found["warnings_found"])
    assert "Canary" not in run.output


def test_what_is_handed_on_is_what_is_shown(tmp_path: Path, unreachable: Path) -> None:
    """As artefacts of a job: plan, status and verification, without a secret."""
    for name, key in (("images", "onprem_plan"), ("status", "onprem_status"), ("verify", "onprem_verification")):
        run = run_playbook(
            ROOT / "playbooks" / f"{name}.yml",
            inventory=unreachable,
            arguments=["--check"],
            environment={"ANSIBLE_SHOW_CUSTOM_STATS": "true"},
        )
        (handed,) = re.findall(r"\tRUN: (.*)", run.output)
        found = json.loads(handed)
        assert list(found) == [key] and found[key]["text"]
        assert set(found[key]) <= {"cluster", "state", "line", "refusals", "text"}
        assert "anary" not in run.output


def test_a_drills_plan_is_kept_though_nothing_is_stopped(tmp_path: Path, unreachable: Path) -> None:
    file = tmp_path / "plan.json"
    run_playbook(
        ROOT / "playbooks" / "failover_drill.yml",
        inventory=unreachable,
        extra_vars={"wabiz_plan_file": str(file)},
        arguments=["--check"],
    ).failed()
    assert "does not answer" in json.loads(file.read_text(encoding="utf-8"))["refusals"][0]


def api(webapp: ScriptedServer, *more: Step) -> None:
    """A webapp that tells what snapshot() holds."""
    told = {
        node["name"]: {key: node[key] for key in ("role", "gateway_status")} for node in snapshot()["health"]["nodes"]
    }
    webapp.expect(
        Step("GET", "/v1/health", answer={"health": told, "meta": META}),
        *more,
        Step("POST", "/v1/users/login", answer={"users": [{"token": "canary.tok.en"}]}),
        Step("GET", "/v1/account/shards", answer={"account": {"shards": 1}}),
        Step("GET", "/v1/settings/application", answer={"settings": {"application": snapshot()["settings"]}}),
        Step("GET", "/v1/support", answer={"support": {}}),
        Step("POST", "/v1/users/logout", answer={}),
    )


def part(tmp_path: Path, name: str, webapp: ScriptedServer, tls_files: dict[str, str]) -> tuple[Any, PlaybookRun]:
    """The plan's part of a playbook with --check, as if the hosts had been inspected; and its plan file."""
    hosts = {host: {"_wabiz_survey": survey(host)} for host in SERVICES}
    # Of the hosts without it only c2 is a coreapp's.
    hosts["c1"]["_wabiz_survey"]["image_facts"] = {IMAGE: IMAGE_FACTS}
    groups = {"wabiz_host": SERVICES, "wabiz_coreapp": ["c1", "c2"]}
    children = {**{name: {"hosts": dict.fromkeys(group)} for name, group in groups.items()}, "wabiz_node": {}}
    inventory = {"all": {"vars": LOCALLY, "hosts": hosts, "children": children}}
    (tmp_path / "inventory.yml").write_text(yaml.safe_dump(inventory), encoding="utf-8")
    settings = {
        **SETTINGS,
        "directory": str(tmp_path / "etc"),
        "admin_password": "Canary-admin-1",
        "api_delegate_to": "localhost",
        "api_endpoints": [webapp.address],
        "api_ca_path": tls_files["ca"],
        "api_server_hostname": None,
        "api_proxy": None,
        "verify_timeout": 5,
        "no_log": True,
        "plan_file": str(tmp_path / "plan.json"),
        "upgrade_ask": False,
        "upgrade_approve": None,
        "upgrade_database_backup": False,
        "image_archive": None,
    }
    wanted = {"wanted_images": {host: {IMAGE: "coreapp"} for host in ("m1", "c1", "c2")}}
    topology = {**TOPOLOGY, **wanted, "groups": {"database": [], "webapp": ["web1"]}}
    run = run_playbook(
        ROOT / "playbooks" / "internal" / name,
        inventory=tmp_path / "inventory.yml",
        extra_vars={
            "_wabiz": settings,
            "_wabiz_topology": topology,
            "wabiz_certificate": "Q2FuYXJ5LWNlcnRpZmljYXRl",
            # The play's become; the controller is no host of the cluster.
            "ansible_become": False,
        },
        arguments=["--check", "-vv"],
        environment={"no_proxy": "127.0.0.1"},
    )
    file = tmp_path / "plan.json"
    return json.loads(file.read_text(encoding="utf-8")) if file.exists() else None, run


def test_the_plan_of_multiconnect_asks_shows_and_is_kept(
    tmp_path: Path, webapp: ScriptedServer, tls_files: dict[str, str]
) -> None:
    api(webapp)
    found, run = part(tmp_path, "multiconnect_plan.yml", webapp, tls_files)
    run.succeeded()
    assert [step["what"] for step in found["steps"]] == ["set 2 shards, now 1"]
    assert "changed" not in found and "Shards: 1, target 2" in run.output
    assert f'{IMAGE} (800 MB): from c1 to c2"' in run.output
    assert "anary" not in run.output and "Q2FuYXJ5" not in run.output + json.dumps(found)


def test_the_plan_of_an_upgrade_asks_shows_and_is_kept(
    tmp_path: Path, webapp: ScriptedServer, tls_files: dict[str, str]
) -> None:
    rows = {"data": [{"labels": {}, "value": 7}]}
    counted = Step("GET", "/v1/stats/db", answer={"stats": {"db": {"m1:m1": {"db_messages": rows}}}})
    api(webapp, counted)
    found, run = part(tmp_path, "upgrade_plan.yml", webapp, tls_files)
    run.succeeded()
    assert (found["previous_versions"], found["messages"], found["refusals"]) == (["2.55.1"], 7, [])
    assert "Upgrade from 2.55.1 to 2.57.2" in run.output and "anary" not in run.output
    assert f'{IMAGE} (800 MB): from c1 to m1, c2"' in run.output


def test_an_upgrade_that_was_interrupted_is_known_by_its_record(
    tmp_path: Path, webapp: ScriptedServer, tls_files: dict[str, str]
) -> None:
    rows = Step("GET", "/v1/stats/db", answer={"stats": {"db": {}}})
    api(webapp, rows)
    noted = {"version": "2.57.2", "previous_versions": ["2.53.3"], "schema": {}, "schema_versions": []}
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc" / "upgrade.json").write_text(json.dumps(noted), encoding="utf-8")
    found, run = part(tmp_path, "upgrade_plan.yml", webapp, tls_files)
    run.succeeded()
    assert found["unfinished"] and found["previous_versions"] == ["2.53.3", "2.55.1"]
