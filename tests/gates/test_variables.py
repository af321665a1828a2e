"""Every variable of meta/variables.yml is set by a test or a drill that reads its effect back."""

from __future__ import annotations

import pytest
from ansible_collections.wabiz.onprem.plugins.plugin_utils.declared import declared

from tests.support.proofs import Proof, collected, mistaken, unproved

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def proofs() -> list[Proof]:
    return collected()


def test_every_variable_is_proved(proofs: list[Proof]) -> None:
    missing = unproved(declared().variables, proofs)
    assert not missing, f"no test and no drill reads back what these do: {', '.join(missing)}"


def test_every_mark_names_a_variable_and_is_on_a_test_that_runs_something(proofs: list[Proof]) -> None:
    assert mistaken(declared().variables, proofs) == {}
