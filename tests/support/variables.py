"""The lab inventory's variables, for tests that do not use Ansible."""

from __future__ import annotations

from typing import Any

import yaml

from tests.support.paths import LAB_INVENTORY


def _variables(file: str) -> dict[str, Any]:
    return yaml.safe_load((LAB_INVENTORY / "group_vars" / "all" / file).read_text(encoding="utf-8"))


LAB_VARIABLES = _variables("cluster.yml")
# Those as well that only the lab needs; templates are left as they are written.
ALL_LAB_VARIABLES = LAB_VARIABLES | _variables("lab.yml")
