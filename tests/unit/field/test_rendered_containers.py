# SPDX-License-Identifier: GPL-3.0-or-later
"""What operators ran into with what is run on a host.

The settings of some clusters, one host each, are read by the one reader in a real run of ansible-playbook, and the
roles' own variables and templates make of them what would be run on the host.
"""

from __future__ import annotations

import http.server
import json
import re
import socketserver
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import pytest
import yaml
from ansible_collections.wabiz.onprem.plugins.module_utils._model.inventory import Inventory
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.findings import refusal
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.preflight.stages import host_findings
from ansible_collections.wabiz.onprem.plugins.plugin_utils.declared import declared
from ansible_collections.wabiz.onprem.tests.unit.plugins.in_process import execute

from tests.support.paths import ROOT
from tests.support.playbook import LOCALLY, run_playbook

pytestmark = pytest.mark.slow

Rendered = dict[str, Any]

GIVEN: dict[str, Any] = {
    "wabiz_version": "2.57.2",
    "wabiz_database_host": "db1",
    "wabiz_database_user": "wabiz",
    "wabiz_database_password": "plain-password-1",
    "wabiz_database_root_password": "root-password-1",
    "wabiz_api_key": "0123456789abcdef",
    "wabiz_admin_password": "Admin-password-1",
}
ADDRESS = "10.0.0.5"
CA_FILE = "/etc/ssl/certs/database-ca.pem"
APOSTROPHE, BACKSLASH = "it's", r"a\b"


def named(reader: str, pattern: str) -> list[str]:
    """Declared variables that a reader reads, by a part of their names."""
    return [variable.name for variable in declared().read_by(reader) if re.search(pattern, variable.name)]


# A cluster of its own on each host. What no variable can say yet is said by every variable that could be meant for it.
CLUSTERS: dict[str, dict[str, Any]] = {
    "plain": {},
    "mysql-apostrophe": {"wabiz_database_password": APOSTROPHE},
    "mysql-backslash": {"wabiz_database_password": BACKSLASH},
    "postgresql-apostrophe": {"wabiz_database_engine": "postgresql", "wabiz_database_password": APOSTROPHE},
    "database-address": dict.fromkeys(named("role database", "_address$"), ADDRESS),
    "webapp-address": dict.fromkeys(named("role webapp", "_address$"), ADDRESS),
    "master-address": dict.fromkeys(named("role master", "_address$"), ADDRESS),
    "coreapp-address": dict.fromkeys(named("role coreapp", "_address$"), ADDRESS),
    "tls-by-hand": {
        "wabiz_extra_env": {"WA_DB_SSL_CA": "/opt/certs/db-ca.pem"},
        "wabiz_extra_volumes": [f"{CA_FILE}:/opt/certs/db-ca.pem:ro"],
    },
    "tls": dict.fromkeys(named("role coreapp", "^wabiz_database_.*(_ca$|_ca_)"), CA_FILE),
    "driver": {"wabiz_database_connection_options": "SSL_CA=/ca.pem;"},
    "options": {
        "wabiz_cluster_name": "opts",
        "wabiz_container_options": {
            "security_opts": ["no-new-privileges"],
            "env": {"HTTPS_PROXY": "", "MORE": "all"},
            "restart_policy": "on-failure",
            "restart_retries": 5,
        },
        "wabiz_dbupgrade_env": {"MORE": "schema"},
        "wabiz_ready_timeout": 900,
        "wabiz_webapp_container_options": {"published_ports": ["8443:443"], "cpus": "1.5"},
        "wabiz_extra_env": {"WA_DB_SSL_CA": "", "GONE": None},
        "wabiz_memory": {"coreapp": "2g"},
        "wabiz_ulimits": "nofile:65536:65536",
        "wabiz_dns_servers": "10.0.0.53",
        "wabiz_networks": [{"name": "opts", "aliases": ["waweb"]}, "bot-bridge"],
        "wabiz_network_subnets": ["172.30.0.0/24", "fd00:1::/64"],
        "wabiz_log_driver": "journald",
        "wabiz_log_options": {"tag": "wa"},
        "wabiz_data_volume": "whatsappData",
        "wabiz_certificates_path": "/srv/certs",
        "wabiz_web_servername": "api.example.net",
        "wabiz_container_healthcheck": "true",
        "wabiz_coreapp_ports": "7000,7002,7004,7006",
    },
    "unprefixed": {"wabiz_database_prefix": "none"},
    "a.b": {"wabiz_cluster_name": "a.b"},
    "a-b": {"wabiz_cluster_name": "a-b"},
}

