"""Refused runs: one message with all findings, and nothing on the hosts is changed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.lab.hosts import listing
from tests.lab.play import SECRETS, play
from tests.support.canary import Canaries
from tests.support.paths import LAB_INVENTORY


def refused(
    *expected: str,
    inventory: Path = LAB_INVENTORY,
    secrets: Canaries = SECRETS,
    extra_vars: Mapping[str, Any] | None = None,
    check: bool = False,
) -> str:
    """Run site.yml, expect one refusal whose message matches every pattern, and return that message."""
    before = listing()
    arguments = ["-vvv", *(["--check"] if check else [])]
    run = play("site", *arguments, inventory=inventory, extra_vars=extra_vars, secrets=secrets).failed()
    assert listing() == before
    (failure,) = run.failures
    missing = [pattern for pattern in expected if not re.search(pattern, failure["msg"])]
    assert not missing, failure["msg"]
    assert "nothing was changed" in failure["msg"]
    assert run.changed == set()
    return failure["msg"]
