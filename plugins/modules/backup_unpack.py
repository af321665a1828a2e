#!/usr/bin/python
# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: backup_unpack
short_description: Unpack an encrypted archive on a host
version_added: 0.1.0
author:
  - wabiz.onprem contributors (@wabiz-onprem)
description:
  - Decrypts an archive of M(wabiz.onprem.backup_archive) while it is read and writes its files with the owners (by
    number), modes and times that they had. Each file is replaced as a whole. Files that the archive does not hold stay.
  - Compares the SHA-256 of the archive first. A link, a device or a file outside of O(only) ends the module.
extends_documentation_fragment:
  - wabiz.onprem.attributes
attributes:
  check_mode:
    support: full
    details: The archive is decrypted and read as well.
  diff_mode:
    support: none
  idempotent:
    support: none
    details: Each run writes all files.
options:
  path:
    description: The archive.
    type: path
    required: true
  base:
    description: Directory below which the names in the archive begin.
    type: path
    default: /
  only:
    description: Files and directories that may be written, with all that is below them.
    type: list
    elements: path
    required: true
  sha256:
    description: What the archive must have.
    type: str
    required: true
  passphrase:
    description: With which it was encrypted.
    type: str
    required: true
seealso:
  - module: wabiz.onprem.backup_archive
"""

EXAMPLES = r"""
- name: Save certificates and keys
  wabiz.onprem.backup_archive:
    path: /var/backups/wabiz/old-certificates.tar.enc
    paths: [/etc/wabiz/ca.pem]
    passphrase: "{{ vault_backup_password }}"
  register: saved

- name: Restore them
  wabiz.onprem.backup_unpack:
    path: "{{ saved.path }}"
    only: [/etc/wabiz]
    sha256: "{{ saved.sha256 }}"
    passphrase: "{{ vault_backup_password }}"
"""

RETURN = r"""
files:
  description: How many files were written.
  returned: success
  type: int
"""

import tarfile
from pathlib import Path

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.wabiz.onprem.plugins.module_utils._host import kept
from ansible_collections.wabiz.onprem.plugins.module_utils._host.sealing import SealError, unsealed
from ansible_collections.wabiz.onprem.plugins.module_utils._host.tar_stream import Outside, unpack


def main() -> None:
    """Run the module."""
    module = AnsibleModule(
        argument_spec={
            "path": {"type": "path", "required": True},
            "base": {"type": "path", "default": "/"},
            "only": {"type": "list", "elements": "path", "required": True},
            "sha256": {"type": "str", "required": True},
            "passphrase": {"type": "str", "required": True, "no_log": True},
        },
        supports_check_mode=True,
    )
    path, base = Path(module.params["path"]), Path(module.params["base"])
    only = [Path(one) for one in module.params["only"]]
    try:
        if kept.digest(path) != module.params["sha256"]:
            module.fail_json(
                msg=f"{path} was changed: its SHA-256 is not {module.params['sha256']}. Nothing was written."
            )
        # Read as a whole first: nothing of an archive is written that holds what must not be.
        names = unpack(unsealed(path, module.params["passphrase"]), base, only, write=False)
        if not module.check_mode:
            unpack(unsealed(path, module.params["passphrase"]), base, only, write=True)
    except (SealError, Outside, tarfile.TarError) as error:
        module.fail_json(msg=f"{path} cannot be unpacked: {error}.")
    except OSError as error:
        module.fail_json(msg=f"{path} cannot be unpacked: {error}.")
    module.exit_json(changed=bool(names), files=len(names))


if __name__ == "__main__":
    main()
