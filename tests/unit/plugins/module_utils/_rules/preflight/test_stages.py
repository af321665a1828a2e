# Copyright: (c) 2026, wabiz.onprem contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.wabiz.onprem.plugins.module_utils._formats.fingerprint import digest
from ansible_collections.wabiz.onprem.plugins.module_utils._model.inventory import Inventory
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.findings import Finding, merged
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.preflight.containers import no_webapp
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.preflight.stages import (
    host_findings,
    inventory_findings,
)
from ansible_collections.wabiz.onprem.plugins.module_utils._settings.reading import read
from ansible_collections.wabiz.onprem.plugins.plugin_utils.declared import declared

GROUPS = {
    "database": ["db1"],
    "webapp": ["web1", "web2"],
    "master": ["m1", "m2"],
    "coreapp": ["c1", "c2", "c3"],
    "loadbalancer": [],
}
VALUES: dict[str, Any] = {
    "wabiz_version": "2.57.2",
    "wabiz_database_host": "db1",
    "wabiz_database_user": "wabiz",
    "wabiz_database_password": "Canary-password-1",
    "wabiz_database_root_password": "Canary-root-1",
    "wabiz_api_key": "0123456789abcdef",
    "wabiz_jwt_key": "k" * 64,
}
READABLE = [variable for variable in declared().read_by("site") if not variable.deferred]
SAME = {variable.key: not variable.secret for variable in READABLE if variable.same}
IPV6 = ["10.7.0.0/24", "fd00:7::/64"]
REQUIRED = tuple(variable.key for variable in declared().required_by("site"))


def settings(host: str, **values: Any) -> dict[str, Any]:
    """A host's settings as the reader gives them; what it finds itself is tested with it."""
    given = {**VALUES, **values}
    found = read(host, declared(), READABLE, given, given.__getitem__)
    assert found.findings == []
    return found.values


def cluster(groups: dict[str, list[str]] | None = None, **values: Any) -> Inventory:
    chosen = {**GROUPS, **(groups or {})}
    hosts = dict.fromkeys(host for members in chosen.values() for host in members)
    return Inventory(chosen, {host: settings(host, **values) for host in hosts}, dict(chosen), SAME, REQUIRED)


def fatal(findings: list[Finding]) -> list[str]:
    return [str(finding) for finding in findings if finding.fatal]


def only(found: list[str]) -> str:
    assert len(found) == 1, found
    return found[0]


def test_a_good_inventory_has_no_findings() -> None:
    assert inventory_findings(cluster()) == []


@pytest.mark.parametrize(("group", "left"), [("master", ["m1"]), ("coreapp", ["c1"]), ("webapp", [])])
def test_too_few_nodes(group: str, left: list[str]) -> None:
    found = only(fatal(inventory_findings(cluster({group: left}))))
    assert found.startswith(f"group {group}: has {len(left)} node(s)")


def test_instances_count_as_nodes() -> None:
    assert inventory_findings(cluster({"coreapp": ["c1"]}, wabiz_coreapp_instances=2)) == []


def test_a_trial_may_have_one_master() -> None:
    assert fatal(inventory_findings(cluster({"master": ["m1"]}, wabiz_require_ha=False))) == []


def test_port_collision_names_host_nodes_and_variables() -> None:
    groups = {"master": ["m1", "c1"]}
    found = fatal(inventory_findings(cluster(groups, wabiz_master_port=6250)))
    assert only(found).startswith("c1: ports 6250 to 6253 are claimed by wabiz-master-1 and wabiz-coreapp-1.")
    assert "wabiz_master_port or wabiz_coreapp_port" in found[0]


def test_a_balancer_next_to_a_webapp_has_a_port_of_its_own() -> None:
    beside: dict[str, list[str]] = {"loadbalancer": ["web1"]}
    assert fatal(inventory_findings(cluster(beside, wabiz_loadbalancer_port=443))) == []
    found = only(fatal(inventory_findings(cluster(beside, wabiz_loadbalancer_port=9090))))
    assert found.startswith("web1: port 9090 is claimed by wabiz-webapp-1 and wabiz-loadbalancer-1.")
    assert "wabiz_webapp_port or wabiz_loadbalancer_port" in found


@pytest.mark.parametrize(
    ("given", "missing"),
    [("wabiz_drain_tasks", "wabiz_restore_tasks"), ("wabiz_restore_tasks", "wabiz_drain_tasks")],
)
def test_tasks_of_another_balancer_come_in_pairs(given: str, missing: str) -> None:
    alone = cluster(None, **{given: "/srv/tasks.yml"})
    assert only(fatal(inventory_findings(alone))).startswith(f"variable {missing}: is not set")
    for variables in alone.variables.values():
        variables[missing.removeprefix("wabiz_")] = "/srv/others.yml"
    assert inventory_findings(alone) == []


def test_two_hosts_of_one_address_are_one_machine() -> None:
    twice = cluster({"coreapp": ["c1", "c1-again"]})
    twice.variables["c1-again"] = settings("c1-again", ansible_host="c1")
    found = fatal(inventory_findings(twice))
    assert only(found).startswith("c1, c1-again: ports 6250 to 6253 are claimed by wabiz-coreapp-1. These hosts")
    assert "one address, c1" in found[0]


def test_database_on_a_node_host() -> None:
    found = only(fatal(inventory_findings(cluster(wabiz_database_host="c1"))))
    assert found.startswith("c1:")
    assert fatal(inventory_findings(cluster(wabiz_database_host="c1", wabiz_allow_database_on_node=True))) == []


def test_single_instance_by_group_name() -> None:
    old = cluster()
    old.all_groups["wacore"] = ["old1"]
    assert "single instance on old1" in only(fatal(inventory_findings(old)))


def test_fewer_coreapps_than_shards() -> None:
    assert "only 3 coreapps" in only(fatal(inventory_findings(cluster(wabiz_shards="4"))))


def test_a_value_that_differs_between_hosts() -> None:
    mixed = cluster()
    mixed.variables["c1"]["version"] = "2.55.1"
    assert "variable wabiz_version: differs" in only(fatal(inventory_findings(mixed)))


def zoned(zones: dict[str, str]) -> list[Any]:
    """The findings about zones of the usual cluster, whose hosts are in these."""
    placed = cluster()
    for host, zone in zones.items():
        placed.variables[host]["zone"] = zone
    return [finding for finding in inventory_findings(placed) if "zone" in str(finding)]


def test_zones_are_judged_where_hosts_have_them() -> None:
    assert zoned({}) == []
    apart = {host: f"r{number % 2}" for number, host in enumerate(cluster().node_hosts)}
    assert zoned(apart) == []
    (everything,) = zoned(dict.fromkeys(apart, "r1"))
    assert everything.where == "zone r1"
    assert not everything.fatal
    (without,) = zoned(dict.fromkeys(list(apart)[1:], "r1"))
    assert (without.where, without.variable, without.fatal) == (next(iter(apart)), "wabiz_zone", False)


def report(**values: Any) -> dict[str, Any]:
    base = {
        "engine": {"running": True},
        "containers": [],
        "networks": [],
        "images": {},
        "ports_taken": [],
        "mounts": {},
        "files": {},
        "connections": {},
        "names": {},
        "clusters": [],
        "problems": {},
        "disk_free": 50_000_000_000,
    }
    return {**base, **values}


def container(**values: Any) -> dict[str, Any]:
    base = {
        "name": "wacore",
        "image": "docker.whatsapp.biz/coreapp:v2.57.2",
        "running": True,
        "cluster": "",
        "node": "",
        "version": "",
        "ports": [],
        "client": "",
        "starts_at_boot": False,
        "volumes": [],
        "database": {},
        "error": "",
    }
    return {**base, **values}


