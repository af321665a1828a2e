"""Two coreapps on one host, each with its own port range."""

from __future__ import annotations

import pytest

from tests.lab import client, gateway
from tests.lab.hosts import containers, on
from tests.lab.inventories import Groups, variant
from tests.lab.play import play


# Molecule's default scenario starts several on one host as part of make test.
@pytest.mark.drill
def test_a_second_coreapp_on_a_host(cluster: None) -> None:
    def change(groups: Groups) -> None:
        groups["coreapp"]["hosts"]["core1"]["wabiz_coreapp_instances"] = 2

    inventory = variant("two-instances", change)
    first = containers("core1")["wabiz-coreapp-1"]
    run = play("site", inventory=inventory).succeeded()
    assert run.changed == {("core1", "container wabiz-coreapp-2"), ("core1", "copy /etc/wabiz/wabiz/coreapp.yml")}
    assert containers("core1")["wabiz-coreapp-1"] == first
    assert play("site", inventory=inventory).succeeded().changed == set()

    ports = on("core1", "docker", "port", "wabiz-coreapp-2").splitlines()
    assert {line.rpartition(":")[2] for line in ports} == {"6258", "6259", "6260", "6261"}
    nodes = [(node.host, node.container) for node in client.nodes() if node.role == "coreapp"]
    assert sorted(container for host, container in nodes if host == "core1") == sorted(containers("core1").values())
    assert gateway.punishable() == []
