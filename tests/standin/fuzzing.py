"""Requests that schemathesis makes from a description, right and wrong ones."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import schemathesis
from hypothesis import HealthCheck, Phase, given, settings


def tried(operation: Any, examples: int, takes: bool) -> Callable[[Callable[[Any], None]], Callable[[], None]]:
    """Decorate a function of one request: it is called with ``examples`` of them, once where nothing can be chosen."""
    right = operation.as_strategy()
    wrong = operation.as_strategy(generation_mode=schemathesis.GenerationMode.NEGATIVE) if takes else right

    def decorate(attempt: Callable[[Any], None]) -> Callable[[], None]:
        repeated: Callable[[], None] = settings(
            max_examples=examples if takes else 1,
            deadline=None,
            database=None,
            derandomize=True,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )(given(case=right | wrong)(attempt))
        return repeated

    return decorate
