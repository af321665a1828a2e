# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The file in which a registry has its users."""

from __future__ import annotations

_HASH = "import crypt, sys; print(crypt.crypt(sys.stdin.read(), crypt.mksalt(crypt.METHOD_BLOWFISH, rounds=16)))"
# To be run in a lab host with the password as its input: bcrypt, which a registry needs, is no part of every Python.
HASHING = ("python3", "-W", "ignore", "-c", _HASH)
FILE = "/etc/login/htpasswd"
# How a registry is told to ask for a login.
ENVIRONMENT = {
    "REGISTRY_AUTH": "htpasswd",
    "REGISTRY_AUTH_HTPASSWD_REALM": "lab",
    "REGISTRY_AUTH_HTPASSWD_PATH": FILE,
}


def line(user: str, hashed: str) -> str:
    """Return one user of the file."""
    return f"{user}:{hashed.strip()}\n"
