# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which database a node of a cluster uses and which secrets it has, without the secrets themselves."""

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
# By the names of the settings.
_SECRETS = {"api_key": "WA_API_KEY", "jwt_key": "WA_WEB_JWT_CRYPTO_KEY", "secret": "WA_SECRET"}


class EnvironmentReader:
    """Reads environments; one salt for all of them, so that a secret that many nodes share costs one hash."""

    def __init__(self) -> None:
        self._salt = os.urandom(16)
        self._digests: dict[str, str] = {}

    def secrets(self, env: t.Mapping[str, str]) -> dict[str, str]:
        """Fingerprints of the client's secrets; empty for one that is not set."""
        return {name: self._fingerprint(env.get(variable, "")) for name, variable in _SECRETS.items()}

    def database(self, env: t.Mapping[str, str]) -> dict[str, str]:
        """Identity of the database and the password's fingerprint; empty where the environment names no database."""
        if not any(env.get(name) for name in _FIELDS.values()):
            return {}
        found = {field: env.get(name, "") for field, name in _FIELDS.items()}
        return {**found, "password_digest": self._fingerprint(env.get("WA_DB_PASSWORD", ""))}

    def place(self, env: t.Mapping[str, str]) -> dict[str, str]:
        """The same without the login, for a client of others."""
        if not any(env.get(name) for name in _FIELDS.values()):
            return {}
        return {field: env.get(name, "") for field, name in _FIELDS.items() if field != "user"}

    def _fingerprint(self, text: str) -> str:
        if not text:
            return ""
        if text not in self._digests:
            self._digests[text] = digest(text, self._salt)
        return self._digests[text]
