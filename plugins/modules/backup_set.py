#!/usr/bin/python
# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: backup_set
short_description: Complete a backup of a WhatsApp Business API cluster, and remove old ones
version_added: 0.1.0
author:
  - wabiz.onprem contributors (@wabiz-onprem)
description:
  - Takes encrypted files into a directory of their own and writes its C(manifest.json), which says what they are a
    backup of, and holds length and SHA-256 of each. The directory gets its name when all of it is on the disk.
  - The manifest is authenticated with the passphrase, so that M(wabiz.onprem.backup_info) knows one that was changed,
    or that is of others.
extends_documentation_fragment:
  - wabiz.onprem.attributes
attributes:
  check_mode:
    support: full
  diff_mode:
    support: none
  idempotent:
    support: full
    details: A backup that is there is not made again.
options:
  directory:
    description: Directory of the backups. It is created where it is missing, readable by its owner only.
    type: path
    required: true
  name:
    description: Name of the backup; letters, digits and C(._-), at most 100.
    type: str
    required: true
  source:
    description: Directory in which the files are. They are moved.
    type: path
    required: true
  about:
    description: What this is a backup of.
    type: dict
    required: true
    suboptions:
      cluster:
        description: Name of the cluster.
        type: str
        required: true
      number:
        description: Its phone number, with the country code.
        type: str
      version:
        description: Version of the client.
        type: str
      shards:
        description: Number of shards.
        type: int
      engine:
        description: Kind of the database server.
        type: str
      prefix:
        description: Prefix of the databases.
        type: str
      note:
        description: Text that is kept with the backup.
        type: str
  files:
    description: What the backup consists of.
    type: list
    elements: dict
    required: true
    suboptions:
      part:
        description: What the file holds.
        type: str
        choices: [settings, database, certificates, media_list, media]
        required: true
      host:
        description: Host that it was made on; empty where it is of the whole cluster.
        type: str
        default: ""
      file:
        description: Its name below O(source).
        type: str
        required: true
      bytes:
        description: Its length.
        type: int
        required: true
      sha256:
        description: Its SHA-256.
        type: str
        required: true
  passphrase:
    description: With which the files were encrypted.
    type: str
    required: true
  keep:
    description:
      - A backup of this cluster is removed where so many newer ones have every part that it has. Without it all stay.
        This cluster is the one with the same C(cluster), C(number) and C(prefix) in O(about).
    type: int
seealso:
  - module: wabiz.onprem.backup_archive
  - module: wabiz.onprem.backup_info
"""

EXAMPLES = r"""
- name: Save certificates and keys
  wabiz.onprem.backup_archive:
    path: /var/backups/wabiz/certificates.tar.enc
    paths: [/etc/wabiz/ca.pem]
    passphrase: "{{ vault_backup_password }}"
  register: saved

- name: Make a backup of them
  wabiz.onprem.backup_set:
    directory: /var/backups/wabiz-encrypted/wabiz
    name: before-the-move
    source: /var/backups/wabiz
    about:
      cluster: wabiz
    files:
      - part: certificates
        file: certificates.tar.enc
        bytes: "{{ saved.bytes }}"
        sha256: "{{ saved.sha256 }}"
    passphrase: "{{ vault_backup_password }}"
    keep: 7
"""

RETURN = r"""
name:
  description: The backup's name.
  returned: success
  type: str
  sample: before-the-move
size:
  description: Length of its files.
  returned: success
  type: int
removed:
  description: Older backups that were removed.
  returned: success
  type: list
  elements: str
"""

import datetime as dt
from pathlib import Path
from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.wabiz.onprem.plugins.module_utils._formats.unfit import Unfit
from ansible_collections.wabiz.onprem.plugins.module_utils._host.backup_sets import BackupSets
from ansible_collections.wabiz.onprem.plugins.module_utils._model.backup_set import (
    PARTS,
    about,
    is_file,
    is_name,
    size,
)

ABOUT = {
    **{key: {"type": "str"} for key in ("number", "version", "engine", "prefix", "note")},
    "cluster": {"type": "str", "required": True},
    "shards": {"type": "int"},
}
FILE = {
    "part": {"type": "str", "choices": list(PARTS), "required": True},
    "host": {"type": "str", "default": ""},
    "file": {"type": "str", "required": True},
    "bytes": {"type": "int", "required": True},
    "sha256": {"type": "str", "required": True},
}


def complete(module: AnsibleModule) -> dict[str, Any]:
    """Make the backup, unless there is one of its name. Raises OSError, Unfit."""
    given = module.params
    sets = BackupSets(Path(given["directory"]))
    there = sets.listed()[0].get(given["name"])
    if there:
        return {"changed": False, "size": size(there), "removed": []}
    created = dt.datetime.now(dt.timezone.utc).isoformat(timespec="seconds")
    manifest = {**about({**given["about"], "created": created}), "files": given["files"]}
    if module.check_mode:
        return {"changed": True, "size": size(manifest), "removed": []}
    wrong = sets.complete(given["name"], Path(given["source"]), manifest, given["passphrase"])
    if wrong:
        module.fail_json(msg=f"Not as they were made: {', '.join(wrong)}. Nothing was taken.")
    removed = [] if given["keep"] is None else sets.prune(manifest, given["keep"], given["name"])
    return {"changed": True, "size": size(manifest), "removed": removed}


def main() -> None:
    """Run the module."""
    module = AnsibleModule(
        argument_spec={
            "directory": {"type": "path", "required": True},
            "name": {"type": "str", "required": True},
            "source": {"type": "path", "required": True},
            "about": {"type": "dict", "required": True, "options": ABOUT},
            "files": {"type": "list", "elements": "dict", "required": True, "options": FILE},
            "passphrase": {"type": "str", "required": True, "no_log": True},
            "keep": {"type": "int"},
        },
        supports_check_mode=True,
    )
    given = module.params
    if not is_name(given["name"]):
        module.fail_json(
            msg="name is no name of a backup: letters, digits and ._- are, beginning with one of the former."
        )
    if given["keep"] is not None and given["keep"] < 1:
        module.fail_json(msg="keep is less than 1; the backup that is made stays.")
    names = [one["file"] for one in given["files"]]
    if not names or len(set(names)) < len(names) or not all(map(is_file, given["files"])):
        module.fail_json(msg="files is empty, names a file twice or one outside, or has a SHA-256 that is none.")
    try:
        module.exit_json(name=given["name"], **complete(module))
    except Unfit as unfit:
        module.fail_json(msg=f"about {unfit}")
    except OSError as error:
        module.fail_json(msg=f"The backup cannot be completed: {error}")


if __name__ == "__main__":
    main()
