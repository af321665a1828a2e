"""A real NFS: a server and two hosts with an engine, each a machine of its own, which freeze, reboot and refuse.

A drill of about an hour on two cores, most of it emulation. build/nfs/report.md has its figures, for docs/media.md.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from standin.build import name as image_name
from tests.nfs import machines
from tests.nfs.machines import HOSTS, PORT, SERVER, Machine, address, loopback
from tests.support.paths import BUILD, ROOT
from tests.support.playbook import PlaybookRun, run_playbook
from tests.support.waiting import wait_for

pytestmark = [pytest.mark.drill, pytest.mark.docker]

DIRECTORY = BUILD / "nfs"
IMAGE = image_name("coreapp", "2.57.2")
MEDIA, EXPORT = "/srv/wabiz-media", "/srv/export"
SERVICES = {"h1": "webapp", "h2": "coreapp"}
CONTAINERS = {host: f"wabiz-{service}-1" for host, service in SERVICES.items()}
# Longer than any look at a share may take on emulated machines: each is given 5 or 15 seconds.
PATIENCE = 180.0
Site = dict[str, Machine]


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    """The machines; the hosts have the image."""
    made = machines.make(DIRECTORY)
    report = DIRECTORY / "report.md"
    report.write_text("| state | what is found | seconds |\n|---|---|---|\n", encoding="utf-8")
    try:
        for machine in made.values():
            machine.start()
        for host in HOSTS:
            machines.load(made[host], IMAGE)
            assert made[host].done("test -e /sys/fs/cgroup/cgroup.controllers"), "no cgroup v2"
        made[SERVER].run(f"mkdir -p {EXPORT}")
        yield made
    finally:
        for machine in made.values():
            machine.kill()
        print(report.read_text(encoding="utf-8"))


def note(state: str, found: str, seconds: float) -> None:
    with (DIRECTORY / "report.md").open("a", encoding="utf-8") as report:
        report.write(f"| {state} | {found} | {seconds:.0f} |\n")


def inventory() -> Path:
    """The two hosts, as their site has them in its inventory."""
    common = {
        "ansible_user": "root",
        "ansible_port": PORT,
        "ansible_ssh_private_key_file": str(DIRECTORY / "key"),
        "ansible_ssh_common_args": "-o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null",
        "ansible_python_interpreter": "/usr/bin/python3",
        "image": IMAGE,
        "wabiz_media_path": MEDIA,
        "wabiz_media_shared": True,
        "wabiz_minimum_disk_gb": 0,
        "wabiz_webapp_instances": 1,
    }
    hosts = {
        host: {"ansible_host": loopback(host), "wabiz_external_hostname": address(host), "service": service}
        for host, service in SERVICES.items()
    }
    groups = {service: {"hosts": {host: hosts[host]}} for host, service in SERVICES.items()}
    file = DIRECTORY / "hosts.yml"
    file.write_text(yaml.safe_dump({"all": {"vars": common, "children": groups}}), encoding="utf-8")
    return file


def given(version: str = "4.2", **more: Any) -> dict[str, Any]:
    """The variables of a share."""
    return {
        "wabiz_media_source": f"{address(SERVER)}:{EXPORT}",
        "wabiz_media_options": f"nfsvers={version},hard,timeo=50,retrans=2,_netdev",
        **more,
    }


def play(playbook: str, variables: dict[str, Any], *arguments: str) -> PlaybookRun:
    return run_playbook(ROOT / playbook, inventory=inventory(), extra_vars=variables, arguments=list(arguments))


def export(site: Site, squash: str, owner: str = "root") -> None:
    """Export the directory, which belongs to a user of the server, with or without a root of the hosts."""
    line = f"{EXPORT} {machines.SUBNET}.0/24(rw,sync,no_subtree_check,{squash})"
    site[SERVER].run(f"echo '{line}' > /etc/exports; chown {owner} {EXPORT}; chmod 755 {EXPORT}; exportfs -ra")


def verified(variables: dict[str, Any]) -> tuple[dict[str, list[str]], float]:
    """What verify.yml finds about the media, by host, and how long it took."""
    file = DIRECTORY / "verify.json"
    file.unlink(missing_ok=True)
    run = play("playbooks/verify.yml", {**variables, "wabiz_verify_file": str(file)})
    assert file.exists(), run.output
    found: dict[str, list[str]] = {}
    for one in json.loads(file.read_text(encoding="utf-8"))["findings"]:
        if "media" in one["problem"] or MEDIA in one["problem"]:
            for host in one["where"].split(", "):
                found.setdefault(host, []).append(one["problem"])
    return found, run.seconds


def well(variables: dict[str, Any]) -> bool:
    return verified(variables)[0] == {}


def beneath(host: Machine) -> str:
    """What is in the directory below the mount point; nothing may ever be."""
    return host.run(f"mkdir -p /run/bare && mount --bind / /run/bare && ls -A /run/bare{MEDIA}; umount /run/bare")


def cleared(site: Site) -> None:
    """Hosts as before the first run."""
    for host in HOSTS:
        site[host].run(
            f"docker rm --force {CONTAINERS[host]}; umount {MEDIA}; sed -i '\\#{MEDIA}#d' /etc/fstab;"
            "rm -f /etc/systemd/system/docker.service.d/wabiz-*; systemctl daemon-reload; true"
        )


@pytest.fixture(scope="module")
def share(site: Site) -> Iterator[dict[str, Any]]:
    """NFS 4.2 without squash, mounted on both hosts; each test leaves it well."""
    export(site, "no_root_squash")
    variables = given()
    play("tests/nfs/share.yml", variables).succeeded()
    assert well(variables)
    yield variables
    cleared(site)


@pytest.mark.parametrize("version", ["3", "4.2"])
@pytest.mark.parametrize("squash", ["no_root_squash", "root_squash"])
def test_a_version_with_and_without_root(site: Site, version: str, squash: str) -> None:
    """With root_squash the directory belongs to the user that root becomes, and its mode is the server's."""
    squashed = squash == "root_squash"
    export(site, squash, owner="65534" if squashed else "root")
    variables = given(version, wabiz_media_set_mode=not squashed)
    try:
        play("tests/nfs/share.yml", variables).succeeded()
        assert play("tests/nfs/share.yml", variables).succeeded().changed == set()
        for host in HOSTS:
            options = site[host].run(f"findmnt --noheadings --output=OPTIONS {MEDIA}").split(",")
            assert f"vers={version}" in options
            waits = site[host].run("systemctl show --property=RequiresMountsFor --value docker.service").split()
            assert MEDIA in waits
        found, seconds = verified(variables)
        assert found == {}
        assert site[SERVER].run(f"ls -A {EXPORT}") == ""
        note(f"NFS {version}, {squash}", "nothing", seconds)
    finally:
        cleared(site)


