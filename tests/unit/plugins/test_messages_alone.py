# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Modules that are used alone name no playbook and no variable of the playbooks, in whatever file their words are."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.support.paths import ROOT

PLUGINS = ROOT / "plugins"
PACKAGE = "ansible_collections.wabiz.onprem.plugins."
# What these are about is an inventory with the variables of the playbooks.
ABOUT_INVENTORIES = {"plan", "preflight", "settings"}
ALONE = sorted(path.stem for path in (PLUGINS / "modules").glob("*.py") if path.stem not in ABOUT_INVENTORIES)
# A private one of a run, which survey looks for where its option is not given, is no word of a message.
NAMED = re.compile(r"(?<![A-Za-z_])wabiz_[a-z]|\bplaybooks?\b|\b(?!docker-compose)[a-z_]+\.yml\b")


@cache
def parsed(path: Path) -> ast.Module:
    """Return the syntax tree of a file."""
    return ast.parse(path.read_text(encoding="utf-8"))


def imported(tree: ast.Module) -> Iterator[Path]:
    """Yield the files of this collection that a file imports, wherever it does."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and str(node.module).startswith(PACKAGE):
            place = PLUGINS.joinpath(*str(node.module).removeprefix(PACKAGE).split("."))
            candidates = [place.with_suffix(".py"), *(place / f"{alias.name}.py" for alias in node.names)]
            yield from (path for path in candidates if path.is_file())


def reached(module: str) -> set[Path]:
    """Return the files that run when a task uses a module."""
    ahead = [path for kind in ("modules", "action") if (path := PLUGINS / kind / f"{module}.py").is_file()]
    found: set[Path] = set()
    while ahead:
        path = ahead.pop()
        if path not in found:
            found.add(path)
            ahead += imported(parsed(path))
    return found


def words(tree: ast.Module) -> Iterator[ast.Constant]:
    """Yield the texts of a file, without docstrings and what documents a module."""
    prose = {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr)
        or (isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) in ("DOCUMENTATION", "EXAMPLES", "RETURN"))
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in prose:
            yield node


@pytest.mark.parametrize("module", ALONE)
def test_its_messages_name_no_playbook(module: str) -> None:
    files = reached(module)
    assert len(files) > 1, "a module without helpers: does this test still follow the imports?"
    found = [
        f"{path.relative_to(ROOT)}:{text.lineno}: {text.value!r}"
        for path in sorted(files)
        for text in words(parsed(path))
        if NAMED.search(str(text.value))
    ]
    assert not found, "\n".join(found)


def test_the_words_of_playbooks_would_be_found() -> None:
    path = PLUGINS / "module_utils" / "_rules" / "inventory_faults.py"
    texts = [str(text.value) for text in words(parsed(path))]
    for part in ("site.yml", "wabiz_certificate", "playbook wabiz.onprem.register"):
        assert any(part in text and NAMED.search(text) for text in texts), part
