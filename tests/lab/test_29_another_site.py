"""Another site, whose variables have values of their own: what each of them does, read from engine, API and hosts.

The files test_29_* share the site (fixture `site`); the last of them removes it.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.wabiz.onprem.plugins.plugin_utils.declared import declared

from tests.lab import another_site, balanced, cron, gateway
from tests.lab.another_site import CLIENTS, EDGE, NODES, PAIRS, SECRETS, SERVER, WEBAPPS, run
from tests.lab.conftest import Site
from tests.lab.hosts import address, containers, on, shell
from tests.support.tunnel import Tunnel
from tests.support.variables import LAB_VARIABLES
from tests.support.waiting import wait_for

pytestmark = [pytest.mark.drill, pytest.mark.usefixtures("site")]


@pytest.mark.proves("wabiz_database_ready_timeout")
def test_a_server_that_does_not_answer_is_reported_in_time(site: Site) -> None:
    """It listened on another port than the one that is published."""
    told = f"The database server on {SERVER} does not answer on port 5432. Last lines"
    assert any(failure["msg"].startswith(told) for failure in site.stalled.failures)
    assert site.stalled.seconds < declared().variables["wabiz_database_ready_timeout"].default
    assert not [pair for pair in site.stalled.changed if "webapp-1" in pair[1]]


@pytest.mark.proves(
    *("wabiz_cluster_name", "wabiz_groups", "wabiz_require_ha", "wabiz_allow_database_on_node"),
    *("wabiz_coreapp_instances", "wabiz_plan_file"),
)
def test_its_containers_bear_its_name(site: Site) -> None:
    wanted = {host: {*names, *(["branch-database"] if host == SERVER else [])} for host, names in CLIENTS.items()}
    assert {host: set(containers(host, another_site.OURS)) for host in wanted} == wanted
    for host in wanted:
        assert on(host, "docker", "network", "ls", f"--filter={another_site.OURS}", "--format={{.Name}}") == "branch"
    plan = json.loads(site.plan_file.read_text(encoding="utf-8"))
    steps = {(step["host"], step["what"]) for step in plan["steps"]}
    assert {
        (SERVER, "database"),
        ("web1", "webapp"),
        (NODES, "master"),
        (NODES, "coreapp"),
        (EDGE, "loadbalancer"),
    } <= steps
    assert SECRETS.leaks(json.dumps(plan)) == []


@pytest.mark.proves("wabiz_config_directory")
def test_its_files_are_in_its_directory() -> None:
    for host, service in (("web1", "webapp"), (NODES, "master"), (NODES, "coreapp")):
        assert on(host, "stat", "--format=%a", f"{another_site.DIRECTORY}/{service}.yml") == "600"
    for host in another_site.HOSTS:
        assert shell(host, f"ls -d /etc/wabiz/{another_site.CLUSTER} 2> /dev/null || true") == ""


@pytest.mark.proves("wabiz_webapp_port", "wabiz_master_port", "wabiz_coreapp_port")
@pytest.mark.parametrize(
    ("host", "name", "ports"),
    [
        ("web2", "branch-webapp-1", {9191}),
        (NODES, "branch-master-1", {7254, 7255, 7256, 7257}),
        (NODES, "branch-coreapp-2", {7358, 7359, 7360, 7361}),
    ],
)
def test_its_ports(host: str, name: str, ports: set[int]) -> None:
    assert {int(line.rpartition(":")[2]) for line in on(host, "docker", "port", name).splitlines()} == ports


@pytest.mark.proves("wabiz_registry", "wabiz_version")
def test_its_images() -> None:
    """The registry is the lab's, not the vendor's."""
    for host, name in PAIRS:
        image = another_site.inspected(host, name)["Config"]["Image"]
        assert image == f"registry.lab.test:5000/{'web' if 'webapp' in name else 'coreapp'}:v2.57.2"


@pytest.mark.proves(
    "wabiz_extra_env", "wabiz_webapp_extra_env", "wabiz_master_extra_env", "wabiz_coreapp_extra_env", "wabiz_secret"
)
def test_the_environment_of_each_service() -> None:
    own = {"webapp": ("BRANCH_WEBAPP", "w"), "master": ("BRANCH_MASTER", "m"), "coreapp": ("BRANCH_COREAPP", "c")}
    for host, name in PAIRS:
        found = another_site.environment(host, name)
        mine = {key: value for key, value in found.items() if key.startswith("BRANCH_")}
        assert mine == dict([("BRANCH_ALL", "a"), own[name.split("-")[1]]])
        # With different ones on both sides no request between them would be answered.
        assert found["WA_SECRET"] == SECRETS.values["wabiz_secret"]


@pytest.mark.proves("wabiz_extra_hosts", "wabiz_extra_volumes")
def test_names_and_files_inside_the_containers() -> None:
    for host, name in PAIRS:
        inside = ["docker", "exec", name]
        assert on(host, *inside, "getent", "hosts", "crm.branch.example").split()[0] == "10.99.1.2"
        assert on(host, *inside, "cat", "/opt/branch/note") == "branch"


@pytest.mark.proves(
    *("wabiz_restart_policy", "wabiz_stop_timeout", "wabiz_log_max_size", "wabiz_log_max_file"),
    *("wabiz_log_driver", "wabiz_log_options"),
)
def test_what_the_engine_does_with_the_containers() -> None:
    for host, name in PAIRS:
        found = another_site.inspected(host, name)
        assert found["HostConfig"]["RestartPolicy"]["Name"] == "always"
        log = found["HostConfig"]["LogConfig"]
        assert log["Type"] == "local"
        assert log["Config"] == {"max-size": "7m", "max-file": "3", "compress": "false"}
        assert found["Config"]["StopTimeout"] == 3


@pytest.mark.proves(
    *("wabiz_container_options", "wabiz_webapp_container_options", "wabiz_master_container_options"),
    *("wabiz_coreapp_container_options", "wabiz_memory", "wabiz_memory_reservation", "wabiz_ulimits"),
)
def test_what_the_engine_was_told_of_the_containers() -> None:
    shares = {"webapp": 900, "master": 800, "coreapp": 700}
    sizes = {"webapp": (0, 128), "master": (0, 0), "coreapp": (900, 256)}
    for host, name in PAIRS:
        service, found = name.split("-")[1], another_site.inspected(host, name)
        told = found["HostConfig"]
        assert told["SecurityOpt"] == ["no-new-privileges"]
        assert found["Config"]["Labels"]["branch"] == "office"
        assert told["CpuShares"] == shares[service]
        assert tuple(told[key] // 2**20 for key in ("Memory", "MemoryReservation")) == sizes[service]
        assert told["Ulimits"] == [{"Name": "nofile", "Soft": 10000, "Hard": 15000}]


@pytest.mark.proves("wabiz_dns_servers", "wabiz_networks", "wabiz_network_subnets", "wabiz_published_address")
def test_the_networks_of_the_containers() -> None:
    """The network of the site was there before; that of the cluster was made with its subnet."""
    given = another_site.variables()
    for host, name in PAIRS:
        found = another_site.inspected(host, name)
        networks = found["NetworkSettings"]["Networks"]
        assert networks.keys() == {another_site.CLUSTER, another_site.JOINED}
        assert "whatsapp" in networks[another_site.CLUSTER]["Aliases"]
        assert networks[another_site.CLUSTER]["IPAddress"].startswith("192.168.213.")
        assert found["HostConfig"]["Dns"] == given["wabiz_dns_servers"]
        bound = [one["HostIp"] for ports in found["HostConfig"]["PortBindings"].values() for one in ports]
        assert set(bound) == {address(host)}


@pytest.mark.proves("wabiz_certificates_path", "wabiz_data_volume", "wabiz_web_servername")
def test_directories_of_certificates_and_data() -> None:
    for host, name in PAIRS:
        assert on(host, "docker", "exec", name, "cat", "/opt/certs/ca.pem") == "branch"
        found = another_site.inspected(host, name)
        mounts = {mount["Destination"]: (mount.get("Name"), mount["RW"]) for mount in found["Mounts"]}
        assert mounts["/usr/local/waent/data"] == ("branch-data", True)
        assert not mounts["/opt/certs"][1]
        environment = another_site.environment(host, name)
        # Blanked by the site.
        assert environment["HTTPS_PROXY"] == ""
        assert environment.get("WA_WEB_SERVERNAME") == (another_site.API_NAME if "webapp" in name else None)


@pytest.mark.proves("wabiz_container_healthcheck")
def test_docker_finds_each_container_healthy() -> None:
    def states() -> set[str]:
        return {another_site.inspected(host, name)["State"]["Health"]["Status"] for host, name in PAIRS}

    wait_for("the health checks", lambda: states() == {"healthy"}, 90)


@pytest.mark.proves("wabiz_webapp_ports", "wabiz_master_ports", "wabiz_coreapp_ports")
def test_ports_one_by_one_are_looked_at_on_the_hosts() -> None:
    """On each host sshd has one of them. What they look like on containers, the drill of the field's sites reads."""
    coreapps = {"wabiz_webapp_ports": [22], "wabiz_coreapp_ports": [*range(8101, 8108), 22]}
    for ports, holders in (
        (coreapps, [("web1", "webapp-1"), (NODES, "coreapp-2")]),
        ({"wabiz_master_ports": [8001, 22, 8005, 8007]}, [(NODES, "master-1")]),
    ):
        refused = run("preflight", **ports).failed()
        message = "\n".join(row["msg"] for row in refused.failures)
        for host, name in holders:
            assert f"{host}: port 22, needed by branch-{name}, is in use by another process" in message
        assert refused.changed == set()


