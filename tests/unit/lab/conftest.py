"""A new machine has none of the programs that the lab calls."""

from __future__ import annotations

import pytest

from lab.engine import LAB_PROGRAMS, ensure_programs


@pytest.fixture(scope="session", autouse=True)
def programs() -> None:
    """Install what is missing, as `make lab-up` does."""
    ensure_programs(LAB_PROGRAMS)
