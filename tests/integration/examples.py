# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The EXAMPLES of the modules as files, unchanged, and what ansible-playbook says of each of their tasks."""

from __future__ import annotations

import importlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from tests.support.examples import tasks_of
from tests.support.paths import ROOT
from tests.support.playbook import run_playbook

MODULES = sorted(path.stem for path in (ROOT / "plugins" / "modules").glob("[!_]*.py"))
_PACKAGE = "ansible_collections.wabiz.onprem.plugins.modules"
# One execution in the container for each task instead of four.
_SETTINGS = {"ANSIBLE_STDOUT_CALLBACK": "ansible.posix.json", "ANSIBLE_PIPELINING": "1"}

Results = dict[str, dict[str, Any]]


def examples(module: str) -> str:
    """Return the examples of a module as they are written."""
    text: str = importlib.import_module(f"{_PACKAGE}.{module}").EXAMPLES
    return text


def tasks(module: str) -> list[dict[str, Any]]:
    """Return the tasks of a module's examples."""
    return tasks_of(examples(module))


@dataclass
class Examples:
    """Runs examples against one inventory; keeps the results of each task by module, task and host."""

    directory: Path
    inventory: Path
    variables: dict[str, Any]
    results: dict[str, dict[str, Results]] = field(default_factory=dict)
    output: str = ""

    def run(self, *modules: str) -> None:
        """Run the examples of these modules one after the other, on the host that the documents call web1."""
        for module in modules:
            (self.directory / f"{module}.yml").write_text(examples(module), encoding="utf-8")
        playbook = self.directory / "examples.yml"
        playbook.write_text(json.dumps([self._play(module) for module in modules]), encoding="utf-8")
        done = run_playbook(playbook, inventory=self.inventory, extra_vars=self.variables, environment=_SETTINGS)
        self.output += done.output
        done.succeeded()
        self._keep(json.loads(done.stdout[done.stdout.index("{") :])["plays"])

    def ran(self, module: str) -> list[str]:
        """Return the names of the tasks of a module's examples that some host has carried out."""
        kept = self.results.get(module, {})
        return [name for name, hosts in kept.items() if any(not row.get("skipped") for row in hosts.values())]

    def result(self, module: str, task: int = -1) -> dict[str, Any]:
        """Return what a task of a module's examples returned on the first host that carried it out."""
        return next(iter(self.results[module][tasks(module)[task]["name"]].values()))

    def _play(self, module: str) -> dict[str, Any]:
        file = f"{module}.yml"
        if any("hosts" in entry for entry in yaml.safe_load(examples(module))):
            return {"import_playbook": file}
        imported = [{"name": module, "ansible.builtin.import_tasks": file}]
        return {"name": module, "hosts": "web1.example.net", "gather_facts": False, "tasks": imported}

    def _keep(self, plays: Sequence[dict[str, Any]]) -> None:
        for row in (row for play in plays for row in play["tasks"]):
            path, name = row["task"]["path"].rpartition(":")[0], row["task"]["name"]
            self.results.setdefault(Path(path).stem, {})[name.rpartition(" : ")[2]] = row["hosts"]
