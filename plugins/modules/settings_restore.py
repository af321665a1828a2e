#!/usr/bin/python
# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: settings_restore
short_description: Restore the settings and the registration of a WhatsApp Business API client from a file
version_added: 0.1.0
description:
  - Gives the client a backup that M(wabiz.onprem.settings_backup) wrote. The number is then registered here.
  - The client must not be registered, must be of the same kind (single instance or cluster) and must have the same
    number of shards. This is verified before anything is sent.
  - The installation from which the backup comes must not run any more, or both disconnect each other.
  - Where the answer is lost (a broken connection, HTTP 502, 503 or 504 of a balancer, HTTP 500) the backup is not sent
    again. The health is read instead, for up to a minute.
  - After HTTP 429 or error code 1015 it is not sent again either, as each request may extend the waiting time.
  - Users who talk to the number see a changed security code, from version 2.31.4 on.
extends_documentation_fragment:
  - wabiz.onprem.connection
  - wabiz.onprem.authentication
  - wabiz.onprem.waiting
  - wabiz.onprem.attributes
  - wabiz.onprem.attributes.action_group
attributes:
  check_mode:
    support: full
    details: Whether the password fits the backup is known to the client only.
  diff_mode:
    support: full
    details: The data are not shown.
  idempotent:
    support: none
    details: A second run is refused, as a number is registered then.
options:
  path:
    description: The file, on the host that runs the module.
    type: path
    required: true
  backup_password:
    description: Password with which the backup was made.
    type: str
    required: true
  force:
    description: Continue although the kind or the number of shards differs.
    type: bool
    default: false
  wait_timeout:
    description: Seconds to wait at most until the client says that a number is registered.
seealso:
  - module: wabiz.onprem.settings_backup
author:
  - wabiz.onprem contributors (@wabiz-onprem)
"""

EXAMPLES = r"""
- name: Move the number to this cluster, after the old one was stopped
  wabiz.onprem.settings_restore:
    endpoints: [https://web1.example.net:9090]
    ca_path: /etc/wabiz/ca.pem
    username: admin
    password: "{{ vault_admin_password }}"
    path: /var/backups/wabiz/old-cluster.json
    backup_password: "{{ vault_backup_password }}"
"""

RETURN = r"""
registered:
  description: Whether the client says that a number is registered at the end of the run.
  returned: success
  type: bool
restart_required:
  description:
    - What must be restarted, V(master) and V(coreapp), or nothing. A client that held an application before stops and
      waits for that.
  returned: success
  type: list
  elements: str
  sample: []
"""

from pathlib import Path
from typing import Any

from ansible_collections.wabiz.onprem.plugins.module_utils._api.api_module import WAIT_ARGUMENTS, ApiModule
from ansible_collections.wabiz.onprem.plugins.module_utils._api.errors import ApiError, OutcomeUnknown, Refusal
from ansible_collections.wabiz.onprem.plugins.module_utils._api.local_file import read_text
from ansible_collections.wabiz.onprem.plugins.module_utils._formats import backup as backups
from ansible_collections.wabiz.onprem.plugins.module_utils._host.private_file import readable_by_others
from ansible_collections.wabiz.onprem.plugins.module_utils._model.health import Health

LOST = (
    "Check the health (wabiz.onprem.health_info) in some minutes: if it shows a registered number, all is done. If"
    " the nodes stopped, the client took the backup and waits: restart masters and coreapps. If it says unregistered,"
    " run the module again."
)


def restore(module: ApiModule) -> dict[str, Any]:
    """Restore, after everything that can be verified was verified."""
    backup = load(module)
    health = module.health()[0]
    if health.registered is not False:
        raise Refusal(
            f"only a client without a registered number takes a backup. State: {health}",
            remedy="Use a new installation, or wait until the primary master says unregistered.",
        )
    faults = backups.restore_faults(backup, read_shards(module, health), health.single)
    if faults and not module.params["force"]:
        raise Refusal(f"the backup does not fit. {' '.join(faults)}", remedy="force=true overrules this.")
    change = module.difference({"registered": False}, {"registered": True})
    if module.check_mode:
        return {"changed": True, "registered": True, "restart_required": [], **change}
    payload = {"password": module.params["backup_password"], "data": backup.data}
    try:
        module.session.call("POST", "/v1/settings/restore", payload)
    except OutcomeUnknown as unknown:
        module.read_back(unknown, module.unregistered, LOST)
    registered = module.wait_registered().done
    if not registered:
        module.warn("The backup was accepted, but the client does not serve the number: restart masters and coreapps.")
    restart = [] if registered else ["master", "coreapp"]
    return {"changed": True, "registered": registered, "restart_required": restart, **change}


def load(module: ApiModule) -> backups.Backup:
    """Read the file; its data must not appear in any output."""
    path = Path(module.params["path"])
    backup = backups.parse(read_text(path))
    if readable_by_others(path):
        module.warn(f"{path} can be read by others; its mode should be 0600.")
    module.no_log_values.add(backup.data)
    return backup


def read_shards(module: ApiModule, health: Health) -> int | None:
    """Return the number of shards, or None where a client without a number does not report it."""
    if health.single:
        return 1
    try:
        return module.shards()[0]
    except ApiError as error:
        if error.status == 401:
            raise
        return None


def main() -> None:
    """Run the module."""
    arguments: dict[str, dict[str, Any]] = {
        **WAIT_ARGUMENTS,
        "path": {"type": "path", "required": True},
        "backup_password": {"type": "str", "required": True, "no_log": True},
        "force": {"type": "bool", "default": False},
    }
    ApiModule(arguments).run(restore)


if __name__ == "__main__":
    main()
