"""The cluster of another site on the lab's hosts: whatever may have a value of its own has one.

It is deployed where the lab inventory's cluster has been removed: two webapps, beside one of them a PostgreSQL server,
a host with one master and two coreapps, and a balancer through which the API modules reach the webapps.
"""

from __future__ import annotations

import base64
import http.client
import json
import secrets
import shutil
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from ansible_collections.wabiz.onprem.tests.unit.plugins.certificates import Authority, issue

from lab.errors import LabError
from lab.network import placed, service_address
from tests.lab.balanced import BALANCER
from tests.lab.client import Connection
from tests.lab.hosts import LAB, address, containers, each, on, shell
from tests.lab.load import Front
from tests.lab.play import play
from tests.support.canary import Canaries
from tests.support.paths import BUILD, LAB_INVENTORY
from tests.support.playbook import PlaybookRun
from tests.support.waiting import wait_for

CLUSTER = "branch"
WEBAPPS = ("web1", "web2")
SERVER = "web2"  # the database's, beside a webapp
NODES = "core1"  # a master and two coreapps
EDGE = BALANCER  # the balancer, and the API modules
HOSTS = (*WEBAPPS, NODES, EDGE)
OURS = f"label=org.wabiz.cluster={CLUSTER}"
UNIT = f"{CLUSTER}-loadbalancer-1"

CONFIGURATION = "/etc/branch-office"
DIRECTORY = f"{CONFIGURATION}/{CLUSTER}"
MEDIA, SHARE = "/srv/branch-media", "/srv/wabiz-media-export/branch"
EXTRA, DATA = "/srv/branch-extra", "/srv/branch-database"
CA_FILE = "/etc/ssl/branch-ca.pem"
CERTIFICATES = "/srv/branch-certificates"
JOINED, SUBNET = "branch-side", "192.168.213.0/24"  # a network of the site, and that of the cluster
TLS = f"{EXTRA}/tls"  # of the database's server and its clients
WEBAPP_CA = "/var/lib/whatsapp/ca.pem"  # in the containers
# With it every webapp is replaced once.
REPLACED = {"wabiz_webapp_extra_env": {"BRANCH_WEBAPP": "again"}}
WEB_PORT, MASTER_PORT, COREAPP_PORT, DATABASE_PORT, API_PORT = 9191, 7254, 7350, 5433, 8443
API_NAME = "api.branch.example"
PREFIX = "office_"
PIN = "739150"
BACKUP_PASSWORD = f"Branch-9-backup-{secrets.token_hex(8)}"
# A new number in each run: its owner has turned two-step verification on.
NUMBER = ("43", f"664{secrets.randbelow(10**7):07}")

SECRETS = Canaries(
    ["wabiz_api_key", "wabiz_secret", "wabiz_admin_password"],
    {
        # What an init script or an image would have taken for SQL.
        "wabiz_database_password": f'it\'s 9% \\ $HOME "{secrets.token_hex(8)}"',
        "wabiz_database_root_password": f"Branch-9-root-{secrets.token_hex(8)}",
        "wabiz_jwt_key": secrets.token_hex(32),
        "wabiz_restore_password": BACKUP_PASSWORD,
    },
)


@cache
def authority() -> Authority:
    """The CA of the site, which signed the balancer's certificate."""
    return issue("Branch CA", ca=True)


@cache
def certificate() -> str:
    """The balancer's certificate and key; the key is searched for like the other secrets."""
    made = issue(API_NAME, authority())
    SECRETS.values["wabiz_loadbalancer_certificate"] = made.key_pem.splitlines()[1]
    return made.pem + made.key_pem


