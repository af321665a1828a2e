"""Run a playbook through ansible-runner as an automation platform does: extra variables and nothing else."""

from __future__ import annotations

import json
import shlex
import shutil
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import ansible_runner

from tests.support.paths import BIN, BUILD, LAB_INVENTORY, ROOT, SYSTEM_PATH
from tests.support.playbook import PlaybookRun, census_environment


def run_with_runner(
    playbook: str,
    name: str,
    extra_vars: Mapping[str, Any],
    *,
    arguments: Sequence[str] = (),
    inventory: Path = LAB_INVENTORY,
    project: Path = ROOT,
    collections: Path | None = None,
    timeout: int = 1200,
) -> PlaybookRun:
    """Run a playbook with a separate private data directory, build/runner/<name>.

    ``playbook`` is a path below ``project`` or a collection's playbook by its full name. The artifacts
    (event files, command, stdout) are kept below build/runner/<name>/artifacts for tests that search them.
    ``arguments`` are further ones of ansible-playbook, ``timeout`` is in seconds. Without ``collections`` the
    checkout is used.
    """
    private = BUILD / "runner" / name
    shutil.rmtree(private, ignore_errors=True)
    private.mkdir(parents=True)
    census = private / "census.json"
    started = time.monotonic()
    result = ansible_runner.run(
        private_data_dir=str(private),
        project_dir=str(project),
        playbook=playbook,
        inventory=str(inventory),
        extravars=dict(extra_vars),
        cmdline=shlex.join(arguments) or None,
        envvars={
            **census_environment(census),
            "ANSIBLE_COLLECTIONS_PATH": str(collections or ROOT / "collections"),
            "PATH": f"{BIN}:{SYSTEM_PATH}",
        },
        settings={"job_timeout": timeout},
        quiet=True,
    )
    seconds = time.monotonic() - started
    record = json.loads(census.read_text(encoding="utf-8")) if census.exists() else {}
    return PlaybookRun(("ansible-runner", playbook), result.rc, result.stdout.read(), "", seconds, record)
