"""Where every host has something to clean up, every host runs the rescue.

ansible-core marks the other hosts failed twice where a task with run_once fails: once for the run_once, once since the
error is one of all hosts. The second mark ends a rescue that has just begun, so directly in a block with a rescue only
the first host runs it. One level further in, in a block or in an include that all hosts run, both marks are one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests.support import walk
from tests.support.paths import CORES, ROOT
from tests.support.playbook import LOCALLY, run_playbook

# These fail only where they are wrong themselves.
HARMLESS = {f"ansible.builtin.{name}" for name in ("add_host", "debug", "group_by", "meta", "set_fact", "set_stats")}
INCLUDES = {f"ansible.builtin.include_{name}" for name in ("role", "tasks")}
# After a failure they save logs, report what runs, or remove files on every host.
NEEDED = ("site", "multiconnect", "upgrade", "backup", "restore")


def parts(file: Path) -> Iterator[Path]:
    """A playbook and what it imports."""
    yield file
    for entry in yaml.safe_load(file.read_text(encoding="utf-8")):
        if imported := entry.get("ansible.builtin.import_playbook"):
            yield from parts((file.parent / imported).resolve())


def everywhere(level: walk.Level) -> bool:
    """Whether the rescue of a block cleans up on every host."""
    names = (str(entry.get("ansible.builtin.include_tasks", "")) for entry in level.keywords.get("rescue", []))
    return level.rescued and any(Path(name).name == "failed.yml" for name in names)


def fails_once(found: walk.Found) -> bool:
    """Whether a task that only one host runs may fail."""
    may = found.task.get("failed_when") is not False and not HARMLESS & set(found.task)
    return may and bool(found.inherited("run_once"))


def alone(file: Path) -> Iterator[walk.Found]:
    """Tasks in a block with a rescue after whose failure only the first host runs it."""
    included = 0
    for found in walk.tasks(file):
        rescued = [number for number, level in enumerate(found.levels) if level.rescued]
        if not rescued or not everywhere(found.levels[rescued[-1]]):
            continue
        direct = len(found.levels) == rescued[-1] + 2
        if len(found.files) < included or direct:
            # As deep as the files are that an include brings for one host.
            included = len(found.files) + 1 if direct and fails_once(found) and INCLUDES & set(found.task) else 0
        if INCLUDES & set(found.task) or HARMLESS & set(found.task):
            continue
        inside = 0 < included <= len(found.files)
        # In any_errors_fatal the error of the one host is marked once on the others, unless the task has run_once too.
        if (fails_once(found) and (direct or inside)) or (inside and not found.inherited("any_errors_fatal")):
            yield found


def test_every_host_runs_a_rescue_that_every_host_needs() -> None:
    files = {part for name in NEEDED for part in parts(ROOT / "playbooks" / f"{name}.yml")}
    assert sorted({found.name for file in files for found in alone(file)}) == []


FAIL = {"name": "x", "ansible.builtin.fail": {"msg": "no"}}
ONCE = {"run_once": True}
INCLUDE = {"name": "y", "ansible.builtin.include_tasks": "inner.yml"}


@pytest.mark.slow
@pytest.mark.parametrize("core", CORES)
@pytest.mark.parametrize("fatal", [True, False], ids=["fatal", "not_fatal"])
@pytest.mark.parametrize(
    ("outer", "inner", "wrong"),
    [
        ({**FAIL, **ONCE}, {}, "always"),
        ({"name": "z", "block": [{**FAIL, **ONCE}]}, {}, "never"),
        ({"name": "z", "block": [FAIL], **ONCE}, {}, "never"),
        ({**INCLUDE, **ONCE}, FAIL, "not_fatal"),
        ({**INCLUDE, **ONCE}, {**FAIL, **ONCE}, "always"),
        (INCLUDE, {**FAIL, **ONCE}, "never"),
        ({"name": "z", "block": [{**INCLUDE, **ONCE}]}, {**FAIL, **ONCE}, "never"),
    ],
)
def test_the_gate_knows_what_ansible_does(
    outer: walk.Entry, inner: walk.Entry, wrong: str, fatal: bool, core: str, tmp_path: Path
) -> None:
    if not CORES[core].exists():
        pytest.skip(f"no {CORES[core]}")
    (tmp_path / "failed.yml").write_text(
        "- {name: Clean up, ansible.builtin.debug: {msg: 'cleaned up {{ inventory_hostname }}'}}\n", encoding="utf-8"
    )
    (tmp_path / "inner.yml").write_text(yaml.safe_dump([inner] if inner else []), encoding="utf-8")
    (tmp_path / "hosts.yml").write_text(
        yaml.safe_dump({"all": {"hosts": dict.fromkeys(("one", "two", "three"), LOCALLY)}})
    )
    act = {"name": "Act", "block": [outer], "rescue": [{"name": "End", "ansible.builtin.include_tasks": "failed.yml"}]}
    play = {"hosts": "all", "gather_facts": False, "any_errors_fatal": fatal, "tasks": [act]}
    (tmp_path / "play.yml").write_text(yaml.safe_dump([play]), encoding="utf-8")
    run = run_playbook(tmp_path / "play.yml", inventory=tmp_path / "hosts.yml", binaries=CORES[core])
    one_alone = len(set(re.findall(r"cleaned up \w+", run.stdout))) == 1
    assert one_alone is (wrong == "always" or (wrong == "not_fatal" and not fatal))
    assert bool([*alone(tmp_path / "play.yml")]) is one_alone
