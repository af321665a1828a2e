# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A cluster that is well is OK, and each single thing that is not is found with its place and its weight."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.wabiz.onprem.plugins.module_utils._model import health as healths
from ansible_collections.wabiz.onprem.plugins.module_utils._plans.facts import Facts
from ansible_collections.wabiz.onprem.plugins.module_utils._plans.verify.plan import plan

HOSTS = {
    "web1": ["webapp"],
    "web2": ["webapp"],
    "app1": ["master", "coreapp"],
    "app2": ["master", "coreapp"],
    "app3": ["coreapp"],
    "lb1": ["loadbalancer"],
}
NODES = [
    {"host": host, "service": service, "name": f"wabiz-{service}-1", "address": host}
    for host, services in HOSTS.items()
    for service in services
    if service != "loadbalancer"
]
SOCKET = "/run/wabiz-loadbalancer-1/admin.sock"
DRAINED = "/etc/wabiz/wabiz/wabiz-webapp-1.drained"
GIVEN, SELF_MADE = (f"/etc/wabiz/wabiz/loadbalancer/{name}.pem" for name in ("certificate", "self-made"))
SERVER = "/etc/wabiz/wabiz/database-tls/server.pem"
HEARTBEAT, UPGRADE = "/etc/wabiz/wabiz/heartbeat.yml", "/etc/wabiz/wabiz/upgrade.json"
CRON, RESULT, DAY = "/etc/cron.d/wabiz-wabiz", "/etc/wabiz/wabiz/log-cleanup.json", 86400
HELD = {
    "holder": "anna",
    "purpose": "upgrade to 2.57.2",
    "since": "2026-03-01T01:00:00+00:00",
    "until": "2026-03-01T03:00:00+00:00",
    "expired": False,
}
MOUNT = {"point": "/media", "fstype": "nfs4", "source": "nas:/wa", "device": "0:42"}
Thing = dict[str, Any]
# facts, as one nested dictionary that a test spoils
Spoil = Callable[[Thing], Any]


def digits(host: str, service: str) -> str:
    return f"{host}{service}"[:12]


def container(host: str, service: str, **values: Any) -> Thing:
    base = {
        "name": f"wabiz-{service}-1",
        "id": digits(host, service),
        "cluster": "wabiz",
        "node": service,
        "running": True,
        "version": "2.57.2",
        "image": f"r/{'web' if service == 'webapp' else 'coreapp'}:v2.57.2",
        "image_id": "sha256:web" if service == "webapp" else "sha256:core",
        "media": {"fstype": "nfs4", "source": "nas:/wa", "device": "0:42"},
        "volumes": [],
    }
    return {**base, **values}


def cleaned(age: int, problem: str = "", **codes: int) -> Thing:
    """The result of the last log cleanup."""
    return {"age": age, "content": {"began": "2026-02-28T03:17:00Z", "codes": codes, "problem": problem}}


def survey(host: str) -> Thing:
    services = [service for service in HOSTS[host] if service != "loadbalancer"]
    return {
        "engine": {"running": bool(services), "present": bool(services), "error": ""},
        "problems": {},
        "containers": [container(host, service) for service in services],
        "disk_free": 50e9,
        "mounts": {"/media": True} if services else {},
        **({"media": {"path": "/media", "problem": "", "mount": {**MOUNT}, "free": 90e9}} if services else {}),
        "connections": {"db:3306": ""} if services else {},
        "files": {HEARTBEAT: False, UPGRADE: False} if host == "web1" else {},
        "records": {CRON: {"age": 90 * DAY, "content": {}}, RESULT: cleaned(DAY)} if services else {},
        **({"lock": {}} if host == "web1" else {}),
        **({"balancer": statistics("UP", "UP")} if host == "lb1" else {}),
    }


