"""Makes one directory from which a controller without internet installs the collection; see docs/offline.md."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


class BundleError(Exception):
    """What keeps the bundle from being made, for the operator."""


def run(command: Sequence[str | Path], directory: Path) -> None:
    """Run a command; its output is shown where it fails. Raises BundleError."""
    done = subprocess.run(
        command, cwd=directory, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8", check=False
    )
    if done.returncode:
        raise BundleError(f"{' '.join(map(str, command))} failed:\n{done.stdout}")