def judged(host: str, allow_version_change: bool = False, **values: Any) -> list[str]:
    return fatal(host_findings(cluster(), {host: report(**values)}, allow_version_change))


def test_a_good_host_has_no_findings() -> None:
    assert judged("c1", images={"x": "local", "y": "registry"}, mounts={"/m": True}, connections={"db1:3306": ""}) == []


def test_an_unreachable_host() -> None:
    found = fatal(host_findings(cluster(), {"c1": {"unreachable": True, "msg": "no route\ndetails"}}, False))
    assert only(found).startswith("c1: is unreachable: no route")


def test_a_cluster_whose_webapps_were_never_started() -> None:
    ours = container(name="wabiz-webapp-1", cluster="wabiz", node="wabiz-webapp-1")
    empty = {"web1": report(), "web2": report()}
    assert only(fatal(list(no_webapp(cluster(), empty)))).endswith("Run site.yml first.")
    assert fatal(list(no_webapp(cluster(), {**empty, "web1": report(containers=[container(name="wabiz-webapp-1")])})))
    # One is enough, and a host that does not answer, or was not asked, may have one.
    for known in ({**empty, "web2": report(containers=[ours])}, {**empty, "web2": {"unreachable": True}}, {}):
        assert list(no_webapp(cluster(), known)) == []


@pytest.mark.parametrize("running", [True, False])
@pytest.mark.parametrize(
    ("kind", "words"), [("podman", "has Podman"), ("rootless", "rootless Docker"), ("snap", "as a snap")]
)
def test_an_engine_that_is_not_supported(kind: str, words: str, running: bool) -> None:
    assert words in only(judged("c1", engine={"running": running, "present": True, "kind": kind}))


@pytest.mark.parametrize(
    ("system", "values", "said"),
    [
        ({"id": "opensuse-leap", "family": ""}, {}, "docker.io is on Debian and what python3-requests is on Debian"),
        ({"id": "opensuse-leap", "family": ""}, {"wabiz_engine_packages": ["docker"]}, "lacks what python3-requests"),
        (
            {"id": "alpine", "family": ""},
            {"wabiz_engine_packages": "docker", "wabiz_host_packages": "py3-requests"},
            "",
        ),
        ({"id": "debian", "family": "debian", "version": "12"}, {}, ""),
        ({"id": "rocky", "family": "redhat", "version": "9"}, {}, ""),
        ({}, {}, ""),
    ],
)
def test_a_system_whose_packages_are_not_known(system: dict[str, str], values: dict[str, Any], said: str) -> None:
    told = report(
        engine={"running": False, "present": False, "kind": ""},
        requirements={"requests": False, "crontab": True, "docker": False},
        system=system,
    )
    found = fatal(host_findings(cluster(**values), {"c1": told}, False))
    assert said in only(found) if said else found == []
    there = {**told, "engine": {"running": True, "kind": "docker"}, "requirements": {"requests": True, "docker": True}}
    assert fatal(host_findings(cluster(**values), {"c1": there}, False)) == []


@pytest.mark.parametrize("group", ["loadbalancer", "retired"])
@pytest.mark.parametrize(
    "told",
    [
        {"disk_free": 3e9, "engine": {"running": False, "present": False, "kind": ""}},
        {"engine": {"running": False, "present": True, "kind": "podman"}},
    ],
)
def test_neither_disk_nor_engine_is_judged_where_no_container_is_to_run(group: str, told: dict[str, Any]) -> None:
    assert host_findings(cluster({group: ["x1"]}), {"x1": report(**told)}, False) == []
    # With a node, or the database's server, it is.
    for other in ("webapp", "database"):
        assert len(fatal(host_findings(cluster({group: ["x1"], other: ["x1"]}), {"x1": report(**told)}, False))) == 1


@pytest.mark.parametrize("upgrades", [False, True])
def test_the_limit_of_the_disk_is_that_of_the_host(upgrades: bool) -> None:
    key = "upgrade_minimum_disk_gb" if upgrades else "minimum_disk_gb"
    found = cluster()
    found.variables["db1"] = {**found.variables["db1"], key: 0.0}
    found.variables["c1"] = {**found.variables["c1"], key: 9.0}
    reports = {host: report(disk_free=6e9) for host in ("db1", "web1", "c1")}
    assert only(fatal(host_findings(found, reports, False))).startswith("c1: has 6.0 GB free for Docker")
    assert found.disk_limit("c1") == (f"wabiz_{key}", 9.0)


def test_a_host_that_role_engine_is_used_for_alone_is_judged() -> None:
    """No group of the cluster names it."""
    alone = cluster({"engine": ["new1"]})
    system = {"id": "opensuse-leap", "family": ""}
    lacks = report(engine={"running": False}, requirements={"requests": False}, system=system)
    assert "what docker.io is on Debian" in only(fatal(host_findings(alone, {"new1": lacks}, False)))
    (old,) = host_findings(alone, {"new1": report(engine={"running": True, "version": "19.03.8"})}, False)
    assert "Docker 19.03.8 is older" in str(old) and not old.fatal


@pytest.mark.parametrize("kind", ["docker", "docker-ce"])
def test_an_engine_that_is_supported(kind: str) -> None:
    assert host_findings(cluster(), {"c1": report(engine={"running": True, "kind": kind})}, False) == []


@pytest.mark.parametrize(
    ("engine", "words"),
    [
        ({"version": "20.10.24", "seccomp": "default", "libseccomp": "2.3.1"}, "libseccomp 2.3.1 does not know statx"),
        ({"version": "20.10.24", "seccomp": "builtin", "libseccomp": "2.3.3"}, ""),
        ({"version": "20.10.24", "seccomp": "default", "libseccomp": ""}, ""),
        ({"version": "20.10.7", "seccomp": "default", "libseccomp": "2.5.1"}, "Docker 20.10.7 refuses clone3"),
        ({"version": "20.10.10", "seccomp": "default", "libseccomp": "2.5.1"}, ""),
        # Debian 11 has corrected it.
        ({"version": "20.10.5+dfsg1", "seccomp": "default", "libseccomp": "2.5.1"}, ""),
        ({"version": "26.1.5+dfsg1", "seccomp": "builtin", "libseccomp": "2.6.0"}, ""),
        # The site's own profile, or none.
        ({"version": "20.10.7", "seccomp": "/etc/docker/seccomp.json", "libseccomp": "2.3.1"}, ""),
        ({"version": "20.10.7", "seccomp": "", "libseccomp": "2.3.1"}, ""),
    ],
)
def test_system_calls_that_an_old_engine_refuses_are_warned_of(engine: dict[str, Any], words: str) -> None:
    """The database's server needs none of them."""
    told = report(engine={"running": True, "kind": "docker", **engine})
    found = host_findings(cluster(), {"c1": told, "db1": told}, False)
    assert [finding.where for finding in found if not finding.fatal] == (["c1"] if words else [])
    assert all(words in finding.problem for finding in found)


@pytest.mark.parametrize(
    ("version", "kind", "refused"),
    [("12", "docker", True), ("13", "docker", False), ("12", "docker-ce", False)],
)
def test_a_command_docker_that_no_known_package_brings(version: str, kind: str, refused: bool) -> None:
    found = judged(
        "c1",
        engine={"running": True, "kind": kind},
        requirements={"requests": True, "crontab": True, "docker": False},
        system={"id": "debian", "version": version, "family": "debian"},
    )
    assert bool(found) == refused
    assert all("no command docker" in text for text in found)


