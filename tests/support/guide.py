"""What the pages in docs/ tell readers to write and to run, unchanged: the blocks that name the test that runs them."""

from __future__ import annotations

import re
from pathlib import Path

from tests.support.paths import ROOT


def blocks(page: str, language: str) -> list[str]:
    """Return the executed blocks of a page in one language, in their order."""
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    return re.findall(rf"<!-- executed by .*?-->\n```{language}\n(.*?)```", text, re.DOTALL)


def commands(page: str) -> list[str]:
    """Return the executed commands of a page, one a line."""
    return [line for block in blocks(page, "sh") for line in block.splitlines()]


def write_guide(directory: Path) -> Path:
    """Write the playbook of docs/modules.md into a directory and return its path."""
    (playbook,) = blocks("modules.md", "yaml")
    path = directory / "guide.yml"
    path.write_text(playbook, encoding="utf-8")
    return path