def statistics(*states: str) -> str:
    lines = [f"webapps,web{number}-wabiz-webapp-1,0,{state}," for number, state in enumerate(states, 1)]
    return "\n".join(["# pxname,svname,scur,status,", *lines, "webapps,BACKEND,0,UP,"])


def said(host: str, service: str, role: str, status: str) -> Thing:
    number = digits(host, service)
    place = {"name": f"{host}:{number}", "host": host, "container_id": number}
    return {**place, "role": role, "gateway_status": status, "errors": []}


def well() -> Thing:
    nodes = [
        said("app1", "master", "primary_master", "disconnected"),
        said("app2", "master", "secondary_master", "disconnected"),
        said("app1", "coreapp", "coreapp", "connected"),
        said("app2", "coreapp", "coreapp", "connected"),
        said("app3", "coreapp", "coreapp", "disconnected"),
    ]
    return {
        "topology": {
            "cluster": "wabiz",
            "database_server": "db.example.net:3306",
            "services": HOSTS,
            "nodes": NODES,
            "counts": {"webapp": 2, "master": 2, "coreapp": 3},
            "balancer_socket": {host: SOCKET if host == "lb1" else "" for host in HOSTS},
            "balanced": [{"name": f"web{number}-wabiz-webapp-1"} for number in (1, 2)],
            "log_cleanup": {
                host: {"schedule": CRON, "result": RESULT, "pause_days": 1} for host in HOSTS if host != "lb1"
            },
            "presented": {"lb1": {"loadbalancer": [GIVEN, SELF_MADE]}, "app1": {"database": [SERVER]}},
            "disk_limits": {host: ["wabiz_minimum_disk_gb", 5.0] for host in HOSTS},
            "unfinished": {
                host: {"heartbeat": HEARTBEAT, "upgrade": UPGRADE} if host == "web1" else {} for host in HOSTS
            },
            "drained": {host: {"wabiz-webapp-1": DRAINED} for host in ("web1", "web2")},
            "media_settings": {
                host: {
                    "cluster_name": "wabiz",
                    "media_path": "/media",
                    "media_volume": "wabiz-media",
                    "media_volume_before": "",
                    "media_shared": None,
                }
                for host in HOSTS
                if host != "lb1"
            },
        },
        "settings": {"version": "2.57.2", "shards": 2, "minimum_disk_gb": 5.0, "verify_days": 30},
        "surveys": {host: survey(host) for host in HOSTS},
        "snapshot": {
            "health": {"nodes": nodes, "version": "2.57.2"},
            "shards": 2,
            "support": {"days_left": 99, "nodes": [{"free_space_media_incoming": "20000000000"}]},
            "webapps": [
                {"endpoint": f"https://web{number}:9090", "ok": True, "error": "", "certificate_until": "2027-01-01"}
                for number in (1, 2)
            ],
            "problems": {},
        },
        "today": "2026-03-01",
    }


def judged(spoil: Spoil) -> Thing:
    """The plan of a cluster that is well but for one thing."""
    found = copy.deepcopy(well())
    spoil(found)
    said_health = found["snapshot"].get("health") or {}
    if said_health.get("nodes"):
        model = healths.from_report({**said_health, "summary": {"single_instance": False}})
        said_health["summary"] = model.summary()
    return plan(Facts(**found))


def test_a_cluster_that_is_well() -> None:
    found = judged(lambda _facts: None)
    assert (found["state"], found["findings"]) == ("OK", [])
    assert found["line"] == (
        "WABIZ OK - 7 of 7 nodes run; 2 coreapps are connected for 2 shards | critical=0 warning=0"
    )
    assert found["text"][0] == "Cluster wabiz: OK"


def set_in(*path: Any, value: Any) -> Spoil:
    """Spoils one value."""

    def spoil(facts: Thing) -> None:
        for key in path[:-1]:
            facts = facts[key]
        facts[path[-1]] = value

    return spoil


def add(where: str, *values: Thing) -> Spoil:
    return lambda facts: facts["surveys"][where]["containers"].extend(values)


