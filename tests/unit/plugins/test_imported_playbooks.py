# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two playbooks that one run imports: the lock that the first one has taken and released is not the second one's."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from tests.support.held import ME
from tests.support.paths import ROOT
from tests.support.playbook import LOCALLY, PlaybookRun, run_playbook
from tests.unit.plugins.one_task import tasks

pytestmark = pytest.mark.slow

INTERNAL = ROOT / "playbooks" / "internal"
LOST = "This run has lost the cluster's lock"
BEFORE = "me, the playbook before"


def run_tasks(folder: Path, file: str, name: str, locked: str) -> PlaybookRun:
    """Run a task of the playbooks, where a lock has been taken in this run and no one has it now."""
    found = yaml.safe_load((INTERNAL / file).read_text(encoding="utf-8"))
    (task,) = [task for task in tasks(found) if task["name"] == name]
    play = {"hosts": "all", "gather_facts": False, "tasks": [task]}
    text = yaml.safe_dump([play], width=1000).replace(": tasks/", f": {INTERNAL}/tasks/")
    (folder / "play.yml").write_text(text, encoding="utf-8")
    topology = {"keeper": "localhost", "lock": str(folder / "lock"), "holder": ME, "nodes": [], "playbook": "site"}
    # A task of the first playbook has renewed it.
    known = {"_wabiz": {}, "_wabiz_topology": topology, "_wabiz_locked": {"holder": locked}, "__wabiz_lock": {}}
    more = {**LOCALLY, "ansible_become": False, **known}
    return run_playbook(folder / "play.yml", inventory="localhost,", extra_vars=more, arguments=["-v"])


@pytest.mark.parametrize(("locked", "asked"), [(BEFORE, False), (ME, True)])
def test_the_verification_renews_no_lock_that_was_not_taken(tmp_path: Path, locked: str, asked: bool) -> None:
    done = run_tasks(tmp_path, "verify.yml", "Renew the lock", locked)
    assert (LOST in done.output) is asked
    assert (done.returncode != 0) is asked


@pytest.mark.parametrize(("locked", "asked"), [(BEFORE, False), (ME, True)])
def test_a_failed_playbook_has_not_lost_what_it_had_not(tmp_path: Path, locked: str, asked: bool) -> None:
    done = run_tasks(tmp_path, "tasks/failed.yml", "Find out whether this run still has the lock", locked)
    assert (LOST in done.output) is asked