@pytest.mark.parametrize(
    ("version", "fatal_on", "warned_on"),
    [
        ("1.13.1", {"c1"}, {"db1"}),
        ("17.12.1-ce", {"c1"}, {"db1"}),
        ("18.04.0-ce", set(), {"c1", "db1"}),
        ("19.03.15", set(), {"c1", "db1"}),
        ("20.10.5+dfsg1", set(), set()),
        ("29.0.1", set(), set()),
        # No release of Docker's: nothing is known of it.
        ("0.0.0-20230101", set(), set()),
        ("dev", set(), set()),
        ("", set(), set()),
    ],
)
def test_an_engine_that_is_too_old(version: str, fatal_on: set[str], warned_on: set[str]) -> None:
    """Before 18.04 it refuses statx; the database's server does not need it, and a balancer is no container."""
    balanced = cluster({"loadbalancer": ["lb1"]})
    told = {host: report(engine={"running": True, "kind": "docker", "version": version}) for host in balanced.hosts}
    found = host_findings(balanced, {host: told[host] for host in ("c1", "db1", "lb1")}, False)
    assert {finding.where for finding in found if finding.fatal} == fatal_on
    assert {finding.where for finding in found if not finding.fatal} == warned_on
    assert all(version in finding.problem and "20.10" in finding.remedy for finding in found)


# --- images -------------------------------------------------------------------------------------------------------

CORE, SERVER = "docker.whatsapp.biz/coreapp:v2.57.2", "mysql:8.0"
ID, OTHER = f"sha256:{'1a' * 32}", f"sha256:{'2b' * 32}"


def image(identity: str = ID, **more: Any) -> dict[str, Any]:
    known = {"id": identity, "content": identity, "digests": [], "created": "2026-02-01T00:00:00Z"}
    return {**known, "expires_on": "2026-08-01", "architecture": "amd64", "size": 1, "tags": [], **more}


def having(name: str, facts: dict[str, Any]) -> dict[str, Any]:
    engine = {"running": True, "architecture": "amd64"}
    return report(engine=engine, images={name: "local"}, image_facts={name: facts})


def lines(
    reports: dict[str, dict[str, Any]], given: Any = None, today: str = "2026-03-01"
) -> tuple[list[str], list[str]]:
    """Refusals and warnings, with the variables that are given."""
    found = merged(host_findings(cluster(None, **(given or {})), reports, False, today))
    return fatal(found), [str(finding) for finding in found if not finding.fatal]


def test_images_of_a_good_cluster() -> None:
    assert lines({"c1": having(CORE, image()), "c2": having(CORE, image())}) == ([], [])


def test_an_image_of_another_architecture_is_refused_wherever_it_would_be_started() -> None:
    refusals, warnings = lines({"c1": having(CORE, image(architecture="arm64"))})
    assert only(refusals).startswith(f"c1: image {CORE} is made for arm64, and the host is amd64.") and not warnings


@pytest.mark.parametrize("name", ["wabiz_image_ids", "wabiz_image_digests"])
def test_an_image_that_is_not_the_pinned_one_is_refused(name: str) -> None:
    pulled = image(digests=[ID])
    refusals, _warnings = lines({"c1": having(CORE, pulled)}, {name: {"coreapp": OTHER}})
    assert only(refusals).startswith(f"c1: image {CORE} is another one than is pinned")
    assert lines({"c1": having(CORE, pulled)}, {name: {"coreapp": ID}}) == ([], [])


def test_a_pin_is_of_its_host() -> None:
    """Pins may be given for some hosts only, such as those with another kind of engine."""
    mixed = cluster()
    mixed.variables["c2"]["image_ids"] = {"coreapp": OTHER}
    reports = {"c1": having(CORE, image()), "c2": having(CORE, image(OTHER))}
    assert fatal(host_findings(mixed, reports, False)) == []
    reports["c2"] = having(CORE, image())
    assert only(fatal(host_findings(mixed, reports, False))).startswith("c2: image")


def test_the_database_servers_image_is_judged_too() -> None:
    refusals, _warnings = lines({"db1": having(SERVER, image())}, {"wabiz_image_ids": {"database": OTHER}})
    assert only(refusals).startswith(f"db1: image {SERVER} is another one")


def test_images_that_differ_between_hosts_are_a_warning() -> None:
    refusals, warnings = lines({"c1": having(CORE, image()), "c2": having(CORE, image(OTHER))})
    assert refusals == [] and "is not the same on all hosts" in only(warnings)


def test_hosts_that_are_not_judged_count_as_holders() -> None:
    """One host is judged again after its engine was started."""
    late = {"c3": report(images={CORE: "manifest unknown"})}
    others = {"c1": having(CORE, image()), "c2": having(CORE, image(architecture="arm64"))}
    assert fatal(host_findings(cluster(), late, False)) != []
    assert host_findings(cluster(), late, False, "", {"c1": others["c1"]}) == []
    # What speaks against c2 was said when it was judged.
    assert [finding for finding in host_findings(cluster(), late, False, "", others) if finding.where == "c2"] == []


def test_hosts_that_disagree_are_no_source() -> None:
    reports = {"c1": having(CORE, image()), "c2": having(CORE, image(OTHER)), "c3": report(images={CORE: "unknown"})}
    refusals, _warnings = lines(reports)
    assert only(refusals).startswith(f"c3: image {CORE} is not available")
    refusals, _warnings = lines(reports, {"wabiz_image_ids": {"coreapp": ID}})
    assert only(refusals).startswith("c2: image")


def test_an_expired_image_is_a_warning_where_no_upgrade_would_bring_it() -> None:
    """What runs may be repaired; the client's servers say themselves whether they accept it."""
    refusals, warnings = lines({"c1": having(CORE, image(expires_on="2026-02-28"))})
    assert refusals == [] and only(warnings) == f"Image {CORE} expired on 2026-02-28. Choose a newer wabiz_version."
    assert lines({"c1": having(CORE, image(expires_on="2026-02-28"))}, today="") == ([], [])


@pytest.mark.parametrize(
    ("given", "reason", "remedy"),
    [
        ({}, "cannot be checked: unauthorized: authentication required", "(docker login docker.whatsapp.biz)"),
        (
            {"wabiz_registry_user": "puller", "wabiz_registry_password": "Canary-password-9"},
            "cannot be checked: unauthorized: incorrect username or password",
            "docker.whatsapp.biz refuses user puller",
        ),
        ({}, "cannot be checked: x509: certificate signed by unknown authority", "/etc/docker/certs.d/"),
        ({}, "manifest unknown", "wabiz_version"),
        ({}, "cannot be checked: registry: no answer within 10 s", "that the hosts reach the registry"),
    ],
)
def test_what_a_registry_says_has_a_remedy(given: dict[str, Any], reason: str, remedy: str) -> None:
    refusals, warnings = lines({"c1": report(images={CORE: reason})}, given)
    assert remedy in only(refusals + warnings)
    assert bool(refusals) is ("cannot be checked" not in reason)
    assert "Canary" not in str(warnings)


def test_the_login_is_of_one_registry() -> None:
    given = {"wabiz_registry_user": "puller", "wabiz_registry_password": "Canary-password-9"}
    _refusals, warnings = lines({"db1": report(images={SERVER: "cannot be checked: unauthorized"})}, given)
    assert "docker.io asks for a login" in only(warnings) and "puller" not in warnings[0]


def test_a_user_of_the_registry_has_a_password() -> None:
    alone = cluster(None, wabiz_registry_user="puller")
    for whole in (True, False):
        line = only(fatal(merged(inventory_findings(alone, whole))))
        assert "variable wabiz_registry_password: is not set, but wabiz_registry_user is." in line
    assert inventory_findings(cluster(None, wabiz_registry_password="Canary-1")) == []


