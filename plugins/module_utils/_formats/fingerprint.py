# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fingerprints of passwords: two sides find out whether they hold the same one, and it travels nowhere."""

from __future__ import annotations

import binascii
import hashlib
import hmac

ITERATIONS = 20_000
# What comes from a host must not keep the controller busy.
_MOST_ITERATIONS = 1_000_000


def digest(password: str, salt: bytes) -> str:
    """Return C(pbkdf2$<iterations>$<salt>$<hash>); the salt is random bytes, new for each run."""
    return f"pbkdf2${ITERATIONS}${salt.hex()}${_derived(password, salt, ITERATIONS).hex()}"


def matches(password: str, fingerprint: str) -> bool:
    """Tell whether the fingerprint was made of this password; what is no fingerprint matches none."""
    scheme, *fields = str(fingerprint).split("$")
    try:
        iterations, salt, wanted = int(fields[0]), binascii.unhexlify(fields[1]), binascii.unhexlify(fields[2])
    except (IndexError, ValueError):
        return False
    if scheme != "pbkdf2" or len(fields) != 3 or not 0 < iterations <= _MOST_ITERATIONS:
        return False
    return hmac.compare_digest(_derived(password, salt, iterations), wanted)


def _derived(password: str, salt: bytes, iterations: int) -> bytes:
    return hashlib.pbkdf2_hmac("sha256", password.encode("utf-8", "surrogateescape"), salt, iterations)
