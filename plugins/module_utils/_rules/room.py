# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether there is room for images, and sizes as people read them. No I/O."""

from __future__ import annotations

import typing as t

from ansible_collections.wabiz.onprem.plugins.module_utils._rules.findings import Finding


def no_room(host: str, what: str, need: int, free: int | None, place: str) -> t.Iterator[Finding]:
    """Images need more than there is; what is not known is not judged."""
    if free is not None and need > free:
        yield Finding(host, f"{what} needs {megabytes(need)} in {place}, and {megabytes(free)} are free.", "Make room.")


def megabytes(size: int) -> str:
    """A size for people; small ones are not shown as nothing."""
    return f"{size / 1e6:.0f} MB" if size >= 10_000_000 else f"{size / 1e6:.1f} MB"