def test_a_taken_port_names_its_holder() -> None:
    assert "in use by another process" in only(judged("c1", ports_taken=[6252]))
    other = container(name="nginx", image="nginx:1", ports=[6252])
    assert "in use by container nginx" in only(judged("c1", ports_taken=[6252], containers=[other]))


def test_the_servers_port_is_taken() -> None:
    """Docker would tell only when the container is started."""
    told = {"db1": report(ports_taken=[3306])}
    assert only(fatal(host_findings(cluster(), told, False))) == (
        "db1: port 3306, needed by wabiz-database, is in use by another process. Free it or change wabiz_database_port."
    )
    own = container(name="wabiz-database", cluster="wabiz", ports=[3306])
    assert host_findings(cluster(), {"db1": report(ports_taken=[3306], containers=[own])}, False) == []
    assert host_findings(cluster(wabiz_database_published_address="10.0.0.9"), told, False) == []


def test_our_own_port_is_not_taken() -> None:
    own = container(name="wabiz-coreapp-1", cluster="wabiz", node="coreapp", version="2.57.2", ports=[6252])
    assert judged("c1", ports_taken=[6252], containers=[own]) == []


def test_the_balancers_port() -> None:
    """Its own unit may hold it, no other process may."""
    balanced = cluster({"loadbalancer": ["lb1"]}, wabiz_loadbalancer_port=443)
    taken = {"lb1": report(ports_taken=[443])}
    found = only(fatal(host_findings(balanced, taken, False)))
    assert "port 443, needed by wabiz-loadbalancer-1, is in use by another process" in found
    taken["lb1"]["files"] = {"/etc/systemd/system/wabiz-loadbalancer-1.service": True}
    assert host_findings(balanced, taken, False) == []


def test_a_running_single_instance() -> None:
    assert "single instance" in only(judged("c1", containers=[container()]))
    assert judged("c1", containers=[container(running=False)]) == []
    other = container(client="multi")
    assert "another installation" in only(judged("c1", containers=[other]))


def test_a_version_change_is_refused() -> None:
    old = container(name="wabiz-coreapp-1", cluster="wabiz", node="coreapp", version="2.55.1")
    assert "runs version 2.55.1, wabiz_version is 2.57.2" in only(judged("c1", containers=[old]))
    assert judged("c1", allow_version_change=True, containers=[old]) == []


def test_a_container_with_our_label_and_no_version_is_not_told_to_be_upgraded() -> None:
    """Made by hand, with the labels copied from another one in part."""
    copied = container(name="wabiz-coreapp-9", cluster="wabiz", node="coreapp")
    line = only(judged("c1", containers=[copied]))
    assert "none that says which version it runs" in line and "remove it" in line


def test_disk_database_mount_and_image() -> None:
    assert "4.0 GB free" in only(judged("c1", disk_free=4_000_000_000))
    assert "db1:3306: refused" in only(judged("c1", connections={"db1:3306": "refused"}))
    assert "nothing is mounted at /m" in only(judged("c1", mounts={"/m": False}))
    assert "image web:v1 is not available: unknown" in only(judged("c1", images={"web:v1": "unknown"}))


def test_names_that_containers_cannot_look_up() -> None:
    only_here = "is known only to the host's /etc/hosts, which containers do not see"
    reports = {host: report(names={"db1": only_here, "c2": "is not known to DNS"}) for host in ("m1", "c1")}
    database, node = fatal(merged(host_findings(cluster(), reports, False)))
    assert database.startswith(f"m1, c1, variable wabiz_database_host: is db1, which {only_here}. ")
    assert node.startswith("m1, c1, variable wabiz_external_hostname: of c2 is c2, which is not known to DNS. ")
    assert "wabiz_extra_hosts" in node


def test_a_name_that_cannot_be_checked_is_a_warning() -> None:
    (finding,) = host_findings(cluster(), {"c1": report(names={"db1": "cannot be checked: getent"})}, False)
    assert not finding.fatal


def test_an_image_that_cannot_be_checked_is_a_warning() -> None:
    """The pull may still work: the host may have credentials for it."""
    told = report(images={"web:v1": "cannot be checked: unauthorized"})
    (finding,) = host_findings(cluster(), {"c1": told}, False)
    assert str(finding).startswith("c1: image web:v1 cannot be checked: unauthorized.")
    assert not finding.fatal


@pytest.mark.parametrize(("sources", "refused"), [(["registry", "hosts"], False), (["registry"], True)])
def test_an_image_that_another_host_has_is_copied_from_it(sources: list[str], refused: bool) -> None:
    there = {"web:v1": {"created": "", "expires_on": ""}}
    reports = {
        "web1": report(images={"web:v1": "unknown"}),
        "web2": report(images={"web:v1": "local"}, image_facts=there),
    }
    found = fatal(host_findings(cluster(wabiz_image_sources=sources), reports, False))
    assert bool(found) is refused


def test_an_image_may_be_in_the_archive() -> None:
    reports = {"web1": report(images={"web:v1": "unknown"})}
    (finding,) = host_findings(cluster(wabiz_image_archive="/srv/images"), reports, False)
    assert not finding.fatal


def test_one_missing_image_is_one_finding() -> None:
    reports = {host: report(images={"web:v1": "unknown"}) for host in ("web1", "web2")}
    assert only(fatal(merged(host_findings(cluster(), reports, False)))).startswith("web1, web2: image web:v1")


# --- a value for the whole cluster --------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["wabiz_version", "wabiz_database_host", "wabiz_database_user", "wabiz_api_key"])
def test_what_is_required_and_blank_is_one_finding(name: str) -> None:
    line = only(fatal(merged(inventory_findings(cluster(None, **{name: ""})))))
    assert line == f"variable {name}: is not set. Set it for all hosts of the cluster."


def test_an_administrator_of_the_database_has_a_password() -> None:
    line = only(fatal(inventory_findings(cluster({"database": []}, wabiz_database_admin_user="dba"))))
    assert line.startswith("variable wabiz_database_admin_password: is not set, but wabiz_database_admin_user is.")
    both = {"wabiz_database_admin_user": "dba", "wabiz_database_admin_password": "Canary-dba-1"}
    assert inventory_findings(cluster({"database": []}, **both)) == []


def test_a_users_name_fits_the_server() -> None:
    line = only(fatal(inventory_findings(cluster(wabiz_database_user="w" * 33))))
    assert line.startswith("variable wabiz_database_user: has 33 characters")
    postgresql = cluster(wabiz_database_engine="postgresql", wabiz_database_user="w" * 33)
    assert fatal(inventory_findings(postgresql)) == []
    assert fatal(inventory_findings(cluster(wabiz_database_user="w" * 32))) == []


def test_the_servers_administrator_needs_a_password_where_we_run_it() -> None:
    line = only(fatal(inventory_findings(cluster(wabiz_database_root_password="clé"))))
    assert line.startswith("db1, variable wabiz_database_root_password: has characters")
    foreign = {"wabiz_database_admin_user": "dba", "wabiz_database_admin_password": "clé"}
    assert "wabiz_database_admin_password: has characters" in only(
        fatal(inventory_findings(cluster({"database": []}, **foreign)))
    )
    assert inventory_findings(cluster({"database": []}, wabiz_database_engine="postgresql", **foreign)) == []
    line = only(fatal(inventory_findings(cluster(wabiz_database_root_password=None))))
    assert line.startswith("db1, variable wabiz_database_root_password")
    assert inventory_findings(cluster({"database": []}, wabiz_database_root_password=None)) == []


