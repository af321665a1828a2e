# Copyright: (c) 2026, wabiz.onprem contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every kind of share, and each state of it that is wrong: one finding with its host."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.wabiz.onprem.plugins.module_utils._model.inventory import Inventory
from ansible_collections.wabiz.onprem.plugins.module_utils._rules import media_faults
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.findings import Finding
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.preflight import media
from ansible_collections.wabiz.onprem.plugins.module_utils._settings.reading import read
from ansible_collections.wabiz.onprem.plugins.plugin_utils.declared import declared

READABLE = [
    variable
    for variable in declared().read_by("site")
    if variable.name.startswith("wabiz_media_") or variable.name in ("wabiz_cluster_name", "wabiz_minimum_disk_gb")
]
NFS = {"type": "nfs", "o": "addr=nas,nfsvers=4.2", "device": ":/wa"}
SHARE = {"point": "/media", "fstype": "nfs4", "source": "nas:/wa", "device": "0:42"}


def inventory(*hosts: str, **values: Any) -> Inventory:
    names = hosts or ("web1", "core1")
    settings = {}
    for host in names:
        found = read(host, declared(), READABLE, values, values.__getitem__)
        assert found.findings == []
        settings[host] = found.values
    groups = {service: list(names) for service in ("webapp", "master", "coreapp")}
    return Inventory({**groups, "database": [], "loadbalancer": []}, settings, groups)


def volume(driver: str = "local", **options: str) -> dict[str, Any]:
    return {"volumes": [{"name": "wabiz-media", "cluster": "wabiz", "driver": driver, "options": options}]}


def report(**values: Any) -> dict[str, Any]:
    return {"containers": [], "volumes": [], "mounts": {}, **values}


def share(**values: Any) -> dict[str, Any]:
    return {"media": {"path": "/media", "problem": "", "mount": SHARE, "modes": {}, "free": 90e9, **values}}


def told(findings: Any) -> list[tuple[str, bool]]:
    return [(str(finding), finding.fatal) for finding in findings]


# --- settings that do not go with each other --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "words", "fatal"),
    [
        ({"wabiz_media_source": "nas:/wa"}, "variable wabiz_media_source: is set, but wabiz_media_path is not", True),
        ({"wabiz_media_mount_point": "/mnt"}, "variable wabiz_media_mount_point: is set, but", True),
        ({"wabiz_media_path": "/mnt2/wa", "wabiz_media_mount_point": "/mnt"}, "(/mnt2/wa) is not below it", True),
        ({"wabiz_media_path": "/m", "wabiz_media_volume_options": NFS}, "is not used, as the media are in", False),
        ({"wabiz_media_volume_options": {"type": "nfs", "o": "addr=nas"}}, "names no device", True),
    ],
)
def test_settings_that_contradict_each_other(values: dict[str, Any], words: str, fatal: bool) -> None:
    (found,) = told(media.kinds(inventory("web1", **values)))
    assert found[0].startswith("web1, ")
    assert words in found[0]
    assert found[1] is fatal


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"wabiz_media_volume": "existing"},
        {"wabiz_media_volume_options": NFS},
        {"wabiz_media_volume_driver": "acme/shared", "wabiz_media_volume_options": {"size": "5"}},
        {"wabiz_media_path": "/m", "wabiz_media_require_mount": "false"},
        {"wabiz_media_path": "/m", "wabiz_media_source": "nas:/wa", "wabiz_media_options": "nfsvers=3,hard"},
        {"wabiz_media_path": "/mnt/share/wa", "wabiz_media_mount_point": "/mnt/share"},
        {"wabiz_media_path": "/mnt/share", "wabiz_media_mount_point": "/mnt/share"},
    ],
)
def test_each_kind_of_share_is_expressible(values: dict[str, Any]) -> None:
    assert told(media.kinds(inventory(**values))) == []


# --- volumes ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("there", "differing"),
    [
        (NFS, ""),
        ({**NFS, "o": "addr=nas2,nfsvers=4.2"}, "differs in o"),
        ({"type": "nfs", "device": ":/wa"}, "differs in o"),
        ({**NFS, "more": "x"}, "differs in more"),
        ({}, "differs in device, o, type"),
    ],
)
def test_a_volume_that_exists_with_other_options(there: dict[str, str], differing: str) -> None:
    wanted = inventory("web1", wabiz_media_volume_options=NFS)
    found = told(media.volume(wanted, "web1", report(**volume(**there))))
    assert len(found) == bool(differing)
    assert all(differing in text and fatal for text, fatal in found)


