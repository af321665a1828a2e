# SPDX-License-Identifier: GPL-3.0-or-later
"""The table is readable."""

from __future__ import annotations

from lab import status


def test_columns_are_aligned_and_nothing_trails() -> None:
    assert status.table([("HOST", "STATE"), ("a", "running"), ("longer", "up")]) == (
        "HOST    STATE\na       running\nlonger  up"
    )
