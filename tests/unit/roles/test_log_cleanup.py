"""The program that cron starts, with a docker of the test's own."""

from __future__ import annotations

import fcntl
import json
import os
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.wabiz.onprem.plugins.module_utils._model.docker_command import docker_host
from jinja2 import Environment

from tests.support.paths import ROOT

PROGRAM = ROOT / "roles/log_cleanup/templates/log-cleanup.sh.j2"
# What a container does is in a file of its name; each call is noted.
# A list of processes without their numbers is refused, as by the engine.
# A context of the user's may lead to another engine.
DOCKER = """#!/bin/sh
[ "$DOCKER_HOST" = unix:///var/run/docker.sock ] || exit 9
echo "$*" >> "{calls}"
case $1 in
ps) cat "{containers}" || exit 3 ;;
top) case "$*" in *pid*) cat "{left}/$2" 2> /dev/null; exit 0 ;; *) exit 1 ;; esac ;;
exec) . "{behaviour}/$2" ;;
esac
"""


class Host:
    """A directory like a cluster's, and a docker that behaves as the test says."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory / "wabiz"
        self.calls, self.behaviour, self.left = directory / "calls", directory / "behaviour", directory / "left"
        for path in (self.directory, self.behaviour, self.left, directory / "bin"):
            path.mkdir()
        self.containers = directory / "containers"
        docker = directory / "bin/docker"
        names = {name: str(getattr(self, name)) for name in ("calls", "containers", "left", "behaviour")}
        docker.write_text(DOCKER.format(**names), encoding="utf-8")
        docker.chmod(0o755)
        self.path = f"{docker.parent}:{os.environ['PATH']}"
        self.program = self.directory / "log-cleanup.sh"
        # As Ansible renders it.
        jinja = Environment(trim_blocks=True, keep_trailing_newline=True, autoescape=True)
        template = jinja.from_string(PROGRAM.read_text(encoding="utf-8"))
        self.program.write_text(template.render(_wabiz={"docker_host": docker_host()}), encoding="utf-8")

    def has(self, **containers: str) -> None:
        self.containers.write_text("".join(f"{name}\n" for name in containers), encoding="utf-8")
        for name, script in containers.items():
            (self.behaviour / name).write_text(script, encoding="utf-8")

    def run(self, seconds: int = 60) -> int:
        command = ["sh", str(self.program), "wabiz", str(seconds)]
        return subprocess.run(command, env={"PATH": self.path}, check=False, timeout=60).returncode

    @property
    def result(self) -> dict[str, Any]:
        found = json.loads((self.directory / "log-cleanup.json").read_text(encoding="utf-8"))
        assert isinstance(found, dict)
        return found

    def cleaned(self) -> list[str]:
        calls = self.calls.read_text(encoding="utf-8").splitlines() if self.calls.exists() else []
        return [call.split()[1] for call in calls if call.startswith("exec")]


@pytest.fixture
def host(tmp_path: Path) -> Host:
    return Host(tmp_path)


def test_each_container_of_the_cluster_is_cleaned_up(host: Host) -> None:
    host.has(webapp="exit 0", coreapp="exit 0")
    assert host.run() == 0
    assert host.result["codes"] == {"webapp": 0, "coreapp": 0}
    assert host.result["problem"] == ""
    calls = host.calls.read_text(encoding="utf-8")
    assert "--filter label=org.wabiz.cluster=wabiz --filter label=org.wabiz.node" in calls
    assert "exec webapp /opt/whatsapp/bin/cleanup.sh" in calls
    # By this form a plan can read it.
    assert time.strptime(host.result["began"], "%Y-%m-%dT%H:%M:%SZ")


def test_one_that_hangs_or_fails_stops_no_other(host: Host) -> None:
    host.has(hung="exec sleep 60", failing="exit 7", last="exit 0")
    began = time.monotonic()
    assert host.run(seconds=1) == 1
    assert time.monotonic() - began < 30
    assert host.result["codes"] == {"hung": 124, "failing": 7, "last": 0}


def test_none_is_started_where_the_one_before_still_runs(host: Host) -> None:
    host.has(hung="exit 0", other="exit 0")
    (host.left / "hung").write_text("PID COMMAND\n4711 sh /opt/whatsapp/bin/cleanup.sh\n", encoding="utf-8")
    assert host.run() == 1
    assert host.cleaned() == ["other"]
    assert host.result["codes"] == {"hung": 124, "other": 0}


def test_one_run_at_a_time(host: Host) -> None:
    host.has(coreapp="exit 0")
    directory = os.open(host.directory, os.O_RDONLY)
    fcntl.flock(directory, fcntl.LOCK_EX)
    assert host.run() == 0
    assert host.cleaned() == []
    os.close(directory)
    assert host.run() == 0
    assert host.cleaned() == ["coreapp"]


def test_a_container_that_outlives_the_program_keeps_no_lock(host: Host) -> None:
    host.has(coreapp="sleep 30 > /dev/null 2>&1 & exit 0")
    assert host.run() == host.run() == 0
    assert host.cleaned() == ["coreapp", "coreapp"]


def test_an_engine_that_does_not_answer_is_told(host: Host) -> None:
    assert host.run() == 1
    assert host.result["problem"] == "docker ps ended with code 3"


def test_a_host_without_containers(host: Host) -> None:
    host.has()
    assert host.run() == 0
    assert host.result["codes"] == {}
