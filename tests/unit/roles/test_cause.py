# Copyright: (c) 2026, wabiz.onprem contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which hosts a failed run calls unreachable: role rolling itself, in a play with batches."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.paths import CORES
from tests.support.playbook import DEAD, LOCALLY, run_playbook

pytestmark = pytest.mark.slow

CAUSE = {"name": "wabiz.onprem.rolling", "tasks_from": "cause", "rolespec_validate": False}


@pytest.mark.parametrize("core", CORES)
@pytest.mark.parametrize("serial", [["100%"], [1, "100%"], [1, 2, "100%"]], ids=str)
def test_only_the_host_that_cannot_be_reached_is_named(serial: list[Any], core: str, tmp_path: Path) -> None:
    if not CORES[core].exists():
        pytest.skip(f"no {CORES[core]}")
    include = {"ansible.builtin.include_role": CAUSE}
    said = {"ansible.builtin.fail": {"msg": "{{ rolling_cause }}"}}
    play = {
        "hosts": "all",
        "gather_facts": False,
        "any_errors_fatal": True,
        "serial": serial,
        "tasks": [{"block": [{"ansible.builtin.command": "true"}], "rescue": [include, said]}],
    }
    # Of three batches the one in the middle has it.
    hosts = {"h1": LOCALLY, "h2": LOCALLY, "dead": DEAD, "h3": LOCALLY}
    (tmp_path / "play.yml").write_text(yaml.safe_dump([play]), encoding="utf-8")
    (tmp_path / "hosts.yml").write_text(yaml.safe_dump({"all": {"hosts": hosts}}, sort_keys=False), encoding="utf-8")
    run = run_playbook(tmp_path / "play.yml", inventory=tmp_path / "hosts.yml", binaries=CORES[core]).failed()
    told = {failure["msg"] for failure in run.failures if failure["host"] != "dead"}
    assert {text.removeprefix("Task failed: Action failed: ") for text in told} == {"Unreachable: dead"}