def variables() -> dict[str, Any]:
    """Return the site's variables, in the order of the declaration."""
    scale = "{{ lookup('ansible.builtin.env', 'STANDIN_TIME_SCALE', default='4') }}"
    special = {"wabiz_loadbalancer_certificate", "wabiz_restore_password"}
    given = {name: value for name, value in SECRETS.values.items() if name not in special}
    return given | {
        "wabiz_cluster_name": CLUSTER,
        "wabiz_version": "2.57.2",
        "wabiz_groups": {"webapp": "api_hosts", "loadbalancer": "edge"},
        "wabiz_require_ha": False,
        "wabiz_zone": "{{ 'room-a' if inventory_hostname == 'web1' else 'room-b' }}",
        "wabiz_config_directory": CONFIGURATION,
        "wabiz_webapp_port": WEB_PORT,
        "wabiz_webapp_extra_env": {"BRANCH_WEBAPP": "w"},
        "wabiz_webapp_container_options": {"cpu_shares": 900},
        "wabiz_web_servername": API_NAME,
        "wabiz_master_port": MASTER_PORT,
        "wabiz_master_extra_env": {"BRANCH_MASTER": "m"},
        "wabiz_master_container_options": {"cpu_shares": 800},
        "wabiz_coreapp_port": COREAPP_PORT,
        "wabiz_coreapp_extra_env": {"BRANCH_COREAPP": "c"},
        "wabiz_coreapp_container_options": {"cpu_shares": 700},
        "wabiz_extra_env": {"STANDIN_TIME_SCALE": scale, "BRANCH_ALL": "a", "HTTPS_PROXY": ""},
        "wabiz_extra_hosts": {"crm.branch.example": "10.99.1.2"},
        "wabiz_extra_volumes": [f"{EXTRA}:/opt/branch:ro"],
        "wabiz_container_options": {"security_opts": ["no-new-privileges"], "labels": {"branch": "office"}},
        "wabiz_memory": {"coreapp": "900m"},
        "wabiz_memory_reservation": {"webapp": "128m", "coreapp": "256m"},
        "wabiz_ulimits": ["nofile:10000:15000"],
        "wabiz_dns_servers": [service_address(placed(LAB).subnet, "dns")],
        "wabiz_networks": [{"name": CLUSTER, "aliases": ["whatsapp"]}, JOINED],
        "wabiz_network_subnets": [SUBNET],
        "wabiz_certificates_path": CERTIFICATES,
        "wabiz_data_volume": "branch-data",
        "wabiz_container_healthcheck": True,
        "wabiz_log_driver": "local",
        "wabiz_log_options": {"compress": "false"},
        "wabiz_restart_policy": "always",
        "wabiz_stop_timeout": 3,
        "wabiz_log_max_size": "7m",
        "wabiz_log_max_file": 3,
        "wabiz_database_engine": "postgresql",
        "wabiz_database_host": address(SERVER),
        "wabiz_database_port": DATABASE_PORT,
        "wabiz_database_user": "branch",
        "wabiz_database_prefix": PREFIX,
        "wabiz_allow_database_on_node": True,
        "wabiz_database_published_address": address(SERVER),
        "wabiz_database_server_settings": {"idle_in_transaction_session_timeout": "4321"},
        "wabiz_database_ulimits": ["nofile:12345:16000"],
        "wabiz_database_volume": DATA,
        "wabiz_database_tls": True,
        "wabiz_database_tls_ca": f"{TLS}/ca.pem",
        "wabiz_database_tls_certificate": f"{TLS}/client.pem",
        "wabiz_database_tls_key": f"{TLS}/client.key",
        "wabiz_database_tls_server_certificate": f"{TLS}/server.pem",
        "wabiz_database_tls_server_key": f"{TLS}/server.key",
        "wabiz_database_persistent": True,
        "wabiz_database_connection_options": "sslmode=verify-full",
        "wabiz_config_on_db": False,
        "wabiz_database_extra_volumes": [f"{EXTRA}:/opt/branch:ro"],
        "wabiz_media_path": MEDIA,
        "wabiz_media_source": SHARE,
        "wabiz_media_fstype": "none",
        "wabiz_media_options": "bind,nodev",
        "wabiz_media_packages": ["nfs-common", "tree"],
        "wabiz_api_delegate_to": EDGE,
        "wabiz_api_endpoints": [f"https://{address(EDGE)}:{API_PORT}"],
        "wabiz_api_ca_path": CA_FILE,
        "wabiz_api_server_hostname": API_NAME,
        "wabiz_heartbeat_interval": 3,
        "wabiz_unhealthy_interval": 24,
        "wabiz_phone_cc": NUMBER[0],
        "wabiz_phone_number": NUMBER[1],
        "wabiz_registration_method": "voice",
        "wabiz_registration_code_command": "",
        "wabiz_registration_pin": PIN,
        "wabiz_loadbalancer_address": address(EDGE),
        "wabiz_loadbalancer_port": API_PORT,
        "wabiz_loadbalancer_certificate": certificate(),
        "wabiz_loadbalancer_check_interval": 1,
        "wabiz_loadbalancer_maxconn": 2345,
        "wabiz_loadbalancer_packages": ["haproxy", "socat", "openssl", "tree"],
        "wabiz_log_cleanup_schedule": {"minute": "*", "hour": "*"},
    }


