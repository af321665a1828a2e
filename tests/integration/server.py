# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A server beside a stand-in cluster, with an engine of its own: a lab host that Ansible reaches without SSH."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from lab import caps, images
from lab.docker import docker as lab_docker
from tests.standin.cluster import LABEL, Cluster, docker
from tests.support.waiting import wait_for

# Module certificate needs cryptography, which lab hosts do not have; the stand-in has it for the same Python.
_IMAGE = """
FROM {host}
COPY --from=standin/runtime:latest /usr/lib/python3/dist-packages /usr/lib/python3/dist-packages
"""
# As a lab host is started (lab/hosts.py); its names come from Docker, by way of the cluster's network.
_BOOT = {"LAB_SSH_KEY": "none", "LAB_DNS": "127.0.0.11", "LAB_REGISTRY": "registry.example.net", "LAB_CA": ""}
_OPTIONS = (
    *("--security-opt=seccomp=unconfined", "--security-opt=apparmor=unconfined"),
    *("--security-opt=systempaths=unconfined", "--device-cgroup-rule=a *:* rwm", "--cgroupns=host"),
    *("--tmpfs=/run", "--tmpfs=/run/lock", "--tmpfs=/tmp:exec", "--volume=/sys/fs/cgroup:/sys/fs/cgroup:rw"),
)
_API = "9090"
_ADDRESS = "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}"


@dataclass(frozen=True)
class Server:
    """Where the modules run; the webapps are reached under their names, at the port of the vendor's documents."""

    container: str

    @property
    def variables(self) -> dict[str, str]:
        """How Ansible reaches it, whatever the host is called in the inventory."""
        return {
            "ansible_connection": "community.docker.docker",
            "ansible_docker_host": self.container,
            "ansible_python_interpreter": "/usr/bin/python3",
        }

    def run(self, *command: str, stdin: str = "") -> str:
        """Run a command in it and return the output; AssertionError where it fails."""
        call = ["docker", "exec", "-i", self.container, *command]
        done = subprocess.run(call, input=stdin, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
        return done.stdout

    def write(self, path: str, text: str) -> None:
        """Write a file, with the directories above it."""
        self.run("sh", "-c", 'mkdir -p "$(dirname "$1")" && cat > "$1"', "-", path, stdin=text)

    def load(self, *names: str) -> None:
        """Give its engine images of this machine's engine."""
        with subprocess.Popen(["docker", "save", *names], stdout=subprocess.PIPE) as saved:
            load = ["docker", "exec", "-i", self.container, "docker", "load"]
            subprocess.run(load, stdin=saved.stdout, stdout=subprocess.DEVNULL, check=True)

    def reach(self, cluster: Cluster) -> None:
        """Lead port 9090 of each webapp, which its container does not have, to the port that it has."""
        for web in cluster.webs:
            address = docker("inspect", "-f", _ADDRESS, cluster.container(web))
            rule = ["-d", address, "-p", "tcp", "--dport", _API, "-j", "DNAT", "--to-destination", ":443"]
            self.run("iptables", "-t", "nat", "-A", "OUTPUT", *rule)


@contextmanager
def running_server(cluster: Cluster, *settings: str) -> Iterator[Server]:
    """Start a server in a cluster's network, of which it is a part when that is removed; the image goes at the end."""
    image = f"{cluster.run}-server"
    lab_docker("build", "--quiet", "--tag", image, "-", stdin=_IMAGE.format(host=images.ensure("host")))
    server = Server(cluster.container("server"))
    try:
        given = [f"--env={name}={value}" for name, value in _BOOT.items()]
        given += [f"--cap-add={name}" for name in caps.available()]
        place = ["--name", server.container, "--label", f"{LABEL}={cluster.run}", "--network", cluster.run]
        docker("run", "-d", *place, *given, *_OPTIONS, *settings, image)
        wait_for("the server", lambda: _ready(server), 120)
        yield server
    finally:
        docker("rm", "-fv", server.container, check=False)
        docker("rmi", image, check=False)


def _ready(server: Server) -> bool:
    return bool(docker("exec", server.container, "lab-ready", "docker", check=False))
