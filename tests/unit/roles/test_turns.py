# Copyright: (c) 2026, wabiz.onprem contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hosts of one play act one after the other, whatever its strategy; another run is refused. Real runs of role node."""

from __future__ import annotations

import json
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.playbook import LOCALLY, PlaybookRun, run_playbook

pytestmark = pytest.mark.slow

HOSTS = ("one", "two", "three", "four")
ACT = "wabiz.onprem.media : Make the media directory, with its mode unless the server decides"


def play(folder: Path, strategy: str, lock: str, take_over: bool = False) -> PlaybookRun:
    """Each host sets up a directory of its own in its turn, as role media does; C(lock) is the name of its lock."""
    holder = "anna, AWX job 7, host {{ inventory_hostname }}"
    topology = {"lock": f"{folder}/{lock}", "holder": holder, "run": "AWX job 7,", "playbook": "role media"}
    media = f"{folder}/{{{{ inventory_hostname }}}}"
    unmounted = {"mount_points": {host: [] for host in HOSTS}, "boot_file": f"{folder}/none"}
    variables = {
        **LOCALLY,
        "_wabiz": {"take_over": take_over, "media_source": None, "media_set_mode": True, "media_path": media},
        "_wabiz_topology": {**topology, "keeper": "one", **unmounted},
    }
    turn: dict[str, Any] = {
        "ansible.builtin.include_role": {"name": "wabiz.onprem.node", "tasks_from": "turn"},
        "vars": {"_node_role": "media", "_node_act": "directory"},
        "loop": ["{{ inventory_hostname }}"],
        "loop_control": {"loop_var": "turn"},
    }
    plays = [{"hosts": "all", "gather_facts": False, "strategy": strategy, "become": False, "tasks": [turn]}]
    (folder / "play.yml").write_text(yaml.safe_dump(plays), encoding="utf-8")
    inventory = {"all": {"hosts": {host: {} for host in HOSTS}, "vars": variables}}
    (folder / "hosts.yml").write_text(yaml.safe_dump(inventory), encoding="utf-8")
    noting = {
        "ANSIBLE_CALLBACKS_ENABLED": "task_census,task_times",
        "WABIZ_TASK_TIMES": str(folder / "times"),
        "ANSIBLE_BECOME_ALLOW_SAME_USER": "false",
    }
    return run_playbook(
        folder / "play.yml", inventory=folder / "hosts.yml", environment=noting, arguments=["--forks=4"]
    )


def acts(folder: Path) -> list[tuple[float, float, str]]:
    """Beginning and end of what each host did in its turn, in order of time."""
    lines = map(json.loads, (folder / "times").read_text(encoding="utf-8").splitlines())
    return sorted((line["began"], line["ended"], line["host"]) for line in lines if line["task"] == ACT)


def overlaps(found: list[tuple[float, float, str]]) -> int:
    return sum(later[0] < earlier[1] for earlier, later in pairwise(found))


@pytest.mark.parametrize("strategy", ["linear", "free", pytest.param("host_pinned", marks=pytest.mark.drill)])
def test_one_host_acts_at_a_time(tmp_path: Path, strategy: str) -> None:
    play(tmp_path, strategy, "shared.lock").succeeded()
    found = acts(tmp_path)
    assert {host for _began, _ended, host in found} == set(HOSTS)
    assert overlaps(found) == 0
    assert not (tmp_path / "shared.lock").exists()


@pytest.mark.drill
def test_hosts_take_the_lock_over_from_another_run_and_not_from_each_other(tmp_path: Path) -> None:
    other = {"holder": "bert, AWX job 77", "purpose": "site.yml", "since": 0, "until": time.time() + 600}
    (tmp_path / "shared.lock").write_text(json.dumps(other), encoding="utf-8")
    play(tmp_path, "free", "shared.lock", take_over=True).succeeded()
    found = acts(tmp_path)
    assert {host for _began, _ended, host in found} == set(HOSTS)
    assert overlaps(found) == 0


def test_linear_needs_no_waiting(tmp_path: Path) -> None:
    play(tmp_path, "linear", "{{ inventory_hostname }}.lock").succeeded()
    assert overlaps(acts(tmp_path)) == 0


def test_without_a_common_lock_hosts_of_a_free_play_act_at_once(tmp_path: Path) -> None:
    """What the tests above measure does happen where nothing prevents it."""
    play(tmp_path, "free", "{{ inventory_hostname }}.lock").succeeded()
    assert overlaps(acts(tmp_path)) > 0


@pytest.mark.parametrize("strategy", ["linear", "free"])
def test_another_run_is_refused_by_the_name_of_its_holder(tmp_path: Path, strategy: str) -> None:
    other = {"holder": "bert, AWX job 77", "purpose": "site.yml", "since": 0, "until": time.time() + 600}
    (tmp_path / "shared.lock").write_text(json.dumps(other), encoding="utf-8")
    run = play(tmp_path, strategy, "shared.lock").failed()
    assert {row["host"] for row in run.failures} == set(HOSTS)
    assert all("in use by bert, AWX job 77" in row["msg"] for row in run.failures)
    assert not any((tmp_path / host).exists() for host in HOSTS)
    assert json.loads((tmp_path / "shared.lock").read_text(encoding="utf-8")) == other
