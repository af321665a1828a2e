"""Names, addresses and ports between the hosts are proved before a node is started; what is needed can be printed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.lab.hosts import CLUSTER, HOSTS, address, containers, everywhere, on, shell
from tests.lab.inventories import Groups, variant
from tests.lab.play import play
from tests.lab.refusal import refused
from tests.support.killing import run_and_kill
from tests.support.paths import LAB_INVENTORY
from tests.support.waiting import wait_for

OURS = f"label=org.wabiz.cluster={CLUSTER}"
LOOK = f"{CLUSTER}-look"
NODES = [host for host in HOSTS if host.startswith(("web", "master", "core"))]
# Of TEST-NET-1: no other host has a way to it.
LOCAL = "192.0.2.7"
CORE_PORTS = [6250, 6251, 6252, 6253]


def known_as(host: str, name: str) -> Path:
    """The lab's inventory with another name for a coreapp's host; Ansible reaches it as before."""

    def change(groups: Groups) -> None:
        groups["coreapp"]["hosts"][host] = {"wabiz_external_hostname": name}

    return variant("known-as", change)


@pytest.mark.proves("wabiz_ports_file")
def test_the_connections_of_this_inventory(lab: Path, tmp_path: Path) -> None:
    file = tmp_path / "ports.json"
    run = play("ports", "--check", extra_vars={"wabiz_ports_file": str(file)}).succeeded()
    found = json.loads(file.read_text(encoding="utf-8"))
    cores = [host for host in NODES if host.startswith("core")]
    (row,) = [row for row in found["rows"] if set(row["destination"]) == set(cores) and row["ports"] == CORE_PORTS]
    assert set(row["source"]) == set(NODES)
    assert any(row["purpose"] == "database" and row["destination"] == ["db1"] for row in found["rows"])
    assert set(found["addresses"]) >= set(NODES)
    assert all(word in run.stdout for word in ("SOURCE", "6250-6253"))
    # Not even looked at.
    assert sum(row.executions for host, row in run.hosts.items() if host in HOSTS) == 0


# --- on hosts without a cluster ---------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def engines(lab: Path) -> None:
    """Every host has an engine, and none has nodes."""
    if not all(shell(host, "command -v docker || true") for host in NODES):
        play("site").succeeded()
    if any(containers(host, OURS) for host in HOSTS):
        play("uninstall", extra_vars={"wabiz_uninstall_volumes": CLUSTER}).succeeded()


def looking() -> dict[str, str]:
    """What is left of a look on each host: its container, and processes that listen in its network."""
    # The pattern does not find the shell that runs this.
    return everywhere(f"docker ps --all --quiet --filter name=^{LOOK}$; pgrep --full [p]ort_listener || true")


def nodes_started() -> list[str]:
    return [host for host in NODES if containers(host, OURS, "label=org.wabiz.node")]


def not_started(inventory: Path = LAB_INVENTORY) -> str:
    """Run site.yml, which finds one thing and starts no node; the finding."""
    finding = found(inventory)
    assert nodes_started() == []
    wait_for("the end of the look", lambda: set(looking().values()) == {""}, 30)
    return finding


def found(inventory: Path) -> str:
    """Run site.yml, which finds one thing of the other hosts; the finding, one line."""
    judged, reported = (failure["msg"].strip() for failure in play("site", inventory=inventory).failed().failures)
    assert reported == f"Judge what was seen of the other hosts: {judged}"
    assert "\n" not in judged
    return judged


@contextmanager
def undone(host: str, do: str, undo: str) -> Iterator[None]:
    shell(host, do)
    try:
        yield
    finally:
        shell(host, undo)


@pytest.mark.drill
def test_a_name_that_does_not_exist(engines: None) -> None:
    message = refused("core2.invalid, which is not known to DNS", inventory=known_as("core2", "core2.invalid"))
    assert message.startswith("1 finding(s)")


@pytest.mark.drill
def test_a_name_that_one_host_alone_knows(engines: None) -> None:
    name = "core2.internal"
    line = f"{address('core2')} {name}"
    with undone(
        "core1", f"echo '{line}' >> /etc/hosts", f"sed '/{name}/d' /etc/hosts > /tmp/h; cat /tmp/h > /etc/hosts"
    ):
        message = refused(f"of core2 is {name}", inventory=known_as("core2", name))
    assert nodes_started() == []
    assert "core1" in message


@pytest.mark.drill
def test_a_closed_port_on_one_host(engines: None) -> None:
    # Behind Docker's translation: a rule for the host's own processes would close nothing that is published.
    rule = "DOCKER-USER --in-interface eth0 --protocol tcp --destination-port 6252 --jump DROP"
    with undone("core2", f"iptables --insert {rule}", f"iptables --delete {rule}"):
        finding = not_started()
    assert "port 6252 of core2" in finding
    assert "no answer in time" in finding
    lookers = finding.partition(":")[0]
    assert {host for host in NODES if host in lookers} == set(NODES) - {"core2"}


@pytest.mark.drill
def test_an_address_that_one_host_alone_has(engines: None) -> None:
    with undone("core2", f"ip address add {LOCAL}/32 dev lo", f"ip address delete {LOCAL}/32 dev lo"):
        finding = not_started(known_as("core2", LOCAL))
    assert f"ports 6250-6253 of core2 ({LOCAL}) cannot be reached" in finding


@pytest.mark.drill
def test_an_address_that_every_host_has_for_itself(engines: None) -> None:
    """As docker0, or the address of virtual machines behind NAT."""
    finding = not_started(known_as("core2", on("core2", "sh", "-c", "ip -4 -o address show docker0").split()[3][:-3]))
    assert "the address of core2, leads to another host from here" in finding


@pytest.mark.drill
def test_a_killed_look_ends_with_its_container_and_the_next_run_replaces_it(engines: None) -> None:
    run_and_kill("playbooks/site.yml", lambda _number, line: "Look at the other hosts" in line, {})
    left = [host for host, found in looking().items() if found]
    assert left
    assert nodes_started() == []
    # As after its time.
    host = left[0]
    shell(host, f"docker kill {LOOK}")
    wait_for("the end of the listener", lambda: looking()[host] == "", 30)
    play("site", extra_vars={"wabiz_take_over": True}).succeeded()
    assert nodes_started() == NODES
    assert set(looking().values()) == {""}


@pytest.mark.drill
def test_only_what_starts_nodes_looks(engines: None) -> None:
    play("register").succeeded()
    again = play("site").succeeded()
    assert again.changed == set()
    assert {host: row.executions for host, row in again.hosts.items() if row.executions} == dict.fromkeys(HOSTS, 1)


@pytest.mark.drill
def test_a_new_host_whose_way_to_a_running_one_is_closed(engines: None) -> None:
    """Others reach what runs there."""
    new, container = "core3", f"{CLUSTER}-coreapp-1"
    shell(new, f"docker rm --force {container}")
    # On the way out: the lab's hosts all see the lab's gateway as the source.
    match = f"--out-interface eth0 --destination {address('master1')} --protocol tcp --destination-port 6254"
    rule = f"DOCKER-USER {match} --jump REJECT"
    with undone(new, f"iptables --insert {rule}", f"iptables --delete {rule}"):
        finding = found(LAB_INVENTORY)
    assert f"{new}: port 6254 of master1" in finding
    assert container not in containers(new)
    play("site").succeeded()