def test_a_server_that_does_not_let_root_write(site: Site) -> None:
    export(site, "root_squash")
    variables = given(wabiz_media_set_mode=False)
    try:
        play("tests/nfs/share.yml", variables).succeeded()
        found, seconds = verified(variables)
        assert found.keys() == set(HOSTS)
        assert all("root_squash" in problem for problems in found.values() for problem in problems)
        note("root_squash, directory of root", found["h1"][0], seconds)
    finally:
        cleared(site)


def test_a_server_that_is_frozen_holds_nothing_up(site: Site, share: dict[str, Any]) -> None:
    site[SERVER].freeze()
    try:
        found, seconds = verified(share)
        assert found.keys() == set(HOSTS)
        assert all("does not answer" in problem for problems in found.values() for problem in problems)
        assert seconds < PATIENCE
        note("server frozen, verify.yml", found["h1"][0], seconds)
        for verb, arguments in (("status", []), ("uninstall", ["--check"])):
            run = play(f"playbooks/{verb}.yml", share, *arguments)
            assert run.seconds < PATIENCE, verb
            note(f"server frozen, {verb}.yml", "ends", run.seconds)
    finally:
        site[SERVER].thaw()
    wait_for("the share", lambda: well(share), 300, 5.0)


def test_a_server_that_reboots_in_the_middle_of_a_write(site: Site, share: dict[str, Any]) -> None:
    """A hard mount waits for it, and the file is whole."""
    write = "dd if=/dev/zero of=/usr/local/wamedia/large bs=64k count=400 oflag=sync && touch /tmp/written"
    site["h1"].run(f"docker exec --detach {CONTAINERS['h1']} sh -c '{write}'")
    site[SERVER].run(f"until [ -s {EXPORT}/large ]; do sleep 0.2; done")
    began = time.monotonic()
    site[SERVER].reboot()
    wait_for("the write", lambda: site["h1"].done(f"docker exec {CONTAINERS['h1']} test -e /tmp/written"), 600, 5.0)
    assert site["h2"].run(f"stat --format=%s {MEDIA}/large") == str(400 * 64 * 1024)
    note("server rebooted while a container writes", "the write continues", time.monotonic() - began)
    assert well(share)
    site["h1"].run(f"rm {MEDIA}/large")


def test_a_host_that_reboots_mounts_before_docker_starts(site: Site, share: dict[str, Any]) -> None:
    began = time.monotonic()
    site["h1"].reboot()
    wait_for("the container", lambda: site["h1"].done(f"docker exec {CONTAINERS['h1']} true"), 300, 3.0)
    seconds = time.monotonic() - began
    assert well(share)
    assert beneath(site["h1"]) == ""
    note("host rebooted", "its container is on the share", seconds)


def test_a_host_that_boots_without_the_server_starts_no_container(site: Site, share: dict[str, Any]) -> None:
    """Docker does not start, so nothing is written below the mount point; it is started once the server is back."""
    site[SERVER].freeze()
    try:
        site["h1"].reboot()
        failed = "systemctl show --property=Result --value srv-wabiz\\\\x2dmedia.mount | grep -qv success"
        wait_for("the mount to fail", lambda: site["h1"].done(failed), 300, 5.0)
        assert not site["h1"].done("systemctl is-active --quiet docker.service")
        assert beneath(site["h1"]) == ""
        found, seconds = verified(share)
        note("host booted without the server", "; ".join(found.get("h1", ["Docker does not run"])), seconds)
    finally:
        site[SERVER].thaw()
    site["h1"].run("systemctl start docker.service")
    wait_for("the container", lambda: site["h1"].done(f"docker exec {CONTAINERS['h1']} true"), 300, 3.0)
    wait_for("the share", lambda: well(share), 300, 5.0)
    assert beneath(site["h1"]) == ""


def test_a_container_below_the_mount_point_is_found(site: Site, share: dict[str, Any]) -> None:
    """Without the order that Docker keeps: it was started by hand while nothing was mounted."""
    host = site["h2"]
    host.run(f"docker stop {CONTAINERS['h2']}; umount {MEDIA}; docker start {CONTAINERS['h2']}")
    found, seconds = verified(share)
    assert any("nothing is mounted" in problem for problem in found["h2"])
    assert any("do not see each other's media" in problem for problem in found["h2"])
    note("share unmounted on one host, container restarted", "; ".join(found["h2"]), seconds)
    host.run(f"mount {MEDIA}")
    found, _seconds = verified(share)
    assert any("had started before the share was mounted" in problem for problem in found["h2"])
    host.run(f"docker restart {CONTAINERS['h2']}")
    assert well(share)
