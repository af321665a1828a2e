"""The playbook in docs/modules.md, unchanged."""

from __future__ import annotations

import re
from pathlib import Path

from tests.support.paths import ROOT


def write_guide(directory: Path) -> Path:
    """Write the guide's playbook into a directory and return its path."""
    text = (ROOT / "docs" / "modules.md").read_text(encoding="utf-8")
    block = re.search(r"<!-- executed by .*?-->\n```yaml\n(.*?)```", text, re.DOTALL)
    assert block is not None
    path = directory / "guide.yml"
    path.write_text(block.group(1), encoding="utf-8")
    return path
