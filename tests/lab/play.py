"""Playbook runs of the lab tests: whatever a run prints is searched for the lab's secrets."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from tests.support.canary import Canaries
from tests.support.paths import LAB_INVENTORY, ROOT
from tests.support.playbook import PlaybookRun, run_playbook
from tests.support.variables import LAB_VARIABLES

_DECLARED = yaml.safe_load((ROOT / "meta" / "cluster_variables.yml").read_text(encoding="utf-8"))
SECRETS = Canaries(
    [], {name: value for name, value in LAB_VARIABLES.items() if _DECLARED.get(name, {}).get("secret", False)}
)


def play(
    verb: str,
    *arguments: str,
    extra_vars: Mapping[str, Any] | None = None,
    inventory: Path = LAB_INVENTORY,
    secrets: Canaries = SECRETS,
) -> PlaybookRun:
    """Run playbooks/<verb>.yml with --diff and return the run; AssertionError where its output holds a secret."""
    run = run_playbook(
        f"playbooks/{verb}.yml", inventory=inventory, extra_vars=extra_vars, arguments=["--diff", *arguments]
    )
    leaks = secrets.leaks(run.output)
    assert not leaks, leaks
    return run


def announced(verb: str, *arguments: str, **options: Any) -> set[tuple[str, str]]:
    """Return the (host, resource) pairs that check mode says a run would change."""
    return play(verb, "--check", *arguments, **options).succeeded().changed