@cache
def inventory() -> Path:
    """Write the site's inventory, which has the lab's own variables too, and return its path."""
    target = BUILD / "inventory-another-site"
    shutil.rmtree(target, ignore_errors=True)
    (target / "group_vars" / "all").mkdir(parents=True)
    shutil.copy(LAB_INVENTORY / "group_vars" / "all" / "lab.yml", target / "group_vars" / "all")
    # Read after lab.yml, so that it counts.
    (target / "group_vars" / "all" / "site.yml").write_text(yaml.safe_dump(variables()), encoding="utf-8")
    nodes = {"wabiz_coreapp_instances": 2, "wabiz_external_hostname": address(NODES), **published(NODES)}
    groups: dict[str, dict[str, Any]] = {
        "database": {SERVER: {}},
        "api_hosts": {web: published(web) for web in WEBAPPS},
        "master": {NODES: nodes},
        "coreapp": {NODES: {}},
        "edge": {EDGE: {}},
    }
    children = {group: {"hosts": hosts} for group, hosts in groups.items()}
    (target / "hosts.yml").write_text(yaml.safe_dump({"all": {"children": children}}), encoding="utf-8")
    return target


def published(host: str) -> dict[str, str]:
    """Return where the nodes of a host are reached: on its address in the lab alone."""
    return {"wabiz_published_address": address(host)}


def run(verb: str, *arguments: str, **extra_vars: Any) -> PlaybookRun:
    """Run a playbook on the site; as everywhere, no secret may be seen."""
    return play(verb, *arguments, inventory=inventory(), secrets=SECRETS, extra_vars=extra_vars or None)


# --- the hosts --------------------------------------------------------------------------------------------------------


def tls_files() -> str:
    """A script that writes what a site has for TLS to its database, signed by its CA."""
    server = issue(address(SERVER), authority(), addresses=(address(SERVER),))
    client = issue("branch", authority())
    texts = {"ca.pem": authority().pem}
    texts |= {
        "server.pem": server.pem,
        "server.key": server.key_pem,
        "client.pem": client.pem,
        "client.key": client.key_pem,
    }
    files = [f"cat > {TLS}/{name} << 'END'\n{text}END\n" for name, text in texts.items()]
    # The server's own user reads its certificate and key, the client's containers run as root.
    modes = (
        f"chmod 644 {TLS}/*.pem; chmod 600 {TLS}/client.key; chown 0:999 {TLS}/server.key; chmod 640 {TLS}/server.key"
    )
    return f"mkdir -p {TLS}; {''.join(files)}{modes}"


def prepare() -> None:
    """What a site has before: files, a share, and its CA where the API modules run; and no package index."""
    files = f"mkdir -p {EXTRA} {DATA} {SHARE} {CERTIFICATES}; echo branch | tee {EXTRA}/note {CERTIFICATES}/ca.pem"
    network = f"docker network inspect {JOINED} > /dev/null 2>&1 || docker network create {JOINED}"
    files += f"; {network}; rm -rf /var/lib/apt/lists/*"
    each(dict.fromkeys((*WEBAPPS, NODES), f"{files}; {tls_files()}"))
    shell(EDGE, f"cat > {CA_FILE} << 'END'\n{authority().pem}END\nchmod 644 {CA_FILE}")
    # Another test's balancer leaves the package; this site names packages that are installed with it.
    shell(EDGE, "dpkg --purge haproxy > /dev/null 2>&1 || true")
    on("gateway", "standinctl", "pin", "".join(NUMBER), PIN)


