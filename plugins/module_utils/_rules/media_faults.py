# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What may be wrong with the media of a host, by its settings and what M(wabiz.onprem.host_info) says. No I/O."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.wabiz.onprem.plugins.module_utils._model.media import (
    is_shared,
    media_volume,
    volume_is_shared,
)
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.findings import Finding
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.host_faults import little_room

Report = t.Mapping[str, t.Any]
Settings = t.Mapping[str, t.Any]
# Kinds of share whose source the kernel shows as /etc/fstab has it, by type. Programs for other types, such as efs, may
# mount NFS too, of a server and under a name of their own.
_KINDS = {
    **dict.fromkeys(("nfs", "nfs4"), "nfs"),
    **dict.fromkeys(("cifs", "smb3"), "smb"),
    **dict.fromkeys(("glusterfs", "fuse.glusterfs"), "glusterfs"),
    **{name: name for name in ("ceph", "lustre", "9p", "virtiofs", "fuse.sshfs")},
}
# Several servers have one share, and may be shown by their addresses: only the path tells, for GlusterFS the volume.
_BY_PATH = ("ceph", "glusterfs", "lustre")


def silent(host: str, report: Report) -> t.Iterator[Finding]:
    """The directory is there and does not answer: a server that is down or frozen, a handle that is stale."""
    media, where = report.get("media") or {}, _mount(report)
    if media.get("problem"):
        share = f" ({where['fstype']} {where['source']})" if is_shared(where.get("fstype", "")) else ""
        yield Finding(
            host,
            f"the media directory {media['path']}{share} does not answer: {media['problem']}.",
            f"Check the server of the share and the network to it: df {media['path']}",
        )


def linked(host: str, report: Report) -> t.Iterator[Finding]:
    """A mount is known by its real path: at a link nothing is found mounted, and Docker does not wait for it."""
    for path, real in (report.get("links") or {}).items():
        yield Finding(
            host,
            f"{path} goes through a link and is {real}; a mount is only known by its real path.",
            f"Write {real} in wabiz_media_mount_point, and wabiz_media_path below it.",
        )


def other_source(host: str, report: Report, settings: Settings) -> t.Iterator[Finding]:
    """Another share is mounted. A mount that is used keeps it until the next boot, whatever /etc/fstab says."""
    mount, source = _mount(report), settings["media_source"]
    there = (report.get("mounts") or {}).get(mount.get("point", ""))
    if there and _differs(str(settings.get("media_fstype")), source, mount):
        yield Finding(
            host,
            f"is {source}, and {mount['source']} ({mount['fstype']}) is mounted at {mount['point']}; it would stay so "
            "until the host boots, and the hosts would have different shares by then.",
            f"Stop the nodes of all hosts and unmount it there (umount {mount['point']}), then run again; or write "
            "what is mounted.",
            variable="wabiz_media_source",
        )


def _differs(fstype: str, source: str, mount: Report) -> bool:
    """Whether another share is mounted; not known of kinds that cannot be compared, nor before a mount on demand."""
    kind, there = _KINDS.get(fstype.lower()), mount["fstype"].lower()
    if kind is None or there == "autofs":
        return False
    return _KINDS.get(there) != kind or _share(kind, mount["source"]) != _share(kind, source)


def _share(kind: str, source: str) -> str:
    """What tells a share from others; of the name of a server case does not matter."""
    if kind == "smb":
        return _single(source.replace("\\", "/").lower())
    if kind == "nfs":
        server, colon, path = source.rpartition(":")
        return f"{server.lower()}{colon}{_single(path)}"
    if kind not in _BY_PATH:
        return source
    # Ceph has two forms: monitors:/path, and user@cluster.file_system=/path.
    path = _single(re.split("[:=]", source)[-1]).lstrip("/")
    return path.partition("/")[0] if kind == "glusterfs" else path


def _single(path: str) -> str:
    """Single slashes, and none at the end."""
    return re.sub("/+", "/", path).rstrip("/")


def unmounted(host: str, report: Report) -> t.Iterator[Finding]:
    """Nothing is mounted where the share belongs."""
    yield from linked(host, report)
    for path, mounted in (report.get("mounts") or {}).items():
        if not mounted and path not in (report.get("links") or {}):
            yield Finding(
                host,
                f"nothing is mounted at {path}; media would fill the local disk and stay on this host.",
                "Mount the share; or set wabiz_media_source so that role media mounts it; wabiz_media_mount_point if "
                "it is mounted above; or wabiz_media_require_mount: false.",
            )


