# Copyright: (c) 2026, wabiz.onprem contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Real executions: what modules would note in the journal of the host, and what -vvv prints."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml
from ansible_collections.wabiz.onprem.plugins.module_utils._host.scrub import written_forms
from ansible_collections.wabiz.onprem.plugins.plugin_utils.quiet import execute_quietly

from tests.support.playbook import LOCALLY, PlaybookRun, run_playbook
from tests.unit.plugins.scripted_engine import ScriptedEngine

pytestmark = pytest.mark.slow

# A password may hold these.
AWKWARD = "Canary'9\"%s $HOME \\n-and-more"
PLAIN = "Canary-9-in-a-command-line"
CONTAINER: dict[str, Any] = {
    "name": "wabiz-webapp-1",
    "image": "web:v1",
    "command": ["serve", "--token", PLAIN],
    "env": {"WA_DB_PASSWORD": AWKWARD},
}


def leaks(text: str) -> set[str]:
    """Those of the secrets that the text holds, however they are quoted there."""
    return {secret for secret in (AWKWARD, PLAIN) if any(form in text for form in written_forms(secret))}


class Journal:
    """The Python package through which Ansible's modules talk to the journal, replaced by one that writes to a file."""

    def __init__(self, directory: Path) -> None:
        self._file = directory / "journal.txt"
        package = directory / "systemd"
        package.mkdir(parents=True)
        (package / "__init__.py").touch()
        (package / "daemon.py").write_text("def booted():\n    return True\n")
        (package / "journal.py").write_text(
            "def sendv(*args):\n    pass\n\n\n"
            "def send(**fields):\n"
            f"    with open({str(self._file)!r}, 'a') as file:\n"
            "        file.write('\\n'.join(f'{name}={value}' for name, value in fields.items()) + '\\n')\n"
        )

    @property
    def text(self) -> str:
        return self._file.read_text() if self._file.exists() else ""


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(tmp_path / "packages")


def play(tmp_path: Path, task: dict[str, Any]) -> PlaybookRun:
    """One task on this host, against an engine without anything on it, as talkative as Ansible gets."""
    playbook = tmp_path / "play.yml"
    environment = {"PYTHONPATH": str(tmp_path / "packages")}
    tasks = [{**task, "name": "Run it", "register": "result", "ignore_errors": True}]
    tasks.append({"ansible.builtin.debug": {"var": "result"}})
    playbook.write_text(
        yaml.safe_dump([{"hosts": "all", "gather_facts": False, "environment": environment, "tasks": tasks}])
    )
    with ScriptedEngine().listening(tmp_path / "docker.sock"):
        return run_playbook(playbook, inventory="localhost,", extra_vars=LOCALLY, arguments=["--diff", "-vvv"])


def test_the_journal_holds_no_secret_of_a_container(journal: Journal, tmp_path: Path) -> None:
    options = {"cluster": "wabiz", "socket": str(tmp_path / "docker.sock"), "containers": [CONTAINER]}
    run = play(tmp_path, {"wabiz.onprem.containers": options})
    # docker_container was executed: the scripted engine lets it fail.
    assert "container wabiz-webapp-1: " in run.output
    assert leaks(journal.text) == set()
    assert "docker_container" not in journal.text
    assert leaks(run.output) == set()


def test_without_protection_it_would(journal: Journal, tmp_path: Path) -> None:
    """The proof that the test above can find anything."""
    options = {**CONTAINER, "docker_host": f"unix://{tmp_path / 'docker.sock'}"}
    run = play(tmp_path, {"community.docker.docker_container": options})
    assert leaks(journal.text) == {AWKWARD, PLAIN}
    assert leaks(run.output)


class Action:
    """As much of an action plugin as is needed."""

    def __init__(self) -> None:
        self._connection = SimpleNamespace(_play_context=SimpleNamespace(no_log=False))
        self.told: dict[str, Any] = {}

    def _execute_module(self, **options: Any) -> dict[str, Any]:
        self.told = {**options, "no_log": self._connection._play_context.no_log}
        if options.get("module_name") == "broken":
            raise OSError("broken")
        return {"changed": False}


def test_only_the_execution_is_quiet() -> None:
    action = Action()
    given = {"a": 1, "ansible_no_target_syslog": False}
    assert execute_quietly(action, given, module_name="x", wrap_async=5) == {"changed": False}
    assert action.told == {
        "task_vars": {"a": 1, "ansible_no_target_syslog": True},
        "module_name": "x",
        "wrap_async": 5,
        "no_log": True,
    }
    assert given["ansible_no_target_syslog"] is False
    assert action._connection._play_context.no_log is False
    with pytest.raises(OSError, match="broken"):
        execute_quietly(action, None, module_name="broken")
    assert action._connection._play_context.no_log is False