# By the names under which the tests ask for it.
EXPRESSIONS = {
    "findings": "_wabiz.findings",
    "database": "_database_container",
    "accounts": "_database_accounts",
    "dbupgrade": "_node_dbupgrade",
    "volumes": "_node_volumes | map(attribute='name')",
    "network": "_node_network",
    "cron_file": "_log_cleanup_file",
    **{
        service: f"_{service}_service | wabiz.onprem.node_containers(_node_settings)"
        for service in ("webapp", "master", "coreapp")
    },
}
ROLES = ("node", "webapp", "master", "coreapp", "database", "log_cleanup")


@pytest.fixture(scope="module")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Rendered]:
    """What the roles would run, by cluster."""
    folder = tmp_path_factory.mktemp("rendered")
    members = {"hosts": dict.fromkeys(CLUSTERS)}
    groups = dict.fromkeys(("webapp", "master", "coreapp", "database"), members)
    inventory = {"all": {"vars": {**LOCALLY, **GIVEN}, "hosts": CLUSTERS, "children": groups}}
    content = (
        "{{ {" + ", ".join(f"'{name}': {expression}" for name, expression in EXPRESSIONS.items()) + "} | to_json }}"
    )
    play = {
        "hosts": "all",
        "gather_facts": False,
        "vars_files": [str(ROOT / "roles" / role / "vars" / "main.yml") for role in ROLES],
        "tasks": [
            # The reader of all that nodes, database and schema upgrade need.
            {"wabiz.onprem.settings": {"reader": "upgrade", "judge": False}, "register": "_wabiz"},
            {"ansible.builtin.copy": {"dest": f"{folder}/{{{{ inventory_hostname }}}}.json", "content": content}},
        ],
    }
    for name, data in {"inventory.yml": inventory, "play.yml": [play]}.items():
        (folder / name).write_text(yaml.safe_dump(data), encoding="utf-8")
    run_playbook(folder / "play.yml", inventory=folder / "inventory.yml").succeeded()
    return {cluster: json.loads((folder / f"{cluster}.json").read_text(encoding="utf-8")) for cluster in CLUSTERS}


def test_what_is_rendered_is_right_where_nothing_is_special(rendered: dict[str, Rendered]) -> None:
    """So that the failures below are those of their rows."""
    plain = rendered["plain"]
    assert plain["findings"] == []
    assert [account["password"] for account in plain["accounts"]] == [GIVEN["wabiz_database_password"]]
    assert [container["name"] for container in plain["coreapp"]] == ["wabiz-coreapp-1"]
    assert plain["coreapp"][0]["env"]["WA_DB_PASSWORD"] == plain["dbupgrade"]["env"]["WA_DB_PASSWORD"]
    assert rendered["a.b"]["coreapp"][0]["name"] == "a.b-coreapp-1"


# --- Passwords of the database ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cluster", "password"),
    [("mysql-apostrophe", APOSTROPHE), ("mysql-backslash", BACKSLASH), ("postgresql-apostrophe", APOSTROPHE)],
)
def test_no_image_and_no_script_makes_sql_of_a_password(
    rendered: dict[str, Rendered], cluster: str, password: str
) -> None:
    """Else it breaks, and the second start skips it: a server without the client's user."""
    found = rendered[cluster]
    assert found["findings"] == []
    assert password not in json.dumps(found["database"])
    # The modules of community.mysql and community.postgresql quote it.
    assert [account["password"] for account in found["accounts"]] == [password]


def test_no_prefix_is_as_in_the_vendors_files(rendered: dict[str, Rendered]) -> None:
    """They leave it out; `none` never reaches a container."""
    found = rendered["unprefixed"]
    assert found["findings"] == []
    for container in (*found["webapp"], *found["master"], *found["coreapp"], found["dbupgrade"]):
        assert "WA_DB_NAME_PREFIX" not in container["env"], container["name"]
        assert "none" not in container["env"].values()
    assert rendered["plain"]["webapp"][0]["env"]["WA_DB_NAME_PREFIX"] == "wabiz_"


# --- Who reaches the database, and how --------------------------------------------------------------------------------


def test_root_of_the_database_is_local(rendered: dict[str, Rendered]) -> None:
    # The official image's default is %.
    env = rendered["plain"]["database"]["env"]
    assert env.get("MYSQL_ROOT_HOST", "%") == "localhost"
    assert not any("PASSWORD" in name for name in env if name != "MYSQL_ALLOW_EMPTY_PASSWORD")


