#!/usr/bin/python
# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: backup_archive
short_description: Pack files of a host into an encrypted archive
version_added: 0.1.0
author:
  - wabiz.onprem contributors (@wabiz-onprem)
description:
  - Packs files and directories into one tar archive that is encrypted while it is written, by the openssl program of
    the host (AES-256-CBC, the key by PBKDF2). Nothing is written unencrypted.
  - Links below what is named, sockets and devices are left out. What is removed meanwhile is left out too, and a file
    that changes its length has the one that it had at first.
extends_documentation_fragment:
  - wabiz.onprem.attributes
attributes:
  check_mode:
    support: full
  diff_mode:
    support: none
  idempotent:
    support: full
    details: A file that is there is not written again.
options:
  path:
    description: The archive. Its directory must exist.
    type: path
    required: true
  paths:
    description: Files and directories, or links to them. Those that are missing are left out.
    type: list
    elements: path
    required: true
  base:
    description: Directory below which all of O(paths) are; names in the archive begin below it. It must exist.
    type: path
    default: /
  content:
    description:
      - V(files) packs the files. V(listing) writes a line of JSON for each with its name, length and time, packed with
        gzip, and no content.
    type: str
    choices: [files, listing]
    default: files
  passphrase:
    description: At most 500 bytes in one line.
    type: str
    required: true
seealso:
  - module: wabiz.onprem.backup_unpack
"""

EXAMPLES = r"""
- name: Save certificates and keys
  wabiz.onprem.backup_archive:
    path: /var/backups/wabiz/certificates.tar.enc
    paths: [/etc/wabiz/ca.pem]
    passphrase: "{{ vault_backup_password }}"
"""

RETURN = r"""
path:
  description: The archive.
  returned: success
  type: str
bytes:
  description: Its length. V(0) in check mode.
  returned: success
  type: int
sha256:
  description: Its SHA-256. Empty in check mode.
  returned: success
  type: str
files:
  description: How many files it holds or lists; V(null) where it was there already, and in check mode.
  returned: success
  type: int
"""

import typing as t
from pathlib import Path

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.wabiz.onprem.plugins.module_utils._host import kept
from ansible_collections.wabiz.onprem.plugins.module_utils._host.sealing import SealedFile, SealError
from ansible_collections.wabiz.onprem.plugins.module_utils._host.tar_stream import listing, pack


def archive(module: AnsibleModule) -> dict[str, t.Any]:
    """Write the archive, unless it is there. Raises OSError, SealError."""
    path, base = Path(module.params["path"]), Path(module.params["base"])
    paths = [Path(one) for one in module.params["paths"]]
    outside = [str(one) for one in paths if base not in (one, *one.parents)]
    if outside:
        module.fail_json(msg=f"{', '.join(outside)}: not below {base}.")
    if path.is_file():
        return {"changed": False, "bytes": kept.length(path), "sha256": kept.digest(path), "files": None}
    if not base.is_dir():
        module.fail_json(msg=f"{base} is no directory of this host, so there is nothing to pack.")
    if module.check_mode:
        return {"changed": True, "bytes": 0, "sha256": "", "files": None}
    part = path.with_name(f"{path.name}.part")
    part.unlink(missing_ok=True)
    file = SealedFile(part, module.params["passphrase"])
    try:
        write = listing if module.params["content"] == "listing" else pack
        count = write(paths, base, t.cast("t.IO[bytes]", file))
        length, sha256 = file.close()
        part.replace(path)
    finally:
        file.abandon()
        part.unlink(missing_ok=True)
    return {"changed": True, "bytes": length, "sha256": sha256, "files": count}


def main() -> None:
    """Run the module."""
    module = AnsibleModule(
        argument_spec={
            "path": {"type": "path", "required": True},
            "paths": {"type": "list", "elements": "path", "required": True},
            "base": {"type": "path", "default": "/"},
            "content": {"type": "str", "choices": ["files", "listing"], "default": "files"},
            "passphrase": {"type": "str", "required": True, "no_log": True},
        },
        supports_check_mode=True,
    )
    try:
        module.exit_json(path=module.params["path"], **archive(module))
    except (OSError, SealError) as error:
        module.fail_json(msg=f"The archive cannot be written: {error}.")


if __name__ == "__main__":
    main()
