# SPDX-License-Identifier: GPL-3.0-or-later
"""What playbooks are told about the inventory: each container with its machine, and who runs nothing any more."""

from __future__ import annotations

from typing import Any

from ansible_collections.wabiz.onprem.plugins.module_utils._model.inventory import Inventory
from ansible_collections.wabiz.onprem.plugins.module_utils._plans import topology as topologies
from ansible_collections.wabiz.onprem.plugins.plugin_utils.declared import declared


def topology(groups: dict[str, list[str]], **variables: dict[str, Any]) -> dict[str, Any]:
    everything = {
        "database": [],
        "webapp": [],
        "master": [],
        "coreapp": [],
        "loadbalancer": [],
        "retired": [],
        **groups,
    }
    base = {
        "cluster_name": "wabiz",
        "directory": "/etc/wabiz/wabiz",
        "registry": "registry",
        "version": "2.57.2",
        "database_host": "db",
        "database_port": 3306,
        "database_engine": "mysql",
        "database_images": {"mysql": "mysql:8.0"},
        "database_volume": "wabiz-database",
        "config_directory": "/etc/wabiz",
        "media_path": None,
        "media_volume": "wabiz-media",
        "log_cleanup_file": "/etc/cron.d/wabiz-wabiz",
        "webapp_port": 9090,
        "coreapp_port": 6250,
        "loadbalancer_port": 443,
    }
    hosts = {host for names in everything.values() for host in names}
    settings = {host: {**base, "url_host": host, **variables.get(host, {})} for host in hosts}
    return topologies.topology(Inventory(everything, settings, {}))


def asked(found: dict[str, Any], what: str) -> dict[str, Any]:
    """What the survey of each host is about."""
    return {host: survey[what] for host, survey in found["survey"].items()}


def test_every_container_is_named_with_its_machine() -> None:
    found = topology(
        {"webapp": ["a"], "coreapp": ["a", "b"]},
        b={"coreapp_instances": 2, "external_hostname": "10.0.0.2", "zone": "r2"},
    )
    assert [node.pop("further") for node in found["nodes"]] == [[], [], [], []]
    assert [node.pop("ports") for node in found["nodes"]] == [
        [9090],
        *(list(range(first, first + 4)) for first in (6250, 6250, 6258)),
    ]
    assert found["nodes"] == [
        {"host": "a", "service": "webapp", "name": "wabiz-webapp-1", "address": "a", "zone": "", "port": 9090},
        {"host": "a", "service": "coreapp", "name": "wabiz-coreapp-1", "address": "a", "zone": "", "port": 6250},
        {
            "host": "b",
            "service": "coreapp",
            "name": "wabiz-coreapp-1",
            "address": "10.0.0.2",
            "zone": "r2",
            "port": 6250,
        },
        {
            "host": "b",
            "service": "coreapp",
            "name": "wabiz-coreapp-2",
            "address": "10.0.0.2",
            "zone": "r2",
            "port": 6258,
        },
    ]


def test_what_each_host_of_a_node_says_of_its_media() -> None:
    share = {"media_path": "/m", "media_source": "nas:/m", "media_fstype": "nfs", "media_options": "password=x"}
    found = topology({"database": ["a"], "webapp": ["b"], "coreapp": ["c"]}, b=share)
    base = {"cluster_name": "wabiz", "media_path": None, "media_volume": "wabiz-media"}
    named = {key: value for key, value in share.items() if key != "media_options"}
    assert found["media_settings"] == {"b": {**base, **named}, "c": base}


def test_a_host_is_retired_only_where_it_runs_nothing_else() -> None:
    found = topology({"master": ["a"], "coreapp": ["b"], "retired": ["a", "c"]})
    assert found["services"] == {"a": ["master"], "b": ["coreapp"], "c": ["retired"]}
    # What a killed run leaves on the keeper is known where that is retired.
    left = {path.rpartition("/")[2] for what, path in found["retired"]["c"].items() if what != "balancer"}
    assert left == {"upgrade.json", "heartbeat.yml", "rotation.json", "secrets.json", "database-restore.json"}
    assert found["counts"]["coreapp"] == 1
    assert found["images"]["c"] == found["survey"]["c"]["ports"] == found["survey"]["c"]["connect"] == []


