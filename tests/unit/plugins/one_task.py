# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A task of a playbook, run by itself, on a host with a program that notes what it is asked."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from tests.support.paths import ROOT
from tests.support.playbook import LOCALLY, PlaybookRun, run_playbook


def tasks(found: Any) -> Iterator[dict[str, Any]]:
    """The tasks of a playbook, in blocks too."""
    for entry in found or ():
        yield entry
        for key in ("tasks", "block", "rescue", "always"):
            yield from tasks(entry.get(key))


def asked(folder: Path, program: str) -> str:
    """What the program was asked, each argument in a line of its own; nothing where it did not run."""
    file = folder / f"{program}.asked"
    return file.read_text(encoding="utf-8") if file.exists() else ""


def run_task(
    folder: Path, playbook: str, name: str, program: str, variables: dict[str, Any], said: str = "", code: int = 0
) -> PlaybookRun:
    """Run the task on host web1; the program says something on standard error and ends with a code."""
    text = (ROOT / "playbooks" / playbook).read_text(encoding="utf-8")
    (task,) = [task for task in tasks(yaml.safe_load(text)) if task["name"] == name]
    play = folder / "play.yml"
    play.write_text(yaml.safe_dump([{"hosts": "all", "gather_facts": False, "tasks": [task]}]), encoding="utf-8")
    file = folder / program
    note = f'printf "%s\\n" "$@" >> {folder}/{program}.asked'
    file.write_text(f'#!/bin/sh\n{note}\necho "{said}" >&2\nexit {code}\n', encoding="utf-8")
    file.chmod(0o755)
    given = {**LOCALLY, "ansible_become": False, **variables}
    return run_playbook(play, inventory="web1,", extra_vars=given, environment={"PATH": f"{folder}:/usr/bin:/bin"})
