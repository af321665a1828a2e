# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Plans that cannot be made or saved release the lock: the playbooks' own tasks, where the lock has been taken."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.held import held
from tests.support.paths import ROOT
from tests.support.playbook import DEAD, LOCALLY, PlaybookRun, run_playbook

pytestmark = pytest.mark.slow

PLAYBOOKS = ROOT / "playbooks"
HOSTS = ("web1", "core1")
READERS = {
    "images.yml": "Read the archive",
    "internal/multiconnect_plan.yml": "Show from where missing images come",
    "internal/upgrade_plan.yml": "Show from where missing images come",
}


def ended(folder: Path, file: str, name: str, settings: dict[str, Any]) -> PlaybookRun:
    """Run one task of a playbook as its play runs it, with the lock held; the run fails and has released the lock."""
    plays = yaml.safe_load((PLAYBOOKS / file).read_text(encoding="utf-8"))
    play = next(one for one in plays if any(task["name"] == name for task in one.get("tasks", [])))
    (task,) = [task for task in play["tasks"] if task["name"] == name]
    fatal = play.get("any_errors_fatal", False)
    # What would end without the lock released ends here.
    after = {"name": "Go on", "ansible.builtin.debug": {"msg": "went on"}}
    play = {"hosts": "wabiz_host", "gather_facts": False, "any_errors_fatal": fatal, "tasks": [task, after]}
    text = yaml.safe_dump([play], width=1000).replace(": internal/tasks/", ": tasks/")
    (folder / "play.yml").write_text(text.replace(": tasks/", f": {PLAYBOOKS}/internal/tasks/"), encoding="utf-8")
    topology = {"cluster": "try", "playbook": "x", "services": {}, **held(folder / "lock", "web1")}
    known = {**LOCALLY, "ansible_become": False, "_wabiz": settings, "_wabiz_topology": topology, "_wabiz_locked": {}}
    groups = {"wabiz_host": {"hosts": dict.fromkeys(HOSTS)}, "others": {"hosts": {"store": DEAD}}}
    known["_wabiz_plan"] = {"text": ["a plan"], "refusals": []}
    inventory = {"all": {"vars": known, "children": groups}}
    (folder / "hosts.yml").write_text(yaml.safe_dump(inventory), encoding="utf-8")
    done = run_playbook(folder / "play.yml", inventory=folder / "hosts.yml").failed()
    assert "went on" not in done.stdout
    assert not (folder / "lock").exists(), done.output[-3000:]
    return done


@pytest.mark.parametrize("file", READERS)
@pytest.mark.parametrize(("place", "reason"), [("localhost", "is no JSON"), ("store", "Connection refused")])
def test_an_archive_that_cannot_be_read(tmp_path: Path, file: str, place: str, reason: str) -> None:
    """A damaged manifest on the controller, or a host that cannot be reached."""
    archive = tmp_path / "archive"
    archive.mkdir()
    (archive / "manifest.json").write_text("[", encoding="utf-8")
    done = ended(tmp_path, file, READERS[file], {"image_archive": str(archive), "image_archive_place": place})
    said = done.failures[-1]["msg"]
    assert f"The archive of images {archive} on {place} cannot be read: " in said and reason in said


def test_a_plan_that_cannot_be_written(tmp_path: Path) -> None:
    file = tmp_path / "none" / "plan.json"
    done = ended(tmp_path, "retire.yml", "Save the plan", {"plan_file": str(file)})
    said = done.failures[-1]["msg"]
    assert said.startswith(f"Nothing was changed. The plan cannot be written to {file}: ")
