"""Writes docs/variables.md from meta/cluster_variables.yml and the roles' argument specs."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "variables.md"
HEAD = """# Variables

Made by `python tools/reference.py` from `meta/cluster_variables.yml` and the roles' argument specs; do not edit.
A variable without a default is either required or has the fallback that its description names.
"""


def table(variables: dict[str, Any]) -> list[str]:
    lines = ["| variable | type | default | meaning |", "|---|---|---|---|"]
    for name, spec in variables.items():
        text = " ".join(spec["description"]) if isinstance(spec["description"], list) else spec["description"]
        default = f"`{json.dumps(spec['default'])}`" if spec.get("default") is not None else ""
        lines.append(f"| `{name}` | {spec['type']} | {default} | {text} |")
    return lines


def page() -> str:
    cluster = yaml.safe_load((ROOT / "meta" / "cluster_variables.yml").read_text(encoding="utf-8"))
    lines = [HEAD, "## The cluster", "", *table(cluster)]
    for path in sorted(ROOT.glob("roles/*/meta/argument_specs.yml")):
        spec = yaml.safe_load(path.read_text(encoding="utf-8"))["argument_specs"]["main"]
        role = path.parent.parent.name
        lines += ["", f"## Role {role}", "", f"{spec['short_description']}.", "", *table(spec["options"])]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    if "--check" in sys.argv:
        sys.exit(0 if PAGE.read_text(encoding="utf-8") == page() else f"{PAGE} is stale: run python tools/reference.py")
    PAGE.write_text(page(), encoding="utf-8")
