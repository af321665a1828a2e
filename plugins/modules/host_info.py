#!/usr/bin/python
# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: host_info
short_description: Read what a host offers to the containers of a cluster
version_added: 0.1.0
author:
  - wabiz.onprem contributors (@wabiz-onprem)
description:
  - Reads, in one go and without changing anything, whether a Docker engine answers, what containers there are,
    which ports are taken, whether images exist locally or in their registry, free disk space and mount points.
  - Needs nothing on the host but Python.
attributes:
  check_mode:
    description: Reads only.
    support: full
  diff_mode:
    description: Changes nothing.
    support: none
  idempotent:
    description: Reads only.
    support: full
options:
  socket:
    description: Path of the Docker engine's socket.
    type: path
    default: /var/run/docker.sock
  images:
    description: Names with tag of images that are to be looked up, first locally, then in their registry.
    type: list
    elements: str
    default: []
  ports:
    description: TCP ports of which to tell whether something listens.
    type: list
    elements: int
    default: []
  paths:
    description: Directories of which to tell whether they are mount points.
    type: list
    elements: path
    default: []
  files:
    description: Files of which to tell whether they exist.
    type: list
    elements: path
    default: []
  connect:
    description: Addresses in the form C(host:port) of which to tell whether a TCP connection can be made.
    type: list
    elements: str
    default: []
  connect_timeout:
    description: Seconds to wait for each connection of O(connect).
    type: float
    default: 3.0
"""

EXAMPLES = r"""
- name: Look at a host before a coreapp is put there
  wabiz.onprem.host_info:
    images:
      - docker.whatsapp.biz/coreapp:v2.57.2
    ports: [6250, 6251, 6252, 6253]
  become: true
  register: host
"""

RETURN = r"""
engine:
  description: The Docker engine.
  returned: always
  type: dict
  contains:
    running:
      description: Whether the engine answers.
      type: bool
    version:
      description: Its version; empty where none answers.
      type: str
    error:
      description: Why it does not answer.
      type: str
requirements:
  description: Whether C(requests) can be imported and C(crontab) found on the host.
  returned: always
  type: dict
containers:
  description: All containers, running or not.
  returned: always
  type: list
  elements: dict
  contains:
    name:
      description: Name of the container.
      type: str
    id:
      description: The first 12 digits of its id.
      type: str
    image:
      description: Image by name and tag, as the container was created.
      type: str
    running:
      description: Whether it runs.
      type: bool
    cluster:
      description: The cluster that it belongs to, by label; empty for containers of others.
      type: str
    node:
      description: The service whose node it is (webapp, master, coreapp), by label; else empty.
      type: str
    version:
      description: Version of the client, by label; else empty.
      type: str
    ports:
      description: Published host ports.
      type: list
      elements: int
    env_names:
      description: Names of its environment variables; values are not read out.
      type: list
      elements: str
volumes:
  description: Docker volumes that were made for a cluster.
  returned: always
  type: list
  elements: dict
  contains:
    name:
      description: Name of the volume.
      type: str
    cluster:
      description: The cluster that it was made for, by label.
      type: str
images:
  description: C(local), C(registry) or the reason why it was not found, by image.
  returned: always
  type: dict
image_facts:
  description: What the images of O(images) that exist locally say of themselves, by image.
  returned: always
  type: dict
  contains:
    created:
      description: When the image was made, in UTC.
      type: str
    expires_on:
      description: Its label C(EXPIRES_ON), a date; empty where it has none.
      type: str
ports_taken:
  description: Those of O(ports) on which something listens.
  returned: always
  type: list
  elements: int
mounts:
  description: Whether each of O(paths) is a mount point.
  returned: always
  type: dict
files:
  description: Whether each of O(files) exists.
  returned: always
  type: dict
connections:
  description: Empty text for each address of O(connect) that answered, else the reason.
  returned: always
  type: dict
disk_free:
  description: Bytes free where Docker keeps its data (or will keep them).
  returned: always
  type: int
"""

import http.client
import importlib.util
import json
import os
import shutil
import socket
import typing as t
from pathlib import Path
from urllib.parse import quote

from ansible.module_utils.basic import AnsibleModule

_LISTEN = "0A"  # state of a listening socket in /proc/net/tcp


class _Engine(http.client.HTTPConnection):
    """The engine's HTTP API on its Unix socket; works where the requests library is not there yet."""

    def __init__(self, path: str) -> None:
        super().__init__("localhost", timeout=30)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)

    def get(self, path: str) -> tuple[int, t.Any]:
        self.request("GET", path)
        answer = self.getresponse()
        body = answer.read()
        try:
            return answer.status, json.loads(body or b"null")
        except ValueError:
            return answer.status, {"message": body.decode(errors="replace")}


