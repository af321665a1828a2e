# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether an engine answers on a host, and which kind it is."""

from __future__ import annotations

import os
import shutil
import typing as t
from pathlib import Path

from ansible_collections.wabiz.onprem.plugins.module_utils._host.answers import dicts, mapping, text, texts
from ansible_collections.wabiz.onprem.plugins.module_utils._host.engine import Engine, EngineError
from ansible_collections.wabiz.onprem.plugins.module_utils._model.images import architecture

DATA = "/var/lib/docker"
# Traces of an engine that is installed, whether it runs or not.
_TRACES = [
    "run/docker.sock",
    "run/user/*/docker.sock",
    "lib/systemd/system/docker.service",
    "usr/lib/systemd/system/docker.service",
    "etc/systemd/system/docker.service",
]
_PROGRAM_PATHS = os.pathsep.join([os.defpath, "/usr/local/bin", "/usr/local/sbin", "/usr/sbin", "/sbin"])


def engine_state(engine: Engine, path: str) -> dict[str, t.Any]:
    """The engine behind the socket at `path`; C(data) is where it keeps its images and volumes."""
    state = {
        "running": False,
        "present": True,
        "version": "",
        "kind": "",
        "error": "",
        "data": DATA,
        "architecture": "",
    }
    try:
        info = mapping(engine.read("/info"))
        if not text(info.get("ServerVersion")):
            raise EngineError("what answers on its socket is no container engine")
    except EngineError as error:
        return {**state, "present": is_installed(path), "error": str(error)}
    return {
        **state,
        "running": True,
        "version": info["ServerVersion"],
        "kind": _kind(engine, info),
        "data": text(info.get("DockerRootDir")) or DATA,
        "architecture": architecture(text(info.get("Architecture"))),
    }


def is_installed(path: str) -> bool:
    """Whether there is an engine's program, unit or socket."""
    programs = ("docker", "dockerd")  # podman-docker brings one of that name too
    if any(shutil.which(program, path=_PROGRAM_PATHS) for program in programs) or os.path.lexists(path):
        return True
    return any(True for trace in _TRACES for _found in Path("/").glob(trace))


def _kind(engine: Engine, info: dict[str, t.Any]) -> str:
    try:
        components = dicts(mapping(engine.read("/version")).get("Components"))
    except EngineError:
        components = []
    if any("podman" in text(component.get("Name")).lower() for component in components):
        return "podman"
    return "rootless" if any("rootless" in option for option in texts(info.get("SecurityOptions"))) else "docker"