def of_node(number: int, **values: Any) -> Spoil:
    return lambda facts: facts["snapshot"]["health"]["nodes"][number].update(values)


def of_container(host: str, number: int = 0, **values: Any) -> Spoil:
    return lambda facts: facts["surveys"][host]["containers"][number].update(values)


ERROR = [{"code": 1014, "title": "Internal error", "details": ""}]
CRITICAL: dict[str, tuple[Spoil, str, str]] = {
    "unreachable": (set_in("surveys", "app3", value={"unreachable": True, "msg": "no route\nx"}), "app3", "no route"),
    "failed": (set_in("surveys", "app3", value={"failed": False}), "app3", "no answer"),
    "engine": (
        set_in("surveys", "app3", "engine", value={"running": False, "present": True, "error": "refused"}),
        "app3",
        "does not answer: refused",
    ),
    "list": (set_in("surveys", "web2", "problems", value={"containers": "slow"}), "web2", "cannot be listed"),
    "missing": (set_in("surveys", "web2", "containers", value=[]), "web2", "wabiz-webapp-1 is missing"),
    "stopped": (of_container("web2", running=False), "web2", "docker logs wabiz-webapp-1"),
    "full": (set_in("surveys", "web2", "disk_free", value=4.9e9), "web2", "4.9 GB free for Docker"),
    "less than its own limit": (
        set_in("topology", "disk_limits", "web2", value=["wabiz_minimum_disk_gb", 51.0]),
        "web2",
        "requires 51 GB",
    ),
    "media full": (set_in("surveys", "app2", "media", "free", value=1e9), "app2", "1.0 GB free for media (/media)"),
    "dead share": (set_in("surveys", "app2", "media", "problem", value="no answer within 5 s"), "app2", "df /media"),
    "not mounted": (
        set_in("surveys", "app2", "mounts", value={"/media": False}),
        "app2",
        "nothing is mounted at /media",
    ),
    "below the mount": (
        set_in("surveys", "app2", "media", "mount", "device", value="0:43"),
        "app2",
        "wabiz-master-1, wabiz-coreapp-1 had started before the share was mounted at /media",
    ),
    "database": (set_in("surveys", "app2", "connections", value={"db:3306": "refused"}), "app2", "database at db:3306"),
    "silent API": (set_in("snapshot", "health", value={"msg": "no connection"}), "the cluster", "no connection"),
    "no snapshot": (set_in("snapshot", value={"msg": "unreachable"}), "the cluster", "does not answer: unreachable"),
    "no primary master": (of_node(0, role="secondary_master"), "the cluster", "primary_masters"),
    "two of them": (of_node(1, role="primary_master"), "the cluster", "primary_masters"),
    "error": (of_node(4, role=None, gateway_status=None, errors=ERROR), "the cluster", "1014"),
    "shard": (of_node(2, gateway_status="disconnected"), "the cluster", "exactly 2 connected coreapps"),
    "too many": (of_node(4, gateway_status="connected"), "the cluster", "exactly 2 connected coreapps"),
    "unknown to the cluster": (of_container("app3", id="x"), "app3", "is not in the health of the cluster"),
    "webapp": (
        lambda facts: facts["snapshot"]["webapps"][1].update(ok=False, error="HTTP 500."),
        "https://web2:9090",
        "does not serve requests: HTTP 500.",
    ),
    "certificate": (
        lambda facts: facts["snapshot"]["webapps"][1].update(certificate_until="2026-02-28"),
        "https://web2:9090",
        "has expired",
    ),
    "version": (set_in("snapshot", "support", "days_left", value=-1), "the cluster", "has expired"),
    "balancer": (set_in("surveys", "lb1", "balancer", value=""), "lb1", "does not answer"),
    "no webapp": (
        set_in("surveys", "lb1", "balancer", value=statistics("DOWN", "MAINT")),
        "lb1",
        "no webapp is UP at the balancer",
    ),
}


