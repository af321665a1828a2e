# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is an address and not a name, and what means the machine itself."""

from __future__ import annotations

import ipaddress
import re

_LOOPBACK = re.compile(r"localhost(\.localdomain)?|127(\.[0-9]{1,3}){3}|::1|0\.0\.0\.0|::", re.IGNORECASE)


def is_address(text: str) -> bool:
    """Tell whether a text is an IP address."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def is_loopback(text: str) -> bool:
    """Tell whether a name or an address means the machine, or container, that looks it up."""
    return _LOOPBACK.fullmatch(text) is not None
