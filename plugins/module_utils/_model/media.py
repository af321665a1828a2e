# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the media of a cluster are on a host, and which file systems hosts share. No I/O."""

from __future__ import annotations

import typing as t

# Where a container has them, the directories that the client makes there, and the mode that all of them need.
PLACE = "/usr/local/wamedia"
FOLDERS = ("incoming", "outgoing", "shared")
MODE = "755"
# Types of file systems that are on another machine, or on disks that several machines have.
_SHARED = frozenset(
    {
        *("nfs", "nfs4", "cifs", "smb3", "smbfs", "ceph", "glusterfs", "lustre", "gpfs", "beegfs", "9p", "virtiofs"),
        *("ocfs2", "gfs2", "afs", "wekafs", "fuse.glusterfs", "fuse.ceph", "fuse.s3fs", "fuse.sshfs", "fuse.juicefs"),
    }
)


def is_shared(fstype: str) -> bool:
    """Whether a file system of this type is one that several hosts have."""
    return fstype.lower() in _SHARED


def places(path: str) -> list[str]:
    """The directory of the media and those that the client makes in it."""
    return [path, *(f"{path}/{folder}" for folder in FOLDERS)]


def boot_file(cluster: str) -> str:
    """Path of the file by which Docker waits for the mount of a cluster's media."""
    return f"/etc/systemd/system/docker.service.d/wabiz-{cluster}-media.conf"


def mount_point(settings: t.Mapping[str, t.Any]) -> str:
    """Where the share is mounted; empty where nothing need be, as the media are in a volume or just a directory."""
    mounted = settings.get("media_path") and (settings.get("media_source") or settings.get("media_require_mount"))
    return str(settings.get("media_mount_point") or settings["media_path"]) if mounted else ""


def volume_is_shared(volume: t.Mapping[str, t.Any]) -> bool:
    """Whether hosts that have a volume of this name share it, by its C(driver) and C(options).

    A driver of the site's, and a directory of the host that a volume stands for, are taken at the site's word.
    """
    options = volume.get("options") or {}
    bound = bool(options.get("device")) and "bind" in str(options.get("o") or "").split(",")
    return (volume.get("driver") or "local") != "local" or bound or is_shared(str(options.get("type") or ""))


def media_volume(settings: t.Mapping[str, t.Any], report: t.Mapping[str, t.Any]) -> str:
    """Name of the volume, by the settings of a host and what host_info found there.

    A cluster that was made with an earlier default keeps its volume: where the volume has its label, or one of its
    containers uses it. A volume of others by that name is left to them.
    """
    before, cluster = settings["media_volume_before"], settings["cluster_name"]
    users = [one for one in report.get("containers", []) if one["cluster"] == cluster and before in one["volumes"]]
    marked = [one for one in report.get("volumes", []) if (one["name"], one["cluster"]) == (before, cluster)]
    return str(before if before and (users or marked) else settings["media_volume"])
