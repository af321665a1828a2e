"""The census counts what ran and names what changed: real runs on the local host."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.playbook import LOCALLY, PlaybookRun, run_playbook

pytestmark = pytest.mark.slow

PLAYBOOK = """
- hosts: all
  gather_facts: false
  tasks:
    - name: A loop with one item skipped
      ansible.builtin.file:
        path: "{{ where }}/{{ item }}"
        state: touch
        access_time: preserve
        modification_time: preserve
        mode: "0600"
      when: item != "skipped"
      loop: [one, skipped, two]
    - name: Skipped as a whole
      ansible.builtin.command: "false"
      when: false
    - name: An include costs nothing itself
      ansible.builtin.include_tasks: inner.yml
    - name: Tries until it succeeds
      ansible.builtin.command: "test -e {{ where }}/third"
      register: third
      changed_when: false
      failed_when: false
      until: third.attempts == 3
      retries: 3
      delay: 0
    - name: Unlogged
      ansible.builtin.copy:
        content: "{{ secret }}"
        dest: "{{ where }}/secret"
        mode: "0600"
      no_log: true
    - name: Fails when told to
      ansible.builtin.fail:
        msg: told to
      when: broken | default(false)
"""


Start = Callable[..., PlaybookRun]


@pytest.fixture
def start(tmp_path: Path) -> Start:
    """Return a function that runs the playbook above on one host, with arguments and extra variables."""
    inner = "- name: Inner\n  ansible.builtin.file:\n    path: '{{ where }}'\n    state: directory\n    mode: '0700'\n"
    (tmp_path / "inner.yml").write_text(inner)
    (tmp_path / "play.yml").write_text(PLAYBOOK)
    where = tmp_path / "where"
    where.mkdir(mode=0o700)

    def run(*arguments: str, **extra: object) -> PlaybookRun:
        variables = {"where": str(where), "secret": "s3cret-text", **LOCALLY, **extra}
        return run_playbook(tmp_path / "play.yml", inventory="one,", extra_vars=variables, arguments=arguments)

    return run


def test_counts_items_and_tries_but_neither_skips_nor_includes(start: Start) -> None:
    host = start().succeeded().hosts["one"]
    assert host.actions == {
        "ansible.builtin.file": 3,
        "ansible.builtin.command": 3,
        "ansible.builtin.copy": 1,
    }
    assert host.executions == 7


def test_names_what_changed_and_quotes_no_secret(start: Start, tmp_path: Path) -> None:
    predicted = start("--check")
    first = start()
    where = tmp_path / "where"
    subjects = ("file {}/one", "file {}/two", "copy {}/secret")
    assert first.changed == {("one", subject.format(where)) for subject in subjects}
    assert predicted.changed == first.changed
    assert "s3cret-text" not in str(first.census)
    assert start().changed == set()


def test_keeps_the_reasons_of_a_failure(start: Start) -> None:
    run = start(broken=True).failed()
    assert run.failures == [{"host": "one", "task": "Fails when told to", "msg": "told to"}]
    assert run.recap["one"]["failures"] == 1
    with pytest.raises(AssertionError, match="told to"):
        run.succeeded()


def test_an_action_that_runs_several_modules_counts_each(tmp_path: Path) -> None:
    plugin = """
from ansible.plugins.action import ActionBase


class ActionModule(ActionBase):
    def run(self, tmp=None, task_vars=None):
        states = {"a": "fresh", "b": "same"}
        rows = [{"kind": "container", "name": name, "state": state} for name, state in states.items()]
        return {"changed": True, "resources": rows}
"""
    (tmp_path / "action_plugins").mkdir()
    (tmp_path / "action_plugins" / "several.py").write_text(plugin)
    (tmp_path / "play.yml").write_text("- hosts: all\n  gather_facts: false\n  tasks:\n    - several:\n")
    run = run_playbook(tmp_path / "play.yml", inventory="one,", extra_vars=LOCALLY).succeeded()
    assert run.hosts["one"].executions == 2
    assert run.changed == {("one", "container a")}


def test_removed_files_of_a_cluster_are_named_by_path(tmp_path: Path) -> None:
    directory = tmp_path / "conf" / "wabiz"
    directory.mkdir(parents=True)
    for name in ("cluster.json", "notes.txt"):
        (directory / name).touch()
    options = f"{{directory: {directory}, names: ['*.json', '*.yml']}}"
    (tmp_path / "play.yml").write_text(
        f"- hosts: all\n  gather_facts: false\n  tasks:\n    - wabiz.onprem.cluster_files: {options}\n"
    )
    run = run_playbook(tmp_path / "play.yml", inventory="one,", extra_vars=LOCALLY).succeeded()
    assert run.changed == {("one", f"file {directory}/cluster.json")}
