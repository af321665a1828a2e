# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The containers of a host, as host_info reports them."""

from __future__ import annotations

import typing as t

from ansible_collections.wabiz.onprem.plugins.module_utils._host.answers import dicts, mapping, number, text, texts
from ansible_collections.wabiz.onprem.plugins.module_utils._host.client_kind import client_kind
from ansible_collections.wabiz.onprem.plugins.module_utils._host.engine import Engine, EngineError, said
from ansible_collections.wabiz.onprem.plugins.module_utils._host.environment import EnvironmentReader
from ansible_collections.wabiz.onprem.plugins.module_utils._host.mounts import mounted_in
from ansible_collections.wabiz.onprem.plugins.module_utils._host.restart import restart_policy, starts_at_boot
from ansible_collections.wabiz.onprem.plugins.module_utils._model import labels
from ansible_collections.wabiz.onprem.plugins.module_utils._model.ids import short
from ansible_collections.wabiz.onprem.plugins.module_utils._model.media import PLACE

_UP = ("running", "paused", "restarting")


def container_list(engine: Engine, details: bool) -> list[dict[str, t.Any]]:
    """Every container; `details` has each of them inspected. Raises EngineError where the engine names none."""
    listed = engine.read("/containers/json?all=1")
    if not isinstance(listed, list):
        raise EngineError("the engine's list of containers is not readable")
    reader = EnvironmentReader()
    found = [_container(engine, entry, reader, details) for entry in dicts(listed) if text(entry.get("Id"))]
    return [container for container in found if container]


def attached(listed: list[dict[str, t.Any]]) -> dict[str, list[str]]:
    """Names of the containers of each network, also of those that do not run."""
    networks: dict[str, list[str]] = {}
    for container in listed:
        for network in container["networks"]:
            networks.setdefault(network, []).append(container["name"])
    return networks


def _container(
    engine: Engine, entry: dict[str, t.Any], reader: EnvironmentReader, details: bool
) -> dict[str, t.Any] | None:
    found = _listed(entry)
    if not details:
        return found
    try:
        status, answer = engine.ask(f"/containers/{entry['Id']}/json")
        problem = "" if status == 200 and isinstance(answer, dict) else said(status, answer)
    except EngineError as error:
        status, answer, problem = 0, {}, str(error)
    if status == 404:
        return None  # it was removed between the two calls
    return {**found, **_inspected({} if problem else answer, found, reader), "error": problem}


def _listed(entry: dict[str, t.Any]) -> dict[str, t.Any]:
    """What the list of all containers says."""
    marks = mapping(entry.get("Labels"))
    networks = mapping(mapping(entry.get("NetworkSettings")).get("Networks"))
    mounts = dicts(entry.get("Mounts"))
    identity = short(text(entry.get("Id")))
    # A container that others are linked to has further names with two slashes; a dead one may have none.
    names = [name.lstrip("/") for name in texts(entry.get("Names")) if "/" not in name.lstrip("/")]
    return {
        "name": names[0] if names else identity,
        "id": identity,
        "image": text(entry.get("Image")),
        "running": text(entry.get("State")).lower() in _UP,
        "cluster": text(marks.get(labels.CLUSTER)),
        "node": text(marks.get(labels.NODE)),
        "version": text(marks.get(labels.VERSION)),
        "ports": sorted({number(port.get("PublicPort")) for port in dicts(entry.get("Ports"))} - {0}),
        "networks": sorted(networks),
        "volumes": sorted({text(mount.get("Name")) for mount in mounts if mount.get("Type") == "volume"} - {""}),
        "writes": sorted({_place(mount) for mount in mounts if mount.get("RW", True)} - {""}),
    }


def _place(mount: dict[str, t.Any]) -> str:
    """The name of a volume, or a directory or file of the host."""
    return text(mount.get("Name") if mount.get("Type") == "volume" else mount.get("Source"))


def _inspected(answer: dict[str, t.Any], found: dict[str, t.Any], reader: EnvironmentReader) -> dict[str, t.Any]:
    """What an inspection of the container itself adds."""
    config = mapping(answer.get("Config"))
    env = dict(item.partition("=")[::2] for item in texts(config.get("Env")))
    commands = [
        [text(answer.get("Path")), *texts(answer.get("Args"))],
        [*_words(config.get("Entrypoint")), *_words(config.get("Cmd"))],
    ]
    client = client_kind(env, commands)
    database = reader.database(env) if found["cluster"] else reader.place(env) if client else {}
    return {
        "image": text(config.get("Image")) or found["image"],
        "image_id": text(answer.get("Image")),
        # One that the engine restarts again and again publishes none at some moments.
        "ports": found["ports"] or (_bound(answer) if found["running"] else []),
        "env_names": sorted(env),
        "restart_policy": restart_policy(answer),
        "starts_at_boot": starts_at_boot(answer),
        "client": client,
        "database": database,
        "secrets": reader.secrets(env) if found["cluster"] and found["node"] else {},
        "media": mounted_in(number(mapping(answer.get("State")).get("Pid")), PLACE) if found["node"] else {},
    }


def _bound(answer: dict[str, t.Any]) -> list[int]:
    """The host ports that a container publishes whenever it is up."""
    bindings = mapping(mapping(answer.get("HostConfig")).get("PortBindings"))
    named = {text(one.get("HostPort")) for bound in bindings.values() for one in dicts(bound)}
    return sorted(int(port) for port in named if port.isdecimal() and port != "0")


def _words(part: t.Any) -> list[str]:
    """Podman may tell an entry point as one text."""
    return [part] if isinstance(part, str) else texts(part)
