# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""message_gc against a scripted webapp."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.wabiz.onprem.plugins.module_utils._api.errors import Refusal
from ansible_collections.wabiz.onprem.plugins.modules import message_gc
from ansible_collections.wabiz.onprem.tests.unit.plugins.conftest import RunModule
from ansible_collections.wabiz.onprem.tests.unit.plugins.scripted_server import ScriptedServer, Step, error

PATH = "/v1/services/message/gc"
GIVEN: dict[str, Any] = {"token": "a.b.c", "wait_interval": 0.01, "wait_timeout": 20}


def messages(number: int | None) -> Step:
    """Return the question for the size of the database and its answer, as a cluster gives it."""
    entries = [] if number is None else [{"labels": {"type": "text"}, "value": number}]
    data = {"db_messages": {"data": entries, "type": "gauge"}}
    return Step("GET", "/v1/stats/db", answer={"stats": {"db": {"app2:0123456789ab": {}, "app1:0123456789ab": data}}})


def start(*statuses: str) -> Step:
    """Return a start of the collection, with one status per node."""
    gc = {f"core{number}:0123456789ab": {"status": status} for number, status in enumerate(statuses)}
    return Step("PUT", PATH, answer={"services": {"message": {"gc": gc}}})


def test_runs_and_waits_until_the_number_stays(run_module: RunModule, webapp: ScriptedServer) -> None:
    webapp.expect(messages(900), start("processing", "processing"))
    webapp.expect(*[messages(number) for number in (900, 900, 500, 100, 100, 100)])
    result = run_module("message_gc", **GIVEN)
    assert (result["changed"], result["runs"]) == (True, 1)
    assert (result["messages_before"], result["messages_after"]) == (900, 100)
    assert set(result["nodes"].values()) == {"processing"}


def test_new_messages_of_a_cluster_that_works_do_not_keep_it_waiting(
    run_module: RunModule, webapp: ScriptedServer
) -> None:
    webapp.expect(messages(900), start("processing"), *[messages(number) for number in (500, 100, 103, 107)])
    assert run_module("message_gc", **GIVEN)["messages_after"] == 107


def test_a_look_without_a_number_is_neither_a_fall_nor_an_end(run_module: RunModule, webapp: ScriptedServer) -> None:
    webapp.expect(messages(900), start("processing"))
    webapp.expect(*[messages(number) for number in (800, None, 300, 310, None, 320)])
    assert run_module("message_gc", **GIVEN)["messages_after"] == 320


def test_runs_again_while_it_helps(run_module: RunModule, webapp: ScriptedServer) -> None:
    webapp.expect(messages(900), start("processing"), *[messages(600)] * 3, start("processing"), *[messages(300)] * 3)
    result = run_module("message_gc", only_above=400, max_runs=5, **GIVEN)
    assert (result["runs"], result["messages_after"]) == (2, 300)


def test_stops_when_it_does_not_help(run_module: RunModule, webapp: ScriptedServer) -> None:
    webapp.expect(messages(900), start("processing"), *[messages(900)] * 3)
    assert run_module("message_gc", max_runs=5, **GIVEN)["runs"] == 1


def test_does_nothing_on_a_small_database(run_module: RunModule, webapp: ScriptedServer) -> None:
    webapp.expect(messages(900))
    result = run_module("message_gc", only_above=900, **GIVEN)
    assert (result["changed"], result["runs"]) == (False, 0)
    assert "not more than 900" in result["skipped_reason"]


def test_check_mode(run_module: RunModule, webapp: ScriptedServer, tmp_path: Path) -> None:
    webapp.expect(messages(900))
    assert run_module("message_gc", check=True, stamp_path=str(tmp_path / "stamp"), **GIVEN)["changed"]
    assert not list(tmp_path.iterdir())


def test_once_in_24_hours(run_module: RunModule, webapp: ScriptedServer, tmp_path: Path) -> None:
    path = tmp_path / "stamp"
    given = {**GIVEN, "wait_timeout": 0, "stamp_path": str(path)}
    webapp.expect(messages(900), start("processing"), messages(900), messages(900), start("processing"))
    assert run_module("message_gc", **given)["changed"]
    assert "the last run was" in run_module("message_gc", **given)["skipped_reason"]
    assert run_module("message_gc", force=True, **given)["changed"]
    path.write_text((dt.datetime.now(dt.UTC) - dt.timedelta(hours=25)).isoformat())
    webapp.expect(messages(900), start("processing"))
    assert run_module("message_gc", **given)["changed"]


@pytest.mark.parametrize(
    ("hours", "started"), [(-2, False), (-23.9, False), (-25, True), (0.1, False), (24 * 365, True), (None, True)]
)
def test_whoever_calls_may_keep_the_time(
    run_module: RunModule, webapp: ScriptedServer, hours: float | None, started: bool
) -> None:
    """A time far ahead was noted by a clock that was wrong."""
    last = "" if hours is None else (dt.datetime.now(dt.UTC) + dt.timedelta(hours=hours)).isoformat()
    webapp.expect(messages(900), *([start("processing")] if started else []))
    assert run_module("message_gc", **{**GIVEN, "wait_timeout": 0, "last_run": last})["changed"] == started