@pytest.mark.proves("wabiz_external_hostname")
def test_the_nodes_are_known_by_their_address() -> None:
    assert {node.partition(":")[0] for node in another_site.health()} == {address(NODES)}


# --- database and media -----------------------------------------------------------------------------------------------


def sql(query: str, user: str = "branch", password: str = "", database: str = "waent") -> str:
    """Ask the server over the network, as a node does."""
    given = password or SECRETS.values["wabiz_database_password"]
    place = [f"--host={address(SERVER)}", f"--port={another_site.DATABASE_PORT}", f"--username={user}"]
    ask = ["psql", *place, f"--dbname={another_site.PREFIX}{database}", "--tuples-only", f"--command={query}"]
    return on(SERVER, "docker", "exec", f"--env=PGPASSWORD={given}", "branch-database", *ask, check=False)


@pytest.mark.proves(
    *("wabiz_database_tls", "wabiz_database_tls_ca", "wabiz_database_tls_certificate", "wabiz_database_tls_key"),
    *("wabiz_database_tls_server_certificate", "wabiz_database_tls_server_key"),
)
def test_the_nodes_use_tls_with_the_files_of_the_site() -> None:
    query = """
        SELECT count(*) > 0 AND bool_and(ssl) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid)
        WHERE client_addr IS NOT NULL AND application_name <> 'psql'
    """
    assert sql(query) == "t"
    for host, name in PAIRS:
        found = another_site.environment(host, name)
        for what in ("CA", "CERT", "KEY"):
            inside = on(host, "docker", "exec", name, "cat", found[f"WA_DB_SSL_{what}"])
            own = {"CA": "ca.pem", "CERT": "client.pem", "KEY": "client.key"}[what]
            assert inside == on(host, "cat", f"{another_site.TLS}/{own}")
    served = on(SERVER, "docker", "exec", "branch-database", "cat", "/etc/wabiz-tls/server.pem")
    assert served == on(SERVER, "cat", f"{another_site.TLS}/server.pem")


