"""Patterns that no file of the project may contain."""

from __future__ import annotations

import re

import pytest
import yaml

from tests.support import walk
from tests.support.paths import ROOT
from tests.support.tracked import tracked

SHIPPED = "roles playbooks plugins inventories"
RULES = {
    "a home directory's absolute path": (r"/Users/\w|/home/(?!ops\b)\w|/root/", "."),
    "a sleep that polls nothing": (r"time\.sleep\((?!.*interval)|ansible\.builtin\.pause|\bsleep [0-9]", SHIPPED),
    "an error ignored": (r"ignore_errors", f"{SHIPPED} molecule"),
    "TLS verification off": (r"validate_certs\W+(false|no|False)\b", SHIPPED),
    # It runs at each templating, and an execution environment may lack the command.
    "a lookup that runs a command": (
        r"\b(lookup|query|q)\(\s*['\"](ansible\.builtin\.)?(pipe|lines)['\"]|\bwith_(pipe|lines)\b",
        "roles playbooks plugins",
    ),
    "unfinished work": (r"\b(TODO|FIXME|XXX)\b|NotImplemented", f"{SHIPPED} lab standin tests docs"),
    "a private key": (r"-----BEGIN [A-Z ]*PRIVATE KEY-----", "."),
}
# This file contains the patterns.
ALLOWED = {"tests/gates/test_hygiene.py"}


@pytest.mark.parametrize("what", RULES)
def test_no_file_contains(what: str) -> None:
    pattern, folders = RULES[what]
    found = [
        f"{name}:{number}: {line.strip()[:120]}"
        for name, text in tracked(folders)
        if name not in ALLOWED
        for number, line in enumerate(text.splitlines(), 1)
        if re.search(pattern, line)
    ]
    assert not found, f"{what}:\n" + "\n".join(found)


def test_plugin_files_carry_their_licence() -> None:
    header = "SPDX-License-Identifier: GPL-3.0-or-later"
    bare = [name for name, text in tracked("plugins") if name.endswith(".py") and text and header not in text]
    assert not bare


def test_every_play_pins_its_strategy() -> None:
    """With `strategy = free` in a site's ansible.cfg hosts do not wait for each other, and run_once means nothing."""
    plays = [
        (name, play)
        for name, text in tracked("playbooks")
        for play in (yaml.safe_load(text) if isinstance(yaml.safe_load(text), list) else [])
        if "hosts" in play
    ]
    assert plays
    assert [f"{name}: {play['name']}" for name, play in plays if play.get("strategy") != "linear"] == []


def test_no_loop_is_over_what_is_not_to_be_shown() -> None:
    """Where a task of a loop fails, Ansible shows the whole loop item, whatever `label` says."""
    files = [ROOT / name for name, _text in tracked("playbooks roles") if name.endswith(".yml")]
    tasks = [found.task for file in files for found in walk.tasks(file)]
    hidden = {task["register"] for task in tasks if "no_log" in task and "register" in task}
    assert "__node_logs" in hidden
    shown = {task["name"]: str(task["loop"]) for task in tasks if "loop" in task and "no_log" not in task}
    assert [name for name, loop in shown.items() if hidden & set(re.findall(r"\w+", loop))] == []
