# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The process of a container that runs."""

from __future__ import annotations

from ansible_collections.wabiz.onprem.plugins.module_utils._host.engine import PATIENCE, Engine, EngineError


def process_of(container: str, path: str) -> int:
    """A process of a running container, by its number on this host. Raises EngineError."""
    state = Engine(path, PATIENCE).read(f"/containers/{container}/json").get("State") or {}
    if not state.get("Running"):
        raise EngineError(f"container {container} does not run (exit code {state.get('ExitCode')})")
    return int(state["Pid"])