@pytest.mark.proves("wabiz_database_persistent", "wabiz_database_connection_options", "wabiz_config_on_db")
def test_how_the_client_uses_its_connections() -> None:
    for host, name in PAIRS:
        found = another_site.environment(host, name)
        assert found["WA_CONFIG_ON_DB"] == "0"
        assert found.get("WA_DB_PERSISTENT") == ("1" if "webapp" in name else None)
        assert found.get("WA_DB_CONNECTION_OPTION") == (None if "webapp" in name else "sslmode=verify-full")


@pytest.mark.proves(
    *("wabiz_database_engine", "wabiz_database_host", "wabiz_database_port", "wabiz_database_user"),
    *("wabiz_database_password", "wabiz_database_prefix"),
)
def test_the_nodes_use_its_database() -> None:
    assert int(sql("SELECT count(*) FROM nodes")) >= 3
    assert sql("SELECT username FROM users", database="waweb") == "admin"
    assert sql("SELECT 1", password="Another-1") == ""
    # Nor does the administrator log in over the network.
    assert sql("SELECT 1", "postgres", SECRETS.values["wabiz_database_root_password"]) == ""
    for host, name in PAIRS:
        found = another_site.environment(host, name)
        assert (found["WA_DB_ENGINE"], found["WA_DB_HOSTNAME"], found["WA_DB_PORT"], found["WA_DB_USERNAME"]) == (
            *("PGSQL", address(SERVER), str(another_site.DATABASE_PORT), "branch"),
        )


