# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The error that ends a run, among those of all hosts."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.wabiz.onprem.plugins.filter.cause import cause

EARLIER = {"failed": True, "msg": "no socket"}
REAL = {"failed": True, "msg": "no space left"}
LOOP = {"failed": True, "msg": "One or more items failed", "results": [{"failed": False, "msg": "fine"}, REAL]}


@pytest.mark.parametrize(
    ("results", "handled", "said"),
    [
        ([{}, REAL], [{}, {}], "two: no space left"),
        ([EARLIER, REAL], [EARLIER, {}], "two: no space left"),
        # The same host has failed again.
        ([REAL, {}], [EARLIER, {}], "one: no space left"),
        ([EARLIER, {}], [EARLIER, {}], ""),
        ([LOOP, {}], [{}, {}], "one: no space left"),
        ([{"failed": True}, {}], [{}, {}], "one: failed"),
        ([{}, {}], [{}, {}], ""),
    ],
)
def test_the_first_error_that_was_not_handled(results: list[Any], handled: list[Any], said: str) -> None:
    assert cause(results, ["one", "two"], handled) == said