@pytest.mark.parametrize(
    ("key", "value"),
    [("secret", None), ("secret", "another"), ("jwt_key", "j" * 64), ("database_port", 3307), ("shards", 2)],
)
def test_what_must_be_the_same_everywhere(key: str, value: Any) -> None:
    """An empty wabiz_secret next to a given one: webapps and coreapps would not understand each other."""
    mixed = cluster(wabiz_secret="a-secret")
    mixed.variables["c1"][key] = value
    found = fatal(inventory_findings(mixed))
    assert [line for line in found if line.startswith(f"variable wabiz_{key}: differs between hosts")]
    assert " on c1" in " ".join(found)
    assert "a-secret" not in " ".join(found) and "another" not in " ".join(found)


@pytest.mark.parametrize("text", ["false", "no", "0", False])
def test_the_converted_value_decides(text: Any) -> None:
    """`-e wabiz_require_ha=false` was a text, and every text is true."""
    assert fatal(inventory_findings(cluster({"master": ["m1"]}, wabiz_require_ha=text))) == []
    assert fatal(inventory_findings(cluster(wabiz_database_host="c1", wabiz_allow_database_on_node=text)))


@pytest.mark.parametrize(
    "values",
    [
        {"wabiz_config_directory": "/opt", "wabiz_media_path": "/opt/wabiz/media"},
        {"wabiz_config_directory": "/opt", "wabiz_media_path": "/opt/wabiz"},
        {"wabiz_config_directory": "/opt", "wabiz_media_path": "/opt"},
        {"wabiz_database_volume": "/etc/wabiz/wabiz/data"},
        {"wabiz_database_volume": "/srv/media/database", "wabiz_media_path": "/srv/media"},
    ],
)
def test_data_within_the_configuration_is_refused(values: dict[str, str]) -> None:
    found = fatal(merged(inventory_findings(cluster(None, **values), whole=False)))
    assert "are nested" in only(found)


def test_a_neighbouring_directory_is_no_overlap() -> None:
    assert inventory_findings(cluster(wabiz_config_directory="/opt", wabiz_media_path="/opt/wabiz-media")) == []


# --- what belongs to others ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(("host", "name"), [("c1", "wabiz-coreapp-1"), ("db1", "wabiz-database")])
@pytest.mark.parametrize(("owner", "said"), [("", "was not created by"), ("other", "belongs to cluster other")])
def test_a_container_of_our_name_that_is_not_ours(host: str, name: str, owner: str, said: str) -> None:
    line = only(judged(host, containers=[container(name=name, image="nginx:1", cluster=owner)]))
    assert line.startswith(f"{host}: container {name} has the name of one of the cluster's containers and {said}")


def test_a_second_client_whatever_its_image_is_called() -> None:
    for image in ("wa-coreapp:2.57.2", "coreapp:prod", "coreapp@sha256:abc"):
        line = only(judged("c1", containers=[container(image=image, client="single")]))
        assert "is a single instance of the client and runs" in line
        assert "docker stop wacore && docker update --restart=no wacore" in line


@pytest.mark.parametrize("image", ["company/web:v3", "web:1.2", "nginx/web:2024", "coreapp:latest"])
def test_an_image_that_is_only_called_so_is_no_client(image: str) -> None:
    assert judged("c1", containers=[container(image=image)]) == []


def test_a_second_client_that_would_start_at_the_next_boot() -> None:
    asleep = container(image="coreapp:prod", client="single", running=False, starts_at_boot=True)
    line = only(judged("c1", containers=[asleep]))
    assert "is stopped, but Docker starts it at the next boot" in line
    assert line.endswith("first: docker update --restart=no wacore")
    assert judged("c1", containers=[{**asleep, "starts_at_boot": False}]) == []


def test_another_cluster_of_ours_with_the_same_number() -> None:
    here = cluster(wabiz_phone_cc="49", wabiz_phone_number="15112345678")
    theirs = container(name="other-coreapp-1", cluster="other", node="coreapp", client="multi")

    def said(number: str, containers: list[dict[str, Any]]) -> list[str]:
        told = report(containers=containers, clusters=[{"cluster": "other", "number": number}])
        return fatal(host_findings(here, {"c1": told}, False))

    assert "runs cluster other with the same phone number" in only(said("4915112345678", [theirs]))
    assert said("4915112345679", [theirs]) == []
    assert said("4915112345678", []) == []


# --- a live cluster keeps its database ----------------------------------------------------------------------------


def node(**database: str) -> dict[str, Any]:
    has = {
        "engine": "MYSQL",
        "host": "db1",
        "port": "3306",
        "user": "wabiz",
        "prefix": "wabiz_",
        "password_digest": digest("Canary-password-1", b"salt"),
        **database,
    }
    return container(name="wabiz-coreapp-1", cluster="wabiz", node="coreapp", version="2.57.2", database=has)


def test_the_database_of_the_inventory_is_the_containers() -> None:
    assert judged("c1", containers=[node()]) == []


def test_a_host_name_may_be_written_otherwise() -> None:
    assert judged("c1", containers=[node(host="DB1.", engine="mysql")]) == []


@pytest.mark.parametrize(
    ("key", "value"),
    [
        *(("engine", "PGSQL"), ("host", "db2"), ("port", "3307"), ("user", "wa"), ("prefix", "wa_"), ("prefix", "")),
        # These are other databases, in PostgreSQL and in MySQL on Linux.
        ("prefix", "WABIZ_"),
    ],
)
def test_another_database_is_refused(key: str, value: str) -> None:
    """By a rotation too, which only brings another login."""
    for rotation in (False, True):
        found = host_findings(cluster(), {"c1": report(containers=[node(**{key: value})])}, False, rotation=rotation)
        line = only(fatal(found))
        assert f"wabiz_database_{key} is " in line
        assert "wabiz_allow_database_change: true" in line
        assert "rotate_database_password.yml" not in line


OTHER_PASSWORD = {"password_digest": digest("Canary-password-2", b"salt")}


@pytest.mark.parametrize(
    ("has", "words"),
    [
        (OTHER_PASSWORD, "wabiz_database_password is not the container's"),
        ({"user": "wabiz_b"}, "wabiz_database_user is wabiz, the container has wabiz_b"),
        ({"user": "wabiz_b", **OTHER_PASSWORD}, "wabiz_database_user is wabiz, the container has wabiz_b"),
    ],
)
def test_another_login_is_left_to_a_rotation(has: dict[str, str], words: str) -> None:
    containers = [node(**has)]
    line = only(judged("c1", containers=containers))
    assert words in line
    assert "run playbook rotate_database_password.yml" in line
    assert "Canary" not in line
    assert fatal(host_findings(cluster(), {"c1": report(containers=containers)}, False, rotation=True)) == []


def test_another_database_and_another_password_are_one_finding() -> None:
    line = only(judged("c1", containers=[node(prefix="wa_", **OTHER_PASSWORD)]))
    assert "the container has wa_; wabiz_database_password is not the container's" in line


def test_a_change_that_is_meant() -> None:
    meant = cluster(wabiz_database_host="db2", wabiz_allow_database_change="true")
    assert fatal(host_findings(meant, {"c1": report(containers=[node()])}, False)) == []


def test_records_of_services_that_a_host_has_left() -> None:
    assert cluster().stale_records("c1") == ["/etc/wabiz/wabiz/webapp.yml", "/etc/wabiz/wabiz/master.yml"]


# --- what would be found late -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1", "127.0.1.1", "::1", "LOCALHOST", "::"])
def test_a_loopback_address_is_refused_before_any_node_starts(name: str) -> None:
    """A container that is told localhost asks itself; it was found after 120 s, as a port that does not answer."""
    lines = fatal(merged(inventory_findings(cluster(wabiz_database_host=name))))
    assert [line for line in lines if f"variable wabiz_database_host: is {name}," in line]
    lines = fatal(merged(inventory_findings(cluster(wabiz_external_hostname=name))))
    assert [line for line in lines if f"variable wabiz_external_hostname: is {name}," in line]