def ending(host: str, **days: str) -> Spoil:
    """Gives the files of a host's certificates their last days."""
    paths = {"given": GIVEN, "self_made": SELF_MADE, "server": SERVER}
    return set_in("surveys", host, "certificates", value={path: days.get(name, "") for name, path in paths.items()})


WARNING: dict[str, tuple[Spoil, str, str]] = {
    "service": (set_in("surveys", "app1", "services", value={"cron": False}), "app1", "service cron does not run"),
    "cleanup failed": (
        set_in("surveys", "app1", "records", RESULT, value=cleaned(0, coreapp=124, master=1, webapp=0)),
        "app1",
        "the log cleanup of 2026-02-28T03:17:00Z failed: coreapp (did not end in time); master (code 1)",
    ),
    "cleanup without docker": (
        set_in("surveys", "app1", "records", RESULT, value=cleaned(0, "docker ps ended with code 1")),
        "app1",
        "failed: docker ps ended with code 1",
    ),
    "cleanup late": (
        set_in("surveys", "app1", "records", RESULT, value=cleaned(3 * DAY)),
        "app1",
        "the last log cleanup was 3 days ago",
    ),
    "never cleaned": (lambda facts: facts["surveys"]["app1"]["records"].pop(RESULT), "app1", "has never run"),
    "not scheduled": (lambda facts: facts["surveys"]["app1"]["records"].pop(CRON), "app1", "is not scheduled"),
    "excluded": (lambda facts: facts["surveys"].pop("web2"), "web2", "without --limit"),
    "surplus": (add("web2", container("web2", "coreapp", running=False)), "web2", "not in the inventory"),
    "versions": (
        of_container("web2", version="2.55.1", image="r/web:v2.55.1"),
        "the cluster",
        "2.55.1 on web2; 2.57.2",
    ),
    "inventory's version": (set_in("settings", "version", value="2.58.1"), "the cluster", "wabiz_version is 2.58.1"),
    "images": (of_container("app3", image_id="sha256:other"), "the cluster", "sha256:other on app3"),
    "disk": (set_in("surveys", "web2", "disk_free", value=9e9), "web2", "9.0 GB"),
    "media": (set_in("surveys", "app2", "media", "free", value=7e9), "app2", "7.0 GB free for media"),
    "nodes' media": (
        set_in("snapshot", "support", "nodes", value=[{"free_space_media_outgoing": "1000000000"}]),
        "the cluster",
        "report 1.0 GB",
    ),
    "foreign": (
        lambda facts: facts["snapshot"]["health"]["nodes"].append(said("x", "coreapp", "coreapp", "disconnected")),
        "the cluster",
        "run on no host of the inventory: x:xcoreapp",
    ),
    "ghost": (
        lambda facts: facts["snapshot"]["health"]["nodes"].append(
            {**said("x", "coreapp", "", ""), "role": None, "gateway_status": None, "errors": ERROR}
        ),
        "the cluster",
        "still listed: x:xcoreapp",
    ),
    "shards": (set_in("settings", "shards", value=4), "the cluster", "has 2 shards, wabiz_shards is 4"),
    "expiry": (set_in("snapshot", "support", "days_left", value=29), "the cluster", "in 29 day"),
    "certificate": (
        lambda facts: facts["snapshot"]["webapps"][0].update(certificate_until="2026-03-11"),
        "https://web1:9090",
        "in 10 day",
    ),
    "balancer's certificate": (
        ending("lb1", self_made="2026-03-11"),
        "lb1",
        f"certificate {SELF_MADE} (until 2026-03-11) expires in 10 day(s). site.yml renews it in its last 30 days",
    ),
    "given certificate": (
        ending("lb1", given="2026-03-30", self_made="2026-01-01"),
        "lb1",
        f"certificate {GIVEN} (until 2026-03-30) expires in 29 day(s). Set wabiz_loadbalancer_certificate",
    ),
    "server's certificate": (ending("app1", server="2026-03-01"), "app1", f"{SERVER} (until 2026-03-01) expires in 0"),
    "part": (set_in("snapshot", "problems", value={"support": "HTTP 500."}), "the cluster", "support: HTTP 500."),
    "drained": (
        set_in("surveys", "lb1", "balancer", value=statistics("UP", "MAINT")),
        "lb1",
        "web2-wabiz-webapp-1 is MAINT",
    ),
    # With a site's own balancer only the file says it.
    "left drained": (
        set_in("surveys", "web2", "files", DRAINED, value=True),
        "web2",
        "left webapp wabiz-webapp-1 drained; it may get no requests. Run site.yml.",
    ),
    "down": (set_in("surveys", "lb1", "balancer", value=statistics("UP", "DOWN")), "lb1", "is DOWN"),
    "not balanced": (set_in("surveys", "lb1", "balancer", value=statistics("UP")), "lb1", "is missing at the balancer"),
    "old lock": (
        set_in("surveys", "web1", "lock", value={**HELD, "expired": True}),
        "web1",
        "anna for upgrade to 2.57.2",
    ),
    "no lock": (set_in("surveys", "web1", "lock", value={"error": "not ours"}), "web1", "not ours"),
    "heartbeat": (set_in("surveys", "web1", "files", HEARTBEAT, value=True), "web1", "heartbeat settings"),
    "upgrade": (set_in("surveys", "web1", "files", UPGRADE, value=True), "web1", "an upgrade was started"),
    "schema": (
        lambda found: found["surveys"]["app3"]["containers"].append(
            container("app3", "", name="wabiz-dbupgrade", client="dbupgrade", id="0")
        ),
        "app3",
        "is upgrading the schema",
    ),
}


