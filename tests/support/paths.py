"""Where things are, from the repository's root."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "build"
LAB_INVENTORY = ROOT / "inventories" / "lab"
BIN = Path(sys.executable).parent
# Programs of the oldest and the newest supported ansible-core; the latter needs a Python that not every machine has.
CORES = {"oldest": BIN, "newest": ROOT / ".venv-newest" / "bin"}
# Without the shims of version managers, which exist for Python versions that do not run.
SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