def test_a_volume_with_another_driver_and_one_that_is_still_to_be_made() -> None:
    wanted = inventory("web1", wabiz_media_volume_driver="acme")
    (found,) = told(media.volume(wanted, "web1", report(**volume())))
    assert "volume wabiz-media exists and differs in driver" in found[0]
    assert told(media.volume(wanted, "web1", report())) == []
    # Of the site's own nothing is wanted but its name.
    assert told(media.volume(inventory("web1"), "web1", report(**volume(**NFS)))) == []


def test_a_password_among_the_options_is_neither_compared_nor_shown() -> None:
    given = {"type": "cifs", "device": "//nas/wa", "o": "username=wa,password=Canary-of-the-share"}
    masked = {**given, "o": "username=wa,password=********"}
    wanted = inventory("web1", wabiz_media_volume_options=given)
    assert told(media.volume(wanted, "web1", report(**volume(**masked)))) == []
    (found,) = told(media.volume(wanted, "web1", report(**volume(**{**masked, "device": "//old/wa"}))))
    assert "Canary" not in found[0]


# --- several hosts ----------------------------------------------------------------------------------------------------


def shared(hosts: tuple[str, ...] = (), reports: dict[str, Any] | None = None, **values: Any) -> list[tuple[str, bool]]:
    wanted = inventory(*hosts, **values)
    return told(media.shared(wanted, reports or {host: report() for host in wanted.hosts}))


def test_hosts_without_a_share_are_a_warning_or_refused_as_the_site_wants_it() -> None:
    (found,) = shared()
    assert found[0].startswith("web1, core1: the media are in a volume that each host has for itself")
    assert not found[1]
    assert shared(wabiz_media_shared=True)[0][1]
    assert shared(wabiz_media_shared=False) == []
    assert shared(("single",)) == []


@pytest.mark.parametrize(
    "values",
    [
        {"wabiz_media_volume_options": NFS},
        {"wabiz_media_volume_driver": "acme"},
        {"wabiz_media_path": "/media", "wabiz_media_source": "nas:/wa"},
        {"wabiz_media_path": "/media", "wabiz_media_require_mount": False},
    ],
)
def test_kinds_that_hosts_share(values: dict[str, Any]) -> None:
    assert shared(**values, wabiz_media_shared=True) == []


def test_what_an_existing_volume_is_counts() -> None:
    reports = {"web1": report(**volume(**NFS)), "core1": report(**volume())}
    (found,) = shared(reports=reports, wabiz_media_shared=True)
    assert found[0].startswith("core1: ")
    memory = volume(type="tmpfs", device="tmpfs", o="size=8m")
    assert shared(reports={"web1": report(**memory), "core1": report(**memory)}, wabiz_media_shared=True)
    # What is below a directory of the host, the probe tells.
    bound = volume(type="none", o="bind", device="/mnt/share")
    assert shared(reports={"web1": report(**bound), "core1": report(**bound)}, wabiz_media_shared=True) == []


def test_hosts_with_different_shares() -> None:
    other = {**SHARE, "source": "nas2:/wa"}
    reports = {"web1": report(**share()), "core1": report(**share(mount=other))}
    (found,) = shared(reports=reports, wabiz_media_path="/media")
    assert "nfs4 nas:/wa on web1; nfs4 nas2:/wa on core1" in found[0]
    assert not found[1]
    # Disks of their own may have any name.
    disks = {host: report(**share(mount={**SHARE, "fstype": "ext4", "source": f"/dev/{host}"})) for host in reports}
    assert shared(reports=disks, wabiz_media_path="/media") == []


# --- one host ---------------------------------------------------------------------------------------------------------


def judged(**values: Any) -> list[Finding]:
    wanted = inventory("web1", wabiz_media_path="/media", wabiz_minimum_disk_gb=5)
    return list(media.directory(wanted, "web1", report(**{"mounts": {"/media": True}, **share(), **values})))


