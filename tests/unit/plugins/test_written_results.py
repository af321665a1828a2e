# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files that status.yml and verify.yml write on the controller: whose they are, and that check mode writes them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from tests.support.paths import ROOT
from tests.support.playbook import DEAD, LOCALLY, run_playbook

pytestmark = pytest.mark.slow

GROUPS = {"webapp": "web1", "master": "m1", "coreapp": "c1"}
# The tests may run as root, which escalates to root only where that is allowed.
SITE = {"ANSIBLE_BECOME": "true", "ANSIBLE_BECOME_ALLOW_SAME_USER": "true"}


@pytest.mark.parametrize("verb", ["status", "verify"])
def test_the_result_is_written_without_become_in_check_mode_too(tmp_path: Path, verb: str) -> None:
    """Where a site escalates by default and by its inventory, which no one may do here; no host can be reached."""
    result, asked, program = tmp_path / "result.json", tmp_path / "asked", tmp_path / "sudo"
    program.write_text(f"#!/bin/sh\ntouch {asked}\nexit 1\n", encoding="utf-8")
    program.chmod(0o755)
    nowhere = {**LOCALLY, **DEAD}
    known = {**nowhere, "ansible_become": True, "wabiz_api_key": "Canary-api-key-1", f"wabiz_{verb}_file": str(result)}
    children = {group: {"hosts": {host: None}} for group, host in GROUPS.items()}
    inventory = tmp_path / "inventory.yml"
    inventory.write_text(yaml.safe_dump({"all": {"vars": known, "children": children}}), encoding="utf-8")
    done = run_playbook(
        ROOT / "playbooks" / f"{verb}.yml",
        inventory=inventory,
        arguments=["--check", "--diff"],
        environment={**SITE, "ANSIBLE_BECOME_EXE": str(program)},
    )
    assert not asked.exists(), done.output[-3000:]
    assert json.loads(result.read_text(encoding="utf-8"))["text"]
    assert str(result) not in done.stdout