@pytest.mark.parametrize("name", ["db1", "10.0.0.1", "local.example.net", "localhost.example.net"])
def test_other_names_are_none(name: str) -> None:
    assert inventory_findings(cluster(wabiz_database_host=name)) == []


@pytest.mark.parametrize("value", ["FALSE", "false", "False", " no", "0", "off"])
@pytest.mark.parametrize("variable", ["wabiz_extra_env", "wabiz_dbupgrade_env"])
def test_a_schema_upgrade_that_would_never_end_is_refused(variable: str, value: str) -> None:
    line = only(fatal(merged(inventory_findings(cluster(None, **{variable: {"EXIT_ON_SUCCESS": value}})))))
    assert f"variable {variable}: has EXIT_ON_SUCCESS={value}: the container that upgrades the schema" in line


def test_what_the_schemas_container_is_given_alone_counts() -> None:
    never, ends = {"EXIT_ON_SUCCESS": "FALSE"}, {"EXIT_ON_SUCCESS": "TRUE"}
    assert inventory_findings(cluster(wabiz_extra_env=ends)) == []
    assert inventory_findings(cluster(wabiz_extra_env=never, wabiz_dbupgrade_env=ends)) == []
    line = only(fatal(merged(inventory_findings(cluster(wabiz_extra_env=ends, wabiz_dbupgrade_env=never)))))
    assert "variable wabiz_dbupgrade_env" in line
    options: dict[str, Any] = {"wabiz_container_options": {"env": never}}
    line = only(fatal(merged(inventory_findings(cluster(wabiz_extra_env=ends, **options)))))
    assert "variable wabiz_container_options: has EXIT_ON_SUCCESS=FALSE" in line
    assert inventory_findings(cluster(wabiz_dbupgrade_env=ends, **options)) == []


@pytest.mark.parametrize("state", ["present", "absent"])
@pytest.mark.parametrize(("day", "month", "comes"), [("30", "2", False), ("31", "4,6", False), ("31", "4,7", True)])
def test_a_day_of_the_log_cleanup_that_never_comes(day: str, month: str, comes: bool, state: str) -> None:
    schedule = {"minute": "17", "hour": "3", "weekday": "*", "day": day, "month": month}
    found = inventory_findings(cluster(wabiz_log_cleanup_schedule=schedule, wabiz_log_cleanup_state=state), whole=False)
    said = "variable wabiz_log_cleanup_schedule: names a day that never comes"
    assert any(said in line for line in fatal(merged(found))) == (not comes and state == "present")


@pytest.mark.parametrize("playbook", ["site", "upgrade", "preflight"])
def test_every_playbook_that_checks_sees_what_the_schemas_container_is_given(playbook: str) -> None:
    assert {"wabiz_extra_env", "wabiz_dbupgrade_env"} <= {variable.name for variable in declared().read_by(playbook)}


# --- groups, ports, what could not be read ------------------------------------------------------------------------


def test_a_group_of_the_site_with_one_of_our_names() -> None:
    """Its hosts would be taken for the cluster's: a cron file on a host of others, an engine installed there."""
    mixed = cluster()
    mixed.all_groups["wabiz_node"] = ["monitor1", "c1"]
    line = only(fatal(inventory_findings(mixed, whole=False)))
    assert line.startswith("monitor1: is in a group wabiz_node")
    mixed.all_groups["wabiz_node"] = list(mixed.node_hosts)
    assert inventory_findings(mixed) == []


def test_a_retired_host_that_is_in_another_group_too_is_kept_and_that_is_said() -> None:
    (found,) = inventory_findings(cluster({"retired": ["c3"]}))
    assert str(found).startswith("c3: is in group retired and in coreapp; it is kept.") and not found.fatal
    assert inventory_findings(cluster({"retired": ["c4"]})) == []


def test_renamed_groups_that_do_not_exist() -> None:
    lost = Inventory({group: [] for group in GROUPS}, {}, {"all": []}, renamed={"webapp": "webs"})
    found = fatal(inventory_findings(lost, whole=False))
    assert "calls group webapp webs, which the inventory does not have" in found[0]
    assert "has no host in any of the groups" in found[1] and "webs" in found[1]


def test_ports_beyond_the_last_one() -> None:
    found = fatal(inventory_findings(cluster({"webapp": ["web1"]}, wabiz_webapp_port=65535, wabiz_webapp_instances=2)))
    assert only(found).startswith("web1: wabiz-webapp-2 would get ports up to 65536.")


def test_volumes_are_removed_by_the_clusters_own_name_only() -> None:
    named = cluster()
    for name, right in (("other", False), ("true", False), ("wabiz", True)):
        named.variables["db1"]["uninstall_volumes"] = name
        assert (fatal(inventory_findings(named, whole=False)) == []) is right


def test_what_could_not_be_read_is_refused() -> None:
    """A second client may be among it."""
    assert "containers cannot be listed: no answer" in only(judged("c1", problems={"containers": "no answer"}))
    line = only(judged("c1", containers=[container(image="x", error="no answer within 30 s")]))
    assert "container wacore cannot be inspected: no answer within 30 s" in line


@pytest.mark.parametrize("message", [None, "", "\n"])
def test_a_host_that_does_not_say_why_it_cannot_be_reached(message: str | None) -> None:
    found = fatal(host_findings(cluster(), {"c1": {"unreachable": True, "msg": message}}, False))
    assert only(found).startswith("c1: is unreachable: no answer")


def test_a_host_name_is_the_same_in_capitals_and_with_a_dot() -> None:
    assert judged("c1", containers=[node(host="DB1.")]) == []


# --- what a site adds to the containers -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"image": "mine"}, "has image. Set wabiz_registry and wabiz_version instead."),
        ({"networks": [{"name": "bots"}]}, "has networks. Set wabiz_networks instead."),
        ({"network_mode": "host"}, "has network_mode. Set wabiz_networks instead."),
        ({"env_file": "/etc/db.env"}, "has env_file. Set wabiz_extra_env instead."),
        ({"auto_remove": True}, "has auto_remove. Remove it"),
        ({"labels": {"org.wabiz.cluster": "other"}}, "has label org.wabiz.cluster. Remove it"),
        ({"env": {"WA_DB_HOSTNAME": "db2"}}, "sets WA_DB_HOSTNAME. Set wabiz_database_host instead."),
        ({"env": {"WA_MASTER_NODE": ""}}, "sets WA_MASTER_NODE. Remove it"),
        ({"volumes": ["/srv/other:/usr/local/wamedia/"]}, "mounts /usr/local/wamedia"),
        ({"mounts": [{"target": "/usr/local/wamedia"}]}, "mounts /usr/local/wamedia"),
    ],
)
@pytest.mark.parametrize("service", ["", "webapp_", "coreapp_"])
def test_an_option_that_the_roles_decide_is_refused(given: dict[str, Any], said: str, service: str) -> None:
    name = f"wabiz_{service}container_options"
    line = only(fatal(merged(inventory_findings(cluster(**{name: given})))))
    assert f"variable {name}: {said}" in line


def test_tls_to_the_database_may_be_turned_off_as_the_vendors_template_does() -> None:
    blank = {"WA_DB_SSL_CA": ""}
    assert inventory_findings(cluster(wabiz_extra_env=blank)) == []
    found = only(fatal(merged(inventory_findings(cluster(wabiz_extra_env=blank, wabiz_database_tls_ca="/etc/ca.pem")))))
    assert "sets WA_DB_SSL_CA. Set wabiz_database_tls_ca instead." in found
    assert fatal(inventory_findings(cluster(wabiz_extra_env={"WA_DB_SSL_CA": "/opt/certs/ca.pem"})))