def test_the_database_is_published_on_the_address_that_was_given(rendered: dict[str, Rendered]) -> None:
    assert rendered["database-address"]["database"]["published_ports"] == [f"{ADDRESS}:3306:3306"]


def test_the_schema_upgrade_has_the_files_that_its_environment_names(rendered: dict[str, Rendered]) -> None:
    """It would fail after the point of no return."""
    cluster = rendered["tls-by-hand"]
    assert cluster["dbupgrade"]["env"]["WA_DB_SSL_CA"] == cluster["coreapp"][0]["env"]["WA_DB_SSL_CA"]
    file = CLUSTERS["tls-by-hand"]["wabiz_extra_volumes"][0]
    assert file in cluster["coreapp"][0]["volumes"]
    assert file in cluster["dbupgrade"]["volumes"]


def test_the_schema_upgrade_has_the_options_of_the_driver(rendered: dict[str, Rendered]) -> None:
    """As the coreapps of that version need them."""
    cluster = rendered["driver"]
    for container in (*cluster["master"], *cluster["coreapp"], cluster["dbupgrade"]):
        assert container["env"]["WA_DB_CONNECTION_OPTION"] == "SSL_CA=/ca.pem;", container["name"]
    assert "WA_DB_CONNECTION_OPTION" not in rendered["plain"]["dbupgrade"]["env"]


def test_tls_of_the_database_has_variables_of_its_own(rendered: dict[str, Rendered]) -> None:
    cluster = rendered["tls"]
    for container in (*cluster["webapp"], *cluster["master"], *cluster["coreapp"], cluster["dbupgrade"]):
        assert "WA_DB_SSL_CA" in container["env"], container["name"]
        assert any(volume.startswith(f"{CA_FILE}:") for volume in container["volumes"]), container["name"]


# --- A registry with a login ------------------------------------------------------------------------------------------

IMAGE = "registry.example.net/whatsapp/web:v2.57.2"


class Engine(http.server.BaseHTTPRequestHandler):
    """An engine whose registry wants a login."""

    answers: ClassVar[dict[str, Any]] = {
        "/info": {"ServerVersion": "20.10.24", "DockerRootDir": "/"},
        "/version": {"Components": [{"Name": "Engine"}]},
        "/containers/json?all=1": [],
        "/networks": [],
        "/volumes": {"Volumes": []},
    }

    def do_GET(self) -> None:
        status, answer = 200, self.answers.get(self.path)
        if self.path.startswith("/distribution/"):
            login = self.headers.get("X-Registry-Auth")
            status, answer = (200, {}) if login else (401, {"message": "unauthorized: authentication required"})
        elif answer is None:
            status, answer = 404, {"message": "no such image"}
        body = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def address_string(self) -> str:
        return "unix"

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 (the base class names it so)
        pass


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[str]:
    path = tmp_path / "docker.sock"
    with socketserver.ThreadingUnixStreamServer(str(path), Engine) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield str(path)
        server.shutdown()


