# SPDX-License-Identifier: GPL-3.0-or-later
"""A container is created again exactly when something that it is made of changes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from lab.containers import Wanted

WANTED = Wanted("host", "web1", "10.77.0.10", "image:1", ("--env=A=1",))


def test_the_same_container_has_the_same_mark() -> None:
    assert replace(WANTED).spec == WANTED.spec


@pytest.mark.parametrize(
    "other",
    [
        replace(WANTED, address="10.77.0.11"),
        replace(WANTED, image="image:2"),
        replace(WANTED, options=("--env=A=2",)),
        replace(WANTED, options=("--env=", "A=1")),
        replace(WANTED, command=("sh",)),
    ],
)
def test_any_change_changes_the_mark(other: Wanted) -> None:
    assert other.spec != WANTED.spec
