"""Where things are, from the repository's root."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "build"
LAB_INVENTORY = ROOT / "inventories" / "lab"
BIN = Path(sys.executable).parent
NEWEST = ROOT / ".venv-newest"
# Without the shims of version managers, which are there for Pythons that do not run.
SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
