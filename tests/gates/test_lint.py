"""Quick linters and type checks over the working tree."""

from __future__ import annotations

import pytest

from tests.support.gate import passes
from tests.support.paths import ROOT

# The collection's code imports itself by its full name; mypy checks it under that name, so it is read only once.
_TYPED = ["lab", "standin", "tests", "tools", "collections/ansible_collections/wabiz/onprem/plugins"]


@pytest.mark.parametrize(
    "command",
    [
        ["ruff", "check"],
        ["yamllint", "--strict", "."],
        ["mypy", *(path for path in _TYPED if (ROOT / path).exists())],
        ["antsibull-changelog", "lint"],
    ],
    ids=lambda command: command[0],
)
def test_lint(command: list[str]) -> None:
    passes(*command)
