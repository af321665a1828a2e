"""The vendor's documented upgrade: dbupgrade, then one `ssh` after another over webapps, masters and coreapps.

On the hosts it does the same as `docker-compose up -d` after a change of the version: pull, stop, remove, create with
the same configuration and the new image, start. There is no wait between the hosts, as in the vendor's documentation.
"""

from __future__ import annotations

import json
import shlex
import subprocess
from collections.abc import Iterator
from typing import Any

from tests.bench.cluster import HOSTS, NEW
from tests.lab.hosts import LAB, on
from tests.lab.recreation import creation

_STOP_SECONDS = 10  # compose's own time-out
_LIMIT = 3600.0  # seconds for one step on one host

# A host, and the commands there, each run when the one before has succeeded.
Step = tuple[str, list[list[str]]]


def steps(database: str) -> list[Step]:
    """Return the loop for the running cluster; an operator has what is read here in compose files."""
    schema = list(_schema(HOSTS["coreapp"][0])) if database == "mysql" else []
    return schema + [_replacement(host, f"wabiz-{service}-1") for service, hosts in HOSTS.items() for host in hosts]


def run(loop: list[Step]) -> None:
    """Run the steps one after another; AssertionError if one fails."""
    for host, commands in loop:
        script = " && ".join(shlex.join(["sudo", *command]) for command in commands)
        command = ["ssh", "-F", str(LAB.state / "ssh_config"), host, script]
        done = subprocess.run(command, capture_output=True, encoding="utf-8", timeout=_LIMIT, check=False)
        assert done.returncode == 0, f"{host}: {done.stderr}"


def _schema(host: str) -> Iterator[Step]:
    """The documented dbupgrade-compose.yml, and the wait until it has ended."""
    name = "dbupgrade"
    found = _inspect(host, "wabiz-coreapp-1")
    image = _renewed(found)
    given = [f"--env={item}" for item in found["Config"]["Env"] if item.startswith(("WA_DB_", "STANDIN_"))]
    options = [f"--name={name}", "--restart=on-failure", "--cap-drop=MKNOD", "--env=WA_DB_UPGRADE=1", *given]
    started = ["docker", "run", "--detach", *options, image, *found["Config"]["Cmd"]]
    yield host, [["docker", "pull", "--quiet", image], started]
    yield host, [["sh", "-c", f"test $(docker wait {name}) = 0"], ["docker", "rm", name]]


def _replacement(host: str, name: str) -> Step:
    found = _inspect(host, name)
    image = _renewed(found)
    return host, [
        ["docker", "pull", "--quiet", image],
        ["docker", "stop", f"--time={_STOP_SECONDS}", name],
        ["docker", "rm", name],
        ["docker", "create", *creation(found, image=image)],
        ["docker", "start", name],
    ]


def _inspect(host: str, name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(on(host, "docker", "inspect", name))[0]
    return found


def _renewed(found: dict[str, Any]) -> str:
    """The container's image, of the new version."""
    return f"{found['Config']['Image'].rpartition(':')[0]}:v{NEW}"
