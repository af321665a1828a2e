"""The tasks of a module's examples, which are tasks or, where one task does not suffice, a play."""

from __future__ import annotations

from typing import Any

import yaml


def tasks_of(text: str) -> list[dict[str, Any]]:
    """Return all tasks of the examples in their order."""
    found: list[dict[str, Any]] = []
    for entry in yaml.safe_load(text):
        found += entry["tasks"] if "hosts" in entry else [entry]
    return found
