# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which packages and services a host lacks, by what M(wabiz.onprem.host_info) says of it. Pure functions, no I/O."""

from __future__ import annotations

import re
import typing as t

Report = t.Mapping[str, t.Any]

# Services that must run, by the names that they have anywhere; a host knows its own.
SERVICES = ("docker", "cron", "crond")
# What the modules and the schedule need next to an engine, by family; C(docker) is in _command().
_BESIDE = {
    "debian": {"requests": "python3-requests", "crontab": "cron"},
    "redhat": {"requests": "python3-requests", "crontab": "cronie"},
}
# What mounts a share, by family and type of its file system.
_MOUNTING = {
    "debian": {
        **dict.fromkeys(("nfs", "nfs4"), "nfs-common"),
        **dict.fromkeys(("cifs", "smb3"), "cifs-utils"),
        "ceph": "ceph-common",
        "glusterfs": "glusterfs-client",
    },
    "redhat": {
        **dict.fromkeys(("nfs", "nfs4"), "nfs-utils"),
        **dict.fromkeys(("cifs", "smb3"), "cifs-utils"),
        "ceph": "ceph-common",
        "glusterfs": "glusterfs-fuse",
    },
}
_OF_DOCKER = ["docker-ce", "docker-ce-cli", "containerd.io"]


def lacking(report: Report, settings: t.Mapping[str, t.Any]) -> dict[str, list[str]]:
    """What is to be installed as C(engine) and C(others), and which C(services) are to run.

    A list of the site's own (C(engine_packages), C(host_packages), C(engine_services)) is taken as it is, where
    anything of its kind is missing. An engine is never installed beside another one.
    """
    family = _family(report)
    state, there = report["engine"], report["requirements"]
    without = not (state["running"] or state.get("present"))
    missing = [need for need, found in there.items() if not found and not (without and need == "docker")]
    known = {**_BESIDE[family], "docker": command_package(report)}
    others = settings.get("host_packages") or [known[need] for need in missing if known.get(need)]
    return {
        "engine": (settings.get("engine_packages") or _engine(report)) if without else [],
        "others": others if missing else [],
        "services": settings.get("engine_services") or ["docker", "crond" if family == "redhat" else "cron"],
    }


def command_package(report: Report) -> str:
    """The package with the command C(docker) for the engine that a host has; empty where none is known."""
    if _of_docker(report):
        return "docker-ce-cli"
    return "docker-cli" if _split(report) else ""


def mounting(report: Report, settings: t.Mapping[str, t.Any]) -> list[str]:
    """What mounts the share of the media: the site's own list C(media_packages), or by C(media_fstype)."""
    known = {} if unknown(report) else _MOUNTING[_family(report)]
    package = known.get(str(settings["media_fstype"]).lower())
    return settings.get("media_packages") or ([package] if package else [])


def _engine(report: Report) -> list[str]:
    """The packages of an engine: the system's own; Docker's where it has none, or the host has Docker's client."""
    if _of_docker(report):
        return _OF_DOCKER
    command = ["docker-cli"] if _split(report) else []
    if _family(report) == "debian":
        return ["docker.io", *command]
    return ["moby-engine", *command] if command else _OF_DOCKER


def _of_docker(report: Report) -> bool:
    """Whether the host has packages of Docker's own, which conflict with those of the system."""
    return report["engine"].get("kind") == "docker-ce"


def _split(report: Report) -> bool:
    """Whether the system has Docker's command in a package of its own: Debian since 13, and Fedora."""
    system = _system(report)
    number = re.match(r"\d+", str(system.get("version") or ""))
    # Debian's next release has a name but no number.
    recent = number is None or int(number[0]) >= 13
    return system.get("id") == "fedora" or (system.get("id") == "debian" and recent)


def unknown(report: Report) -> bool:
    """Whether a host has told its system, and it is none whose packages are known."""
    return bool(_system(report)) and not _system(report).get("family")


def _family(report: Report) -> str:
    return "redhat" if _system(report).get("family") == "redhat" else "debian"


def _system(report: Report) -> t.Mapping[str, t.Any]:
    return report.get("system") or {}
