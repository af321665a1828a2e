# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether an engine answers on a host, and which kind it is."""

from __future__ import annotations

import os
import shutil
import socket
import typing as t
from pathlib import Path

from ansible_collections.wabiz.onprem.plugins.module_utils._host.answers import dicts, mapping, text, texts
from ansible_collections.wabiz.onprem.plugins.module_utils._host.engine import Engine, EngineError
from ansible_collections.wabiz.onprem.plugins.module_utils._model.images import architecture

DATA = "/var/lib/docker"
_ROOT = Path("/")
_LIBRARIES = ("usr/lib/*/libseccomp.so.2.*", "lib/*/libseccomp.so.2.*", "usr/lib64/libseccomp.so.2.*")
# Sockets at which an engine listens, and files of one that is installed, whether it runs or not.
_SOCKETS = ("run/docker.sock",)
_ROOTLESS = ("run/user/*/docker.sock",)
_SOCKET_SECONDS = 5.0
_SNAP = ("snap/bin/docker", "var/lib/snapd/snap/bin/docker")
_UNITS = (
    "lib/systemd/system/docker.service",
    "usr/lib/systemd/system/docker.service",
    "etc/systemd/system/docker.service",
)
# Docker's own client, which conflicts with the engine of Debian.
_CLIENT = ("var/lib/dpkg/info/docker-ce-cli.list",)
_PROGRAM_PATHS = os.pathsep.join([os.defpath, "/usr/local/bin", "/usr/local/sbin", "/usr/sbin", "/sbin"])


def engine_state(engine: Engine, path: str) -> dict[str, t.Any]:
    """The engine behind the socket at `path`; C(data) is where it keeps its images and volumes.

    Where none answers, C(kind) is that of what is installed, as far as it matters here.
    """
    state = {
        "running": False,
        "present": True,
        "version": "",
        "kind": "",
        "error": "",
        "data": DATA,
        "architecture": "",
        "seccomp": "",
        "libseccomp": "",
    }
    try:
        info = mapping(engine.read("/info"))
        if not text(info.get("ServerVersion")):
            raise EngineError("what answers on its socket is no container engine")
    except EngineError as error:
        return {**state, "present": is_installed(path), "kind": _installed_kind(), "error": str(error)}
    return {
        **state,
        "running": True,
        "version": info["ServerVersion"],
        "kind": _kind(engine, info),
        "data": text(info.get("DockerRootDir")) or DATA,
        "architecture": architecture(text(info.get("Architecture"))),
        "seccomp": _seccomp(info),
        "libseccomp": _libseccomp(),
    }


def is_installed(path: str) -> bool:
    """Whether there is an engine's program or unit, or one listens at a socket.

    A command C(docker) may be a client alone, and a removed package leaves sockets and masked units.
    """
    program = shutil.which("dockerd", path=_PROGRAM_PATHS) is not None or _podman_is_docker()
    return program or _has_unit() or _traced(_SNAP) or _is_served(path) or _any_served((*_SOCKETS, *_ROOTLESS))


def has_command() -> bool:
    """Whether there is a command C(docker), as cron finds it."""
    return shutil.which("docker", path=_PROGRAM_PATHS) is not None


def _found(traces: t.Iterable[str]) -> t.Iterator[Path]:
    return (path for trace in traces for path in _ROOT.glob(trace))


def _traced(traces: t.Iterable[str]) -> bool:
    return any(True for _path in _found(traces))


def _has_unit() -> bool:
    """Whether a unit is there; one that is masked is a link to /dev/null."""
    return any(path.is_file() for path in _found(_UNITS))


def _any_served(sockets: t.Iterable[str]) -> bool:
    return any(_is_served(str(path)) for path in _found(sockets))


def _is_served(path: str) -> bool:
    """Whether something listens at a socket; what cannot be told counts as if it did."""
    try:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(_SOCKET_SECONDS)
            connection.connect(path)
    except (FileNotFoundError, NotADirectoryError, ConnectionRefusedError):
        return False
    except OSError:
        pass
    return True


def _installed_kind() -> str:
    if _podman_is_docker():
        return "podman"
    if shutil.which("dockerd", path=_PROGRAM_PATHS) and _has_unit():
        return ""
    if _traced(_SNAP):
        return "snap"
    if _any_served(_ROOTLESS):
        return "rootless"
    return "docker-ce" if has_command() and _traced(_CLIENT) else ""


def _podman_is_docker() -> bool:
    """Whether the command C(docker) is the script, or the link, by which Podman takes Docker's name."""
    command = Path(shutil.which("docker", path=_PROGRAM_PATHS) or "")
    try:
        with command.open("rb") as program:
            return command.resolve().name == "podman" or b"podman" in program.read(1024)
    except OSError:
        return False


def _kind(engine: Engine, info: dict[str, t.Any]) -> str:
    try:
        version = mapping(engine.read("/version"))
    except EngineError:
        version = {}
    if any("podman" in text(component.get("Name")).lower() for component in dicts(version.get("Components"))):
        return "podman"
    if any("rootless" in option for option in texts(info.get("SecurityOptions"))):
        return "rootless"
    if text(info.get("DockerRootDir")).startswith("/var/snap/"):
        return "snap"
    # Docker's own packages say so; those of distributions say nothing.
    return "docker-ce" if "Community" in text(mapping(version.get("Platform")).get("Name")) else "docker"


def _seccomp(info: dict[str, t.Any]) -> str:
    """The seccomp profile of containers for which no other is given; empty where the engine uses none."""
    for option in texts(info.get("SecurityOptions")):
        named = dict(part.partition("=")[::2] for part in option.split(","))
        if named.get("name") == "seccomp":
            return named.get("profile", "default")
    return ""


def _libseccomp() -> str:
    """The version of the library by which runtimes apply a profile; empty where they bring their own."""
    found = (path.name for pattern in _LIBRARIES for path in _ROOT.glob(pattern))
    return next((name.partition(".so.")[2] for name in found), "")