@pytest.mark.proves(
    *("wabiz_database_server_settings", "wabiz_database_volume", "wabiz_database_extra_volumes"),
    *("wabiz_database_images", "wabiz_database_published_address", "wabiz_database_ulimits"),
)
def test_the_server_that_the_role_runs() -> None:
    """A setting of the site is added to the role's figures."""
    assert sql("SHOW idle_in_transaction_session_timeout") == "4321ms"
    assert sql("SHOW max_connections") == "1200"
    limits = shell(SERVER, "docker exec branch-database cat /proc/1/limits | grep 'open files'")
    assert limits.split()[3:5] == ["12345", "16000"]
    listening = shell(SERVER, f"ss --listening --tcp --numeric --no-header 'sport = :{another_site.DATABASE_PORT}'")
    assert {line.split()[3] for line in listening.splitlines()} == {f"{address(SERVER)}:{another_site.DATABASE_PORT}"}
    assert on(SERVER, "test", "-e", f"{another_site.DATA}/PG_VERSION") == ""
    inside = ["docker", "exec", "branch-database"]
    assert on(SERVER, *inside, "cat", "/opt/branch/note") == "branch"
    assert sql("SHOW server_version").startswith("13.")
    # By its socket the administrator is let in, and only root of the host reaches that.
    assert on(SERVER, "stat", "--format=%a %U", another_site.DIRECTORY) == "700 root"
    assert shell(SERVER, f"test -S {another_site.DIRECTORY}/database-socket/.s.PGSQL.5432 && echo there") == "there"
    image = another_site.inspected(SERVER, "branch-database")["Config"]["Image"]
    assert image == "registry.lab.test:5000/postgres:13.8"


@pytest.mark.proves(
    *("wabiz_media_path", "wabiz_media_source", "wabiz_media_fstype", "wabiz_media_options", "wabiz_media_packages"),
)
def test_the_share_is_mounted() -> None:
    for host in (*WEBAPPS, NODES):
        assert "nodev" in on(host, "findmnt", "--noheadings", "--output=OPTIONS", another_site.MEDIA).split(",")
        line = shell(host, f"grep {another_site.MEDIA} /etc/fstab").split()
        assert line[:4] == [another_site.SHARE, another_site.MEDIA, "none", "bind,nodev"]
        assert on(host, "which", "tree") == "/usr/bin/tree"
    on("web1", "docker", "exec", "branch-webapp-1", "touch", "/usr/local/wamedia/from-web1")
    assert on(NODES, "test", "-e", f"{another_site.SHARE}/from-web1") == ""


# --- API --------------------------------------------------------------------------------------------------------------


@pytest.mark.proves("wabiz_api_key", "wabiz_admin_password")
def test_its_key_and_its_password() -> None:
    assert another_site.health()
    assert another_site.call("GET", "/v1/health", f"Apikey {LAB_VARIABLES['wabiz_api_key']}")[0] == 401
    assert another_site.login()[0] == 200
    assert another_site.login(password="secret")[0] == 401


@pytest.mark.proves("wabiz_jwt_key")
def test_a_token_is_good_at_every_webapp() -> None:
    for made_at in WEBAPPS:
        token = another_site.login(made_at)[1]
        assert [another_site.call("GET", "/v1/users/admin", token, web=web)[0] for web in WEBAPPS] == [200, 200]


def requests_at_the_balancer() -> int:
    """How many requests HAProxy has passed on since its start."""
    table = balanced.said("show stat", another_site.UNIT)
    names, *rows = [line.split(",") for line in table.lstrip("# ").splitlines() if line]
    (row,) = [dict(zip(names, values, strict=False)) for values in rows if values[:2] == ["api", "FRONTEND"]]
    return int(row["req_tot"])


