# Copyright: (c) 2026, wabiz.onprem contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who holds the lock, in the words that another operator understands."""

from __future__ import annotations

import datetime as dt
import getpass
import os
import re
from typing import Any

import pytest
from ansible_collections.wabiz.onprem.plugins.plugin_utils.holder import holder, run_of


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({"awx_user_name": "anna", "awx_job_id": 7, "tower_user_name": "anna", "tower_job_id": 7}, "anna, AWX job 7"),
        ({"tower_user_name": "bert", "tower_job_id": "8"}, "bert, AWX job 8"),
        ({"awx_job_id": 9}, "a schedule, AWX job 9"),
        ({"awx_user_name": "", "awx_job_id": 9}, "a schedule, AWX job 9"),
    ],
)
def test_awx_says_user_and_job(variables: dict[str, Any], expected: str) -> None:
    assert re.fullmatch(rf"{expected}, run of 20[-:0-9TZ]+", holder(variables))


def test_at_a_terminal_it_is_user_machine_and_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(getpass, "getuser", lambda: "root")
    monkeypatch.setattr("socket.gethostname", lambda: "admin1")
    monkeypatch.delenv("SUDO_USER", raising=False)
    # A name alone is no job.
    said = holder({"awx_user_name": "anna"})
    assert re.fullmatch(rf"root@admin1, process {os.getppid()} of [0-9a-f]{{6}}, run of 20[-:0-9TZ]+", said)
    monkeypatch.setenv("SUDO_USER", "anna")
    assert holder({}).startswith("anna@admin1, ")


def test_a_user_without_a_name_has_a_number(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_user() -> str:
        raise KeyError("getpwuid(): uid not found: 1000")

    monkeypatch.setattr(getpass, "getuser", no_user)
    monkeypatch.delenv("SUDO_USER", raising=False)
    assert holder({}).startswith(f"user {os.getuid()}@")


def test_two_runs_of_one_user_differ(monkeypatch: pytest.MonkeyPatch) -> None:
    """By their process on one machine, by their time where a process number comes again."""
    first = holder({})
    with monkeypatch.context() as other:
        other.setattr(os, "getppid", lambda: 1)
        assert holder({}).partition(", run")[0] != first.partition(", run")[0]

    class Later(dt.datetime):
        @classmethod
        def now(cls, tz: dt.tzinfo | None = None) -> Later:
            return cls(2040, 1, 2, 3, 4, 5, tzinfo=tz)

    monkeypatch.setattr("datetime.datetime", Later)
    assert holder({}).endswith("run of 2040-01-02T03:04:05Z") and holder({}) != first
    # So do two playbooks of one job.
    assert holder({"awx_job_id": 9}).endswith("run of 2040-01-02T03:04:05Z")


@pytest.mark.parametrize("variables", [{}, {"awx_user_name": "anna", "awx_job_id": 7}])
def test_hosts_of_one_run_know_each_other(variables: dict[str, Any]) -> None:
    run = run_of(f"{holder(variables)}, host web1")
    assert run and run in f"{holder(variables)}, host web2"


@pytest.mark.parametrize("other", ["anna, AWX job 77, host web1", "anna, AWX job 8, host web1", "bert", ""])
def test_another_run_is_not_taken_for_this_one(other: str) -> None:
    assert run_of("anna, AWX job 7, host web1") not in other


def test_another_process_is_another_run() -> None:
    own = f"{holder({})}, host web1"
    other = own.replace(f"process {os.getppid()} ", f"process {os.getppid()}1 ")
    assert run_of(own) not in other and run_of(other) not in own


def test_a_text_of_someone_else_names_no_run() -> None:
    assert run_of("bert") == ""
