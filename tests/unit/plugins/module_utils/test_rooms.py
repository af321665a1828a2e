# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who may use whom: rooms know only what is below them, and no two files need each other."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.paths import ROOT

PLUGINS = ROOT / "plugins"
PACKAGE = ("ansible_collections", "wabiz", "onprem", "plugins")
# A room of module_utils and those that it may use in addition to itself, the lowest first.
ROOMS: dict[str, set[str]] = {
    "_formats": set(),
    "_model": {"_formats"},
    "_rules": {"_formats", "_model"},
    "_settings": {"_formats", "_model", "_rules"},
    "_plans": {"_formats", "_model", "_rules", "_settings"},
    "_host": {"_formats", "_model"},
    "_api": {"_formats", "_model"},
}
# Directories of plugins and what their files may use.
DIRECTORIES: dict[str, set[str]] = {
    "module_utils": {"module_utils"},
    "plugin_utils": {"module_utils", "plugin_utils"},
    "action": {"module_utils", "plugin_utils"},
    "filter": {"module_utils"},
    "modules": {"module_utils"},
    "doc_fragments": set(),
}

# A file below plugins, as the parts of its path, and the files that it imports.
File = tuple[str, ...]
Graph = dict[File, set[File]]


def imports(tree: ast.AST, files: set[File]) -> Iterator[File]:
    """The files that a file of the collection imports, wherever in it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (parts[4:] for alias in node.names if (parts := tuple(alias.name.split(".")))[:4] == PACKAGE)
        elif isinstance(node, ast.ImportFrom) and (parts := tuple((node.module or "").split(".")))[:4] == PACKAGE:
            # What is imported from a directory is a file, what is imported from a file is something in it.
            inner = ((*parts[4:], alias.name) for alias in node.names)
            yield from (file if file in files else parts[4:] for file in inner)


def graph(root: Path) -> Graph:
    """Every file below a directory with the files that it imports."""
    sources = {path.relative_to(root).with_suffix("").parts: path for path in sorted(root.rglob("*.py"))}
    files = set(sources)
    return {file: set(imports(ast.parse(path.read_text(encoding="utf-8")), files)) for file, path in sources.items()}


def allowed(file: File, used: File) -> bool:
    if used[0] not in DIRECTORIES[file[0]]:
        return False
    # A file of module_utils that is in no room may use nothing.
    return file[0] != "module_utils" or (len(file) > 2 and used[1] in {file[1], *ROOMS[file[1]]})


def upwards(found: Graph) -> list[str]:
    """Arrows that the tables do not allow."""
    arrows = [(file, used) for file, imported in found.items() for used in sorted(imported)]
    return [f"{'/'.join(file)} -> {'/'.join(used)}" for file, used in arrows if not allowed(file, used)]


def circles(found: Graph) -> list[str]:
    """Files that lead back to themselves."""

    def reached(file: File) -> set[File]:
        seen: set[File] = set()
        ahead = found[file]
        while ahead:
            seen |= ahead
            ahead = {used for one in ahead for used in found.get(one, ())} - seen
        return seen

    return ["/".join(file) for file in found if file in reached(file)]


FOUND = graph(PLUGINS)


def test_no_arrow_points_upwards() -> None:
    assert upwards(FOUND) == []


def test_no_two_files_need_each_other() -> None:
    assert circles(FOUND) == []


def test_what_is_imported_exists() -> None:
    assert [used for imported in FOUND.values() for used in imported if used not in FOUND] == []


def test_every_directory_is_in_a_table() -> None:
    files = {path.relative_to(PLUGINS).parts for path in PLUGINS.rglob("*.py")}
    assert {parts[0] for parts in files} == set(DIRECTORIES)
    assert {parts[1] for parts in files if parts[0] == "module_utils"} == set(ROOMS)


def test_the_table_of_rooms_has_no_circle() -> None:
    below: set[str] = set()
    for room, used in ROOMS.items():
        assert used <= below, room
        below.add(room)


@pytest.mark.parametrize(
    ("file", "line", "arrow"),
    [
        ("_formats/pem.py", "from {}._api.errors import Refusal", "_formats/pem -> module_utils/_api/errors"),
        ("_model/health.py", "from {}._api import errors", "_model/health -> module_utils/_api/errors"),
        ("_rules/hops.py", "import {}._plans.table", "_rules/hops -> module_utils/_plans/table"),
        ("_host/lease.py", "def late():\n    from {}._api import errors", "_host/lease -> module_utils/_api/errors"),
        ("table.py", "from {}._api import errors", "module_utils/table -> module_utils/_api/errors"),
        ("../modules/plan.py", f"from {'.'.join(PACKAGE)}.plugin_utils import quiet", "modules/plan -> plugin_utils"),
    ],
)
def test_a_new_arrow_upwards_is_found(tmp_path: Path, file: str, line: str, arrow: str) -> None:
    utils = tmp_path / "module_utils"
    for path in (utils / "_api/errors.py", utils / "_plans/table.py", utils / file):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    (utils / file).write_text(line.format(".".join((*PACKAGE, "module_utils"))), encoding="utf-8")
    (found,) = upwards(graph(tmp_path))
    assert found.endswith(arrow)


def test_a_new_circle_is_found() -> None:
    one, two, three = (("module_utils", "_model", name) for name in ("one", "two", "three"))
    assert circles({one: {two}, two: {three}, three: {two}}) == ["module_utils/_model/two", "module_utils/_model/three"]
