#!/usr/bin/python
# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: settings_backup
short_description: Save the settings and the registration of a WhatsApp Business API client to a file
version_added: 0.1.0
description:
  - Asks the client for a backup, encrypted with a password, and writes it to a file with mode 0600 on the host that
    runs the module.
  - Messages and callbacks are not part of it.
  - The file also records the number of shards and the version, so that M(wabiz.onprem.settings_restore) can refuse an
    installation that does not fit.
extends_documentation_fragment:
  - wabiz.onprem.connection
  - wabiz.onprem.authentication
  - wabiz.onprem.attributes
  - wabiz.onprem.attributes.action_group
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
    details: The data are not shown.
  idempotent:
    support: partial
    details: Each backup is encrypted again. With O(replace=false) an existing file is left alone.
options:
  path:
    description: The file. Its directory must exist.
    type: path
    required: true
  backup_password:
    description: Password with which the client encrypts the backup. Without it the backup is worthless.
    type: str
    required: true
  replace:
    description: Whether an existing file is replaced by a new backup.
    type: bool
    default: true
seealso:
  - module: wabiz.onprem.settings_restore
author:
  - wabiz.onprem contributors (@wabiz-onprem)
"""

EXAMPLES = r"""
- name: Save the settings before an upgrade
  wabiz.onprem.settings_backup:
    endpoints: [https://web1.example.net:9090]
    ca_path: /etc/wabiz/ca.pem
    username: admin
    password: "{{ vault_admin_password }}"
    path: /var/backups/wabiz/before-2.57.2.json
    backup_password: "{{ vault_backup_password }}"
"""

RETURN = r"""
path:
  description: The file.
  returned: success
  type: str
  sample: /var/backups/wabiz/before-2.57.2.json
shards:
  description: Number of shards at the time of the backup.
  returned: when a backup was or would be made
  type: int
  sample: 2
version:
  description: Version of the client at the time of the backup.
  returned: when a backup was or would be made
  type: str
  sample: 2.55.1
"""

import datetime as dt
from pathlib import Path
from typing import Any

from ansible_collections.wabiz.onprem.plugins.module_utils._api.api_module import ApiModule
from ansible_collections.wabiz.onprem.plugins.module_utils._api.errors import ClientError, Refusal
from ansible_collections.wabiz.onprem.plugins.module_utils._formats.backup import Backup
from ansible_collections.wabiz.onprem.plugins.module_utils._formats.nested import dig
from ansible_collections.wabiz.onprem.plugins.module_utils._host.private_file import write_private

PATH = "/v1/settings/backup"


def save(module: ApiModule) -> dict[str, Any]:
    """Make the backup, unless there is one that shall stay."""
    path = Path(module.params["path"])
    if path.exists() and not module.params["replace"]:
        return {"path": str(path)}
    if not path.parent.is_dir():
        raise Refusal(
            f"the directory {path.parent} does not exist", remedy="Create it first, readable by its owner only."
        )
    health = module.require_registration("a backup")
    if not health.connected_coreapps:
        raise Refusal(f"a backup needs a connected client. State: {health}", remedy="Bring the coreapps up first.")
    shards, answer = module.shards() if not health.single else (1, None)
    version = answer.version if answer else None
    result = {"changed": True, "path": str(path), "shards": shards, "version": version}
    before = {"path": str(path), "state": "old backup" if path.exists() else "absent"}
    if not module.check_mode:
        write(path, Backup(fetch(module), shards, health.single, version, now()))
    return {**result, **module.difference(before, {"path": str(path), "state": "new backup", "mode": "0600"})}


def now() -> str:
    """Return the time in UTC."""
    return dt.datetime.now(dt.timezone.utc).isoformat(timespec="seconds")


def fetch(module: ApiModule) -> str:
    """Ask the client for the backup."""
    payload = {"password": module.params["backup_password"]}
    answer = module.session.call("POST", PATH, payload, repeatable=True)
    data = dig(answer.data, "settings", "data")
    if not isinstance(data, str) or not data:
        raise ClientError("the answer holds no backup", endpoint=f"POST {PATH}", host=answer.host)
    module.no_log_values.add(data)
    return data


def write(path: Path, backup: Backup) -> None:
    """Write the file as a whole or not at all."""
    try:
        write_private(path, backup.text())
    except OSError as error:
        raise Refusal(
            f"{path} cannot be written: {error.strerror}", remedy="Check directory, owner and space."
        ) from error


def main() -> None:
    """Run the module."""
    ApiModule(
        {
            "path": {"type": "path", "required": True},
            "backup_password": {"type": "str", "required": True, "no_log": True},
            "replace": {"type": "bool", "default": True},
        }
    ).run(save)


if __name__ == "__main__":
    main()
