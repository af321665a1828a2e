"""Wrong input: one message with variable, host and remedy; nothing on the hosts is changed."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from tests.lab.hosts import UNUSED_ADDRESS, listing, on
from tests.lab.inventories import Groups, variant
from tests.lab.play import play
from tests.lab.refusal import refused
from tests.support.canary import Canaries

LISTENER = "import socket, time; held = socket.create_server(('', 6258)); time.sleep(600)"


def test_a_character_that_the_client_does_not_accept(cluster: None) -> None:
    canary = Canaries([], {"wabiz_database_password": "canary-4711&with-ampersand"})
    refused("wabiz_database_password.*Choose one without any of", secrets=canary, extra_vars=canary.values)


def test_a_misspelt_variable(cluster: None) -> None:
    refused("core1.*wabiz_databse_host.*Did you mean wabiz_database_host", extra_vars={"wabiz_databse_host": "db1"})


@pytest.mark.proves("wabiz_require_ha")
def test_one_master(cluster: None) -> None:
    inventory = variant("one-master", lambda groups: groups["master"]["hosts"].pop("master2"))
    refused(r"group master.* 1 node\(s\), at least 2.*wabiz_require_ha", inventory=inventory)


def test_no_webapp(cluster: None) -> None:
    inventory = variant("no-webapp", lambda groups: groups["webapp"]["hosts"].clear())
    refused(r"group webapp.* 0 node\(s\), at least 1.*Add hosts", inventory=inventory)


def test_two_nodes_with_one_port_range(cluster: None) -> None:
    def change(groups: Groups) -> None:
        groups["master"]["hosts"]["core1"] = {"wabiz_master_port": 6250}

    refused(
        "core1.*ports 6250 to 6253 are claimed by wabiz-master-1 and wabiz-coreapp-1",
        "Change wabiz_master_port or wabiz_coreapp_port",
        inventory=variant("one-port-range", change),
    )


def test_two_names_for_one_machine(cluster: None) -> None:
    """Two coreapps that the inventory puts on different hosts, which are one."""

    def change(groups: Groups) -> None:
        groups["coreapp"]["hosts"]["core1-again"] = {"ansible_host": "core1"}

    inventory = variant("one-machine", change)
    refused("core1, core1-again: ports 6250 to 6253 are claimed by .* one address, core1", inventory=inventory)


def test_an_unreachable_host(cluster: None) -> None:
    def change(groups: Groups) -> None:
        groups["coreapp"]["hosts"]["core9"] = {"ansible_host": UNUSED_ADDRESS}

    inventory = variant("unreachable", change)
    before = listing()
    run = play("site", "-vvv", inventory=inventory).failed()
    assert listing() == before
    assert any(re.search("core9: is unreachable: .*Fix the connection", failure["msg"]) for failure in run.failures), (
        run.failures
    )
    assert run.changed == set()


@pytest.fixture
def listener() -> Iterator[None]:
    """Another process on core1 uses the first port of a second coreapp."""
    on("core1", "systemd-run", "--unit=listener", "python3", "-c", LISTENER)
    yield
    on("core1", "systemctl", "stop", "listener")


def test_a_taken_port(cluster: None, listener: None) -> None:
    def change(groups: Groups) -> None:
        groups["coreapp"]["hosts"]["core1"]["wabiz_coreapp_instances"] = 2

    refused(
        "core1: port 6258, needed by wabiz-coreapp-2, is in use by another process.*change wabiz_coreapp_port",
        inventory=variant("taken-port", change),
    )


def test_an_image_that_does_not_exist(cluster: None) -> None:
    refused(
        "core3.*image registry.lab.test:5000/coreapp:v9.9.9 is not available: .*Check wabiz_registry and wabiz_version",
        "web1.*image registry.lab.test:5000/web:v9.9.9 is not available",
        extra_vars={"wabiz_version": "9.9.9"},
    )


def test_another_version_on_a_live_cluster(cluster: None) -> None:
    refused(
        "core2.*runs version 2.57.2, wabiz_version is 2.55.1.*upgrade.yml, or set wabiz_version to 2.57.2",
        extra_vars={"wabiz_version": "2.55.1"},
    )


def test_several_findings_come_in_one_message(cluster: None) -> None:
    wrong = {"wabiz_shards": 3, "wabiz_api_key": "short", "wabiz_versoin": "1"}
    refused("wabiz_shards.*3", "wabiz_api_key.*12 to 128", "wabiz_versoin", extra_vars=wrong)
