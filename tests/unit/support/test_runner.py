"""The ansible-runner helper really runs, hands over its variables and keeps its artifacts."""

from __future__ import annotations

from pathlib import Path

from tests.support.paths import BUILD
from tests.support.playbook import LOCALLY
from tests.support.runner import run_with_runner

PLAYBOOK = """
- hosts: all
  gather_facts: false
  tasks:
    - name: Say it
      ansible.builtin.debug:
        msg: "said {{ word }}{{ ' in check mode' if ansible_check_mode else '' }}"
"""


def test_runs_a_playbook_with_extra_variables_only(tmp_path: Path) -> None:
    (tmp_path / "play.yml").write_text(PLAYBOOK)
    (tmp_path / "hosts").write_text("one\n")
    run = run_with_runner(
        str(tmp_path / "play.yml"), "unit", {"word": "a-word", **LOCALLY}, inventory=tmp_path / "hosts"
    ).succeeded()
    assert "said a-word" in run.stdout
    assert run.recap["one"]["ok"] == 1
    assert list((BUILD / "runner" / "unit" / "artifacts").glob("*/job_events/*.json"))


def test_passes_arguments_on(tmp_path: Path) -> None:
    (tmp_path / "play.yml").write_text(PLAYBOOK)
    (tmp_path / "hosts").write_text("one\n")
    playbook, variables = str(tmp_path / "play.yml"), {"word": "a-word", **LOCALLY}
    run = run_with_runner(playbook, "unit", variables, inventory=tmp_path / "hosts", arguments=["--check", "--diff"])
    assert "said a-word in check mode" in run.succeeded().stdout