def engine_info(engine: _Engine) -> dict[str, t.Any]:
    try:
        status, info = engine.get("/info")
    except (OSError, http.client.HTTPException) as error:
        return {"running": False, "version": "", "error": str(error), "data": "/var/lib/docker"}
    if status != 200:
        return {"running": False, "version": "", "error": str(info), "data": "/var/lib/docker"}
    return {"running": True, "version": info["ServerVersion"], "error": "", "data": info["DockerRootDir"]}


def container_list(engine: _Engine) -> list[dict[str, t.Any]]:
    listed = engine.get("/containers/json?all=1")[1]
    return [
        {
            "name": entry["Names"][0].lstrip("/"),
            "id": entry["Id"][:12],
            "image": details["Config"]["Image"],
            "running": entry["State"] in ("running", "paused", "restarting"),
            "cluster": labels.get("org.wabiz.cluster", ""),
            "node": labels.get("org.wabiz.node", ""),
            "version": labels.get("org.wabiz.version", ""),
            "ports": sorted({port["PublicPort"] for port in entry.get("Ports") or [] if port.get("PublicPort")}),
            "env_names": sorted(item.partition("=")[0] for item in details["Config"].get("Env") or []),
        }
        for entry in listed
        for status, details in [engine.get(f"/containers/{entry['Id']}/json")]
        if status == 200  # a container may go between the two calls
        for labels in [entry.get("Labels") or {}]
    ]


def volume_list(engine: _Engine) -> list[dict[str, str]]:
    listed = engine.get("/volumes")[1].get("Volumes") or []
    made_for = {volume["Name"]: (volume.get("Labels") or {}).get("org.wabiz.cluster") for volume in listed}
    return [{"name": name, "cluster": cluster} for name, cluster in sorted(made_for.items()) if cluster]


def find_image(engine: _Engine, image: str) -> str:
    """Where the image is: C(local), C(registry), or why it was not found."""
    if engine.get(f"/images/{quote(image)}/json")[0] == 200:
        return "local"
    status, answer = engine.get(f"/distribution/{quote(image)}/json")
    return "registry" if status == 200 else str(answer.get("message", answer))


def image_facts(engine: _Engine, image: str) -> dict[str, str] | None:
    """When a local image was made and when it expires; None for one that is not local."""
    status, details = engine.get(f"/images/{quote(image)}/json")
    if status != 200:
        return None
    labels = (details.get("Config") or {}).get("Labels") or {}
    return {"created": details.get("Created") or "", "expires_on": labels.get("EXPIRES_ON", "")}


def listening_ports() -> set[int]:
    ports = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        if Path(table).exists():
            lines = Path(table).read_text(encoding="ascii").splitlines()[1:]
            fields = [line.split() for line in lines]
            ports |= {int(entry[1].rpartition(":")[2], 16) for entry in fields if entry[3] == _LISTEN}
    return ports


def try_connect(address: str, timeout: float) -> str:
    parts = address.rpartition(":")
    try:
        socket.create_connection((parts[0], int(parts[2])), timeout).close()
    except OSError as error:
        return str(error)
    return ""


def free_bytes(path: str) -> int:
    place = Path(path)
    while not place.exists():
        place = place.parent
    return shutil.disk_usage(place).free


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "socket": {"type": "path", "default": "/var/run/docker.sock"},
            "images": {"type": "list", "elements": "str", "default": []},
            "ports": {"type": "list", "elements": "int", "default": []},
            "paths": {"type": "list", "elements": "path", "default": []},
            "files": {"type": "list", "elements": "path", "default": []},
            "connect": {"type": "list", "elements": "str", "default": []},
            "connect_timeout": {"type": "float", "default": 3.0},
        },
        supports_check_mode=True,
    )
    params = module.params
    engine = _Engine(params["socket"])
    state = engine_info(engine)
    data = state.pop("data")
    listening = listening_ports()
    facts = {image: image_facts(engine, image) for image in params["images"]} if state["running"] else {}
    module.exit_json(
        changed=False,
        engine=state,
        requirements={
            "requests": importlib.util.find_spec("requests") is not None,
            "crontab": module.get_bin_path("crontab") is not None,
        },
        containers=container_list(engine) if state["running"] else [],
        volumes=volume_list(engine) if state["running"] else [],
        images={image: find_image(engine, image) for image in params["images"]} if state["running"] else {},
        image_facts={image: said for image, said in facts.items() if said is not None},
        ports_taken=sorted(listening & set(params["ports"])),
        mounts={path: os.path.ismount(path) for path in params["paths"]},
        files={path: Path(path).exists() for path in params["files"]},
        connections={address: try_connect(address, params["connect_timeout"]) for address in params["connect"]},
        disk_free=free_bytes(data),
    )


if __name__ == "__main__":
    main()
