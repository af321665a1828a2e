"""What needs the inspection of a host (_wabiz_survey) is run by playbooks that have inspected it, in an earlier task.

Variables are followed through those of roles, plays and files of variables, since tasks of roles need it by them too.
Roles whose name is a template are not followed: their playbooks begin with preflight, which inspects the hosts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support import walk
from tests.support.paths import ROOT

SURVEY = "_wabiz_survey"
# They go on without it.
GUARDED = re.compile(r"_wabiz_survey(\.\w+)? is defined|'_wabiz_survey'|_wabiz_survey \| default")
NAME = re.compile(r"\b[a-z_]\w+")


@cache
def variables(file: Path) -> dict[str, Any]:
    return yaml.safe_load(file.read_text(encoding="utf-8")) if file.is_file() else {}


def known(found: walk.Found) -> dict[str, Any]:
    """The variables that a task has of its role, its play and the blocks around it."""
    role = found.files[-1].parent.parent
    given = dict(variables(role / "vars" / "main.yml")) | dict(variables(role / "defaults" / "main.yml"))
    for level in found.levels:
        for name in level.keywords.get("vars_files", []):
            given |= next(
                variables(near / name) for near in [file.parent for file in found.files] if (near / name).is_file()
            )
        given |= level.keywords.get("vars", {})
    return given


def texts(found: walk.Found) -> Iterator[str]:
    """What is templated for a task in any case: its own keywords, and the conditions around it."""
    yield str({key: value for key, value in found.task.items() if key not in ("vars", "name", "register")})
    yield from (str(level.keywords["when"]) for level in found.levels if "when" in level.keywords)


def needs(found: walk.Found) -> bool:
    """Whether a task needs the result of the inspection, itself or by a variable."""
    given, seen = known(found), set[str]()
    open_ = list(texts(found))
    while open_:
        text = open_.pop()
        if GUARDED.search(text):
            continue
        names = set(NAME.findall(text)) - seen
        if SURVEY in names:
            return True
        open_ += [str(given[name]) for name in names & given.keys()]
        seen |= names
    return False


def without(playbook: Path) -> list[walk.Found]:
    """Tasks that need the inspection before any task of the playbook has made it."""
    found = []
    for one in walk.run(playbook):
        if one.task.get("register") == SURVEY:
            break
        found += [one] if needs(one) else []
    return found


@pytest.mark.parametrize("playbook", sorted((ROOT / "playbooks").glob("*.yml")), ids=lambda path: path.stem)
def test_what_needs_the_inspection_has_it(playbook: Path) -> None:
    assert sorted({one.name for one in without(playbook)}) == []


USE = {"name": "x", "ansible.builtin.command": "{{ _wabiz_survey.engine }}"}
MAKE = {"name": "y", "wabiz.onprem.survey": None, "register": SURVEY}
ROLE = {"name": "z", "ansible.builtin.include_role": {"name": "wabiz.onprem.certificate", "tasks_from": "present"}}
NOTHING = {"name": "c", "ansible.builtin.meta": "noop"}
BLIND = {"name": "z", "ansible.builtin.debug": {"msg": "{{ _x }}"}, "vars": {"_x": "{{ _wabiz_survey.files }}"}}


@pytest.mark.parametrize(
    ("tasks", "missing"),
    [
        ([USE], True),
        ([MAKE, USE], False),
        ([USE, MAKE], True),
        ([ROLE], True),
        ([MAKE, ROLE], False),
        ([BLIND], True),
        ([{**BLIND, "ansible.builtin.debug": {"msg": "_y"}}], False),
        (
            [{"name": "b", "when": "_wabiz_survey.files", "block": [NOTHING]}],
            True,
        ),
        ([{"name": "d", "ansible.builtin.debug": {"msg": "{{ _wabiz_survey | default({}) }}"}}], False),
    ],
)
def test_the_gate_knows_who_needs_it(tasks: list[walk.Entry], missing: bool, tmp_path: Path) -> None:
    (tmp_path / "inner.yml").write_text(yaml.safe_dump([{"hosts": "all", "tasks": tasks}]), encoding="utf-8")
    outer = [{"name": "x", "ansible.builtin.import_playbook": "inner.yml"}]
    (tmp_path / "outer.yml").write_text(yaml.safe_dump(outer), encoding="utf-8")
    assert bool(without(tmp_path / "outer.yml")) is missing
