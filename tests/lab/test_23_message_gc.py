"""Old messages are removed from a large database, by the operator's conditions; fit for cron and AWX."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.lab.client import settled
from tests.lab.hosts import on, shell
from tests.lab.play import play
from tests.support.playbook import PlaybookRun
from tests.support.runner import run_with_runner

STAMP = "/etc/wabiz/wabiz/message-gc.stamp"
# As an AWX survey sends them.
WANTED = {"wabiz_message_gc_above": "1000", "wabiz_message_gc_read": "true", "wabiz_message_gc_window": ""}


def collect(**more: Any) -> PlaybookRun:
    return play("message_gc", extra_vars={**WANTED, **more})


@pytest.fixture(autouse=True)
def large(cluster: None) -> Iterator[None]:
    """More messages than the threshold, and no collection of today."""
    on("core1", "docker", "exec", "wabiz-coreapp-1", "standinctl", "seed-messages", "5000")
    shell("web1", f"rm -f {STAMP}")
    yield
    shell("web1", f"rm -f {STAMP}")


@pytest.mark.proves("wabiz_message_gc_read")
def test_it_is_not_done_before_messages_are_read() -> None:
    run = collect(wabiz_message_gc_read="").failed()
    assert "Nothing was removed." in run.output and "wabiz_message_gc_read: true" in run.output
    assert run.changed == set()


def test_check_mode_removes_nothing() -> None:
    run = play("message_gc", "--check", extra_vars=WANTED).succeeded()
    assert "are more than 1000: old ones are removed once" in run.output
    assert shell("web1", f"ls {STAMP} 2> /dev/null || true") == ""


@pytest.mark.drill
@pytest.mark.proves("wabiz_message_gc_above", "wabiz_message_gc_force")
def test_once_a_day() -> None:
    first = collect(wabiz_message_gc_force="false").succeeded()
    assert first.changed
    assert shell("web1", f"ls {STAMP}") == STAMP
    on("core1", "docker", "exec", "wabiz-coreapp-1", "standinctl", "seed-messages", "5000")
    second = collect(wabiz_message_gc_force="false").succeeded()
    assert second.changed == set() and "Nothing was collected: the last run was at" in second.output
    assert collect(wabiz_message_gc_force="true").succeeded().changed
    # Few are left.
    third = collect().succeeded()
    assert "Nothing to do: " in third.output
    settled()


@pytest.mark.drill
@pytest.mark.proves("wabiz_message_gc_window")
def test_only_within_the_window() -> None:
    hour = int(on("web1", "date", "+%H"))
    closed = f"{(hour + 2) % 24:02}:00-{(hour + 3) % 24:02}:00"
    run = collect(wabiz_message_gc_window=closed).failed()
    assert f"outside of {closed}" in run.output
    assert shell("web1", f"ls {STAMP} 2> /dev/null || true") == ""
    open_ = f"{(hour - 1) % 24:02}:00-{(hour + 2) % 24:02}:00"
    assert collect(wabiz_message_gc_window=open_).succeeded().changed


@pytest.mark.drill
@pytest.mark.proves("wabiz_message_gc_callbacks_command")
def test_the_sites_callbacks_are_what_counts(tmp_path: Path) -> None:
    told = tmp_path / "callbacks.json"
    gc = {"status": "failed", "errors": [{"code": 1014}], "node": "core9:0123456789ab"}
    told.write_text(json.dumps([{"services": [{"message": {"gc": gc}}]}]), encoding="utf-8")
    run = collect(wabiz_message_gc_callbacks_command=["cat", str(told)]).failed()
    assert "The collection failed on core9:0123456789ab." in run.output


@pytest.mark.drill
@pytest.mark.proves("wabiz_message_gc_runs", "wabiz_message_gc_timeout")
def test_more_than_ten_million_messages(tmp_path: Path) -> None:
    """Each collection fails by its callbacks, so it is started as often as allowed."""
    on("core1", "docker", "exec", "wabiz-coreapp-1", "standinctl", "seed-messages", "10000001")
    told = tmp_path / "callbacks.json"
    gc = {"status": "failed", "node": "core9:0123456789ab"}
    told.write_text(json.dumps([{"services": [{"message": {"gc": gc}}]}]), encoding="utf-8")
    more = {"wabiz_message_gc_runs": "2", "wabiz_message_gc_timeout": "1800", "wabiz_message_gc_above": "0"}
    run = collect(wabiz_message_gc_callbacks_command=["cat", str(told)], **more).failed()
    assert run.output.count("The collection failed on core9:0123456789ab.") >= 2


@pytest.mark.drill
def test_from_an_execution_environment() -> None:
    run = run_with_runner("playbooks/message_gc.yml", "message_gc", WANTED)
    assert "Messages before: " in run.stdout
