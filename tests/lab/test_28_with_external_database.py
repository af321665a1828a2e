"""A database server that the collection did not install: each fault of it is one finding, and nothing is started."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.lab import external_database, operation
from tests.lab.external_database import CA_FILE, CONNECTIONS, SECRETS
from tests.lab.hosts import CLUSTER, HOSTS, address, containers, everywhere, on, shell
from tests.lab.play import play
from tests.lab.refusal import refused
from tests.support.canary import Canaries
from tests.support.playbook import PlaybookRun

pytestmark = pytest.mark.drill

NODES = [host for host in HOSTS if host != external_database.HOST]
OURS = f"label=org.wabiz.cluster={CLUSTER}"
DRIVER = "python3-psycopg2"
NOTHING: dict[str, dict[str, str]] = {host: {} for host in NODES}


@pytest.fixture(scope="module")
def server(lab: Path) -> Iterator[Path]:
    """The server, and the inventory that names it, on hosts without a cluster."""
    if any(containers(host, OURS) for host in NODES if on(host, "sh", "-c", "command -v docker || true")):
        play("uninstall", extra_vars={"wabiz_uninstall_volumes": CLUSTER}).succeeded()
    external_database.stop()
    external_database.start()
    driver("install")
    yield external_database.inventory()
    external_database.stop()


def driver(verb: str) -> None:
    """Install or remove the driver on every host of a node."""
    everywhere(f"apt-get update --quiet=2; DEBIAN_FRONTEND=noninteractive apt-get {verb} --quiet=2 --yes {DRIVER}")


def looked(inventory: Path, **extra_vars: Any) -> PlaybookRun:
    """Run preflight.yml, which looks from the hosts alone."""
    return play("preflight", inventory=inventory, secrets=SECRETS, extra_vars=extra_vars or None)


def findings(run: PlaybookRun) -> list[str]:
    """Return the lines of the one refusal."""
    (failure,) = run.failed().failures
    return [line for line in failure["msg"].splitlines() if line.startswith("- ")]


def test_a_good_server_is_accepted(server: Path) -> None:
    """Also during somebody's run: preflight by itself needs no lock."""
    operation.hold("somebody", 300)
    try:
        run = looked(server).succeeded()
    finally:
        operation.release()
    # The survey, and the look at the server.
    assert {host: run.hosts[host].executions for host in NODES} == dict.fromkeys(NODES, 2)


ELSEWHERE = {"wabiz_database_password": "Another-9-password"}
FAULTS: list[tuple[dict[str, Any], str]] = [
    (ELSEWHERE, "refuses user wabiz: .* the password is wrong"),
    ({"wabiz_database_connections": CONNECTIONS + 1}, f"the cluster needs {CONNECTIONS + 1}\\."),
    ({"wabiz_database_tls_ca": ""}, "demands TLS of user wabiz"),
    ({"wabiz_database_versions": {"postgresql": ["9"]}}, "is PostgreSQL .*; accepted are 9"),
    ({"wabiz_database_user": "few"}, r"allows user few 20 connections; the cluster needs \d+ \(an estimate"),
    ({"wabiz_database_user": "norights"}, "it lacks CREATEDB"),
    ({"wabiz_database_tls_ca": "/etc/ssl/certs/ca-certificates.crt"}, "TLS to the database server .* fails"),
    ({"wabiz_database_tls_ca": "/etc/ssl/none.pem"}, "is /etc/ssl/none.pem, which is not on the host"),
]


@pytest.mark.proves("wabiz_database_connections", "wabiz_database_versions")
@pytest.mark.parametrize(("extra_vars", "words"), FAULTS)
def test_each_fault_is_one_finding(server: Path, extra_vars: dict[str, Any], words: str) -> None:
    (finding,) = findings(looked(server, **extra_vars))
    assert re.search(words, finding), finding
    # One line for all hosts that see it.
    assert all(host in finding.partition(":")[0] for host in NODES)