def there() -> bool:
    """Whether the site's containers are on the hosts."""
    return any(containers(host, OURS) for host in (*WEBAPPS, NODES))


def cleared() -> None:
    """Remove what no playbook removes: mounts, data, and the files of prepare()."""
    mounts = f"umount {MEDIA} 2> /dev/null; sed --in-place '\\#{MEDIA}#d' /etc/fstab"
    each(dict.fromkeys(HOSTS, f"{mounts}; rm -rf {MEDIA} {EXTRA} {DATA} {CA_FILE} {CONFIGURATION}; true"))
    own = f"rm -rf {CERTIFICATES}; docker network rm {JOINED}; true"
    each(dict.fromkeys((*WEBAPPS, NODES), own))
    shell(NODES, f"rm -rf {SHARE}")


def inspected(host: str, name: str) -> dict[str, Any]:
    """Return what the engine says of a container."""
    found: dict[str, Any] = json.loads(on(host, "docker", "inspect", name))[0]
    return found


def environment(host: str, name: str) -> dict[str, str]:
    """Return the environment of a container."""
    return dict(entry.split("=", 1) for entry in inspected(host, name)["Config"]["Env"])


CLIENTS = {
    "web1": ["branch-webapp-1"],
    "web2": ["branch-webapp-1"],
    NODES: ["branch-master-1", "branch-coreapp-1", "branch-coreapp-2"],
}
PAIRS = [(host, name) for host, names in CLIENTS.items() for name in names]


# --- the API ----------------------------------------------------------------------------------------------------------


def front() -> Front:
    """How clients reach the balancer."""
    return Front(API_PORT, authority().pem, API_NAME, SECRETS.values["wabiz_admin_password"])


def call(method: str, path: str, authorization: str, body: Any = None, web: str = WEBAPPS[0]) -> tuple[int, Any]:
    """Return status and decoded body of one webapp's answer, without the balancer."""
    connection = Connection(web, on(web, "docker", "exec", "branch-webapp-1", "cat", WEBAPP_CA), WEB_PORT)
    try:
        headers = {"Authorization": authorization, "Content-Type": "application/json"}
        connection.request(method, path, None if body is None else json.dumps(body), headers)
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read() or b"null")
    finally:
        connection.close()


def login(web: str = WEBAPPS[0], password: str = "") -> tuple[int, str]:
    """Log in as admin at one webapp; return the status, and the header with the token."""
    given = password or SECRETS.values["wabiz_admin_password"]
    credentials = base64.b64encode(f"admin:{given}".encode()).decode()
    status, body = call("POST", "/v1/users/login", f"Basic {credentials}", web=web)
    return status, f"Bearer {body['users'][0]['token']}" if status == 200 else ""


def asks_for_a_password(web: str) -> bool:
    """Whether a webapp uses a database in which admin has no password yet."""
    try:
        return login(web, "secret")[0] == 401
    except (OSError, LabError, http.client.HTTPException):
        return False


def settings() -> Mapping[str, Any]:
    """Return the application settings."""
    answer = call("GET", "/v1/settings/application", login()[1])[1]
    found: Mapping[str, Any] = answer["settings"]["application"]
    return found


def health() -> dict[str, dict[str, Any]]:
    """Return the health map; empty while the webapp does not answer."""
    status, body = call("GET", "/v1/health", f"Apikey {SECRETS.values['wabiz_api_key']}")
    found: dict[str, dict[str, Any]] = body["health"] if status == 200 else {}
    return found


def connected() -> int:
    """Return how many coreapps are connected."""
    rows = health().values()
    return sum((row.get("role"), row.get("gateway_status")) == ("coreapp", "connected") for row in rows)


def served(shards: int, limit: float = 60) -> None:
    """Wait until as many coreapps are connected as there are shards."""
    wait_for(f"{shards} connected coreapps", lambda: connected() == shards, limit)


def machine() -> str:
    """Return the address of this machine on the lab's network."""
    return str(placed(LAB).subnet[1])
