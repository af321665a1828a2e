# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Waiting, with a clock of our own."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest
from ansible_collections.wabiz.onprem.plugins.module_utils._api.errors import ApiError, ClientError, Refusal
from ansible_collections.wabiz.onprem.plugins.module_utils._api.polling import Outcome, poll
from ansible_collections.wabiz.onprem.plugins.module_utils._model.client_errors import ErrorItem
from hypothesis import given
from hypothesis import strategies as st


def error(status: int, code: int) -> ApiError:
    """Return an error of the client."""
    return ApiError(status, [ErrorItem(code, "", "")], endpoint="GET /", host="h")


def run(answers: Iterable[Any], timeout: float, interval: float) -> tuple[Outcome[Any], list[float]]:
    """Poll until V(yes) comes; return the outcome and all pauses. Errors in C(answers) are raised."""
    now = [0.0]
    pauses: list[float] = []
    source = iter(answers)

    def ask() -> Any:
        answer = next(source)
        if isinstance(answer, ClientError):
            raise answer
        return answer

    def sleep(seconds: float) -> None:
        pauses.append(seconds)
        now[0] += seconds

    accept = "yes".__eq__
    return poll(ask, accept, timeout=timeout, interval=interval, clock=lambda: now[0], sleep=sleep), pauses


def test_asks_until_it_holds() -> None:
    outcome, pauses = run(["no", error(503, 1011), "yes"], 60, 5)
    assert (outcome.done, outcome.found, outcome.polls, outcome.seconds) == (True, "yes", 3, 10)
    assert pauses == [5, 5]


@given(st.floats(0, 100), st.floats(0.1, 30))
def test_never_waits_longer_than_allowed(timeout: float, interval: float) -> None:
    outcome, pauses = run(["no"] * 2000, timeout, interval)
    assert not outcome.done
    assert outcome.polls >= 1
    assert sum(pauses) <= timeout + 1e-6


def test_keeps_the_last_error() -> None:
    outcome, _ = run([error(500, 1014)], 0, 5)
    assert (outcome.done, outcome.found) == (False, None)
    assert isinstance(outcome.error, ApiError)


def test_a_later_answer_clears_the_error() -> None:
    outcome, _ = run([error(500, 1014), "no"], 1, 1)
    assert (outcome.error, outcome.found) == (None, "no")


@pytest.mark.parametrize("final", [error(401, 1005), error(403, 1005), error(404, 1006), Refusal("no")])
def test_final_errors_end_it(final: ClientError) -> None:
    with pytest.raises(type(final)):
        run([final, "yes"], 60, 5)
