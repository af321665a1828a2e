"""Both supported cores find the checkout and the collections that it needs, and the census is kept on both."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.support.paths import CORES, ROOT
from tests.support.playbook import LOCALLY, run_playbook

# Found by their names when the playbook is loaded, which is all that is asked of them here.
PLAYBOOK = """
- hosts: all
  gather_facts: false
  tasks:
    - name: A change
      ansible.builtin.file:
        path: "{{ where }}"
        state: directory
        mode: "0700"
    - name: What needs an engine
      community.docker.docker_container:
        name: nobody
      when: false
    - name: Ours
      wabiz.onprem.cluster_files:
        directory: "{{ where }}"
        names: [nothing]
        state: absent
"""


@pytest.fixture(params=CORES)
def binaries(request: pytest.FixtureRequest) -> Path:
    """The programs of one core."""
    found = CORES[request.param]
    if not (found / "ansible-playbook").exists():
        pytest.skip(f"no {found}: the newest ansible-core needs Python 3.12 or newer, which this machine has not")
    return found


def test_a_run_with_its_census(binaries: Path, tmp_path: Path) -> None:
    playbook = tmp_path / "play.yml"
    playbook.write_text(PLAYBOOK, encoding="utf-8")
    inventory = tmp_path / "hosts.yml"
    inventory.write_text("all: {hosts: {here: {}}}\n", encoding="utf-8")
    where = str(tmp_path / "made")
    run = run_playbook(playbook, inventory=inventory, extra_vars={**LOCALLY, "where": where}, binaries=binaries)
    assert run.succeeded().changed == {("here", f"file {where}")}
    assert run.hosts["here"].executions == 2
    assert 0 < run.cpu_seconds < 60


def test_the_public_playbooks_can_be_read(binaries: Path) -> None:
    names = sorted(str(path) for path in (ROOT / "playbooks").glob("*.yml"))
    command = [str(binaries / "ansible-playbook"), "--syntax-check", *names]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stdout + done.stderr
