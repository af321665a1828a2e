# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether services run, by systemd."""

from __future__ import annotations

import subprocess
import typing as t

from ansible_collections.wabiz.onprem.plugins.module_utils._host.program import ask

_SECONDS = 10.0
_RUNNING = ("active", "activating", "reloading")


def running_services(names: t.Sequence[str]) -> dict[str, bool]:
    """Whether each of these services runs; those that systemd does not know, and all without systemd, are omitted."""
    if not names:
        return {}
    command = ["systemctl", "show", "--property=LoadState", "--property=ActiveState", "--", *names]
    try:
        answer = ask(command, _SECONDS).stdout
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return {}
    # One paragraph for each name, in their order.
    blocks = [dict(line.partition("=")[::2] for line in block.splitlines()) for block in answer.strip().split("\n\n")]
    if len(blocks) != len(names):
        return {}
    return {
        name: block.get("ActiveState") in _RUNNING
        for name, block in zip(names, blocks)
        if block.get("LoadState") == "loaded"
    }
