"""Tasks as ansible-core runs them: in their blocks, and in the files that are included by name.

An included file is in the blocks around its include. Keywords of the include itself count for an import; an include
has them in `apply`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from tests.support.paths import ROOT

# A task, play or block.
Entry = Mapping[str, Any]
_INCLUDES = ("include_tasks", "import_tasks", "include_role", "import_role")
_SECTIONS = ("tasks", "block", "rescue", "always")


@dataclass(frozen=True)
class Level:
    """Keywords of a play, block or task, and whether a rescue of its own catches what fails there."""

    keywords: Entry
    rescued: bool = False


@dataclass(frozen=True)
class Found:
    """A task with what is around it, outermost first; the last level is the task's own."""

    task: Entry
    levels: tuple[Level, ...]
    files: tuple[Path, ...] = field(repr=False)

    @property
    def name(self) -> str:
        """The files that lead to it, and its own name."""
        return f"{' > '.join(str(file.relative_to(ROOT)) for file in self.files)}: {self.task.get('name')}"

    def inherited(self, keyword: str) -> Any:
        """What the innermost level says; none where no level does."""
        return next((one.keywords[keyword] for one in reversed(self.levels) if keyword in one.keywords), None)

    def variable(self, name: str) -> Any:
        """What the innermost `vars` that have the variable say; none where no level does."""
        given = [one.keywords.get("vars") or {} for one in reversed(self.levels)]
        return next((known[name] for known in given if name in known), None)


def tasks(file: Path) -> Iterator[Found]:
    """Every task of a playbook or a file of tasks, and of what it includes."""
    yield from _walk(_entries(file), (), (file,))


def run(playbook: Path, levels: tuple[Level, ...] = ()) -> Iterator[Found]:
    """Every task of a playbook in the order of its plays, with those of the playbooks that it imports."""
    for entry in _entries(playbook):
        imported = entry.get("ansible.builtin.import_playbook")
        if imported:
            yield from run((playbook.parent / imported).resolve(), (*levels, Level(entry)))
        else:
            yield from _walk([entry], levels, (playbook,))


@cache
def _entries(file: Path) -> list[Entry]:
    found = yaml.safe_load(file.read_text(encoding="utf-8"))
    return found if isinstance(found, list) else []


def _walk(entries: list[Entry], levels: tuple[Level, ...], files: tuple[Path, ...]) -> Iterator[Found]:
    for entry in entries:
        sections = [name for name in _SECTIONS if name in entry]
        for name in sections:
            rescued = name == "block" and "rescue" in entry
            yield from _walk(entry[name], (*levels, Level(entry, rescued)), files)
        if sections or "hosts" in entry:
            continue
        yield Found(entry, (*levels, Level(entry)), files)
        for file, keywords in _included(entry, files[-1]):
            # A file may include itself.
            if file not in files:
                yield from _walk(_entries(file), (*levels, Level(keywords)), (*files, file))


def includes(task: Entry) -> bool:
    """Whether a task only includes others, which have its keywords as far as it hands them on."""
    return any(str(action).removeprefix("ansible.builtin.") in _INCLUDES for action in task)


def _included(task: Entry, file: Path) -> Iterator[tuple[Path, Entry]]:
    """The file that a task includes, with the keywords that its tasks have of it."""
    for action, given in task.items():
        kind = str(action).removeprefix("ansible.builtin.")
        if kind in _INCLUDES:
            options = given if isinstance(given, dict) else {"file": given}
            found = _role_file(options) if kind.endswith("_role") else file.parent / options["file"]
            if found and "{{" not in str(found):
                yield found.resolve(), task if kind.startswith("import_") else options.get("apply", {})


def _role_file(options: Entry) -> Path | None:
    collection, _, role = options["name"].rpartition(".")
    if collection != "wabiz.onprem":
        return None
    return ROOT / "roles" / role / "tasks" / f"{options.get('tasks_from', 'main').removesuffix('.yml')}.yml"
