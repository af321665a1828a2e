# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What stands in place of a secret. No I/O."""

from __future__ import annotations

import re

MASK = "********"


def fits(shown: str, value: str) -> bool:
    """Whether a value may be the one that is shown with its secrets masked."""
    return re.fullmatch(".*".join(map(re.escape, shown.split(MASK))), value, re.DOTALL) is not None
