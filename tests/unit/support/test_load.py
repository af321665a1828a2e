"""The load's bookkeeping: what counts as accepted, as tried again, and as failed."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest

from tests.lab import load
from tests.lab.load import Load
from tests.support.waiting import wait_for

Answer = Callable[[int], tuple[int, dict[str, Any]]]


def accepted(text: str) -> tuple[int, dict[str, Any]]:
    return 201, {"messages": [{"id": f"id of {text}"}]}


def refused(status: int, code: int) -> tuple[int, dict[str, Any]]:
    return status, {"errors": [{"code": code}]}


class Connection:
    """Nothing is ever opened."""

    def __init__(self, *_given: object) -> None:
        pass

    def close(self) -> None:
        pass


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> Callable[[Answer, float], Load]:
    """Return a function that sends some messages to answers by try, and returns the load when all is over."""

    def send(answer: Answer, retry: float) -> Load:
        tries: dict[str, int] = {}
        lock = threading.Lock()

        def call(_connection: object, path: str, body: Any, _authorization: str) -> tuple[int, dict[str, Any]]:
            if path.endswith("login"):
                return 200, {"users": [{"token": "token"}]}
            text = body["text"]["body"]
            with lock:
                tries[text] = tries.get(text, 0) + 1
            status, content = answer(tries[text])
            return accepted(text) if status == 201 else (status, content)

        monkeypatch.setattr(load, "on", lambda *_words: "")
        monkeypatch.setattr(load, "Connection", Connection)
        monkeypatch.setattr(load, "_PAUSES", (0.01,))
        monkeypatch.setattr(Load, "_call", staticmethod(call))
        with Load("lb1", 200, retry) as found:
            wait_for("messages", lambda: len(tries) >= 5, 10, pause=0.01)
        return found

    return send


def test_accepted_at_once(sent: Callable[[Answer, float], Load]) -> None:
    found = sent(lambda _number: (201, {}), 60)
    assert len(found.accepted) >= 5
    assert (found.retried, found.refused.total()) == (0, 0)


@pytest.mark.parametrize("code", [1011, 1016, 1017, 1018])
def test_what_may_be_retried_is_no_failure(sent: Callable[[Answer, float], Load], code: int) -> None:
    found = sent(lambda number: refused(503, code) if number < 3 else (201, {}), 60)
    assert len(found.accepted) == found.retried >= 5
    assert found.refused.total() == 0


def test_retries_are_exhausted_at_the_end_of_the_time(sent: Callable[[Answer, float], Load]) -> None:
    found = sent(lambda _number: refused(503, 1018), 0.05)
    assert found.accepted == {}
    assert set(found.refused) == {"1018 for 0.05 s"}
    assert found.refused.total() == found.retried >= 5


@pytest.mark.parametrize(
    ("answer", "why"),
    [(refused(500, 1014), "500 1014"), (refused(400, 1009), "400 1009"), ((502, {}), "502")],
)
def test_what_may_not_be_retried_has_failed(
    sent: Callable[[Answer, float], Load], answer: tuple[int, dict[str, Any]], why: str
) -> None:
    found = sent(lambda _number: answer, 60)
    assert set(found.refused) == {why}
    assert (found.accepted, found.retried) == ({}, 0)


def test_a_reset_has_failed(sent: Callable[[Answer, float], Load]) -> None:
    def reset(_number: int) -> tuple[int, dict[str, Any]]:
        raise ConnectionResetError

    found = sent(reset, 60)
    assert set(found.refused) == {"ConnectionResetError"}
    assert len(found.failures) == found.refused.total() >= 5
