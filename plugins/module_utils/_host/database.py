# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which database a node of a cluster uses, without its password."""

from __future__ import annotations

import os
import typing as t

from ansible_collections.wabiz.onprem.plugins.module_utils._formats.fingerprint import digest

_FIELDS = {
    "engine": "WA_DB_ENGINE",
    "host": "WA_DB_HOSTNAME",
    "port": "WA_DB_PORT",
    "user": "WA_DB_USERNAME",
    "prefix": "WA_DB_NAME_PREFIX",
}


class DatabaseReader:
    """Reads environments; one salt for all of them, so that a password that many nodes share costs one hash."""

    def __init__(self) -> None:
        self._salt = os.urandom(16)
        self._digests: dict[str, str] = {}

    def read(self, env: t.Mapping[str, str]) -> dict[str, str]:
        """Identity of the database and the password's fingerprint; empty where the environment names no database."""
        if not any(env.get(name) for name in _FIELDS.values()):
            return {}
        found = {field: env.get(name, "") for field, name in _FIELDS.items()}
        return {**found, "password_digest": self._fingerprint(env.get("WA_DB_PASSWORD", ""))}

    def _fingerprint(self, password: str) -> str:
        if not password:
            return ""
        if password not in self._digests:
            self._digests[password] = digest(password, self._salt)
        return self._digests[password]
