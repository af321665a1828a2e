#!/usr/bin/python
# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: backup_info
short_description: List backups of WhatsApp Business API clusters and check one
version_added: 0.1.0
author:
  - wabiz.onprem contributors (@wabiz-onprem)
description:
  - Lists the backups that M(wabiz.onprem.backup_set) has completed in a directory of the host.
  - With O(name) it checks whether that one was written with O(passphrase) and not changed since, the manifest and
    the SHA-256 of each file. Nothing is decrypted.
extends_documentation_fragment:
  - wabiz.onprem.attributes
  - wabiz.onprem.attributes.info_module
options:
  directory:
    description: Directory of the backups.
    type: path
    required: true
  name:
    description: The backup that is checked.
    type: str
  passphrase:
    description: With which it was made. Required with O(name).
    type: str
seealso:
  - module: wabiz.onprem.backup_set
"""

EXAMPLES = r"""
- name: List the backups
  wabiz.onprem.backup_info:
    directory: /var/backups/wabiz-encrypted/wabiz

- name: Check one of them
  wabiz.onprem.backup_info:
    directory: /var/backups/wabiz-encrypted/wabiz
    name: before-the-move
    passphrase: "{{ vault_backup_password }}"
  register: checked
  failed_when: checked.faults | length > 0
"""

RETURN = r"""
backups:
  description: The complete ones, the oldest first.
  returned: success, and where there is no backup O(name)
  type: list
  elements: dict
  contains:
    name:
      description: The backup's name.
      type: str
    created:
      description: When it was made, in UTC.
      type: str
    cluster:
      description: Name of its cluster.
      type: str
    number:
      description: Phone number of the cluster; empty where it was not known.
      type: str
    version:
      description: Version of the client; empty where it was not known.
      type: str
    shards:
      description: Number of shards; null where it was not known.
      type: int
    engine:
      description: Kind of the database server.
      type: str
    prefix:
      description: Prefix of the databases.
      type: str
    note:
      description: The text that was given with it.
      type: str
    parts:
      description: What it holds.
      type: list
      elements: str
    size:
      description: Length of its files.
      type: int
    files:
      description: Its files, each with C(part), C(host), C(file), C(bytes) and C(sha256).
      type: list
      elements: dict
lost:
  description: A line for each directory with a manifest that is no complete backup.
  returned: success, and where there is no backup O(name)
  type: list
  elements: str
faults:
  description: What shows that O(name) was changed or made with another passphrase; empty where nothing does.
  returned: success
  type: list
  elements: str
dump:
  description:
    - Of the databases in O(name), what M(wabiz.onprem.database_dump_info) says of a dump; empty where it holds none,
      and where there are RV(faults).
  returned: success
  type: dict
free:
  description: Bytes that are free in the directory.
  returned: success, and where there is no backup O(name)
  type: int
"""

from pathlib import Path
from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.wabiz.onprem.plugins.module_utils._formats.unfit import Unfit
from ansible_collections.wabiz.onprem.plugins.module_utils._host.backup_sets import BackupSets
from ansible_collections.wabiz.onprem.plugins.module_utils._model.backup_set import Manifest, about, parts, size


def shown(name: str, manifest: Manifest) -> dict[str, Any]:
    """Return what a backup is."""
    known = {**about(manifest), "files": manifest["files"]}
    return {"name": name, **known, "parts": parts(manifest), "size": size(manifest)}


def main() -> None:
    """Run the module."""
    module = AnsibleModule(
        argument_spec={
            "directory": {"type": "path", "required": True},
            "name": {"type": "str"},
            "passphrase": {"type": "str", "no_log": True},
        },
        required_by={"name": ["passphrase"]},
        supports_check_mode=True,
    )
    sets, name = BackupSets(Path(module.params["directory"])), module.params["name"]
    try:
        found, lost = sets.listed()
        known = {
            "backups": [shown(one, manifest) for one, manifest in found.items()],
            "lost": lost,
            "free": sets.free(),
        }
        if name and name not in found:
            names = f"There are: {', '.join(found)}." if found else "There is none."
            module.fail_json(msg=" ".join([f"There is no complete backup {name}.", *lost, names]), **known)
        faults = sets.faults(name, found[name], module.params["passphrase"]) if name else []
        dump = sets.dump(name, found[name]) if name and not faults else {}
        module.exit_json(changed=False, faults=faults, dump=dump, **known)
    except Unfit as unfit:
        module.fail_json(msg=f"The manifest of the databases {unfit}")
    except OSError as error:
        module.fail_json(msg=f"The backups cannot be read: {error}")


if __name__ == "__main__":
    main()