@pytest.mark.proves(
    *("wabiz_api_endpoints", "wabiz_api_ca_path", "wabiz_api_delegate_to", "wabiz_api_server_hostname"),
    *("wabiz_api_proxy", "wabiz_status_file", "wabiz_zone"),
)
def test_the_api_modules_ask_through_proxy_and_balancer(tmp_path: Path) -> None:
    """The name is in the certificate only; its CA is on no other host."""
    before, file = requests_at_the_balancer(), tmp_path / "status.json"
    with Tunnel() as proxy:
        proxied = {"wabiz_api_proxy": f"http://{another_site.machine()}:{proxy.port}"}
        run("status", wabiz_status_file=str(file), **proxied).succeeded()
        assert proxy.targets == {f"{address(EDGE)}:{another_site.API_PORT}"}
    found = json.loads(file.read_text(encoding="utf-8"))
    assert (found["cluster"], found["registered"]) == (another_site.CLUSTER, True)
    assert found["survives_zones"] == {"webapps": 1, "masters": 0, "coreapps": 0}
    assert [warning.partition(":")[0] for warning in found["warnings_found"]] == ["zone room-b"]
    assert requests_at_the_balancer() > before
    holding = [host for host in another_site.HOSTS if shell(host, f"ls {another_site.CA_FILE} 2> /dev/null || true")]
    assert holding == [EDGE]


@pytest.mark.proves("wabiz_verify_file", "wabiz_verify_days")
def test_the_verification_warns_as_early_as_it_is_told(tmp_path: Path) -> None:
    file = tmp_path / "verify.json"

    def warned(days: int) -> set[str]:
        run("verify", wabiz_verify_file=str(file), wabiz_verify_days=days).succeeded()
        findings = json.loads(file.read_text(encoding="utf-8"))["findings"]
        ends = ("this version of the client expires in", "its certificate expires in")
        return {words for words in ends for one in findings if words in one["problem"]}

    assert warned(3650) == {"this version of the client expires in", "its certificate expires in"}
    assert warned(0) == set()


# --- registration and heartbeat ---------------------------------------------------------------------------------------


@pytest.mark.proves(
    *("wabiz_registration_method", "wabiz_registration_code", "wabiz_registration_pin", "wabiz_certificate"),
    *("wabiz_phone_cc", "wabiz_phone_number"),
)
def test_it_was_registered_in_two_runs(site: Site) -> None:
    """The code came by voice, and the number is protected by a PIN: without it WhatsApp sends no code."""
    asked, given = site.registered
    assert "Run this playbook again with wabiz_registration_code" in asked.stdout
    assert another_site.PIN not in asked.output + given.output
    number = "".join(another_site.NUMBER)
    requests = [event["method"] for event in gateway.events("code_requested") if event["number"] == number]
    assert requests == ["voice"]
    sessions: list[dict[str, Any]] = json.loads(on("gateway", "standinctl", "sessions", "--json"))
    assert number in {session["number"] for session in sessions}


@pytest.mark.proves("wabiz_heartbeat_interval", "wabiz_unhealthy_interval")
def test_its_heartbeat() -> None:
    found = another_site.settings()
    assert (found["heartbeat_interval"], found["unhealthy_interval"]) == (3, 24)


# --- log cleanup ------------------------------------------------------------------------------------------------------


@pytest.mark.proves("wabiz_log_cleanup_schedule")
def test_cron_itself_runs_the_log_cleanup() -> None:
    """Each minute, since the site wants it so."""
    before = cron.traces("web1")["branch-webapp-1"]
    wait_for("cron", lambda: cron.traces("web1")["branch-webapp-1"] > before, 75, pause=2)


def test_a_stopped_cron_is_found() -> None:
    on(NODES, "systemctl", "stop", "cron")
    assert f"{NODES}: service cron does not run" in run("verify").stdout
    repair = run("site").succeeded()
    assert repair.changed == {(NODES, "service cron")}
    assert on(NODES, "systemctl", "is-active", "cron") == "active"
