# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Free space where a directory is, which may be a share whose server does not answer."""

from __future__ import annotations

import os
import threading


def free_space(path: str, timeout: float) -> int | None:
    """Bytes that are free for any user; None where that is not known within C(timeout) seconds."""
    found: list[int] = []

    def look() -> None:
        try:
            answer = os.statvfs(path)
            found.append(answer.f_bavail * answer.f_frsize)
        except OSError:
            pass

    # A server that does not answer blocks the caller; the module continues without that thread.
    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    thread.join(timeout)
    return found[0] if found else None