@pytest.mark.parametrize(("spoil", "where", "words"), CRITICAL.values(), ids=CRITICAL)
def test_what_is_critical(spoil: Spoil, where: str, words: str) -> None:
    found = judged(spoil)
    assert found["state"] == "CRITICAL"
    assert any(one["where"] == where and words in f"{one['problem']} {one['remedy']}" for one in found["findings"]), (
        found
    )
    assert found["line"].startswith("WABIZ CRITICAL - ")
    assert words in " ".join(found["text"])


@pytest.mark.parametrize(("spoil", "where", "words"), WARNING.values(), ids=WARNING)
def test_what_is_a_warning_and_nothing_else(spoil: Spoil, where: str, words: str) -> None:
    found = judged(spoil)
    (one,) = found["findings"]
    assert (found["state"], one["where"], one["level"]) == ("WARNING", where, "warning"), found
    assert words in f"{one['problem']} {one['remedy']}"
    assert found["line"].startswith("WABIZ WARNING - ") and found["line"].endswith("| critical=0 warning=1")


@pytest.mark.parametrize(
    ("spoil", "where", "path"),
    [
        (ending("lb1", given="2026-02-28", self_made="2027-01-01"), "lb1", GIVEN),
        (ending("lb1", self_made="2026-02-28"), "lb1", SELF_MADE),
        (ending("app1", server="2026-02-28"), "app1", SERVER),
    ],
)
def test_a_certificate_on_a_host_that_has_expired(spoil: Spoil, where: str, path: str) -> None:
    found = judged(spoil)
    assert found["state"] == "CRITICAL"
    (one,) = found["findings"]
    assert (one["where"], one["problem"]) == (where, f"certificate {path} (until 2026-02-28) has expired.")


@pytest.mark.parametrize(
    "spoil",
    [
        ending("lb1", given="2026-03-31", self_made="2026-02-28"),
        ending("lb1", self_made="2026-03-31"),
        ending("app1", given="2026-02-28"),
        ending("lb1"),
    ],
)
def test_certificates_that_last_or_are_not_presented_are_no_findings(spoil: Spoil) -> None:
    assert judged(spoil)["findings"] == []


