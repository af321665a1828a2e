# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module on a real file; two who ask at once do not both get it."""

from __future__ import annotations

import json
import multiprocessing
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.wabiz.onprem.plugins.module_utils._host import lease

from tests.unit.plugins.in_process import execute


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "operation.lock"


def lock(
    path: Path, holder: str = "anna", *, check: bool = False, diff: bool = False, **options: Any
) -> dict[str, Any]:
    return execute("cluster_lock", {"path": str(path), "holder": holder, **options}, check=check, diff=diff)


def ended(path: Path) -> None:
    """As if the lease's time were over."""
    held = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({**held, "until": held["since"] - 1}), encoding="utf-8")


def test_taken_renewed_and_released(path: Path) -> None:
    first = lock(path, purpose="upgrade")
    assert (first["changed"], first["holder"], first["purpose"], first["taken_over_from"]) == (
        True,
        "anna",
        "upgrade",
        "",
    )
    assert path.stat().st_mode & 0o777 == 0o600
    again = lock(path, lease=7200)
    assert again["changed"] and again["since"] == first["since"] and again["until"] > first["until"]
    gone = lock(path, state="absent")
    assert (gone["changed"], gone["holder"], path.exists()) == (True, "", False)
    assert lock(path, state="absent")["changed"] is False


@pytest.mark.parametrize("blank", ["", "  "])
def test_a_blank_is_no_holder(path: Path, blank: str) -> None:
    """Two who give none would be one."""
    refused = lock(path, blank)
    assert refused["failed"] and "holder is blank" in refused["msg"]
    assert not path.exists()


def test_another_holder_is_told_who_has_it_and_what_takes_it_over(path: Path) -> None:
    held = lock(path, purpose="upgrade")
    refused = lock(path, "bert")
    assert refused["failed"] and refused["holder"] == "anna"
    for words in ("anna", "upgrade", held["since"], held["until"], "take_over: true", "nothing was changed"):
        assert words in refused["msg"]
    stays = lock(path, "bert", state="absent")
    assert (stays["changed"], stays["holder"]) == (False, "anna")
    taken = lock(path, "bert", take_over=True)
    assert (taken["holder"], taken["taken_over_from"]) == ("bert", "anna")


def test_after_its_end_any_holder_takes_over(path: Path) -> None:
    lock(path)
    ended(path)
    assert lock(path, "bert")["taken_over_from"] == "anna"
    ended(path)
    assert lock(path, "anna", state="absent")["taken_over_from"] == "bert"


@pytest.mark.parametrize("state", ["present", "absent"])
def test_check_mode_says_the_same_and_does_nothing(path: Path, state: str) -> None:
    if state == "absent":
        lock(path)
    before = path.read_text(encoding="utf-8") if path.exists() else None
    predicted = lock(path, state=state, check=True, diff=True)
    assert predicted["changed"] and predicted["diff"]["before"] != predicted["diff"]["after"]
    assert (path.read_text(encoding="utf-8") if path.exists() else None) == before
    assert lock(path, state=state)["changed"] is True


def test_check_mode_takes_nothing_and_names_the_holder(path: Path) -> None:
    lock(path)
    found = lock(path, "bert", check=True)
    assert (found["changed"], found["holder"]) == (False, "anna")
    assert "anna" in found["warnings"][0]


def test_who_lost_it_cannot_renew_it(path: Path) -> None:
    assert "lost" in lock(path, state="renewed")["msg"]
    lock(path)
    ended(path)
    assert lock(path, state="renewed")["holder"] == "anna"
    lock(path, "bert", take_over=True)
    lost = lock(path, state="renewed")
    assert lost["failed"] and lost["holder"] == "bert" and "bert" in lost["msg"]


def test_what_cannot_be_read_is_said(path: Path, tmp_path: Path) -> None:
    path.write_text("something else", encoding="utf-8")
    assert "does not hold a lock" in lock(path)["msg"]
    assert "cannot be read or written" in lock(tmp_path / "none" / "lock")["msg"]


def ask(path: Path, holder: str, start: float, won: multiprocessing.Queue[str]) -> None:
    """Asks for the lease at an agreed moment."""
    while time.time() < start:
        pass
    if not lock(path, holder).get("failed"):
        won.put(holder)


@pytest.mark.parametrize("_round", range(5))
def test_processes_that_ask_at_once(path: Path, _round: int) -> None:
    context = multiprocessing.get_context("fork")
    won: multiprocessing.Queue[str] = context.Queue()
    start = time.time() + 0.1
    racers = [context.Process(target=ask, args=(path, holder, start, won)) for holder in ("anna", "bert", "carl")]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join(30)
    assert [racer.exitcode for racer in racers] == [0, 0, 0]
    winner = won.get(timeout=5)
    assert won.empty()
    assert json.loads(path.read_text(encoding="utf-8"))["holder"] == winner


@pytest.mark.parametrize("take_over", [False, True])
def test_another_host_of_the_run_is_waited_for(path: Path, take_over: bool) -> None:
    lock(path, "anna, AWX job 7, host web1")
    begun = time.monotonic()
    release = threading.Timer(1.5, lambda: lease.write(path, lease.Lease("anna, AWX job 7, host web1", "", 0, 1)))
    release.start()
    found = lock(path, "anna, AWX job 7, host web2", wait_for="AWX job 7,", take_over=take_over)
    assert found["holder"] == "anna, AWX job 7, host web2"
    assert time.monotonic() - begun >= 1.5


def test_another_run_is_not_waited_for(path: Path) -> None:
    lock(path, "bert, AWX job 77, host web1")
    refused = lock(path, "anna, AWX job 7, host web2", wait_for="AWX job 7,")
    assert refused["failed"] and "in use by bert, AWX job 77" in refused["msg"]


def test_what_is_taken_over_from_another_run_is_kept_from_the_other_hosts(path: Path) -> None:
    lock(path, "bert, AWX job 6, host web1")
    options: dict[str, Any] = {"wait_for": "AWX job 7,", "take_over": True, "wait_interval": 0.01}
    assert lock(path, "anna, AWX job 7, host web1", **options)["taken_over_from"] == "bert, AWX job 6, host web1"
    predicted = lock(path, "anna, AWX job 7, host web2", **options, check=True)
    assert predicted["holder"] == "anna, AWX job 7, host web1"


def test_check_mode_waits_for_no_one(path: Path) -> None:
    lock(path, "anna, AWX job 7, host web1")
    assert lock(path, "anna, AWX job 7, host web2", wait_for="AWX job 7,", check=True)["warnings"]
