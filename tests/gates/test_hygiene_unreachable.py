"""A host that cannot be reached ends no run where it is ignored.

To ansible-core it is an error of all hosts all the same where a task is run_once or in any_errors_fatal. A rescue of
the block that ignores it is what is to be done then; one around it gives up more than that task.
"""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from tests.support import walk
from tests.support.paths import ROOT
from tests.support.tracked import tracked

# They ask no host.
CONTROLLER = {
    *(f"ansible.builtin.{name}" for name in ("add_host", "assert", "debug", "fail", "meta", "set_fact", "set_stats")),
    *(f"ansible.builtin.{name}" for name in ("import_role", "import_tasks", "include_role", "include_tasks")),
    *(f"wabiz.onprem.{name}" for name in ("plan", "preflight", "settings")),
}


def fatal_anyway(found: walk.Found) -> bool:
    """Whether a task ignores a host that cannot be reached, which is an error of all hosts nevertheless."""
    if CONTROLLER & set(found.task) or not found.inherited("ignore_unreachable"):
        return False
    if not (found.inherited("any_errors_fatal") or found.inherited("run_once")):
        return False
    ignoring = max(number for number, one in enumerate(found.levels) if "ignore_unreachable" in one.keywords)
    return not any(level.rescued for level in found.levels[ignoring:])


def test_a_host_that_cannot_be_reached_and_is_ignored_ends_no_run() -> None:
    files = [ROOT / name for name, _text in tracked("playbooks roles") if name.endswith(".yml")]
    assert sorted({found.name for file in files for found in walk.tasks(file) if fatal_anyway(found)}) == []


def test_includes_are_followed() -> None:
    """Tasks of a playbook, of a file of tasks that it includes, and of a role that this includes."""
    files = {found.files[-1] for found in walk.tasks(ROOT / "playbooks" / "internal" / "upgrade_finish.yml")}
    assert {
        ROOT / "playbooks/internal/upgrade_finish.yml",
        ROOT / "playbooks/internal/tasks/heartbeat_restore.yml",
        ROOT / "roles/rolling/tasks/cause.yml",
    } <= files


ASK = {"name": "x", "ansible.builtin.command": "true"}
INCLUDE = {"ansible.builtin.include_tasks": "inner.yml"}


@pytest.mark.parametrize(
    ("outer", "inner", "fatal"),
    [
        ({"any_errors_fatal": True}, {"ignore_unreachable": True}, True),
        ({}, {"ignore_unreachable": True}, False),
        ({"any_errors_fatal": True}, {"ignore_unreachable": True, "any_errors_fatal": False}, False),
        ({"ignore_unreachable": True}, {"run_once": True}, True),
        (
            {"ignore_unreachable": True, "rescue": [{"name": "y", "ansible.builtin.debug": {}}]},
            {"run_once": True},
            False,
        ),
        ({"any_errors_fatal": True, "rescue": [{"name": "y"}]}, {"ignore_unreachable": True}, True),
    ],
)
def test_the_gate_knows_what_ends_a_run(outer: walk.Entry, inner: walk.Entry, fatal: bool, tmp_path: Path) -> None:
    (tmp_path / "inner.yml").write_text(yaml.safe_dump([{**ASK, **inner}]), encoding="utf-8")
    for number, include in enumerate((INCLUDE, {"ansible.builtin.import_tasks": {"file": "inner.yml"}})):
        play = {"hosts": "all", "tasks": [{**outer, "block": [include]}]}
        (tmp_path / f"{number}.yml").write_text(yaml.safe_dump([play]), encoding="utf-8")
        assert any(map(fatal_anyway, walk.tasks(tmp_path / f"{number}.yml"))) is fatal


@pytest.mark.parametrize(
    ("include", "fatal"),
    [
        ({**INCLUDE, "ignore_unreachable": True}, False),
        ({"ansible.builtin.include_tasks": {"file": "inner.yml", "apply": {"ignore_unreachable": True}}}, True),
        ({"ansible.builtin.import_tasks": "inner.yml", "ignore_unreachable": True}, True),
    ],
)
def test_the_gate_knows_which_keywords_an_include_hands_on(include: walk.Entry, fatal: bool, tmp_path: Path) -> None:
    (tmp_path / "inner.yml").write_text(yaml.safe_dump([{**ASK, "run_once": True}]), encoding="utf-8")
    (tmp_path / "outer.yml").write_text(yaml.safe_dump([include]), encoding="utf-8")
    assert any(map(fatal_anyway, walk.tasks(tmp_path / "outer.yml"))) is fatal