def test_an_operation_that_runs_is_named_and_what_it_changes_is_no_fault() -> None:
    def spoil(facts: Thing) -> None:
        facts["surveys"]["web1"]["lock"] = HELD
        facts["surveys"]["web1"]["files"] = {HEARTBEAT: True, UPGRADE: True, DRAINED: True}
        facts["surveys"]["lb1"]["balancer"] = statistics("MAINT", "UP")

    found = judged(spoil)
    assert found["state"] == "OK"
    assert (
        "in use by anna for upgrade to 2.57.2, since 2026-03-01T01:00:00+00:00, until 2026-03-01T03:00:00+00:00"
        in found["line"]
    )


def test_shared_media_are_judged_by_the_settings_of_the_nodes_hosts() -> None:
    """Those of the first host of the play, which may have no nodes, say nothing of the media."""

    def shared(facts: Thing) -> None:
        for host, survey in facts["surveys"].items():
            survey["volumes"] = []
            facts["topology"]["media_settings"].get(host, {})["media_shared"] = True
        facts["settings"] |= {"media_volume": "wabiz-media", "media_volume_before": "", "cluster_name": "wabiz"}
        facts["settings"] |= {"media_path": None, "media_shared": True}

    assert judged(shared)["findings"] == []

    def alone(facts: Thing) -> None:
        shared(facts)
        facts["settings"] |= {"media_shared": None}
        facts["topology"]["media_settings"]["app3"]["media_path"] = None

    (finding,) = judged(alone)["findings"]
    assert (finding["level"], finding["where"]) == ("critical", "app3")


def test_without_an_administrators_password_the_inventory_says_how_many_shards_there_are() -> None:
    def spoil(facts: Thing) -> None:
        facts["snapshot"] |= {"shards": None, "support": {}}

    assert judged(spoil)["state"] == "OK"


def test_before_registration_that_is_all_there_is_to_say() -> None:
    def spoil(facts: Thing) -> None:
        facts["snapshot"] |= {"shards": None, "support": {}}
        for node in facts["snapshot"]["health"]["nodes"]:
            node.update(gateway_status="unregistered")

    found = judged(spoil)
    assert [one["problem"] for one in found["findings"]] == ["no phone number is registered."]


def test_a_host_that_cannot_be_inspected_makes_no_foreign_nodes() -> None:
    found = judged(set_in("surveys", "app3", value={"unreachable": True, "msg": "down"}))
    assert [one["where"] for one in found["findings"]] == ["app3"]


def test_the_line_is_one_line_of_limited_length() -> None:
    def spoil(facts: Thing) -> None:
        for host in HOSTS:
            facts["surveys"][host] = {"msg": f"{host} | gone\n" + "x" * 500}

    found = judged(spoil)
    assert "\n" not in found["line"] and found["line"].count("|") == 1 and len(found["line"]) < 1100
    assert found["findings"][0]["level"] == "critical"


def test_nothing_at_all_is_critical_and_no_traceback() -> None:
    def spoil(facts: Thing) -> None:
        facts["surveys"].clear()
        facts["snapshot"].clear()

    assert judged(spoil)["state"] == "CRITICAL"


@pytest.mark.parametrize(
    "spoil",
    [
        set_in("topology", "log_cleanup", "app1", "pause_days", value=None),  # no job is wanted
        set_in("surveys", "app1", "records", CRON, "age", value=0),  # scheduled again just now
    ],
    ids=["not wanted", "new schedule"],
)
def test_a_log_cleanup_that_could_not_run_yet_is_no_finding(spoil: Spoil) -> None:
    def both(facts: Thing) -> None:
        facts["surveys"]["app1"]["records"][RESULT] = cleaned(9 * DAY)
        spoil(facts)

    assert judged(both)["findings"] == []
