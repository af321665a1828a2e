# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fingerprints of what a host holds, so that a later look can tell whether anything of it was changed."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import stat
import subprocess
import typing as t
from pathlib import Path
from urllib.parse import quote

from ansible_collections.wabiz.onprem.plugins.module_utils._host.answers import dicts, mapping, text, texts
from ansible_collections.wabiz.onprem.plugins.module_utils._host.engine import Engine, EngineError
from ansible_collections.wabiz.onprem.plugins.module_utils._host.in_time import NoAnswer, in_time
from ansible_collections.wabiz.onprem.plugins.module_utils._host.mounts import mount_table
from ansible_collections.wabiz.onprem.plugins.module_utils._host.program import ask
from ansible_collections.wabiz.onprem.plugins.module_utils._model.ids import short

ABSENT = "absent"
# Seconds until a program, or a directory of a share whose server does not answer, is given up.
_PATIENCE = 5.0


def fingerprints(engine: Engine | None, wanted: t.Iterable[str], key: bytes = b"") -> dict[str, str]:
    """The fingerprint of each resource, C(absent) for what is not there.

    They are made of environments and files that hold secrets; who does not know C(key) cannot try out guesses.

    A resource is its kind and its name, for example C(file /etc/hosts). What cannot be inspected has a fingerprint that
    no later look has, so that it is never taken for unchanged.
    """
    found: dict[str, str] = {}
    for resource in wanted:
        kind, _separator, name = resource.partition(" ")
        try:
            plain = _ENGINE[kind](engine, name) if kind in _ENGINE else _SYSTEM.get(kind, _unknown)(name)
            found[resource] = plain if plain == ABSENT else hmac.new(key, plain.encode(), "sha256").hexdigest()[:32]
        except (EngineError, OSError, ValueError, subprocess.SubprocessError) as error:
            found[resource] = f"unreadable: {error}"
    return found


def unreadable(fingerprint: str) -> bool:
    return fingerprint.startswith("unreadable")


def _digest(value: t.Any) -> str:
    data = value if isinstance(value, bytes) else json.dumps(value, sort_keys=True).encode()
    return hashlib.sha256(data).hexdigest()[:32]


# --- the engine's ---------------------------------------------------------------------------------------------------


def _asked(engine: Engine | None, path: str) -> dict[str, t.Any]:
    """Empty for what is not there. Raises EngineError."""
    if engine is None:
        raise EngineError("no engine answers")
    status, answer = engine.ask(path)
    if status == 404:
        return {}
    if status != 200:
        raise EngineError(f"HTTP status {status}")
    found = mapping(answer)
    if not found.keys() & {"Id", "Name"}:
        raise EngineError("the engine's answer is not readable")
    return found


def _container(engine: Engine | None, name: str) -> str:
    """All that it was made of, and what Docker lets one change afterwards; not what each start changes by itself."""
    found = _asked(engine, f"/containers/{quote(name)}/json")
    if not found:
        return ABSENT
    state = mapping(found.get("State"))
    networks = mapping(mapping(found.get("NetworkSettings")).get("Networks"))
    identity = short(text(found.get("Id")))
    return _digest(
        {
            "config": found.get("Config"),
            "host": found.get("HostConfig"),
            "image": found.get("Image"),
            "mounts": sorted(json.dumps(mount, sort_keys=True) for mount in dicts(found.get("Mounts"))),
            "networks": {
                network: [
                    sorted(set(texts(mapping(options).get("Aliases"))) - {identity}),
                    mapping(options).get("IPAMConfig") or None,
                    mapping(options).get("Links") or None,
                ]
                for network, options in networks.items()
            },
            "running": [state.get("Running"), state.get("Paused")],
        }
    )


def _image(engine: Engine | None, name: str) -> str:
    return text(_asked(engine, f"/images/{quote(name)}/json").get("Id")) or ABSENT


def _network(engine: Engine | None, name: str) -> str:
    return text(_asked(engine, f"/networks/{quote(name)}").get("Id")) or ABSENT


def _volume(engine: Engine | None, name: str) -> str:
    found = _asked(engine, f"/volumes/{quote(name)}")
    return _digest([found.get(key) for key in ("Driver", "Labels", "Options")]) if found else ABSENT


# --- the system's ---------------------------------------------------------------------------------------------------


def _file(name: str) -> str:
    path = Path(name)
    try:
        mode = path.lstat()
        content = path.read_bytes() if stat.S_ISREG(mode.st_mode) else b""
        if stat.S_ISLNK(mode.st_mode):
            content = os.fsencode(path.readlink())
    except (FileNotFoundError, NotADirectoryError):
        return ABSENT
    return _digest([mode.st_mode, mode.st_uid, mode.st_gid, _digest(content)])


def _directory(name: str) -> str:
    """Looked at by a child, which is given up where a share's server does not answer."""
    try:
        return t.cast(str, in_time(lambda: _mode(name), _PATIENCE))
    except NoAnswer as error:
        raise OSError(str(error)) from error


def _mode(name: str) -> str:
    try:
        return f"{os.lstat(name).st_mode:x}"
    except (FileNotFoundError, NotADirectoryError):
        return ABSENT


def _mount(name: str) -> str:
    """Read after a look into it: what is mounted on demand is not in the table before."""
    _directory(f"{name}/.")
    found = mount_table().get(name)
    return _digest([found["fstype"], found["source"]]) if found else ABSENT


def _unit(name: str) -> str:
    """Whether systemd runs it, and starts it at boot."""
    done = _run("systemctl", "show", "--property=ActiveState,LoadState,UnitFileState", name)
    if done.returncode != 0:
        raise OSError(done.stderr.strip())
    said = sorted(done.stdout.split())
    return ABSENT if "LoadState=not-found" in said else " ".join(said)


def _unknown(_name: str) -> str:
    raise ValueError("there is no such kind of resource")


def _run(*command: str) -> subprocess.CompletedProcess[str]:
    return ask(command, _PATIENCE)


_Look = t.Callable[["Engine | None", str], str]
_ENGINE: dict[str, _Look] = {
    "container": _container,
    "image": _image,
    "network": _network,
    "volume": _volume,
}
_SYSTEM: dict[str, t.Callable[[str], str]] = {
    "file": _file,
    "directory": _directory,
    "mount": _mount,
    "unit": _unit,
}