def test_the_hosts_own_login_is_used(engine: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After `docker login` on the host the pull works, and so the look before it has to."""
    login = {"auths": {"registry.example.net": {"auth": "dXNlcjpwYXNzd29yZA=="}}}
    folder = tmp_path / ".docker"
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps(login), encoding="utf-8")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("DOCKER_CONFIG", str(folder))
    assert execute("host_info", {"socket": engine, "images": [IMAGE]})["images"] == {IMAGE: "registry"}


def test_an_image_that_cannot_be_checked_is_no_refusal(engine: str) -> None:
    report = execute("host_info", {"socket": engine, "images": [IMAGE]})
    assert report["images"][IMAGE].startswith("cannot be checked")
    groups = {"webapp": ["web1"], "master": [], "coreapp": [], "database": [], "loadbalancer": [], "retired": []}
    settings = {
        "cluster_name": "wabiz",
        "directory": "/etc/wabiz/wabiz",
        "webapp_port": 9090,
        "database_engine": "mysql",
        **{f"database_{key}": None for key in ("host", "port", "user", "prefix", "password")},
    }
    findings = host_findings(Inventory(groups, {"web1": settings}, groups), {"web1": report}, False)
    assert [finding for finding in findings if IMAGE in finding.problem]
    assert refusal(findings) == ""


# --- Options of a site ------------------------------------------------------------------------------------------------


def test_what_a_site_adds_reaches_every_container(rendered: dict[str, Rendered]) -> None:
    """Also the one that upgrades the schema, which has to reach the database as the nodes do."""
    found = rendered["options"]
    assert found["findings"] == []
    assert found["network"]["ipam_config"] == [{"subnet": "172.30.0.0/24"}, {"subnet": "fd00:1::/64"}]
    assert found["network"]["enable_ipv6"] is True
    assert found["volumes"] == ["opts-media", "whatsappData"]
    nodes = [found[service][0] for service in ("webapp", "master", "coreapp")]
    for container in (*nodes, found["dbupgrade"]):
        assert container["security_opts"] == ["no-new-privileges"]
        assert container["dns_servers"] == ["10.0.0.53"]
        assert container["ulimits"] == ["nofile:65536:65536"]
        assert (container["log_driver"], container["log_options"]) == ("journald", {"tag": "wa"})
        assert (container["env"]["HTTPS_PROXY"], container["env"]["WA_DB_SSL_CA"]) == ("", "")
        assert "GONE" not in container["env"]
        assert "WA_SECRET" not in container["env"]
    assert (found["dbupgrade"]["env"]["MORE"], nodes[0]["env"]["MORE"]) == ("schema", "all")
    assert (found["dbupgrade"]["restart_policy"], found["dbupgrade"]["restart_retries"]) == ("no", 0)
    # The names and addresses of the nodes are theirs alone.
    assert found["dbupgrade"]["networks"] == [{"name": "opts"}, {"name": "bot-bridge"}]
    assert "/srv/certs:/opt/certs:ro" in found["dbupgrade"]["volumes"]
    for container in nodes:
        assert container["networks"] == [{"name": "opts", "aliases": ["waweb"]}, {"name": "bot-bridge"}]
        assert {"whatsappData:/usr/local/waent/data", "/srv/certs:/opt/certs:ro"} <= set(container["volumes"])
        # Whatever wabiz_ready_timeout is: a change of it replaces nothing.
        assert container["healthcheck"]["start_period"] == "120s"
        assert (container["restart_policy"], container["restart_retries"]) == ("on-failure", 5)
        assert "org.wabiz.options" in container["labels"]


def test_what_a_site_adds_to_one_service_is_its_own(rendered: dict[str, Rendered]) -> None:
    (webapp,), (master,), (coreapp,) = (rendered["options"][service] for service in ("webapp", "master", "coreapp"))
    assert (webapp["published_ports"], webapp["cpus"]) == (["9090:443", "8443:443"], 1.5)
    assert webapp["env"]["WA_WEB_SERVERNAME"] == "api.example.net"
    assert coreapp["memory"] == "2g"
    assert coreapp["env"]["COREAPP_EXTERNAL_PORTS"] == "7000,7002,7004,7006"
    assert not {"cpus", "memory"} & master.keys()
    assert "curl" in webapp["healthcheck"]["test"]
    assert master["healthcheck"]["test"] == coreapp["healthcheck"]["test"]


def test_a_site_that_adds_nothing_has_nothing_of_it(rendered: dict[str, Rendered]) -> None:
    """Its containers are what they were, so that none is replaced because of a new variable."""
    (container,) = rendered["plain"]["coreapp"]
    assert set(container) == {
        *("name", "image", "image_name_mismatch", "env", "labels", "published_ports", "command", "volumes", "networks"),
        *("etc_hosts", "cap_drop", "paused", "restart_policy", "stop_timeout", "log_driver", "log_options"),
    }
    assert set(container["labels"]) == {"org.wabiz.cluster", "org.wabiz.node", "org.wabiz.version"}
    assert rendered["plain"]["network"].keys() == {"name", "labels"}


# --- Published addresses, and two clusters side by side ---------------------------------------------------------------


@pytest.mark.parametrize("service", ["webapp", "master", "coreapp"])
def test_ports_are_published_on_the_address_that_was_given(rendered: dict[str, Rendered], service: str) -> None:
    ports = [port for container in rendered[f"{service}-address"][service] for port in container["published_ports"]]
    assert ports
    assert [port for port in ports if not port.startswith(f"{ADDRESS}:")] == []


def test_two_clusters_have_their_own_media(rendered: dict[str, Rendered]) -> None:
    first, second = rendered["a.b"]["volumes"], rendered["a-b"]["volumes"]
    assert first
    assert set(first).isdisjoint(second)


def test_two_clusters_have_their_own_cron_files(rendered: dict[str, Rendered]) -> None:
    assert rendered["a.b"]["cron_file"] != rendered["a-b"]["cron_file"]
