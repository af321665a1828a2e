"""Playbooks inside the execution environment, as AWX and ansible-navigator run them.

The container has nothing of this machine but an inventory and a key. It is on the lab's network and has the lab's name
server, as AWX's own would be on a network of the site.
"""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import ansible_runner
import yaml

from lab import base_image, gateway
from lab.docker import build
from lab.network import placed, service_address
from tests.lab.hosts import LAB
from tests.lab.play import SECRETS
from tests.lab.traces import leaks
from tests.support.gate import passes
from tests.support.paths import BIN, BUILD, LAB_INVENTORY, ROOT, SYSTEM_PATH
from tests.support.playbook import PlaybookRun, census_environment
from tests.support.processes import ProcessWatch
from tests.support.variables import ALL_LAB_VARIABLES, LAB_VARIABLES

IMAGE = "wabiz-lab/execution-environment:test"
NUMBER = f"{LAB_VARIABLES['wabiz_phone_cc']}{LAB_VARIABLES['wabiz_phone_number']}"
KEY = LAB.state / "id_ed25519"
# In the container, where ansible-runner has its private data directory.
_CENSUS = Path("/runner/census.json")
# What of the lab's inventory is about this machine: its files, and the programs that print certificate and code.
_OF_THIS_MACHINE = ("ansible_ssh_common_args", "ansible_control_path", "ansible_control_path_dir")
_BY_PROGRAMS = ("wabiz_certificate", "wabiz_registration_code_command")
# AWX's default too: it knows no host keys.
_SETTINGS = {"ANSIBLE_HOST_KEY_CHECKING": "False"}
_LAB_SETTINGS = {name: value for name, value in os.environ.items() if name.startswith("STANDIN_")}


def made() -> str:
    """Build the image by `make execution-environment` and the lab's base image, and return its name."""
    place = BUILD / "execution-environment-test"
    passes("make", "--old-file=.venv/.ready", "execution-environment", f"EE={place}", timeout=1800)
    base_image.ensure()
    build(IMAGE, place / "context", f"--build-arg=EE_BASE_IMAGE={base_image.NAMES[base_image.SUITE]}")
    return IMAGE


def network() -> list[str]:
    """The options with which a container reaches the lab's hosts by their names."""
    return [f"--network={LAB.name}", f"--dns={service_address(placed(LAB).subnet, 'dns')}"]


def inventory(directory: Path) -> Path:
    """Write the lab's inventory as a site would have it in AWX, with values in place of this machine's programs."""
    shutil.copytree(LAB_INVENTORY, directory, ignore=shutil.ignore_patterns("group_vars"))
    here = (*_OF_THIS_MACHINE, *_BY_PROGRAMS)
    given = {name: value for name, value in ALL_LAB_VARIABLES.items() if name not in here and not name.startswith("_")}
    (directory / "group_vars").mkdir()
    variables = {**given, "wabiz_certificate": gateway.certificate(LAB, NUMBER)}
    (directory / "group_vars" / "all.yml").write_text(yaml.safe_dump(variables), encoding="utf-8")
    return directory


def run(
    verb: str, extra_vars: Mapping[str, Any] | None = None, arguments: Sequence[str] = (), timeout: int = 3600
) -> PlaybookRun:
    """Run a playbook of the collection in the image by ansible-runner, which has the SSH key from AWX's credential.

    AssertionError if a secret is in its output or artifacts, on a host, or was in a process list.
    """
    private = BUILD / "runner" / f"inside-{verb}"
    shutil.rmtree(private, ignore_errors=True)
    inventory(private / "inventory")
    (private / "project").mkdir()
    counted = census_environment(_CENSUS)
    plugins = counted["ANSIBLE_CALLBACK_PLUGINS"]
    started = time.monotonic()
    with ProcessWatch() as watch:
        result = ansible_runner.run(
            private_data_dir=str(private),
            playbook=f"wabiz.onprem.{verb}",
            extravars=dict(extra_vars or {}),
            cmdline=shlex.join(["--diff", *arguments]),
            envvars={**counted, **_SETTINGS, **_LAB_SETTINGS},
            ssh_key=KEY.read_text(encoding="utf-8"),
            settings={"job_timeout": timeout},
            process_isolation=True,
            process_isolation_executable="docker",
            container_image=IMAGE,
            container_options=network(),
            container_volume_mounts=[f"{plugins}:{plugins}:ro"],
            quiet=True,
        )
    _let_go(private)
    printed = result.stdout.read()
    assert leaks(watch, printed, [SECRETS]) == {}
    assert SECRETS.leaks_below(private / "artifacts") == []
    census = private / _CENSUS.name
    record = json.loads(census.read_text(encoding="utf-8")) if census.exists() else {}
    return PlaybookRun(("ansible-runner", verb), result.rc, printed, "", time.monotonic() - started, record)


def _let_go(private: Path) -> None:
    """Read the key where the container did not come so far, else the thread that offers it would wait for ever."""
    for fifo in private.glob("artifacts/*/ssh_key_data"):
        os.close(os.open(fifo, os.O_RDONLY | os.O_NONBLOCK))


def navigate(directory: Path, verb: str, *arguments: str) -> PlaybookRun:
    """Run a playbook of the collection in the image by ansible-navigator, with the settings of awx/."""
    inventory(directory / "inventory")
    shutil.copy(ROOT / "awx" / "ansible-navigator.yml", directory)
    command = [
        *(str(BIN / "ansible-navigator"), "run", f"wabiz.onprem.{verb}", "--inventory", "inventory"),
        *("--execution-environment-image", IMAGE, "--pull-policy", "never", "--container-engine", "docker"),
        *(f"--container-options={option}" for option in network()),
        *(f"--set-environment-variable={name}={value}" for name, value in {**_SETTINGS, **_LAB_SETTINGS}.items()),
        # ansible-navigator mounts the key's directory by itself.
        *("--private-key", str(KEY), *arguments),
    ]
    started = time.monotonic()
    with ProcessWatch() as watch:
        done = subprocess.run(
            command,
            cwd=directory,
            env={"HOME": str(directory), "PATH": f"{BIN}:{SYSTEM_PATH}", "LANG": "C.UTF-8", "NO_COLOR": "1"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            timeout=1800,
            check=False,
        )
    assert leaks(watch, done.stdout, [SECRETS]) == {}
    return PlaybookRun(tuple(command), done.returncode, done.stdout, "", time.monotonic() - started, {})