@pytest.mark.parametrize("text", ["x", "2026-01-08T02:00:00", "\n", "9999-13-01"])
def test_any_note_can_be_read(run_module: RunModule, webapp: ScriptedServer, text: str, tmp_path: Path) -> None:
    path = tmp_path / "stamp"
    path.write_text(text)
    webapp.expect(messages(900), start("processing"))
    assert run_module("message_gc", **{**GIVEN, "wait_timeout": 0, "stamp_path": str(path)})["changed"]


REFUSED = Step("PUT", PATH, status=403, answer={"errors": [{"code": 1005, "title": "Access denied"}]})


@pytest.mark.parametrize("before", ["", "2026-01-08T02:00:00+00:00\n"])
def test_a_start_that_the_client_refuses_does_not_count(
    run_module: RunModule, webapp: ScriptedServer, before: str, tmp_path: Path
) -> None:
    """The next run, an hour later, would do nothing and succeed."""
    path = tmp_path / "stamp"
    path.write_text(before)
    webapp.expect(messages(900), REFUSED)
    result = run_module("message_gc", **{**GIVEN, "stamp_path": str(path)})
    assert (result["failed"], result["runs"], path.read_text().strip()) == (True, 0, before.strip())


def test_what_fails_before_a_start_says_that_none_was_made(run_module: RunModule, webapp: ScriptedServer) -> None:
    webapp.expect(error(401, "GET", "/v1/stats/db"))
    assert run_module("message_gc", **GIVEN)["runs"] == 0


def test_a_client_that_does_not_count_is_not_waited_for(run_module: RunModule, webapp: ScriptedServer) -> None:
    webapp.expect(messages(None), Step("PUT", PATH, answer={"services": {"message": {"gc": {"status": "processing"}}}}))
    result = run_module("message_gc", only_above=5, **GIVEN)
    assert (result["messages_before"], result["messages_after"]) == (None, None)
    assert result["nodes"] == {"single instance": "processing"}


def test_a_failed_node_is_an_error(run_module: RunModule, webapp: ScriptedServer) -> None:
    webapp.expect(messages(900), start("processing", "failed"))
    assert "core1:0123456789ab" in run_module("message_gc", **GIVEN)["msg"]


def test_an_unreachable_coreapp_is_an_error(run_module: RunModule, webapp: ScriptedServer) -> None:
    details = "Connection timed out. Please check if wacore is running: wacore:6252"
    webapp.expect(messages(900), error(500, "PUT", PATH, 1014, details), messages(900))
    result = run_module("message_gc", retries=3, **{**GIVEN, "wait_timeout": 0})
    assert (result["failed"], result["error"]["code"]) == (True, 1014)
    for words in ("6250-6253", "the database holds 900 messages", "may be running"):
        assert words in result["msg"]


def test_a_start_whose_answer_is_lost_is_not_made_again(run_module: RunModule, webapp: ScriptedServer) -> None:
    webapp.expect(messages(900), error(504, "PUT", PATH), messages(900), messages(700), *[messages(300)] * 3)
    result = run_module("message_gc", retries=3, **GIVEN)
    assert (result["runs"], result["nodes"], result["messages_after"]) == (1, {}, 300)
    assert "504" in str(result["warnings"])


def test_nor_where_the_client_does_not_count(run_module: RunModule, webapp: ScriptedServer) -> None:
    webapp.expect(messages(None), error(504, "PUT", PATH), messages(None))
    result = run_module("message_gc", retries=3, **{**GIVEN, "wait_timeout": 0})
    assert "an unknown number of messages" in result["msg"]


@pytest.mark.parametrize("found", [None, 5, "x", [1], True])
def test_an_odd_answer_names_no_node(run_module: RunModule, webapp: ScriptedServer, found: Any) -> None:
    webapp.expect(messages(900), Step("PUT", PATH, answer={"services": {"message": {"gc": found}}}))
    assert run_module("message_gc", **{**GIVEN, "wait_timeout": 0})["nodes"] == {}


def test_says_so_when_the_time_is_over(run_module: RunModule, webapp: ScriptedServer) -> None:
    webapp.expect(messages(900), start("processing"), messages(800))
    result = run_module("message_gc", **{**GIVEN, "wait_timeout": 0.4, "wait_interval": 60})
    assert (result["failed"], result["changed"], result["runs"]) == (True, True, 1)


@pytest.mark.parametrize(
    ("window", "clock", "allowed"),
    [
        ("01:00-05:00", "03:00", True),
        ("01:00-05:00", "05:00", False),
        ("23:00-05:00", "23:30", True),
        ("23:00-05:00", "04:59", True),
        ("23:00-05:00", "12:00", False),
    ],
)
def test_off_peak_only(window: str, clock: str, allowed: bool) -> None:
    now = dt.time.fromisoformat(clock)
    if allowed:
        message_gc.check_window(window, now, force=False)
    else:
        with pytest.raises(Refusal):
            message_gc.check_window(window, now, force=False)
    message_gc.check_window(window, now, force=True)


def test_a_wrong_window_is_refused(run_module: RunModule, webapp: ScriptedServer) -> None:
    webapp.expect(messages(900))
    assert "wrong form" in run_module("message_gc", window="1-5", **GIVEN)["msg"]
