"""Two clusters on the lab's hosts; the Molecule scenario two_clusters runs it.

The second has a name with a dot, ports, a database server and a number of its own, and no variable more. Both are
upgraded while the other one serves; then the second is uninstalled with everything.
"""

from __future__ import annotations

import json
import secrets
import sys
from pathlib import Path
from typing import Any

from tests.lab import gateway
from tests.lab.balanced import BALANCER
from tests.lab.hosts import each, on, shell
from tests.lab.inventories import Groups, variant
from tests.lab.load import Front, Load
from tests.lab.play import play
from tests.support.playbook import PlaybookRun

OLD, NEW = "2.55.1", "2.57.2"
FIRST, SECOND = "wabiz", "wabiz.two"
HOSTS = ("web1", "web2", "master1", "master2", "core1", "core2", "core3")
RATE = 10  # messages per second
API_PORTS = {FIRST: 443, SECOND: 8443}
# Without wabiz_media_path each has a volume on each host.
COMMON: dict[str, Any] = {"wabiz_media_path": "", "wabiz_media_shared": False}
GIVEN: dict[str, dict[str, Any]] = {
    FIRST: COMMON,
    SECOND: {
        **COMMON,
        "wabiz_cluster_name": SECOND,
        "wabiz_webapp_port": 9190,
        "wabiz_master_port": 7254,
        "wabiz_coreapp_port": 7250,
        "wabiz_database_port": 3307,
        "wabiz_loadbalancer_port": API_PORTS[SECOND],
        "wabiz_phone_number": f"1517{secrets.randbelow(10**7):07}",
    },
}


def inventory() -> Path:
    """Write the lab's inventory with a balancer, and return its path."""

    def change(groups: Groups) -> None:
        groups["loadbalancer"] = {"hosts": {BALANCER: {}}}

    return variant("two-clusters", change)


def run(cluster: str, verb: str, version: str, **extra_vars: Any) -> PlaybookRun:
    """Run a playbook on one of the clusters; AssertionError if it fails."""
    given = {**GIVEN[cluster], "wabiz_version": version, **extra_vars}
    return play(verb, inventory=inventory(), extra_vars=given).succeeded()


def front(cluster: str) -> Front:
    """How clients reach the API of a cluster, at its own balancer."""
    authority = on(BALANCER, "cat", f"/etc/wabiz/{cluster}/loadbalancer/self-made.pem")
    return Front(API_PORTS[cluster], authority)


def objects(cluster: str) -> dict[str, str]:
    """Return what a cluster has on each host: objects by label with their ids, files by name."""
    listing = f"""
for kind in container network; do docker $kind ls --no-trunc --quiet --filter=label=org.wabiz.cluster={cluster}; done
docker volume ls --quiet --filter=label=org.wabiz.cluster={cluster}
find /etc/wabiz/{cluster} /etc/systemd/system/{cluster}-loadbalancer-1.service 2> /dev/null | sort
grep -l -- 'log-cleanup.sh {cluster} ' /etc/cron.d/* 2> /dev/null
true"""
    return each(dict.fromkeys((*HOSTS, "db1"), listing))


def served(cluster: str, load: Load) -> dict[str, Any]:
    """Return the figures of a cluster under load; AssertionError if a request failed for good."""
    found = {"cluster": cluster, "accepted": len(load.accepted), "refused": dict(load.refused)}
    print(json.dumps(found), flush=True)
    assert load.accepted
    assert not load.refused, load.failures
    return found


def apart() -> None:
    """Nothing that one cluster has is the other's."""
    first, second = objects(FIRST), objects(SECOND)
    for host in first:
        both = set(first[host].split()) & set(second[host].split())
        assert not both, f"{host}: {both}"
    assert shell("core1", "ls /etc/cron.d/wabiz-*").split() == [
        "/etc/cron.d/wabiz-wabiz",
        "/etc/cron.d/wabiz-wabiz-DOT-two",
    ]
    volumes = on("core1", "docker", "volume", "ls", "--format={{.Name}}").split()
    assert {f"{FIRST}-media", f"{SECOND}-media"} <= set(volumes)


def remove() -> None:
    """Remove the second cluster with its data, where it is."""
    if any(objects(SECOND).values()):
        run(SECOND, "uninstall", NEW, wabiz_uninstall_volumes=SECOND)


def main() -> None:
    """AssertionError where a cluster is not apart from the other, or does not serve while that one is changed."""
    for cluster in (FIRST, SECOND):
        run(cluster, "site", OLD)
        run(cluster, "register", OLD)
    apart()
    for cluster, other in ((FIRST, SECOND), (SECOND, FIRST)):
        with Load(BALANCER, RATE, front=front(other)) as load:
            run(cluster, "upgrade", NEW)
        served(other, load)
    for cluster in (FIRST, SECOND):
        assert run(cluster, "site", NEW).changed == set()
    before = objects(FIRST)
    with Load(BALANCER, RATE, front=front(FIRST)) as load:
        remove()
    served(FIRST, load)
    assert objects(FIRST) == before
    assert not any(objects(SECOND).values())
    assert gateway.punishable() == []


if __name__ == "__main__":
    remove() if sys.argv[1:] == ["remove"] else main()
