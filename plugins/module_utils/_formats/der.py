# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""When a certificate ends, out of its DER form. Hosts need not have the Python library cryptography. No I/O."""

from __future__ import annotations

import datetime as dt
import typing as t

_VERSION, _UTC_TIME, _GENERALIZED_TIME = 0xA0, 0x17, 0x18


def not_after(der: bytes) -> str:
    """The last day of a certificate (YYYY-MM-DD, UTC); empty where it cannot be read."""
    try:
        certificate = next(_values(der))[1]
        body = [part for part in _values(next(_values(certificate))[1]) if part[0] != _VERSION]
        # After serial number, algorithm and issuer; its own parts are beginning and end.
        kind, text = list(_values(body[3][1]))[1]
        form = {_UTC_TIME: "%y%m%d%H%M%SZ", _GENERALIZED_TIME: "%Y%m%d%H%M%SZ"}[kind]
        return dt.datetime.strptime(text.decode("ascii"), form).date().isoformat()
    except (IndexError, KeyError, StopIteration, ValueError):
        return ""


def _values(data: bytes) -> t.Iterator[tuple[int, bytes]]:
    """Tag and content of each value in a row. Raises ValueError where one is cut off, IndexError within its head."""
    place = 0
    while place < len(data):
        tag, length, place = data[place], data[place + 1], place + 2
        if length >= 0x80:
            octets = length - 0x80
            length, place = int.from_bytes(data[place : place + octets], "big"), place + octets
        if place + length > len(data):
            raise ValueError("a value is cut off")
        yield tag, data[place : place + length]
        place += length
