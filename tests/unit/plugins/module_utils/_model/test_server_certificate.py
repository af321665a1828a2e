# Copyright: (c) 2026, wabiz.onprem contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a server that runs is told of a new certificate."""

from __future__ import annotations

import pytest
from ansible_collections.wabiz.onprem.plugins.module_utils._model.server_certificate import certificate_reload


@pytest.mark.parametrize(
    ("engine", "number", "statement"),
    [
        ("MySQL", (5, 7, 44), ""),
        ("MySQL", (8, 0, 15), ""),
        ("MySQL", (8, 0, 16), "ALTER INSTANCE RELOAD TLS"),
        ("MySQL", (9, 7, 4), "ALTER INSTANCE RELOAD TLS"),
        ("MariaDB", (10, 3, 39), ""),
        ("MariaDB", (10, 11, 6), "FLUSH SSL"),
    ],
)
def test_by_kind_and_release(engine: str, number: tuple[int, int, int], statement: str) -> None:
    version = dict(zip(("major", "minor", "release"), number, strict=True))
    assert certificate_reload({"server_engine": engine, "version": version}) == statement
