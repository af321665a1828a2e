"""The files that git tracks or would track."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator

from tests.support.paths import ROOT


def tracked(folders: str) -> Iterator[tuple[str, str]]:
    """Yield path and text of the text files below the folders."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *folders.split()]
    names = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, encoding="utf-8").stdout
    for name in filter(None, names.split("\0")):
        path = ROOT / name
        if path.is_file() and not path.is_symlink() and b"\0" not in (content := path.read_bytes()):
            yield name, content.decode("utf-8", errors="replace")
