"""Every kind of share on the lab's hosts, and what is wrong with one; the Molecule scenario media runs it.

One small cluster after the other, with a webapp on one host, a master and a coreapp on another. The lab's hosts have
one directory together, which stands for a server: the kernel need not know NFS. What NFS does, tests/nfs tells.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tests.lab.hosts import each, on, shell
from tests.lab.inventories import Groups, variant
from tests.lab.play import play
from tests.support.playbook import PlaybookRun
from tests.support.waiting import wait_for

CLUSTER = "kinds"
WEB, CORE, SERVER = "web1", "core1", "db1"
NODES = {WEB: "kinds-webapp-1", CORE: "kinds-coreapp-1"}
ROOT = "/srv/wabiz-media-export"
SHARE = f"{ROOT}/kinds"
MOUNTED = "/srv/kinds"
PLACE = "/usr/local/wamedia"
THEIRS = "kinds-theirs"
DROP_IN = f"/etc/systemd/system/docker.service.d/wabiz-{CLUSTER}-media.conf"
BOUND = {"type": "none", "o": "bind", "device": f"{SHARE}/volume"}
COMMON: dict[str, Any] = {
    "wabiz_cluster_name": CLUSTER,
    "wabiz_require_ha": False,
    "wabiz_media_shared": True,
    "wabiz_phone_cc": "",
    "wabiz_phone_number": "",
}
Variables = dict[str, Any]


def inventory() -> Path:
    """Write the inventory of the small cluster and return its path."""

    def change(groups: Groups) -> None:
        groups.clear()
        hosts = {"database": SERVER, "webapp": WEB, "master": CORE, "coreapp": CORE}
        groups.update({group: {"hosts": {host: {}}} for group, host in hosts.items()})

    return variant("media-kinds", change)


def run(verb: str, given: Variables, *arguments: str) -> PlaybookRun:
    """Run a playbook on the small cluster."""
    return play(verb, *arguments, inventory=inventory(), extra_vars={**COMMON, **given})


def inspected(host: str, *what: str) -> Any:
    return json.loads(on(host, "docker", *what))[0]


def mount(host: str) -> dict[str, Any]:
    """What the engine says of the media of a host's container."""
    found = inspected(host, "inspect", NODES[host])["Mounts"]
    (media,) = [one for one in found if one["Destination"] == PLACE]
    return dict(media)


def waits_for(host: str) -> list[str]:
    """The mounts without which systemd does not start Docker, among those that the kinds have."""
    said = on(host, "systemctl", "show", "--property=RequiresMountsFor", "--value", "docker.service").split()
    return [path for path in said if path in (MOUNTED, ROOT)]


def modes(*places: str) -> list[str]:
    return on(CORE, "stat", "--format=%a", *(f"{SHARE}/{place}" for place in places)).split()


def written_is_seen() -> None:
    """What the webapp's container writes the coreapp's sees on the other host, and no probe has left anything."""
    on(WEB, "docker", "exec", NODES[WEB], "touch", f"{PLACE}/from-web1")
    assert on(CORE, "docker", "exec", NODES[CORE], "ls", "-A", PLACE).split().count("from-web1") == 1
    assert ".wabiz-probe" not in on(CORE, "docker", "exec", NODES[CORE], "ls", "-A", PLACE)
    on(WEB, "docker", "exec", NODES[WEB], "rm", f"{PLACE}/from-web1")


# --- the kinds --------------------------------------------------------------------------------------------------------


def volume() -> None:
    """A volume that is made with a driver and its options; changed options are refused."""
    for host in NODES:
        made = inspected(host, "volume", "inspect", f"{CLUSTER}-media")
        assert (made["Driver"], made["Options"]) == ("local", BOUND)
        assert made["Labels"]["org.wabiz.cluster"] == CLUSTER
        assert mount(host)["Name"] == f"{CLUSTER}-media"
        assert waits_for(host) == []
    other = {**BOUND, "device": f"{SHARE}/bind"}
    refused = run("site", {"wabiz_media_path": "", "wabiz_media_volume_options": other}).failed()
    assert f"volume {CLUSTER}-media exists and differs in device" in refused.failures[0]["msg"]
    assert refused.changed == set()


def existing() -> None:
    """A volume that somebody else has made is used as it is."""
    for host in NODES:
        assert mount(host)["Name"] == THEIRS
        assert "org.wabiz.cluster" not in (inspected(host, "volume", "inspect", THEIRS)["Labels"] or {})


def bind() -> None:
    """A directory of which nothing is known."""
    for host in NODES:
        assert (mount(host)["Type"], mount(host)["Source"]) == ("bind", f"{SHARE}/bind")
        assert waits_for(host) == []
    killed_run()


def mounted() -> None:
    """A share that role media mounts, with the media below; modes of the client's directories, and nothing deeper."""
    for host in NODES:
        assert on(host, "findmnt", "--noheadings", "--output=TARGET", MOUNTED) == MOUNTED
        assert mount(host)["Source"] == f"{MOUNTED}/wa"
        assert waits_for(host) == [MOUNTED]
    # At its start the client itself has set them.
    on(CORE, "chmod", "700", f"{SHARE}/mounted/wa/incoming", f"{SHARE}/mounted/wa/incoming/deeper")
    given = KINDS["mounted"][1]
    planned = run("site", given, "--check").succeeded()
    assert f"mode 755 is set on {MOUNTED}/wa/incoming (700), not on what is deeper" in planned.stdout
    assert run("site", given).succeeded().changed
    assert modes("mounted/wa", "mounted/wa/incoming", "mounted/wa/incoming/deeper") == ["755", "755", "700"]
    other_options()
    wrong_states()


