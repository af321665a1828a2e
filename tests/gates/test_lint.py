"""Quick linters over the working tree."""

from __future__ import annotations

import pytest

from tests.support.gate import passes


@pytest.mark.parametrize(
    "command",
    [
        ["ruff", "check"],
        ["yamllint", "--strict", "."],
        ["antsibull-changelog", "lint"],
    ],
    ids=lambda command: command[0],
)
def test_lint(command: list[str]) -> None:
    passes(*command)
