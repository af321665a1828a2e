"""Playbook runs of the lab tests; output, files on the hosts and process lists are searched for secrets."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ansible_collections.wabiz.onprem.plugins.plugin_utils.declared import declared

from tests.lab.traces import leaks
from tests.support.canary import Canaries
from tests.support.paths import LAB_INVENTORY
from tests.support.playbook import PlaybookRun, run_playbook
from tests.support.processes import ProcessWatch
from tests.support.variables import LAB_VARIABLES

_SECRET = {name for name, variable in declared().variables.items() if variable.secret}
SECRETS = Canaries([], {name: value for name, value in LAB_VARIABLES.items() if name in _SECRET})


def play(
    verb: str,
    *arguments: str,
    extra_vars: Mapping[str, Any] | None = None,
    inventory: Path = LAB_INVENTORY,
    secrets: Canaries = SECRETS,
) -> PlaybookRun:
    """Run playbooks/<verb>.yml with --diff and return the run, whether it succeeded or not.

    AssertionError if one of ``secrets``, or of the lab's own, is in the output, in a host's journal, temporary or
    async files, or was in the command line of a process, on a host or here.
    """
    with ProcessWatch() as watch:
        run = run_playbook(
            f"playbooks/{verb}.yml", inventory=inventory, extra_vars=extra_vars, arguments=["--diff", *arguments]
        )
    found = leaks(watch, run.output, [SECRETS] if secrets is SECRETS else [SECRETS, secrets])
    assert not found, f"{verb}.yml exposes secrets: {found}"
    return run


def warned(run: PlaybookRun, *expected: str) -> list[str]:
    """Return the first line of each of Ansible's warnings, except for those that begin with one of ``expected``."""
    found = re.findall(r"^\[(?:DEPRECATION )?WARNING\]: .*", run.output, re.MULTILINE)
    return [line for line in found if not line.partition(": ")[2].startswith(expected)]


def announced(verb: str, *arguments: str, **options: Any) -> set[tuple[str, str]]:
    """Return the (host, resource) pairs that a run would change, according to check mode."""
    return play(verb, "--check", *arguments, **options).succeeded().changed
