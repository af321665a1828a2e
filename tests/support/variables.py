"""The lab inventory's variables of the cluster, for tests that do not use Ansible."""

from __future__ import annotations

from typing import Any

import yaml

from tests.support.paths import LAB_INVENTORY

LAB_VARIABLES: dict[str, Any] = yaml.safe_load(
    (LAB_INVENTORY / "group_vars" / "all" / "cluster.yml").read_text(encoding="utf-8")
)