def missing(host: str, report: Report) -> t.Iterator[Finding]:
    """There is no directory where the media should be; nothing is known of one that does not answer."""
    media = report.get("media") or {}
    if media.get("modes") is not None and media["path"] not in media["modes"] and not media.get("problem"):
        yield Finding(
            host, f"there is no media directory {media['path']}.", "Correct wabiz_media_path; or run site.yml before."
        )


def below(host: str, cluster: str, report: Report, fatal: bool) -> t.Iterator[Finding]:
    """Containers that were started while the share was not mounted write into the directory below it, until then."""
    point = next((path for path, mounted in (report.get("mounts") or {}).items() if mounted), "")
    mount = _mount(report) if point else {}
    nodes = [one for one in report.get("containers") or [] if one["cluster"] == cluster and one["node"]]
    astray = [one["name"] for one in nodes if one["running"] and _elsewhere(one.get("media") or {}, mount)]
    if astray:
        yield Finding(
            host,
            f"{', '.join(astray)} had started before the share was mounted at {point}, or have an older mount of it, "
            "and write where no other host reads.",
            f"Restart them one at a time (docker restart), and move what they wrote below {point} into the share.",
            fatal=fatal,
        )


def _elsewhere(seen: Report, mount: Report) -> bool:
    """Whether a container has another file system than its host has there; unknown where it cannot be told."""
    return bool(seen.get("device") and mount.get("device")) and seen["device"] != mount["device"]


def unfit(host: str, cluster: str, report: Report) -> t.Iterator[Finding]:
    """The share does not answer, is not mounted, or containers of the cluster have another file system there."""
    yield from silent(host, report)
    yield from unmounted(host, report)
    yield from below(host, cluster, report, fatal=True)


def room(host: str, report: Report, limit: tuple[str, float], scarce: float = 1) -> t.Iterator[Finding]:
    """The share is full, or nearly."""
    media = report.get("media") or {}
    if media.get("free") is not None and not media.get("problem"):
        yield from little_room(host, media["free"], f"for media ({media['path']})", limit, scarce)


def not_shared(several: t.Mapping[str, Settings], reports: t.Mapping[str, Report]) -> t.Iterator[Finding]:
    """Each of several hosts has media of its own. C(several) are the settings of all hosts with nodes."""
    wanted = next((one["media_shared"] for one in several.values() if one.get("media_shared") is not None), None)
    if wanted is False or len(several) < 2:
        return
    alone = [host for host in several if host in reports and _in_own_volume(several[host], reports[host])]
    if alone:
        yield Finding(
            ", ".join(alone),
            "the media are in a volume that each host has for itself, so a file that one host received is missing on "
            "the others.",
            "Set wabiz_media_path to a share, or wabiz_media_volume_options so that the volume is one; or, where no "
            "media messages are wanted, wabiz_media_shared: false.",
            fatal=wanted is True,
        )
    sources = {
        host: f"{mount['fstype']} {mount['source']}"
        for host, report in reports.items()
        if host in several and is_shared((mount := _mount(report)).get("fstype", ""))
    }
    if len(set(sources.values())) > 1:
        listed = "; ".join(f"{source} on {host}" for host, source in sources.items())
        yield Finding(
            ", ".join(sources),
            f"the hosts have mounted different shares for the media: {listed}.",
            "Mount the same one everywhere; where these are names of one share, verify.yml proves it.",
            fatal=False,
        )


def _mount(report: Report) -> Report:
    return t.cast(Report, (report.get("media") or {}).get("mount") or {})


def has_own(settings: Settings, report: Report) -> bool:
    """Whether a host has media of its own: in a volume that is not shared, or wherever the site says so.

    With C(media_shared) true the hosts are to have the same, whatever it looks like.
    """
    wanted = settings.get("media_shared")
    return not wanted if wanted is not None else _in_own_volume(settings, report)


def _in_own_volume(settings: Settings, report: Report) -> bool:
    if settings.get("media_path") or "media_volume" not in settings or "volumes" not in report:
        return False
    name = media_volume(settings, report)
    there = next((volume for volume in report["volumes"] if volume["name"] == name), None)
    given = {"driver": settings.get("media_volume_driver"), "options": settings.get("media_volume_options")}
    return not volume_is_shared(given if there is None else there)
