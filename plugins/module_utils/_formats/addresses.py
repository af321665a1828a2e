# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is an address and not a name, and what means the machine itself."""

from __future__ import annotations

import ipaddress
import re

_LOOPBACK = re.compile(r"(.*\.)?localhost6?(\.localdomain6?)?\.?|ip6-(localhost|loopback)", re.IGNORECASE)
# The last part of a name is no number: what has one there and is no address is half an address, or one of another form.
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*", re.IGNORECASE | re.ASCII)


def is_address(text: str) -> bool:
    """Tell whether a text is an IP address."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def is_subnet(text: str) -> bool:
    """Tell whether a text is a subnet with its length, and no address within one."""
    try:
        ipaddress.ip_network(text)
    except ValueError:
        return False
    return "/" in text


def subnet(text: str) -> str:
    """Return a subnet as engines write it. Raises ValueError for what is none."""
    return str(ipaddress.ip_network(text))


def canonical(address: str) -> str:
    """Return an address as engines write it, so that it is what they tell of it. Raises ValueError for what is none."""
    return str(ipaddress.ip_address(address))


def bracketed(address: str) -> str:
    """Return the address as it is written before a port."""
    return f"[{address}]" if ":" in address else address


def is_ipv6(text: str) -> bool:
    """Tell whether a text is an IPv6 address that means the same on every host; one with a zone does not."""
    return ":" in text and "%" not in text and is_address(text)


def is_loopback(text: str) -> bool:
    """Tell whether a name or an address means the machine, or container, that looks it up."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return _LOOPBACK.fullmatch(text) is not None
    plain = getattr(address, "ipv4_mapped", None) or address
    return bool(plain.is_loopback or plain.is_unspecified)


def is_reachable(text: str) -> bool:
    """Tell whether a text is an address of one host, or may be its name."""
    try:
        return not ipaddress.ip_address(text).is_multicast
    except ValueError:
        return ":" not in text and not _NUMBER.fullmatch(text.rstrip(".").rpartition(".")[2])
