"""What runs on the controller, or as whoever connects, does so whatever a site's `become` or `ansible_become` says.

To Ansible `ansible_become` of the inventory counts more than the keyword `become`, and `vars` of a task count more than
the inventory.
"""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from tests.support import walk
from tests.support.paths import ROOT
from tests.support.tracked import tracked

# The archive of images is on the controller, unless the site names a host.
CONTROLLER = {"localhost", "{{ _wabiz.image_archive_place }}"}


def on_the_controller(found: walk.Found) -> bool:
    """Whether a task is delegated to the controller."""
    return found.inherited("delegate_to") in CONTROLLER


def escalates(found: walk.Found) -> bool:
    """Whether a task is delegated to the controller and leaves it to the site as which user."""
    return on_the_controller(found) and found.variable("ansible_become") is not False


def contradicts(found: walk.Found) -> bool:
    """Whether a keyword says what a variable decides: that root is not wanted, or is wanted below such a variable."""
    words = [level.keywords["become"] for level in found.levels if "become" in level.keywords]
    own = found.task.get("become", False)
    return False in words or (own is not False and found.variable("ansible_become") is not None)


def all_tasks() -> list[walk.Found]:
    files = [ROOT / name for name, _text in tracked("playbooks roles") if name.endswith(".yml")]
    return [one for file in files for one in walk.tasks(file)]


def test_what_is_delegated_to_the_controller_does_not_become_root() -> None:
    found = [one for one in all_tasks() if not walk.includes(one.task)]
    assert sum(map(on_the_controller, found)) > 10
    assert sorted({one.name for one in found if escalates(one)}) == []


def test_no_keyword_says_who_runs_a_task_where_the_inventory_may_say_otherwise() -> None:
    assert sorted({one.name for one in all_tasks() if contradicts(one)}) == []


CONNECTS: walk.Entry = {"vars": {"ansible_become": False}}


def task_in_block(folder: Path, outer: walk.Entry, inner: walk.Entry) -> list[walk.Found]:
    block = {**outer, "block": [{"name": "x", "ansible.builtin.command": "true", **inner}]}
    (folder / "play.yml").write_text(yaml.safe_dump([{"hosts": "all", "tasks": [block]}]), encoding="utf-8")
    return list(walk.tasks(folder / "play.yml"))


@pytest.mark.parametrize(
    ("outer", "inner", "escalated"),
    [
        ({}, {"delegate_to": "localhost"}, True),
        ({}, {"delegate_to": "localhost", "become": False}, True),
        ({}, {"delegate_to": "localhost", **CONNECTS}, False),
        ({"delegate_to": "localhost", **CONNECTS}, {"vars": {"x": 1}}, False),
        (CONNECTS, {"delegate_to": "localhost", "vars": {"ansible_become": "{{ x }}"}}, True),
        ({"delegate_to": "localhost"}, {"delegate_to": "{{ x }}"}, False),
    ],
)
def test_the_gate_knows_who_runs_it(outer: walk.Entry, inner: walk.Entry, escalated: bool, tmp_path: Path) -> None:
    assert any(map(escalates, task_in_block(tmp_path, outer, inner))) is escalated


@pytest.mark.parametrize(
    ("outer", "inner", "contradictory"),
    [
        ({}, {"become": True}, False),
        ({}, {"become": False}, True),
        ({"become": False}, {}, True),
        ({"become": True}, CONNECTS, False),
        (CONNECTS, {"become": True}, True),
    ],
)
def test_the_gate_knows_what_decides(outer: walk.Entry, inner: walk.Entry, contradictory: bool, tmp_path: Path) -> None:
    assert any(map(contradicts, task_in_block(tmp_path, outer, inner))) is contradictory