def test_other_options_are_a_sites_own() -> None:
    options = {"cpus": 1.5, "labels": {"team": "chat"}, "volumes": ["/srv/a:/opt/a"], "env": {"HTTPS_PROXY": ""}}
    assert inventory_findings(cluster(wabiz_container_options=options)) == []


@pytest.mark.parametrize(
    ("name", "place"), [("wabiz_data_volume", "/usr/local/waent/data"), ("wabiz_certificates_path", "/opt/certs")]
)
def test_a_directory_that_a_variable_mounts_is_mounted_once(name: str, place: str) -> None:
    volumes: dict[str, Any] = {"wabiz_extra_volumes": [f"/srv/y:{place}"]}
    twice = cluster(**{name: "/srv/x", **volumes})
    assert f"variable wabiz_extra_volumes: mounts {place}" in only(fatal(merged(inventory_findings(twice))))
    assert inventory_findings(cluster(**volumes)) == []


@pytest.mark.parametrize(
    ("ports", "instances", "said"),
    [
        ([7000, 7001, 7002], 1, "has 3 port(s), 4 are needed: 4 for each coreapp."),
        ([7000, 7001, 7002, 7003], 2, "has 4 port(s), 8 are needed: 4 for each coreapp."),
    ],
)
def test_there_is_a_port_for_each(ports: list[int], instances: int, said: str) -> None:
    here = cluster(wabiz_coreapp_ports=ports, wabiz_coreapp_instances=instances)
    assert said in only(fatal(merged(inventory_findings(here))))


def test_ports_one_by_one_are_claimed() -> None:
    """Also those that do not follow one another, and what a site publishes in addition."""
    ours = {"wabiz_coreapp_ports": [6254, 7001, 6256, 7003], "wabiz_require_ha": False}
    found = only(fatal(inventory_findings(cluster({"coreapp": ["m1"], "master": ["m1"]}, **ours))))
    assert found.startswith("m1: ports 6254, 6256 are claimed by wabiz-master-1 and wabiz-coreapp-1.")
    more = cluster(wabiz_webapp_container_options={"published_ports": ["443:443"]}, wabiz_webapp_instances=2)
    assert only(fatal(merged(inventory_findings(more)))).count("port 443 is claimed by") == 1


def test_a_taken_further_port() -> None:
    more = cluster(wabiz_webapp_container_options={"published_ports": ["443:443"]})
    found = fatal(host_findings(more, {"web1": report(ports_taken=[443])}, False))
    assert "port 443, needed by wabiz-webapp-1, is in use" in only(found)


def test_a_published_address_that_no_other_host_reaches() -> None:
    found = only(fatal(merged(inventory_findings(cluster(wabiz_published_address="127.0.0.1")))))
    assert "wabiz_published_address: is 127.0.0.1, on which no other host reaches its nodes." in found


@pytest.mark.parametrize("published", ["0.0.0.0", "10.0.0.5", None])  # noqa: S104
@pytest.mark.parametrize("told", ["c1", "10.0.0.5"])
def test_a_published_address_may_be_all_of_them(published: str | None, told: str) -> None:
    given = {host: {"wabiz_published_address": published, "wabiz_external_hostname": told} for host in ("web1", "m1")}
    found = cluster()
    for host, values in given.items():
        found.variables[host].update(settings(host, **values))
    assert [line for line in fatal(inventory_findings(found)) if "published_address" in line] == []


@pytest.mark.parametrize(
    ("published", "told"),
    [("", "2001:db8::5"), ("10.0.0.5", "2001:db8::5"), ("::", "10.0.0.5"), ("fd00::5", "10.0.0.5")],
)
def test_ports_are_published_in_the_family_of_the_address_that_others_are_told(published: str, told: str) -> None:
    """Without an address docker_container publishes them on IPv4 alone."""
    found = cluster()
    found.variables["c1"].update(
        settings("c1", wabiz_published_address=published, wabiz_external_hostname=told, wabiz_network_subnets=IPV6)
    )
    line = only(fatal(inventory_findings(found)))
    assert line.startswith("c1, variable wabiz_published_address: is ")
    assert f"on which nothing answers that is sent to {told}" in line


def test_an_address_of_the_family_that_is_published() -> None:
    found = cluster()
    given = {"wabiz_published_address": "2001:DB8::0:5", "wabiz_external_hostname": "2001:db8::5"}
    found.variables["c1"].update(settings("c1", wabiz_network_subnets=IPV6, **given))
    assert inventory_findings(found) == []


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"wabiz_webapp_container_options": {"volumes": ["/srv/x:/opt/all"]}}, "mounts /opt/all"),
        ({"wabiz_webapp_container_options": {"tmpfs": ["/opt/all:size=8m"]}}, "mounts /opt/all"),
        ({"wabiz_webapp_container_options": {"volumes": ["/usr/local/wamedia"]}}, "mounts /usr/local/wamedia"),
        ({"wabiz_webapp_container_options": {"volumes": ["/usr/local/wamedia:ro"]}}, "mounts /usr/local/wamedia"),
        ({"wabiz_webapp_container_options": {"tmpfs": ["/usr/local/wamedia"]}}, "mounts /usr/local/wamedia"),
        ({"wabiz_webapp_container_options": {"mounts": [{"target": "/opt/all", "type": "tmpfs"}]}}, ""),
        ({"wabiz_webapp_container_options": {"volumes": ["/srv/x:/opt/web"]}}, ""),
    ],
)
def test_options_of_all_and_of_one_service_have_no_place_in_common(values: dict[str, Any], said: str) -> None:
    everywhere = {"mounts": [{"target": "/opt/all", "type": "tmpfs"}]}
    found = fatal(merged(inventory_findings(cluster(wabiz_container_options=everywhere, **values))))
    assert said in only(found) if said else found == []


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"wabiz_memory": {"coreapp": "512m"}, "wabiz_memory_reservation": {"coreapp": "1024m"}}, "the reservation"),
        ({"wabiz_memory": {"coreapp": "512"}}, "6 MB"),
        ({"wabiz_memory": {"coreapp": "2g"}, "wabiz_coreapp_container_options": {"memory": "5m"}}, "6 MB"),
        (
            {"wabiz_memory": {"coreapp": "1g"}, "wabiz_container_options": {"memory_reservation": "2 GB"}},
            "the reservation",
        ),
        ({"wabiz_memory": {"coreapp": "1024m"}, "wabiz_memory_reservation": {"coreapp": "1g"}}, ""),
        ({"wabiz_memory": {"coreapp": "0"}, "wabiz_memory_reservation": {"coreapp": "1g"}}, ""),
        ({"wabiz_memory_reservation": {"coreapp": "1g"}}, ""),
    ],
)
def test_a_limit_that_docker_would_refuse(values: dict[str, Any], said: str) -> None:
    found = [line for line in fatal(merged(inventory_findings(cluster(**values)))) if "coreapp" in line]
    assert said in only(found) if said else found == []


@pytest.mark.parametrize(
    ("values", "refused"),
    [
        ({"wabiz_container_options": {"restart_retries": 5}}, True),
        ({"wabiz_container_options": {"restart_retries": 5}, "wabiz_restart_policy": "on-failure"}, False),
        ({"wabiz_container_options": {"restart_retries": 5, "restart_policy": "on-failure"}}, False),
        ({"wabiz_container_options": {"restart_retries": 0}}, False),
    ],
)
def test_a_number_of_restarts_goes_with_one_policy(values: dict[str, Any], refused: bool) -> None:
    found = fatal(merged(inventory_findings(cluster(**values))))
    assert any("restart_retries" in line for line in found) is refused