def test_check_mode_without_a_driver_says_what_it_did_not_see(server: Path) -> None:
    driver("remove")
    run = play("site", "--check", inventory=server, secrets=SECRETS).succeeded()
    assert re.search(r"of\s+the\s+database\s+server\s+cannot\s+be\s+looked\s+at", run.output)
    # What needs no driver is looked at nevertheless.
    refused("TLS to the database server", inventory=server, secrets=SECRETS, check=True,
            extra_vars={"wabiz_database_tls_ca": "/etc/ssl/certs/ca-certificates.crt"})  # fmt: skip


# --- a whole cluster --------------------------------------------------------------------------------------------------


def test_a_wrong_password_is_found_before_the_start_where_no_driver_was(server: Path) -> None:
    driver("remove")
    canary = Canaries([], {**SECRETS.values, **ELSEWHERE})
    run = play("site", inventory=server, secrets=canary, extra_vars=ELSEWHERE).failed()
    # By the judgment, and by the report of the run.
    assert run.failures and all("the password is wrong" in failure["msg"] for failure in run.failures)
    assert {host: containers(host, OURS) for host in NODES} == NOTHING


def test_a_name_that_only_the_hosts_know_is_refused(server: Path) -> None:
    name = "site-database.internal"
    everywhere(f"echo '{address(external_database.HOST)} {name}' >> /etc/hosts")
    try:
        run = play("site", inventory=server, secrets=SECRETS, extra_vars={"wabiz_database_host": name}).failed()
    finally:
        everywhere(f"sed '/{name}/d' /etc/hosts > /tmp/hosts; cat /tmp/hosts > /etc/hosts")
    assert name in run.failures[0]["msg"]
    assert {host: containers(host, OURS) for host in NODES} == NOTHING


def test_the_cluster_starts_as_predicted_and_a_second_run_looks_once(server: Path) -> None:
    driver("remove")
    predicted = play("site", "--check", inventory=server, secrets=SECRETS).succeeded().changed
    assert {host for host, resource in predicted if DRIVER in resource} == set(NODES)
    assert play("site", inventory=server, secrets=SECRETS).succeeded().changed == predicted
    assert [host for host in NODES if f"{CLUSTER}-look" in containers(host)] == []
    play("register", inventory=server, secrets=SECRETS).succeeded()
    again = play("site", inventory=server, secrets=SECRETS).succeeded()
    assert again.changed == set()
    assert {host: row.executions for host, row in again.hosts.items() if row.executions} == dict.fromkeys(NODES, 1)


def test_every_connection_of_the_cluster_is_encrypted(server: Path) -> None:
    query = "SELECT count(*), bool_and(ssl) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE usename = 'wabiz'"
    ask = f"docker exec {external_database.NAME} psql --username=postgres --tuples-only --no-align --command"
    count, encrypted = shell(external_database.HOST, f'{ask} "{query}"').split("|")
    assert int(count) > 0
    assert encrypted == "t"
    for host in NODES:
        for name in containers(host, "label=org.wabiz.node", OURS):
            assert on(host, "docker", "exec", name, "cat", "/opt/database-tls/ca.pem") == on(host, "cat", CA_FILE)


def test_it_is_removed_and_the_server_stays(server: Path) -> None:
    play("uninstall", inventory=server, secrets=SECRETS, extra_vars={"wabiz_uninstall_volumes": CLUSTER}).succeeded()
    assert external_database.NAME in containers(external_database.HOST)


def test_an_administrators_login_makes_the_user_and_removes_it_with_its_databases(server: Path) -> None:
    """Over TLS, which the server demands of the administrator too."""
    login = {
        "wabiz_database_user": "made",
        "wabiz_database_prefix": "made_",
        "wabiz_database_admin_user": "postgres",
        "wabiz_database_admin_password": SECRETS.values["site_password"],
    }
    run = play("site", inventory=server, secrets=SECRETS, extra_vars=login).succeeded()
    assert [name for _host, name in run.changed if name.startswith("postgresql_user")] == ["postgresql_user made"]
    assert {"made", "made_waent", "made_waweb"} <= external_database.known()
    gone = {**login, "wabiz_uninstall_volumes": CLUSTER}
    play("uninstall", inventory=server, secrets=SECRETS, extra_vars=gone).succeeded()
    assert external_database.known() >= {"wabiz", "norights", "few"}
    assert not [name for name in external_database.known() if name.startswith("made")]