def test_the_port_of_the_clusters_own_server_is_asked_about() -> None:
    groups = {"webapp": ["a"], "database": ["b"]}
    assert asked(topology(groups), "ports") == {"a": [9090], "b": [3306]}
    assert asked(topology(groups, b={"database_published_address": "10.0.0.9"}), "ports") == {"a": [9090], "b": []}


def test_a_server_is_told_from_the_one_to_which_the_databases_move() -> None:
    nodes = {"webapp": ["a"]}
    found = [
        topology(nodes, a={"database_host": "10.0.0.9"}),
        topology(nodes, a={"database_host": "10.0.0.9", "database_port": 3307}),
        topology(nodes, a={"database_host": "fd00::9"}),
        topology({**nodes, "database": ["b"]}),
        topology({**nodes, "database": ["c"]}),
    ]
    assert [one["database_server"] for one in found] == [
        *("10.0.0.9:3306", "10.0.0.9:3307", "[fd00::9]:3306", "b, container wabiz-database"),
        "c, container wabiz-database",
    ]


def test_the_balancer_is_told_of_every_webapp_under_host_and_name() -> None:
    found = topology(
        {"webapp": ["a", "b"], "loadbalancer": ["b"]}, a={"webapp_instances": 2}, b={"external_hostname": "b.net"}
    )
    assert found["balanced"] == [
        {"name": "a-wabiz-webapp-1", "address": "a", "port": 9090},
        {"name": "a-wabiz-webapp-2", "address": "a", "port": 9091},
        {"name": "b-wabiz-webapp-1", "address": "b.net", "port": 9090},
    ]
    assert found["services"]["b"] == ["webapp", "loadbalancer"]
    assert asked(found, "ports") == {"a": [9090, 9091], "b": [9090, 443]}
    unit = "/etc/systemd/system/wabiz-loadbalancer-1.service"
    records = ["/etc/wabiz/wabiz/master.yml", "/etc/wabiz/wabiz/coreapp.yml"]
    certificate = "/etc/wabiz/wabiz/webapp-ca.pem"
    names = ("heartbeat.yml", "upgrade.json", "rotation.json", "secrets.json", "database-restore.json")
    left = [f"/etc/wabiz/wabiz/{name}" for name in names]
    drained = [f"/etc/wabiz/wabiz/wabiz-webapp-{number}.drained" for number in (1, 2)]
    login = found["login"]
    assert login == "/run/wabiz-wabiz-login"
    further = ["/var/lib/wabiz-wabiz-logs", "/etc/cron.d/wabiz-wabiz", "/etc/wabiz/wabiz/log-cleanup.json"]
    assert asked(found, "files") == {
        "a": [certificate, *records, *left, *drained, login, found["boot_file"], *further],
        "b": [unit, certificate, *records, drained[0], login, found["boot_file"], *further],
    }
    first = {"wabiz-webapp-1": drained[0]}
    assert found["drained"] == {"a": {**first, "wabiz-webapp-2": drained[1]}, "b": first}
    assert found["stale"] == {"a": records, "b": records}
    assert len(found["nodes"]) == 3


def test_names_that_containers_look_up() -> None:
    found = topology(
        {"database": ["d"], "webapp": ["a"], "coreapp": ["b", "c"]},
        a={"database_host": "10.0.0.9"},
        b={"extra_hosts": {"DB": "10.0.0.9"}, "external_hostname": "b.net"},
        c={"external_hostname": "fd00::3", "database_host": "localhost"},
    )
    # No addresses, no host's own name, nothing that the containers are told or that has a finding already.
    assert asked(found, "resolve") == {"d": [], "a": ["b.net"], "b": ["a"], "c": ["a", "b.net"]}
    alone = topology({"webapp": ["a"], "coreapp": ["a"]})
    assert asked(alone, "resolve") == {"a": ["db", "a"]}


