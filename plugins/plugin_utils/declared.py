# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The declaration of all variables, from the collection's own file. For action plugins: it needs PyYAML."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import yaml
from ansible_collections.wabiz.onprem.plugins.module_utils._settings.declaration import Declaration, parse

_FILE = Path(__file__).resolve().parents[2] / "meta" / "variables.yml"


@lru_cache(maxsize=1)
def declared() -> Declaration:
    """Read meta/variables.yml once in a process."""
    # The parser written in C, where PyYAML has it, takes a tenth of the time.
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return parse(yaml.load(_FILE.read_text(encoding="utf-8"), Loader=loader))  # noqa: S506 (both are safe loaders)


# Each host's task runs in a process of its own, forked from the one that imports this.
declared()
