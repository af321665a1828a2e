"""Writes the plays that the roles' READMEs show into build/readme, one file each and two that run them all in order.

The first YAML block of a README runs the role (build.yml), the second one removes what it made (remove.yml). Molecule's
scenario `roles` runs these files, so that what is shown is what is tested.
"""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OUTPUT = ROOT / "build" / "readme"
# In the order that a cluster needs; what is removed goes the other way.
ROLES = ("engine", "media", "database", "webapp", "master", "coreapp", "loadbalancer", "log_cleanup")
_BLOCK = re.compile(r"^```yaml\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def plays(role: str) -> list[str]:
    """The YAML blocks of a role's README: one that runs it and, where there is anything to remove, one that does."""
    return _BLOCK.findall((ROOT / "roles" / role / "README.md").read_text(encoding="utf-8"))


def written() -> dict[str, str]:
    """The content of every file, by name."""
    shown = {role: plays(role) for role in ROLES}
    files = {f"{role}.yml": blocks[0] for role, blocks in shown.items()}
    removals = [blocks[1] for blocks in reversed(shown.values()) if len(blocks) > 1]
    files |= {"build.yml": "\n".join(blocks[0] for blocks in shown.values()), "remove.yml": "\n".join(removals)}
    return {name: f"---\n{content}" for name, content in files.items()}


if __name__ == "__main__":
    OUTPUT.mkdir(parents=True, exist_ok=True)
    for name, content in written().items():
        (OUTPUT / name).write_text(content, encoding="utf-8")
