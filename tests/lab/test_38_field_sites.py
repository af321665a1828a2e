"""Five sites with the settings of public files: converged, read back from the engine, run again, removed.

Together they use every setting of docs/containers.md, which says what of a compose file is which variable.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.lab import another_site, field_sites
from tests.lab.conftest import OUR_NODES
from tests.lab.field_sites import NODES, SITES, WEB, bindings, environment, inspected, mounts, run
from tests.lab.hosts import CLUSTER, HOSTS, address, containers, on
from tests.lab.play import play
from tests.support.tunnel import Tunnel

pytestmark = pytest.mark.drill

Containers = dict[str, dict[str, Any]]


@pytest.fixture(scope="module", autouse=True)
def hosts(lab: object) -> Iterator[None]:
    """Hosts without the lab inventory's cluster, and with what the sites' hosts have."""
    if any(containers(host, *OUR_NODES) for host in HOSTS if host != "core3"):
        play("uninstall", extra_vars={"wabiz_uninstall_volumes": CLUSTER}).succeeded()
    field_sites.prepare()
    yield
    field_sites.clear()


@pytest.fixture(scope="module")
def proxy() -> Iterator[str]:
    with Tunnel(address) as tunnel:
        yield f"http://{another_site.machine()}:{tunnel.port}"


def bots(found: Containers) -> None:
    for container in found.values():
        networks = container["NetworkSettings"]["Networks"]
        assert networks.keys() == {"bots", "bot-bridge"}
        assert {"waweb", "wacore"} <= set(networks["bots"]["Aliases"])
        assert "whatsapp" in networks["bot-bridge"]["Aliases"]
        assert networks["bots"]["IPAddress"].startswith("192.168.214.")
        assert networks["bots"]["GlobalIPv6Address"].startswith("fd00:214:")
        assert [environment(container)[f"WA_DB_SSL_{name}"] for name in ("CA", "CERT", "KEY")] == ["", "", ""]
        log = container["HostConfig"]["LogConfig"]
        assert (log["Type"], log["Config"]["compress"]) == ("local", "false")
    assert on(WEB, "docker", "network", "ls", "--filter=label=org.wabiz.cluster", "--format={{.Name}}") == "bots"


def compose(found: Containers) -> None:
    sizes = {"webapp-1": (600, 512), "master-1": (1100, 1024), "coreapp-1": (1100, 1024)}
    for name, container in found.items():
        told = container["HostConfig"]
        assert (told["Memory"] // 2**20, told["MemoryReservation"] // 2**20) == sizes[name]
        assert told["NanoCpus"] == 1_500_000_000
        assert {(one["Name"], one["Soft"], one["Hard"]) for one in told["Ulimits"]} == {
            ("nofile", 16384, 16384),
            ("nproc", 8192, 8192),
        }
        assert told["RestartPolicy"]["Name"] == "always"
        assert told["LogConfig"]["Config"] == {"max-size": "20m", "max-file": "4"}
        places = mounts(container)
        assert places["/usr/local/waent/data"][0] == "whatsappData"
        assert places["/usr/local/wamedia"][0] == "whatsappMedia"
    assert bindings(found["webapp-1"])["443/tcp"] == ["0.0.0.0:9090", "0.0.0.0:9443"]


def hardened(found: Containers) -> None:
    for name, container in found.items():
        told = container["HostConfig"]
        assert told["SecurityOpt"] == ["no-new-privileges"]
        assert set(told["CapDrop"]) == {"MKNOD", "NET_RAW", "SYS_CHROOT"}
        assert told["PidsLimit"] == 2000
        published = {one.rpartition(":")[0] for bound in bindings(container).values() for one in bound}
        assert published == {address(WEB if name.startswith("webapp") else NODES)}
        assert mounts(container)["/opt/certs"] == ("/srv/field-certificates", False)
        assert container["Config"]["Healthcheck"]["Test"][0] == "CMD"
    assert found["coreapp-1"]["Config"]["Cmd"][:2] == ["/bin/sh", "-c"]
    assert found["master-1"]["Config"]["Cmd"][0] == "/opt/whatsapp/bin/wait_on_mysql.sh"
    assert environment(found["webapp-1"])["WA_WEB_SERVERNAME"] == "whatsapp.bank.example"
    assert on(NODES, "sh", "-c", "ls -d /run/wabiz-hardened-login 2> /dev/null || true") == ""


def storage(found: Containers) -> None:
    for container in found.values():
        places = mounts(container)
        assert places["/usr/local/wamedia"][0] == "/srv/wabiz-media-export/storage"
        assert places["/usr/local/waent/data"] == ("/srv/field-data", True)
        assert places["/opt/extra"] == ("/srv/field-extra", False)
        assert places["/opt/archive"][0] == "storage-archive"
        assert "/opt/scratch" in places
        assert environment(container)["WA_CONFIG_ON_DB"] == "0"
    assert environment(found["webapp-1"])["WA_DB_PERSISTENT"] == "1"
    volume = on(NODES, "docker", "volume", "inspect", "--format={{.Options.type}}", "storage-archive")
    assert volume == "tmpfs"


def telecom(found: Containers) -> None:
    ports = {
        "webapp-1": [18443],
        "master-1": [17000, 17010, 17020, 17030],
        "coreapp-1": [16000, 16100, 16200, 16300],
        "coreapp-2": [16001, 16101, 16201, 16301],
    }
    for name, container in found.items():
        told, env = container["HostConfig"], environment(container)
        bound = [
            int(one.rpartition(":")[2]) for _inner, places in sorted(bindings(container).items()) for one in places
        ]
        assert bound == ports[name]
        own = "WEBAPP_EXTERNAL_PORTS" if name == "webapp-1" else "COREAPP_EXTERNAL_PORTS"
        assert env[own] == ",".join(map(str, ports[name]))
        assert told["DnsSearch"] == ["telecom.example"]
        assert told["DnsOptions"] == ["timeout:2"]
        assert len(told["Dns"]) == 1
        assert told["LogConfig"] == {"Type": "journald", "Config": {"tag": "whatsapp/{{.Name}}"}}
        assert (env["HTTPS_PROXY"], env["TZ"]) == ("", "UTC")
        assert "crm.telecom.example:10.99.1.2" in told["ExtraHosts"]


READ_BACK: dict[str, Callable[[Containers], None]] = {
    "bots": bots,
    "compose": compose,
    "hardened": hardened,
    "storage": storage,
    "telecom": telecom,
}


@pytest.mark.parametrize("site", SITES)
def test_a_site_of_the_field(site: str, proxy: str) -> None:
    """What an unrelated change does to the containers: nothing."""
    known = {"field_proxy": proxy}
    try:
        run(site, "site", **known).succeeded()
        found = inspected(site)
        assert found
        READ_BACK[site](found)
        assert run(site, "site", **known).succeeded().changed == set()
        unrelated = {"wabiz_log_cleanup_schedule": {"hour": "5"}, "wabiz_verify_timeout": 170}
        changed = run(site, "site", **known, **unrelated).succeeded().changed
        assert {resource.partition(" ")[0] for _host, resource in changed} == {"copy"}
        after = inspected(site)
        assert {name: one["State"]["StartedAt"] for name, one in after.items()} == {
            name: one["State"]["StartedAt"] for name, one in found.items()
        }
    finally:
        run(site, "uninstall", wabiz_uninstall_volumes=site, **known).succeeded()
    assert inspected(site) == {}


def test_an_option_that_is_no_longer_wanted_is_taken_back(proxy: str) -> None:
    """Docker's module compares only what it is given; check mode names the containers all the same."""
    try:
        run("compose", "site").succeeded()
        less: dict[str, Any] = {"wabiz_ulimits": [], "wabiz_memory": {}}
        announced = run("compose", "site", "--check", **less).succeeded().changed
        assert {resource for _host, resource in announced if resource.startswith("container")} == {
            f"container compose-{name}" for name in ("webapp-1", "master-1", "coreapp-1")
        }
        run("compose", "site", wabiz_require_ha=False, **less).succeeded()
        for container in inspected("compose").values():
            assert not container["HostConfig"]["Ulimits"]
            assert container["HostConfig"]["Memory"] == 0
    finally:
        run("compose", "uninstall", wabiz_uninstall_volumes="compose").succeeded()
