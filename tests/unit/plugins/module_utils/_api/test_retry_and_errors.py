# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which errors are repeated, and what is said about them."""

from __future__ import annotations

import pytest
from ansible_collections.wabiz.onprem.plugins.module_utils._api import errors, retry
from ansible_collections.wabiz.onprem.plugins.module_utils._model.client_errors import ErrorItem
from hypothesis import given
from hypothesis import strategies as st

# Every code of the API that the reference documents.
DOCUMENTED = [1000, 1001, 1002, *range(1004, 1019), 1021, 1022, 1023, 1024, 1025, 1026, 1028, 1031]
REPEATED = {1011, 1015, 1016, 1017, 1018}


@pytest.mark.parametrize("code", DOCUMENTED)
@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 422])
def test_among_4xx_only_five_codes_are_repeated(status: int, code: int) -> None:
    assert retry.retryable(status, [code]) == (code in REPEATED)


@given(st.integers(500, 599), st.none() | st.integers(1000, 2100))
def test_5xx_is_repeated(status: int, code: int | None) -> None:
    assert retry.retryable(status, [code])


@given(st.integers(200, 499).filter(lambda status: status != 429))
def test_no_other_status_is_repeated_without_a_code(status: int) -> None:
    assert not retry.retryable(status, [])
    assert not retry.retryable(status, [None])


CODE = st.none() | st.integers(1000, 2100) | st.sampled_from(sorted(REPEATED))


@given(st.integers(300, 999), st.lists(CODE, max_size=3))
def test_only_a_4xx_and_the_five_codes_say_that_nothing_was_done(status: int, codes: list[int | None]) -> None:
    only_five = bool(codes) and set(codes) <= REPEATED
    assert retry.refused(status, codes) == (only_five or status < 500)
    assert retry.concerns_cluster(status, codes) == (only_five or status == 429)


@pytest.mark.parametrize(
    ("codes", "expected"),
    [
        ([1005], True),
        ([1009, 1008], True),
        ([1011], True),
        ([1011, 1005], True),
        ([1000], False),
        ([1014], False),
        ([1005, 1023], False),
        ([1005, None], False),
        ([None], False),
        ([], False),
    ],
)
@pytest.mark.parametrize("status", [200, 201, 202])
def test_under_2xx_the_codes_tell_whether_something_was_done(status: int, codes: list[int], expected: bool) -> None:
    assert retry.refused(status, codes) is expected


@given(st.integers(200, 999), st.permutations([1000, 1005, 1011, 1015]))
def test_the_order_of_the_codes_does_not_matter(status: int, codes: list[int]) -> None:
    for rule in (retry.retryable, retry.concerns_cluster, retry.refused, retry.throttled):
        assert rule(status, codes) == rule(status, sorted(codes))


@pytest.mark.parametrize(
    ("status", "codes", "expected"),
    [
        (429, [], True),
        (429, [1000], True),
        (503, [1015], True),
        (503, [1000, 1015], True),
        (503, [1016], False),
        (500, [], False),
    ],
)
def test_too_many_requests(status: int, codes: list[int], expected: bool) -> None:
    assert retry.throttled(status, codes) is expected


@pytest.mark.parametrize(
    ("details", "seconds", "words"),
    [
        (["Please wait 2 hours"], 7200, "Wait that long (7200 s)"),
        (["", "Please wait 5 minutes", "Please wait 1 minute"], 300, "Wait that long (300 s)"),
        (["Slow down"], None, "Wait some hours"),
        ([], None, "Wait some hours"),
    ],
)
def test_too_many_counted_requests_say_how_long_to_wait(details: list[str], seconds: int | None, words: str) -> None:
    items = [ErrorItem(1015, "Too many requests", text) for text in details]
    error = errors.Throttled(429, items, endpoint="POST /v1/account", host="https://w")
    assert words in str(error)
    assert "extend the waiting time" in str(error)
    assert error.as_dict()["retry_after_seconds"] == seconds
    assert not error.temporary


@given(st.integers(1, 10**4), st.floats(0, 1, exclude_max=True), st.floats(0, 60), st.floats(0, 600))
def test_pauses_grow_and_are_bounded(attempt: int, chance: float, delay: float, maximum: float) -> None:
    policy = retry.RetryPolicy(delay=delay, maximum=maximum)
    pause = policy.pause(attempt, chance)
    assert 0 <= pause <= maximum
    assert policy.pause(attempt + 1, chance) >= pause


def test_pauses_double_and_jitter_takes_at_most_half() -> None:
    policy = retry.RetryPolicy(delay=1, maximum=20)
    assert [policy.pause(attempt, 0) for attempt in range(1, 7)] == [0.5, 1, 2, 4, 8, 10]
    assert policy.pause(1, 0.5) == 0.75


@pytest.mark.parametrize(
    ("details", "seconds"),
    [
        ("Please wait 2 hour(s) 5 minute(s) before trying again", 7500),
        ("Please wait 30 minutes", 1800),
        ("please wait 1 day", 86400),
        ("Wait 45 seconds.", 45),
        ("Please wait before trying again", None),
        ("It took 5 minutes", None),
        ("", None),
    ],
)
def test_waiting_times_are_read(details: str, seconds: int | None) -> None:
    assert errors.wait_seconds(details) == seconds


@pytest.mark.parametrize("code", DOCUMENTED)
def test_every_documented_error_has_a_remedy(code: int) -> None:
    error = errors.ApiError(400, [ErrorItem(code, "Title", "Details")], endpoint="POST /v1/x", host="https://w")
    for part in ("HTTP 400", str(code), "Title", "Details", "POST /v1/x", "https://w", error.remedy):
        assert part in str(error)
    assert error.remedy
    assert error.as_dict()["code"] == code


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 418, 429, 500, 503])
def test_an_error_without_a_body_has_a_remedy_too(status: int) -> None:
    error = errors.ApiError(status, [], endpoint="GET /", host="h")
    assert error.remedy
    assert (error.status, error.code) == (status, None)
