"""A run that fails releases the cluster's lock: what can fail after it is taken is in a block with a rescue.

Where every host of a play has failed a playbook ends, and its last play, which releases the lock, does not run.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests.support import walk
from tests.support.paths import ROOT

# They ask no host; the plan of a verb is a pure function.
CONTROLLER = {
    *(f"ansible.builtin.{name}" for name in ("add_host", "debug", "group_by", "import_playbook", "meta")),
    *("ansible.builtin.set_fact", "ansible.builtin.set_stats", "wabiz.onprem.plan"),
}
# What it finds, and where it was not reached, is judged by the plan or the task that follows.
LOOKS = {"wabiz.onprem.survey"}
# Files that end a run, or without which there is no lock to release.
ENDS = {"failed.yml", "lock.yml", "refused.yml", "renew_lock.yml", "take_lock.yml", "unlock.yml"}
# The lock is released by then.
RELEASED = {"playbooks/register.yml: Show when to try again"}


def can_fail(task: walk.Entry) -> bool:
    """Whether a task can fail by itself; a role whose name is a template is not followed, and any of its tasks may."""
    # Check mode has taken no lock.
    if str(task.get("when", "")).startswith("ansible_check_mode"):
        return False
    if walk.includes(task):
        return "{{" in str(task.get("ansible.builtin.include_role", {}).get("name", ""))
    judges = str(task.get("wabiz.onprem.preflight", {}).get("refuse", True))
    returns = task.get("failed_when") is False or judges in ("False", "{{ _wabiz_playbook is not defined }}")
    return not (returns or (CONTROLLER | LOOKS) & set(task))


def keeping(playbook: Path) -> Iterator[walk.Found]:
    """Tasks that can end a playbook with the lock held."""
    taken = False
    for one in walk.run(playbook):
        names = {file.name for file in one.files}
        taken = taken or "take_lock.yml" in names
        if taken and not names & ENDS and not any(level.rescued for level in one.levels) and can_fail(one.task):
            yield one


@pytest.mark.parametrize("playbook", sorted((ROOT / "playbooks").glob("*.yml")), ids=lambda path: path.stem)
def test_what_can_fail_with_the_lock_held_is_in_a_block_that_releases_it(playbook: Path) -> None:
    assert sorted({one.name for one in keeping(playbook)} - RELEASED) == []


TAKE = {"name": "x", "ansible.builtin.include_tasks": "take_lock.yml"}
ASK = {"name": "y", "ansible.builtin.command": "true"}
ROLE = {"name": "y", "ansible.builtin.include_role": {"name": "wabiz.onprem.{{ x }}"}}
RESCUE = [{"name": "z", "ansible.builtin.debug": {}}]


@pytest.mark.parametrize(
    ("tasks", "kept"),
    [
        ([TAKE, ASK], True),
        ([ASK, TAKE], False),
        ([TAKE, {"name": "b", "block": [ASK], "rescue": RESCUE}], False),
        ([TAKE, {"name": "b", "block": [ASK], "always": RESCUE}], True),
        ([TAKE, {"name": "b", "block": RESCUE, "rescue": [ASK]}], True),
        ([TAKE, {**ASK, "failed_when": False}], False),
        ([TAKE, ROLE], True),
        ([TAKE, {**ROLE, "when": "ansible_check_mode and x"}], False),
        ([TAKE, {"name": "y", "wabiz.onprem.preflight": {"refuse": False}}], False),
        ([TAKE, {"name": "y", "wabiz.onprem.preflight": {}}], True),
    ],
)
def test_the_gate_knows_what_keeps_it(tasks: list[walk.Entry], kept: bool, tmp_path: Path) -> None:
    (tmp_path / "take_lock.yml").write_text(yaml.safe_dump([{"name": "t", "ansible.builtin.debug": {}}]))
    (tmp_path / "play.yml").write_text(yaml.safe_dump([{"hosts": "all", "tasks": tasks}]), encoding="utf-8")
    assert bool([*keeping(tmp_path / "play.yml")]) is kept
