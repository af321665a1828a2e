# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The EXAMPLES of every module, run as they are written, in the order of a cluster's life."""

from __future__ import annotations

import datetime as dt
import hashlib
import shlex
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import yaml
from ansible_collections.wabiz.onprem.tests.unit.plugins.certificates import issue

from standin.database.build import IMAGES
from tests.integration.conftest import SCALE
from tests.integration.examples import MODULES, Examples, tasks
from tests.integration.registry import start_registry
from tests.integration.server import Server, running_server
from tests.integration.webapps import now, requests
from tests.standin.cluster import API_KEY, DB_PASSWORD, NUMBER, PASSWORD, Cluster, docker, running_cluster
from tests.support.canary import Canaries
from tests.support.waiting import wait_for

pytestmark = pytest.mark.docker

MASTERS = ("master1", "master2")
COREAPPS = ("core1", "core2", "core3")
NODES = (*MASTERS, *COREAPPS)
QUIET_HOUR = 2
BACKUPS = "/var/backups/wabiz"
PROGRAMS = "database-programs"
ARCHIVE, CONTENT = "/srv/images/web.tar", "an archive\n"
OWN_FILES = ("cluster.json", "coreapp.yml", "tls/webapp.pem")


@dataclass
class Site:
    """A cluster, the server on which the modules run, and their examples."""

    cluster: Cluster
    server: Server
    examples: Examples
    secrets: Canaries


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Return a fresh cluster under the names of the examples, and what else these name."""
    directory = tmp_path_factory.mktemp("examples")
    with running_cluster("MYSQL", scale=SCALE, domain="example.net") as cluster:
        cluster.variables["WA_DB_NAME_PREFIX"] = "wabiz_"
        cluster.up(masters=len(MASTERS), coreapps=len(COREAPPS))
        secrets = secrets_for(cluster)
        with running_server(cluster, f"--env=TZ={time_zone(QUIET_HOUR)}") as server:
            prepare(server, cluster)
            login = ("deploy", secrets.values["vault_registry_password"])
            start_registry(cluster, server, "registry.example.net", login, tmp_path_factory.mktemp("registry"))
            hosts = directory / "hosts.yml"
            hosts.write_text(yaml.safe_dump(inventory(server)), encoding="utf-8")
            code = shlex.join(["docker", "exec", cluster.container("gateway"), "standinctl", "code", "".join(NUMBER)])
            phone = {"code_from_the_phone": f"{{{{ lookup('ansible.builtin.pipe', {code!r}) }}}}"}
            yield Site(cluster, server, Examples(directory, hosts, {**secrets.values, **phone}), secrets)


def time_zone(hour: int) -> str:
    """Return a time zone, as TZ has it, in which it is this hour now."""
    return f"TST{(dt.datetime.now(dt.UTC).hour - hour) % 24}"


def secrets_for(cluster: Cluster) -> Canaries:
    """Return the variables of the examples."""
    authority = issue("Webapp CA", ca=True)
    webapp = issue("web1.example.net", authority)
    known = {
        "vault_admin_password": PASSWORD,
        "vault_api_key": API_KEY,
        "vault_database_password": DB_PASSWORD,
        "vault_certificate": cluster.standinctl("cert", "".join(NUMBER)),
        "vault_messaging_password": "Canary-9-messaging",
        "vault_pin": "739150",
        "vault_webapp_key": webapp.key_pem,
        "webapp_certificate": webapp.pem,
        "webapp_intermediates": authority.pem,
    }
    fresh = ("backup_password", "pictures_token", "new_database_password", "registry_password")
    return Canaries([f"vault_{name}" for name in fresh], known)


def inventory(server: Server) -> dict[str, Any]:
    """Return an inventory of the cluster, as its playbooks take it; all of its hosts are one server."""
    variables = {
        **server.variables,
        "wabiz_version": "2.57.2",
        "wabiz_database_host": "db.example.net",
        "wabiz_database_user": "root",
        "wabiz_database_password": "{{ vault_database_password }}",
        "wabiz_api_key": "{{ vault_api_key }}",
        "wabiz_admin_password": "{{ vault_admin_password }}",
        "wabiz_jwt_key": "k" * 64,
        "wabiz_media_path": "/srv/wabiz-media",
        "wabiz_media_require_mount": False,
    }
    places = {"webapp": ("web1", "web2"), "master": ("core1", "core2"), "coreapp": ("core1", "core2")}
    groups: dict[str, Any] = {
        service: {"hosts": {f"{name}.example.net": {} for name in names}} for service, names in places.items()
    }
    return {"all": {"vars": variables, "children": groups}}


def prepare(server: Server, cluster: Cluster) -> None:
    """Put on the server what the examples expect to find there."""
    server.load(f"docker.whatsapp.biz/coreapp:v{cluster.version}", f"docker.whatsapp.biz/web:v{cluster.version}")
    database = next(image.tag for image in IMAGES if image.directory == "mysql")
    server.load(database)
    # Any other command than the server's is run as it is.
    server.run("docker", "run", "-d", "--name", PROGRAMS, "--network", "host", database, "tail", "-f", "/dev/null")
    server.reach(cluster)
    server.run("mkdir", "-p", BACKUPS, "/var/lib/wabiz", "/srv/wabiz-media")
    server.write("/etc/wabiz/ca.pem", cluster.ca("web1"))
    server.write("/etc/ssl/our-ca.pem", issue("Webhook CA", ca=True).pem)
    server.write("/etc/cron.d/wabiz-wabiz", "# nothing\n")
    server.write(ARCHIVE, CONTENT)
    for name in OWN_FILES:
        server.write(f"/etc/wabiz/wabiz/{name}", "{}\n")


def test_on_a_cluster_without_a_number(site: Site) -> None:
    run = site.examples.run
    run("webapp_ready", "settings", "preflight", "host_info", "containers", "token", "registration")
    result = site.examples.result
    assert result("settings")["msg"] == 1
    assert result("preflight")["refusal"] == ""
    assert result("host_info")["images"] == {"docker.whatsapp.biz/coreapp:v2.57.2": "local"}
    (difference,) = result("containers", 1)["resources"]
    assert difference["state"] == "changed"
    assert site.server.run("docker", "ps", "-a", "--format={{.Names}}").split() == [PROGRAMS]
    assert result("registration")["registered"]


def test_on_a_cluster_that_serves(site: Site) -> None:
    examples = site.examples
    docker("exec", site.cluster.container("core1"), "standinctl", "seed-messages", "100")
    examples.run(
        *("health_info", "stats_info", "support_info", "shards_info", "snapshot_info", "settings_backup"),
        *("application_settings_info", "application_settings", "business_profile", "media_provider"),
        *("two_step_verification", "user", "user_info", "certificate", "message_gc", "media_gc", "next_replacement"),
    )
    result = examples.result
    assert result("snapshot_info", 0)["problems"] == {}
    assert result("message_gc", 0)["skipped_reason"]
    assert (result("message_gc", 1)["messages_before"], result("message_gc", 1)["runs"]) == (100, 1)
    assert ("status" in result("media_gc", 0)) != ("skipped_reason" in result("media_gc", 0))
    assert result("media_gc", 1)["status"] == "processing"
    assert result("next_replacement")["next"]["host"] in ("core1.example.net", "core2.example.net")
    assert result("next_replacement")["node"]


def test_on_its_hosts(site: Site) -> None:
    examples = site.examples
    examples.run("survey", "plan", "cluster_lock", "host_stamp", "cluster_files", "image_transfer", "image_archive")
    examples.run(
        "registry_login", "port_listener", "reachability_info", "database_info", "media_directory", "media_probe"
    )
    examples.run("backup_archive", "backup_unpack", "backup_set", "backup_info", "host_logs", "log_archive")
    result = examples.result
    assert "core1.example.net" in str(result("plan")["msg"])
    assert [result("cluster_lock", task)["holder"] for task in (0, 1)] == ["anna@controller.example.net", ""]
    removed = result("cluster_files")["removed"]
    assert {f"/etc/wabiz/wabiz/{name}" for name in OWN_FILES} <= set(removed)
    digest = hashlib.sha256(CONTENT.encode()).hexdigest()
    assert [result("image_transfer", task)["sha256"] for task in (0, 1)] == [digest, digest]
    assert [result("image_transfer", task)["changed"] for task in (0, 1, 2)] == [True, False, True]
    assert result("image_archive")["images"] == []
    assert result("backup_unpack", 1)["files"] == 1
    assert result("backup_info", 1)["faults"] == []
    assert (result("host_logs")["bytes"] > 0, result("log_archive")["files"] > 0) == (True, True)
    assert result("registry_login")["cause"] == ""
    # No container waits here.
    assert all("wabiz-look" in result(module)["problem"] for module in ("port_listener", "reachability_info"))
    (probed,) = result("media_probe", 1)["containers"]
    assert (probed["problem"], "wabiz-coreapp-1" in probed["reason"]) == ("engine", True)
    assert result("media_directory")["modes"] == {"/srv/wabiz-media": "755"}
    # Nor is there such a server, or the file of its CA.
    assert result("database_info")["host"]["failed_at"] in ("files", "resolve")
    assert "registry.example.net" in site.server.run("cat", "/run/deploy/config.json")


def test_while_the_coreapp_of_the_shard_is_stopped(site: Site) -> None:
    (connected,) = site.cluster.connected()
    name = connected.partition(".")[0]
    begin = now()

    def watched() -> bool:
        asked = [request for request in requests(site.cluster, begin) if request.path == "/v1/health"]
        return len(asked) > len(tasks("outage_info"))

    def stop() -> None:
        wait_for("the measurement", watched, 60)
        docker("kill", site.cluster.container(name))

    stopper = threading.Thread(target=stop)
    stopper.start()
    try:
        site.examples.run("outage_info")
    finally:
        stopper.join()
    outage = site.examples.result("outage_info")
    assert (outage["began"], outage["ended"]) == (True, True)
    assert outage["successor"].partition(".")[0] in COREAPPS
    docker("start", site.cluster.container(name))
    wait_for("all nodes", lambda: complete(site.cluster), 60)


def complete(cluster: Cluster) -> bool:
    """Tell whether every node answers without an error."""
    states = cluster.states()
    return len(states) == len(NODES) and "error" not in states.values()


def test_on_more_than_one_shard(site: Site) -> None:
    site.examples.run("shards")
    assert site.examples.result("shards")["summary"]["connected_coreapps"] == 2


def test_on_the_databases_of_a_cluster_that_was_removed(site: Site) -> None:
    """Before the last one, its nodes are gone, and a dump can be restored."""
    examples = site.examples
    examples.run("database_dump", "database_dump_info")
    made = examples.result("database_dump")
    assert made["databases"] == ["wabiz_waent", "wabiz_waweb"]
    docker("rm", "-f", *(site.cluster.container(name) for name in (*NODES, *site.cluster.webs)))
    site.cluster.webs.clear()
    examples.run("database_restore")
    assert examples.result("database_dump_info")["dumps"][0]["note"] == "Before the upgrade to 2.57.2"
    assert examples.result("database_restore")["replaced"] == made["databases"]


def test_on_a_new_cluster_for_the_same_number(site: Site) -> None:
    """Two at a time would disconnect each other, so the old one was removed before."""
    cluster = site.cluster
    cluster.variables["WA_DB_NAME_PREFIX"] = "moved_"
    cluster.add_web("web1")
    wait_for("the new webapp", lambda: cluster.call("GET", "/", web="web1")[0] == 200, 60)
    cluster.add_master("master1")
    cluster.add_coreapp("core1")
    site.server.reach(cluster)
    site.server.write("/etc/wabiz/ca.pem", cluster.ca("web1"))
    site.server.run("mv", f"{BACKUPS}/before-2.57.2.json", f"{BACKUPS}/old-cluster.json")
    cluster.login()
    site.examples.run("settings_restore")
    assert site.examples.result("settings_restore")["registered"]


def test_no_secret_was_shown(site: Site) -> None:
    assert site.secrets.leaks(site.examples.output) == []


@pytest.mark.parametrize("module", MODULES)
def test_each_example_was_carried_out(site: Site, module: str) -> None:
    """A task that was skipped does not count, nor examples that do not use their module."""
    assert site.examples.ran(module) == [task["name"] for task in tasks(module)]
    assert any(f"wabiz.onprem.{module}" in task for task in tasks(module))
