# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Programs that are asked something, and given up where they do not answer."""

from __future__ import annotations

import os
import subprocess
import typing as t


def ask(
    command: t.Sequence[str], timeout: float, given: str = "", more: t.Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """What the program prints, in English; it reads C(given), and finds C(more) in its environment.

    Raises OSError, ValueError, subprocess.TimeoutExpired.
    """
    # A module's own run_command() has no time-out.
    # pylint: disable-next=ansible-bad-function
    return subprocess.run(
        command,
        input=given,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        env={**os.environ, **(more or {}), "LC_ALL": "C"},
        timeout=timeout,
        check=False,
    )
