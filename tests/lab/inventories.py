"""Variants of the lab's inventory."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from tests.support.paths import BUILD, LAB_INVENTORY

Groups = dict[str, dict[str, Any]]


def variant(name: str, change: Callable[[Groups], object]) -> Path:
    """Write build/inventory-<name> with changed groups and the lab's own variables, and return its path.

    ``change`` gets {group: {"hosts": {host: variables}}}. The copy is as deep below the root as the original, whose
    variables name files relative to it.
    """
    groups: Groups = yaml.safe_load((LAB_INVENTORY / "hosts.yml").read_text(encoding="utf-8"))["all"]["children"]
    for group in groups.values():
        group["hosts"] = {host: variables or {} for host, variables in group["hosts"].items()}
    change(groups)
    target = BUILD / f"inventory-{name}"
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    shutil.copytree(LAB_INVENTORY / "group_vars", target / "group_vars")
    (target / "hosts.yml").write_text(yaml.safe_dump({"all": {"children": groups}}), encoding="utf-8")
    return target
