# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A digest of what each part of a host is made from, by which a later run knows that something else is wanted."""

from __future__ import annotations

import hashlib
import json
import typing as t
from functools import lru_cache

from ansible_collections.wabiz.onprem.plugins.module_utils._model.inventory import Inventory
from ansible_collections.wabiz.onprem.plugins.module_utils._plans import parts
from ansible_collections.wabiz.onprem.plugins.module_utils._settings.declaration import Declaration

_ITERATIONS = 20_000


def digests(inventory: Inventory, host: str, declaration: Declaration, edition: str) -> dict[str, str]:
    """A digest of what each part of a host is made from; C(edition) stands for the collection's own files."""
    settings, found = inventory.variables[host], {}
    for part in parts.resources(inventory, host):
        readable = [one for one in declaration.read_by(f"role {parts.ROLES.get(part, part)}") if one.key in settings]
        values = {one.key: settings[one.key] for one in readable}
        values |= {key: settings[key] for key in ("directory", "ansible_host", "url_host") if key in settings}
        servers = parts.balanced(inventory) if part == "loadbalancer" else []
        secret = {one.key for one in readable if one.secret}
        found[part] = digest(values, secret, [edition, servers])
    return found


def digest(values: t.Mapping[str, t.Any], secret: t.Collection[str], also: t.Any) -> str:
    """A digest of settings by key, of which those in C(secret) cannot be guessed from it, and of anything else."""
    hidden = json.dumps({key: values.get(key) for key in sorted(secret)}, sort_keys=True, default=str)
    plain = {key: value for key, value in values.items() if key not in secret}
    text = json.dumps([plain, _slow(hidden), also], sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


@lru_cache(maxsize=64)
def _slow(secrets: str) -> str:
    """Hosts of one cluster have the same secrets; each set of them costs its time once."""
    return hashlib.pbkdf2_hmac("sha256", secrets.encode(), b"wabiz.onprem", _ITERATIONS).hex()
