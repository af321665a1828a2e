# Copyright: (c) 2026, wabiz.onprem contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the action adds to the module: locks of dead runs of this machine, and a host that cannot be reached."""

from __future__ import annotations

import json
import os
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.wabiz.onprem.plugins.plugin_utils.holder import holder

from tests.support.playbook import LOCALLY, PlaybookRun, run_playbook

pytestmark = pytest.mark.slow

PLAY = """
- hosts: here
  gather_facts: false
  tasks:
    - name: Take it
      wabiz.onprem.cluster_lock:
        path: "{{ lock }}"
        holder: bert
      delegate_to: "{{ keeper }}"
      register: taken
      failed_when: taken is failed and taken.reached
    - name: Say it
      ansible.builtin.debug:
        msg: "reached {{ taken.reached }}, {{ taken.msg | default(taken.holder) }}"
"""
# Nothing listens on that port.
NOWHERE = "there ansible_connection=ssh ansible_host=127.0.0.1 ansible_port=1\n"


def ended() -> int:
    """Return the number of a process that has ended."""
    process = subprocess.Popen(["true"])
    process.wait()
    return process.pid


def held_by(process: int) -> str:
    """Return what a run says of itself that has this number."""
    return holder({}).replace(f"process {os.getppid()} ", f"process {process} ")


def run(folder: Path, lease: str = "", keeper: str = "here") -> PlaybookRun:
    lock = folder / "wabiz.lock"
    if lease:
        found: dict[str, Any] = {"holder": lease, "purpose": "site.yml", "since": 0, "until": time.time() + 600}
        lock.write_text(json.dumps(found), encoding="utf-8")
    (folder / "play.yml").write_text(PLAY, encoding="utf-8")
    given = {name: value for name, value in LOCALLY.items() if name != "ansible_connection"}
    (folder / "hosts").write_text(f"here ansible_connection=local\n{NOWHERE}", encoding="utf-8")
    variables = {**given, "lock": str(lock), "keeper": keeper}
    return run_playbook(folder / "play.yml", inventory=folder / "hosts", extra_vars=variables)


def test_a_dead_run_of_this_machine_holds_up_nothing(tmp_path: Path) -> None:
    assert "reached True, bert" in run(tmp_path, held_by(ended())).succeeded().stdout


@pytest.mark.parametrize("who", ["living", "anna, AWX job 7", "elsewhere"])
def test_whoever_may_still_be_at_work_keeps_it(tmp_path: Path, who: str) -> None:
    known = {"living": held_by(os.getpid()), "elsewhere": "anna@other.example.net, process 1 of a1b2c3, run of today"}
    message = run(tmp_path, known.get(who, who)).failed().failures[0]["msg"]
    assert known.get(who, who) in message


def test_a_host_that_cannot_be_reached_is_a_result(tmp_path: Path) -> None:
    said = run(tmp_path, keeper="there").succeeded().stdout
    assert "reached False, there, the host of the cluster's lock, is unreachable; nothing was changed." in " ".join(
        said.split()
    )