def test_a_share_that_is_well() -> None:
    assert judged() == []


@pytest.mark.parametrize(
    ("values", "words", "fatal"),
    [
        (share(problem="no answer within 5 s"), "/media (nfs4 nas:/wa) does not answer: no answer within 5 s", True),
        (share(problem="Stale file handle"), "does not answer: Stale file handle", True),
        ({"mounts": {"/media": False}}, "nothing is mounted at /media", True),
        (share(free=2e9), "has 2.0 GB free for media (/media)", False),
        (share(free=0), "has 0.0 GB free for media (/media)", False),
    ],
)
def test_a_share_that_is_not(values: dict[str, Any], words: str, fatal: bool) -> None:
    (found,) = judged(**values)
    assert found.where == "web1"
    assert words in str(found)
    assert found.fatal is fatal


def test_a_share_that_role_media_is_going_to_mount() -> None:
    wanted = inventory("web1", wabiz_media_path="/media", wabiz_media_source="nas:/wa")
    assert list(media.directory(wanted, "web1", report(mounts={"/media": False}, **share(modes={}, free=None)))) == []


@pytest.mark.parametrize("source", [None, "nas:/wa"])
def test_a_mount_point_that_is_a_link(source: str | None) -> None:
    """The kernel's table has no links: nothing would ever be found mounted there."""
    wanted = inventory(
        "web1", wabiz_media_path="/media/wa", wabiz_media_mount_point="/media", wabiz_media_source=source
    )
    there = report(mounts={"/media": False}, links={"/media": "/data/media"})
    (found,) = told(media.directory(wanted, "web1", there))
    assert found[0].startswith("web1: /media goes through a link and is /data/media")
    assert "Write /data/media in wabiz_media_mount_point" in found[0]
    assert found[1]


def mount(fstype: str, source: str, point: str = "/media") -> dict[str, str]:
    return {**SHARE, "fstype": fstype, "source": source, "point": point}


@pytest.mark.parametrize(
    ("fstype", "source", "there", "refused"),
    [
        ("nfs", "nas:/wa", SHARE, False),
        ("nfs", "NAS://wa/", SHARE, False),
        ("nfs", "[fd00::1]:/wa", mount("nfs4", "[fd00::1]:/wa"), False),
        ("nfs", "nas2:/wa", SHARE, True),
        ("nfs", "nas:/WA", SHARE, True),
        ("cifs", "\\\\NAS\\Wa", mount("cifs", "//nas/wa"), False),
        ("smb3", "//nas/wa/", mount("cifs", "//nas/wa"), False),
        ("cifs", "//nas2/wa", mount("cifs", "//nas/wa"), True),
        ("cifs", "//nas/wa2", mount("cifs", "//nas/wa"), True),
        # By which of its servers a share is reached is not compared.
        ("ceph", "mon1,mon2:/wa", mount("ceph", "10.0.0.1:6789,10.0.0.2:6789:/wa/"), False),
        ("ceph", "wabiz@.files=/wa", mount("ceph", "10.0.0.1:6789:/wa"), False),
        ("ceph", "mon1:/wa2", mount("ceph", "10.0.0.1:6789:/wa"), True),
        ("glusterfs", "gfs1,gfs2:wa", mount("fuse.glusterfs", "gfs1:/wa"), False),
        ("glusterfs", "gfs1:/wa2", mount("fuse.glusterfs", "gfs1:/wa"), True),
        ("lustre", "mgs@tcp:/wa", mount("lustre", "10.0.0.1@tcp:/wa"), False),
        ("virtiofs", "wa", mount("virtiofs", "wa"), False),
        ("virtiofs", "wa2", mount("virtiofs", "wa"), True),
        # A disk of the host, or another kind of share.
        ("nfs", "nas:/wa", mount("ext4", "/dev/vdb"), True),
        ("cifs", "//nas/wa", SHARE, True),
        # What stands for what is not known of others, nor what is mounted above, or has yet to be mounted on demand.
        ("ext4", "UUID=1", mount("ext4", "/dev/vdb"), False),
        ("fuse.s3fs", "bucket", mount("fuse.s3fs", "s3fs"), False),
        ("none", "/srv/other", mount("ext4", "/dev/vdb"), False),
        ("nfs", "nas2:/wa", mount("nfs4", "nas:/wa", point="/"), False),
        ("nfs", "nas:/wa", mount("autofs", "systemd-1"), False),
    ],
)
def test_another_share_that_is_mounted(fstype: str, source: str, there: dict[str, str], refused: bool) -> None:
    """With a new source in /etc/fstab nothing changes until the next boot."""
    wanted = inventory("web1", wabiz_media_path="/media", wabiz_media_source=source, wabiz_media_fstype=fstype)
    found = told(media.directory(wanted, "web1", report(mounts={"/media": True}, **share(mount=there))))
    assert [fatal for _text, fatal in found] == [True] * refused
    mounted = f"{there['source']} ({there['fstype']}) is mounted at /media"
    assert all(f"variable wabiz_media_source: is {source}, and {mounted}" in text for text, _ in found)