def test_the_first_webapps_host_keeps_what_outlives_a_run() -> None:
    found = topology({"webapp": ["b", "a"], "loadbalancer": ["a"]})
    assert (found["keeper"], found["lock"]) == ("b", "/run/wabiz-wabiz.lock")
    names = {
        "heartbeat": "heartbeat.yml",
        "upgrade": "upgrade.json",
        "rotation": "rotation.json",
        "secrets": "secrets.json",
        "restore": "database-restore.json",
    }
    files = {what: f"/etc/wabiz/wabiz/{name}" for what, name in names.items()}
    # What a restore notes says into which server.
    note = ["/etc/wabiz/wabiz/database-restore.json"]
    assert {host: note[0] in paths for host, paths in asked(found, "records").items()} == {"a": False, "b": True}
    assert found["unfinished"] == {"a": {}, "b": files}
    assert found["balancer_socket"] == {"a": "/run/wabiz-loadbalancer-1/admin.sock", "b": ""}


def test_each_host_of_a_webapp_is_asked_for_a_lock() -> None:
    """In another inventory another one is the first."""
    found = topology({"webapp": ["b", "a"], "coreapp": ["c"]})
    asked_for = {host: options.get("lock_path") for host, options in found["survey"].items()}
    assert asked_for == {"b": found["lock"], "a": found["lock"], "c": None}


def test_the_survey_looks_where_a_killed_run_leaves_files_on_their_way() -> None:
    moving = {"images_directory": "/srv", "backup_transit": "/mnt/.transit-wabiz"}
    found = topology({"webapp": ["web1"], "database": ["db1"]}, db1=moving)
    logs = "/var/lib/wabiz-wabiz-logs"
    assert found["passing"] == {"web1": [logs], "db1": ["/srv/wabiz-wabiz-images", logs, moving["backup_transit"]]}
    files = asked(found, "files")
    assert all(set(found["passing"][host]) <= set(files[host]) for host in files)
    # The cron job of the nodes' logs.
    assert "/etc/cron.d/wabiz-wabiz" in files["web1"] and "/etc/cron.d/wabiz-wabiz" not in files["db1"]


def test_clusters_of_one_name_are_told_apart() -> None:
    """By the number, or where it is not known by the first webapp's host; sites may have the same names of hosts."""
    number = {"phone_cc": "49", "phone_number": "30123456"}
    hosts: tuple[dict[str, Any], ...] = (
        {},
        number,
        {**number, "phone_number": "30999999"},
        {"ansible_host": "10.0.0.1"},
    )
    names = [topology({"webapp": ["a", "b"]}, a=one)["unique_name"] for one in hosts]
    names += [topology({"webapp": ["b", "a"]})["unique_name"]]
    assert len(set(names)) == len(names) and all(name.startswith("wabiz-") for name in names)
    assert topology({"webapp": ["a", "b"]}, a=number, b={"webapp_port": 9443})["unique_name"] == names[1]
    # A role that is used alone may know of no webapp.
    assert topology({"coreapp": ["c"]})["unique_name"].startswith("wabiz-")


def test_each_host_has_the_directory_of_dumps_that_it_names() -> None:
    found = topology({"webapp": ["web1"], "database": ["db1"]}, db1={"dumps": "/data/wabiz"})
    assert found["dumps"] == {"db1": "/data/wabiz"}


def test_where_media_are_and_what_is_not_pulled() -> None:
    found = topology({"webapp": ["a"], "loadbalancer": ["b"]}, a={"media_path": "/media"}, b={"media_path": "/media"})
    assert found["media"] == {"a": ["/media"], "b": []}
    assert topology({"webapp": ["a"]}, a={"registry": None})["images"] == {"a": []}