def test_one_address_of_a_network_is_of_one_container() -> None:
    given: dict[str, Any] = {"wabiz_networks": [{"name": "bots", "ipv4_address": "10.9.0.5"}, {"name": "bots"}]}
    several = cluster({"coreapp": ["c1", "c2"]}, wabiz_coreapp_instances=2)
    several.variables["c1"].update(settings("c1", wabiz_coreapp_instances=2, **given))
    lines = fatal(inventory_findings(several))
    assert [line.partition(": ")[2].partition(".")[0] for line in lines] == [
        "names bots twice",
        "gives several containers one ipv4_address in network bots",
    ]
    alone = cluster()
    alone.variables["c1"].update(settings("c1", wabiz_networks=given["wabiz_networks"][:1]))
    assert fatal(inventory_findings(alone)) == []


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["host"], "names host, Docker's own network, which the containers cannot join beside another."),
        (["none"], "names none"),
        ([{"name": "bridge", "aliases": ["x"]}], "cannot join with aliases."),
        (["bridge"], ""),
    ],
)
def test_networks_of_docker_itself(given: list[Any], said: str) -> None:
    found = fatal(merged(inventory_findings(cluster(wabiz_networks=given))))
    assert said in only(found) if said else found == []


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"wabiz_network_subnets": ["10.1.0.0/24", "10.2.0.0/24"]}, "has 2 subnets of IPv4"),
        ({"wabiz_network_subnets": ["10.0.0.0/8"], "wabiz_database_host": "10.4.4.4"}, "to which 10.4.4.4 belongs"),
        ({"wabiz_network_subnets": IPV6, "wabiz_database_host": "10.4.4.4"}, ""),
        ({"wabiz_database_host": "10.4.4.4"}, ""),
    ],
)
def test_a_subnet_that_docker_or_the_nodes_cannot_use(values: dict[str, Any], said: str) -> None:
    found = fatal(merged(inventory_findings(cluster(**values))))
    assert said in only(found) if said else found == []


def test_names_that_only_other_name_servers_know_are_not_asked_of_the_host() -> None:
    assert cluster().names("c1") == ["db1", "web1", "web2", "m1", "m2", "c2", "c3"]
    for given in (
        {"wabiz_dns_servers": ["10.0.0.53"]},
        {"wabiz_container_options": {"dns_search_domains": ["telecom.example"]}},
    ):
        assert cluster(**given).names("c1") == []
    assert "web1" not in cluster(wabiz_container_options={"etc_hosts": {"WEB1": "10.0.0.7"}}).names("c1")


def test_what_a_host_is_said_to_have_is_there() -> None:
    given: dict[str, Any] = {
        "wabiz_published_address": "10.0.0.5",
        "wabiz_networks": ["bots"],
        "wabiz_certificates_path": "/etc/certs",
        "wabiz_network_subnets": ["172.30.0.0/24"],
    }
    found = {
        "addresses": {"10.0.0.5": ""},
        "networks": [{"name": "bots"}, {"name": "wabiz", "subnets": ["172.30.0.0/24"]}],
        "files": {"/etc/certs": True},
    }
    here = cluster(**given)
    assert host_findings(here, {"c1": report(**found)}, False) == []
    wrong = {"addresses": {"10.0.0.5": "Cannot assign"}, "files": {"/etc/certs": False}}
    lines = fatal(host_findings(here, {"c1": report(**wrong)}, False))
    assert [line.partition(":")[0] for line in lines] == [
        "c1, variable wabiz_published_address",
        "c1, variable wabiz_networks",
        "c1, variable wabiz_certificates_path",
    ]
    assert "10.0.0.5, which is no address of the host: Cannot assign." in lines[0]
    assert "docker network create bots" in lines[1]


def test_a_network_that_exists_is_used_as_it_is() -> None:
    """Its containers would be cut off."""
    here = cluster(wabiz_network_subnets=["172.30.0.0/24"])
    other = report(networks=[{"name": "wabiz", "subnets": ["172.18.0.0/16"]}])
    (finding,) = host_findings(here, {"c1": other}, False)
    assert not finding.fatal
    assert "network wabiz exists with 172.18.0.0/16 and is used as it is" in str(finding)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"wabiz_media_volume": "whatsappMedia"}, "wabiz_media_volume: is whatsappMedia, a volume of cluster other"),
        ({"wabiz_data_volume": "whatsappData"}, "wabiz_data_volume: is whatsappData, a volume of cluster other"),
        ({"wabiz_media_path": "/srv/media", "wabiz_media_volume": "whatsappMedia"}, ""),
        ({"wabiz_data_volume": "free"}, ""),
        ({}, ""),
    ],
)
def test_a_volume_of_another_cluster(values: dict[str, Any], said: str) -> None:
    told = report(
        volumes=[{"name": "whatsappMedia", "cluster": "other"}, {"name": "free", "cluster": ""}],
        containers=[container(name="other-coreapp-1", cluster="other", volumes=["whatsappMedia", "whatsappData"])],
    )
    found = fatal(host_findings(cluster(**values), {"c1": told}, False))
    assert said in only(found) if said else found == []


@pytest.mark.parametrize("place", ["wabiz-database", "/srv/pgdata"])
def test_files_of_a_server_that_another_container_writes(place: str) -> None:
    """PostgreSQL in a container starts in the files of another one, and both destroy them."""
    theirs = container(name="compose_db_1", image="postgres:13", writes=[place])
    here = cluster(wabiz_database_volume=place)

    def found(*containers: dict[str, Any]) -> list[str]:
        return fatal(host_findings(here, {"db1": report(containers=list(containers))}, False))

    line = only(found(theirs))
    assert line.startswith(f"db1, variable wabiz_database_volume: is {place}, to which container compose_db_1 writes")
    assert only(found({**theirs, "running": False, "starts_at_boot": True})) == line
    ours = container(name="wabiz-database", cluster="wabiz", writes=[place])
    # What is stopped for good has left its data for us, a backup only reads, and our own server runs there already.
    for allowed in ([{**theirs, "running": False}], [{**theirs, "writes": []}], [theirs, ours], [ours]):
        assert found(*allowed) == []
    assert only(found(theirs, {**ours, "running": False})) == line
    assert fatal(host_findings(here, {"c1": report(containers=[theirs])}, False)) == []


def test_another_cluster_on_the_host_in_the_same_tables() -> None:
    """The prefixes of a.b and a_b are one."""
    theirs = {**node(prefix="a_b_"), "name": "a_b-coreapp-1", "cluster": "a_b"}
    here = cluster(wabiz_cluster_name="a.b")
    line = only(fatal(host_findings(here, {"c1": report(containers=[theirs])}, False)))
    assert line.startswith("c1, variable wabiz_database_prefix: is a_b_, which cluster a_b on this host has")
    apart = {**theirs, "database": {**theirs["database"], "prefix": "a_b2_"}}
    assert host_findings(here, {"c1": report(containers=[apart])}, False) == []


@pytest.mark.parametrize("given", [{"network_ipv6": True}, {"networks": [{"name": "wabiz"}, {"name": "six"}]}])
@pytest.mark.parametrize("name", ["wabiz_database_host", "wabiz_external_hostname"])
def test_an_ipv6_address_is_refused_where_containers_have_none(name: str, given: dict[str, Any]) -> None:
    inventory = cluster({"database": []}, **{name: "fd00::7"})
    hosts = [finding for finding in inventory_findings(inventory) if "an IPv6 address" in finding.problem]
    (finding,) = merged(hosts)
    assert (finding.fatal, finding.variable) == (True, name)
    for settings_of_host in inventory.variables.values():
        settings_of_host.update(given)
    assert [one for one in inventory_findings(inventory) if "an IPv6 address" in one.problem] == []
