"""Wheels of ansible-core and what the collection needs on a controller, in the versions of this environment."""

from __future__ import annotations

import re
import sys
import tempfile
from collections.abc import Iterable, Sequence
from importlib import metadata
from pathlib import Path

from tools.bundle import ROOT, run
from tools.venv import Version

# The first one is what a controller installs; it names the other one.
REQUIREMENTS = ("requirements-controller.txt", "requirements.txt")
# Wheels that name no version of the C library in digits need at most 2.17.
_OLDEST = 17


def download(target: Path, pythons: Iterable[Version], more: Sequence[str] = ()) -> list[str]:
    """Download the wheels for this platform, also of more requirements; return their names. Raises BundleError."""
    with tempfile.TemporaryDirectory(prefix="wabiz-bundle-") as scratch:
        tested = Path(scratch) / "tested.txt"
        tested.write_text(constraints(), encoding="utf-8")
        for major, minor in pythons:
            pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet", "download"]
            choice: list[str | Path] = [
                "--only-binary",
                ":all:",
                "--python-version",
                f"{major}.{minor}",
                "--constraint",
                tested,
            ]
            run([*pip, *choice, *more, "--requirement", ROOT / REQUIREMENTS[0], "--dest", target], directory=ROOT)
    return sorted(path.name for path in target.iterdir())


def constraints() -> str:
    """The versions of this environment's packages, which are those that were tested."""
    return "".join(sorted(f"{one.name}=={one.version}\n" for one in metadata.distributions()))


def c_library(names: Iterable[str]) -> str:
    """The oldest GNU C library that all these wheels accept; one wheel may name several, of which any will do."""
    lowest = [min(map(int, found)) for name in names if (found := re.findall(r"manylinux_2_(\d+)_", name))]
    return f"2.{max([_OLDEST, *lowest])}"