def test_a_host_that_role_media_is_used_for_alone_has_media() -> None:
    share = {"media_path": "/media", "media_source": "nas:/wa"}
    found = topology({"media": ["a"], "webapp": ["b"]}, a=share)
    assert found["mount_points"] == {"a": ["/media"], "b": []}
    assert asked(found, "paths") == {"a": ["/media"], "b": []}
    assert found["survey"]["a"]["media_path"] == "/media"


def test_how_much_has_to_be_free_on_each_host() -> None:
    groups = {"webapp": ["a"], "coreapp": ["b", "c"]}
    found = topology(groups, a={"minimum_disk_gb": 5.0}, b={"minimum_disk_gb": 5.0, "upgrade_minimum_disk_gb": 0.0})
    assert found["disk_limits"] == {
        "a": ["wabiz_minimum_disk_gb", 5.0],
        "b": ["wabiz_upgrade_minimum_disk_gb", 0.0],
        # A playbook that does not read it.
        "c": ["wabiz_minimum_disk_gb", 0.0],
    }


def test_a_host_whose_webapps_are_taken_off_keeps_nothing() -> None:
    found = topology({"webapp": ["a", "b"]}, a={"webapp_instances": 0})
    assert found["keeper"] == "b"
    assert "ca_of" not in found["survey"]["a"]
    assert found["survey"]["b"]["ca_of"] == {"container": "wabiz-webapp-1"}


def test_the_clusters_own_database_and_balancers_are_told_with_their_ports() -> None:
    found = topology({"database": ["d"], "webapp": ["a"], "loadbalancer": ["b"]}, b={"loadbalancer_port": 8443})
    assert found["own_database"] == [{"host": "d", "address": "db", "port": 3306, "published": ""}]
    assert found["balancers"] == [{"host": "b", "address": "b", "port": 8443}]
    assert topology({"webapp": ["a"]})["own_database"] == []


def test_a_backup_saves_the_certificates_of_each_host() -> None:
    tls = {"database_tls": True, "database_tls_ca": "/srv/tls/ca.pem", "database_tls_key": "/srv/tls/key.pem"}
    found = topology({"webapp": ["a"], "loadbalancer": ["b"]}, a={**tls, "certificates_path": "/srv/certificates"})
    directory = "/etc/wabiz/wabiz"
    made = [f"{directory}/{name}" for name in ("webapp-ca.pem", "database-ca.key", "loadbalancer/self-made.pem.key")]
    assert set(made) <= set(found["saved_files"]["b"]) <= set(found["saved_files"]["a"])
    assert set(found["saved_files"]["a"]) - set(found["saved_files"]["b"]) == {
        *("/srv/tls/ca.pem", "/srv/tls/key.pem", "/srv/certificates")
    }


def test_a_survey_reads_the_certificates_that_hosts_present() -> None:
    """The balancer's may be given or self-made: verify.yml does not read the secret that would tell."""
    groups = {"webapp": ["a"], "loadbalancer": ["b"], "database": ["d"]}
    balancer = [f"/etc/wabiz/wabiz/loadbalancer/{name}.pem" for name in ("certificate", "self-made")]
    server = "/etc/wabiz/wabiz/database-tls/server.pem"
    found = topology(groups, d={"database_tls": True})
    assert asked(found, "certificates") == {"a": [], "b": balancer, "d": [server]}
    assert found["presented"] == {"a": {}, "b": {"loadbalancer": balancer}, "d": {"database": [server]}}
    of_the_site = topology(groups, d={"database_tls": True, "database_tls_ca": "/srv/tls/ca.pem"})
    assert asked(of_the_site, "certificates")["d"] == asked(topology(groups), "certificates")["d"] == []
    read = {variable.name for variable in declared().read_by("verify")}
    assert {"wabiz_database_tls", "wabiz_database_tls_ca"} <= read
