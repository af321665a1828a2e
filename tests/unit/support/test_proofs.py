"""The gate over the marks `proves` finds what has none, and marks that prove nothing."""

from __future__ import annotations

from pathlib import Path

from tests.support.proofs import Proof, collected, mistaken, unproved

TESTS = """
import pytest

@pytest.mark.lab
@pytest.mark.proves("wabiz_one", "wabiz_two")
def test_on_the_lab(): ...

@pytest.mark.docker
@pytest.mark.drill
@pytest.mark.proves("wabiz_three")
def test_drill(): ...

@pytest.mark.parametrize("x", [pytest.param(1, marks=[pytest.mark.docker, pytest.mark.proves("wabiz_four")]), 2])
def test_a_parameter(x): ...

@pytest.mark.proves("wabiz_five")
def test_that_only_computes(): ...
"""
SETTINGS = """
[pytest]
markers =
    lab
    docker
    drill
    proves(*variables)
"""


def test_marks_of_tests_and_of_drills_are_collected(tmp_path: Path) -> None:
    (tmp_path / "pytest.ini").write_text(SETTINGS)
    (tmp_path / "test_some.py").write_text(TESTS)
    assert collected(tmp_path) == [
        Proof("test_some.py::test_on_the_lab", "wabiz_one", True),
        Proof("test_some.py::test_on_the_lab", "wabiz_two", True),
        Proof("test_some.py::test_drill", "wabiz_three", True),
        Proof("test_some.py::test_a_parameter[1]", "wabiz_four", True),
        Proof("test_some.py::test_that_only_computes", "wabiz_five", False),
    ]


def test_what_is_missing_and_what_is_mistaken() -> None:
    proofs = [Proof("a", "wabiz_one", True), Proof("b", "wabiz_two", False), Proof("c", "wabiz_tow", True)]
    assert unproved(["wabiz_two", "wabiz_one", "wabiz_three"], proofs) == ["wabiz_three", "wabiz_two"]
    assert mistaken(["wabiz_one", "wabiz_two"], proofs) == {
        "b": "runs nothing real",
        "c": "wabiz_tow is no declared variable",
    }
