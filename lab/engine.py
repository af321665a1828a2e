# SPDX-License-Identifier: GPL-3.0-or-later
"""A Docker engine on this machine: find it, or install and start it if that is allowed."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import threading
from collections.abc import Mapping
from pathlib import Path

from lab import proc
from lab.errors import LabError
from lab.settings import Settings

OS_RELEASE = Path("/etc/os-release")
SYSTEMD = Path("/run/systemd/system")
# Program: its Debian package.
ENGINE_PROGRAMS = {"dockerd": "docker.io", "docker": "docker.io", "iptables": "iptables"}
LAB_PROGRAMS = {"ssh": "openssh-client", "ssh-keygen": "openssh-client", "openssl": "openssl"}
AUTHORITIES = "ca-certificates"  # the engine needs them to pull
# For whoever installs packages or updates their lists: several images are built at once, and apt serves one at a time.
APT = threading.Lock()


def answers() -> bool:
    """Whether a Docker engine answers the docker program."""
    if shutil.which("docker") is None:
        return False
    return proc.run(["docker", "version"], check=False, timeout=30).returncode == 0


def is_debian_family(os_release: str) -> bool:
    """Whether an os-release text names Debian or something derived from it."""
    names = re.findall(r'^ID(?:_LIKE)?="?([^"\n]*)', os_release, re.MULTILINE)
    return "debian" in " ".join(names).split()


def may_install() -> bool:
    """Whether we are root on a Debian-family machine."""
    return os.geteuid() == 0 and OS_RELEASE.exists() and is_debian_family(OS_RELEASE.read_text(encoding="utf-8"))


def install(*packages: str) -> None:
    """Install Debian packages; the package lists are updated only if the install fails without it.

    Raises:
        LabError: apt-get failed.
    """
    quiet = {"DEBIAN_FRONTEND": "noninteractive"}
    command = ["apt-get", "install", "-q", "-y", "--no-install-recommends", *packages]
    if proc.run(command, check=False, env=quiet).returncode:
        proc.run(["apt-get", "update", "-q"], env=quiet)
        proc.run(command, env=quiet)


def missing_packages(programs: Mapping[str, str]) -> list[str]:
    """The packages of the programs that are not on PATH, each once.

    Args:
        programs: the package of each program.
    """
    return sorted({package for program, package in programs.items() if shutil.which(program) is None})


def ensure_programs(programs: Mapping[str, str]) -> None:
    """Make sure that programs are installed.

    Args:
        programs: the Debian package of each program.

    Raises:
        LabError: one is missing, and it may not or cannot be installed.
    """
    with APT:
        packages = missing_packages(programs)
        if not packages:
            return
        if not may_install():
            raise LabError(f"Not installed: {', '.join(packages)} (Debian's names of the packages).")
        install(*packages)


def ensure(settings: Settings) -> str:
    """Make sure that an engine answers, and report how.

    Raises:
        LabError: no engine answers, and none may or can be started.
    """
    if answers():
        return "engine answers"
    if not may_install():
        raise LabError(
            "No Docker engine answers. Needed: Docker 20.10 or newer, running, and this user allowed to use it"
            " (the command docker info must succeed)."
            " It is installed and started automatically only for root on Debian or a distribution derived from it."
        )
    if missing_packages(ENGINE_PROGRAMS):
        # Together with the programs that the lab itself needs, so that apt-get runs once.
        install(*missing_packages(ENGINE_PROGRAMS | LAB_PROGRAMS), AUTHORITIES)
    if answers():  # the package may have started its service
        return "engine installed"
    start(settings)
    return "engine started"


def start(settings: Settings) -> None:
    """Start the engine and record how, so that only an engine of ours is stopped later.

    Raises:
        LabError: it does not come up.
    """
    settings.state.mkdir(parents=True, exist_ok=True)
    if SYSTEMD.is_dir():
        proc.run(["systemctl", "start", "docker.service"])
        record(settings).write_text("systemd\n", encoding="utf-8")
        proc.wait_until(answers, "docker.service", timeout=60)
    else:
        start_daemon(settings)


def start_daemon(settings: Settings) -> None:
    """Start dockerd detached from this process, on a machine without systemd.

    Raises:
        LabError: it does not come up.
    """
    log = settings.state / "dockerd.log"
    with log.open("ab") as output:
        daemon = subprocess.Popen(
            ["dockerd"], stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True
        )
    record(settings).write_text(f"{daemon.pid}\n", encoding="utf-8")
    proc.wait_until(lambda: daemon.poll() is not None or answers(), f"dockerd (see {log})", timeout=60)
    if daemon.poll() is not None:
        record(settings).unlink()
        raise LabError(f"dockerd ended at once:\n{proc.tail(log.read_text(encoding='utf-8', errors='replace'))}")


def record(settings: Settings) -> Path:
    """File that exists while an engine that we have started runs: its process id, or the word systemd."""
    return settings.state / "engine-started"


def stop(settings: Settings) -> str:
    """Stop the engine if we have started it, and report what was done."""
    path = record(settings)
    if not path.exists():
        return "no engine of ours to stop"
    how = path.read_text(encoding="utf-8").strip()
    if how == "systemd":
        proc.run(["systemctl", "stop", "docker.socket", "docker.service"])
        path.unlink()
        return "engine stopped"
    pid = int(how)
    if not runs_dockerd(pid):
        path.unlink()
        return "the engine that we started is gone already"
    os.kill(pid, signal.SIGTERM)
    proc.wait_until(lambda: not runs_dockerd(pid), f"end of dockerd {pid}", timeout=60)
    path.unlink()
    return "engine stopped"


def runs_dockerd(pid: int) -> bool:
    """Whether a process id still belongs to a running dockerd."""
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    except FileNotFoundError:
        return False
    return "Name:\tdockerd\n" in status and "State:\tZ" not in status