def test_a_program_that_mounts_nfs_under_a_name_of_its_own() -> None:
    """As that of EFS does with TLS: the kernel's server is a process of the host."""
    wanted = inventory(
        "web1", wabiz_media_path="/media", wabiz_media_source="fs-0123456789abcdef0:/", wabiz_media_fstype="efs"
    )
    mounted = report(mounts={"/media": True}, **share(mount={**SHARE, "source": "127.0.0.1:/"}))
    assert told(media.directory(wanted, "web1", mounted)) == []


def of_the_role(**values: Any) -> Inventory:
    """Role media in a play of its own, on a host that no group of the cluster names."""
    found = inventory("new1", wabiz_media_path="/media", **values)
    return replace(found, groups={**{group: [] for group in found.groups}, "media": ["new1"]})


def test_a_host_that_the_role_is_used_for_alone_is_judged_as_a_nodes_host() -> None:
    assert of_the_role().mount_points("new1") == of_the_role().media("new1") == ["/media"]
    (unmounted,) = told(media.directory(of_the_role(), "new1", report(mounts={"/media": False})))
    assert unmounted[0].startswith("new1: nothing is mounted at /media") and unmounted[1]
    mounted = report(mounts={"/media": True}, **share())
    (other,) = told(media.directory(of_the_role(wabiz_media_source="nas2:/wa"), "new1", mounted))
    assert "is nas2:/wa, and nas:/wa (nfs4) is mounted at /media" in other[0]
    (outside,) = told(media.kinds(of_the_role(wabiz_media_mount_point="/mnt")))
    assert "(/media) is not below it" in outside[0]


def test_the_limit_is_that_of_the_host() -> None:
    wanted = inventory("web1", "core1", wabiz_media_path="/media", wabiz_minimum_disk_gb=5)
    wanted.variables["core1"]["minimum_disk_gb"] = 1.0
    found = [told(media.directory(wanted, host, report(**share(free=2e9)))) for host in ("web1", "core1")]
    assert [len(lines) for lines in found] == [1, 0]


def test_a_host_without_nodes_has_no_media() -> None:
    wanted = inventory("web1", wabiz_media_path="/media")
    wanted.variables["db1"] = wanted.variables["web1"]
    assert list(media.directory(wanted, "db1", report(mounts={"/media": False}))) == []


def node(name: str, device: str, **values: Any) -> dict[str, Any]:
    seen = {"fstype": "ext4", "source": "/dev/vda1", "device": device} if device else {}
    return {"name": name, "cluster": "wabiz", "node": "webapp", "running": True, "media": seen, **values}


def test_containers_below_the_mount_are_found() -> None:
    containers = [
        node("good", "0:42"),
        node("below", "8:1"),
        node("unknown", ""),
        node("stopped", "8:1", running=False),
        node("theirs", "8:1", cluster="other"),
        node("server", "8:1", node=""),
    ]
    (found,) = judged(containers=containers)
    assert str(found).startswith("web1: below had started before the share was mounted at /media")
    assert not found.fatal
    (critical,) = media_faults.below(
        "web1", "wabiz", report(mounts={"/media": True}, containers=containers, **share()), fatal=True
    )
    assert critical.fatal


def test_where_nothing_need_be_mounted_no_container_is_below() -> None:
    assert judged(mounts={}, containers=[node("any", "8:1")]) == []