def other_options() -> None:
    """They are written for the next boot, and the mount stays as it is."""

    def mounts() -> dict[str, str]:
        return {host: on(host, "findmnt", "--noheadings", "--output=ID,OPTIONS", MOUNTED) for host in NODES}

    given, before = KINDS["mounted"][1], mounts()
    assert run("site", {**given, "wabiz_media_options": "bind,nodev"}).succeeded().changed
    assert mounts() == before
    for host in NODES:
        assert shell(host, f"grep {MOUNTED} /etc/fstab").split()[3] == "bind,nodev"
    run("site", given).succeeded()


def below() -> None:
    """A directory below somebody else's mount, whose mode is left alone."""
    for host in NODES:
        assert mount(host)["Source"] == f"{SHARE}/below"
        assert waits_for(host) == [ROOT]
    on(CORE, "chmod", "700", f"{SHARE}/below/incoming")
    assert run("site", KINDS["below"][1]).succeeded().changed == set()
    assert modes("below/incoming") == ["700"]


KINDS: dict[str, tuple[Callable[[], None], Variables]] = {
    "volume": (
        volume,
        {"wabiz_media_path": "", "wabiz_media_volume_driver": "local", "wabiz_media_volume_options": BOUND},
    ),
    "existing": (existing, {"wabiz_media_path": "", "wabiz_media_volume": THEIRS}),
    "bind": (bind, {"wabiz_media_path": f"{SHARE}/bind", "wabiz_media_require_mount": False}),
    "mounted": (
        mounted,
        {
            "wabiz_media_path": f"{MOUNTED}/wa",
            "wabiz_media_mount_point": MOUNTED,
            "wabiz_media_source": f"{SHARE}/mounted",
            "wabiz_media_fstype": "none",
            "wabiz_media_options": "bind",
        },
    ),
    "below": (
        below,
        {
            "wabiz_media_path": f"{SHARE}/below",
            "wabiz_media_mount_point": ROOT,
            "wabiz_media_set_mode": False,
        },
    ),
}
_PREPARE = f"""
set -eu
mkdir -p {SHARE}/volume {SHARE}/theirs {SHARE}/bind {SHARE}/mounted/wa/incoming/deeper {SHARE}/below
docker volume create --opt type=none --opt o=bind --opt device={SHARE}/theirs {THEIRS}
"""
_CLEAR = f"""
umount {MOUNTED} 2> /dev/null
sed --in-place '\\#{MOUNTED}#d' /etc/fstab
docker volume rm {THEIRS} 2> /dev/null
rm -rf {MOUNTED} {SHARE}
true
"""


def killed_run() -> None:
    """What a run leaves that is killed in the middle of its probe, the container removes."""

    def left() -> bool:
        return ".wabiz-probe" in on(CORE, "ls", "-A", f"{SHARE}/bind")

    run("../tests/lab/media_written", KINDS["bind"][1]).succeeded()
    assert left()
    wait_for("the container to remove it", lambda: not left(), 120, 2.0)


# --- what is wrong ----------------------------------------------------------------------------------------------------


def verified() -> list[dict[str, str]]:
    """The findings of verify.yml that are critical and about the media."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "verify.json"
        run("verify", {**KINDS["mounted"][1], "wabiz_verify_file": str(file)})
        found = json.loads(file.read_text(encoding="utf-8"))["findings"]
    return [
        one for one in found if one["level"] == "critical" and ("media" in one["problem"] or MOUNTED in one["problem"])
    ]


def wrong_states() -> None:
    """The share is gone from one host, and containers have started without it."""
    assert verified() == []
    on(CORE, "umount", MOUNTED)
    (missing,) = verified()
    assert (missing["where"], "nothing is mounted at" in missing["problem"]) == (CORE, True)
    refused = run("media_gc", KINDS["mounted"][1]).failed()
    assert f"{CORE}: nothing is mounted at {MOUNTED}" in refused.failures[-1]["msg"]
    assert refused.changed == set()
    # As after a reboot without the order that Docker keeps now.
    on(CORE, "mkdir", "-p", f"{MOUNTED}/wa")
    on(CORE, "docker", "restart", "kinds-master-1", NODES[CORE])
    apart = [one["problem"] for one in verified()]
    assert any("do not see each other's media" in problem for problem in apart), apart
    on(CORE, "mount", MOUNTED)
    found = [one["problem"] for one in verified() if one["where"] == CORE]
    assert any("had started before the share was mounted" in problem for problem in found), found
    on(CORE, "docker", "restart", "kinds-master-1", NODES[CORE])
    assert verified() == []


def hosts_without_a_share() -> None:
    """Volumes of their own are refused, as the site says that the media are shared."""
    refused = run("site", {"wabiz_media_path": ""}).failed()
    reason = refused.failures[0]["msg"]
    assert f"{WEB}, {CORE}: the media are in a volume that each host has for itself" in reason, reason
    assert refused.changed == set()


def main() -> None:
    """AssertionError for the first kind that is not as it should be."""
    clear()
    each(dict.fromkeys(NODES, _PREPARE))
    try:
        hosts_without_a_share()
        for name, (read_back, given) in KINDS.items():
            run("site", given).succeeded()
            read_back()
            written_is_seen()
            assert run("site", given).succeeded().changed == set(), name
            run("uninstall", {**given, "wabiz_uninstall_volumes": CLUSTER}).succeeded()
            for host in NODES:
                assert shell(host, f"ls {DROP_IN} 2> /dev/null || true") == "", name
            print(json.dumps({"kind": name}), flush=True)
    finally:
        clear()


def clear() -> None:
    """Remove the cluster and what was made for it."""
    run("uninstall", {"wabiz_uninstall_volumes": CLUSTER}).succeeded()
    each(dict.fromkeys(NODES, _CLEAR))


if __name__ == "__main__":
    main()
