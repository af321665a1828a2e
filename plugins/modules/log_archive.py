#!/usr/bin/python
# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: log_archive
short_description: Put the logs of several hosts into one archive with an index page
version_added: 0.1.0
author:
  - wabiz.onprem contributors (@wabiz-onprem)
description:
  - Takes archives as M(wabiz.onprem.host_logs) makes them, and puts them below the names of their hosts into one, with
    a page C(index.html) that lists everything.
  - Runs where these archives are, normally on the controller.
extends_documentation_fragment:
  - wabiz.onprem.attributes
attributes:
  check_mode:
    support: full
  diff_mode:
    support: none
  idempotent:
    support: none
    details: Each run writes the archive again.
options:
  path:
    description:
      - The archive (C(.tar.gz)), made with mode 0600. Its directory is made, with mode 0700, where it does not exist.
    type: path
    required: true
  title:
    description: Heading of the index page, and name of the only directory in the archive.
    type: str
    required: true
  about:
    description: Lines at the top of the index page.
    type: list
    elements: str
    default: []
  archives:
    description: Path of each host's archive, by host.
    type: dict
    default: {}
  notes:
    description: Lines about a host, such as why there is nothing of it, by host.
    type: dict
    default: {}
  texts:
    description: Content of further files, by name. What is no text is written as JSON.
    type: dict
    default: {}
  secrets:
    description: Texts that are masked in O(texts), O(about) and O(notes).
    type: list
    elements: str
    default: []
"""

EXAMPLES = r"""
# Further hosts are further archives, all of them on the host that runs the module.
- name: Make an archive with an index page of what host_logs has collected
  wabiz.onprem.log_archive:
    path: /var/tmp/incident-42.tar.gz
    title: incident-42
    archives:
      core1: /var/tmp/coreapp-logs.tar.gz
  become: true
"""

RETURN = r"""
path:
  description: The archive.
  returned: success
  type: str
bytes:
  description: Its length.
  returned: when it was made
  type: int
files:
  description: How many files are in it.
  returned: when it was made
  type: int
"""

import io
import json
import os
import tarfile
import tempfile
import time
import typing as t
from pathlib import Path

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.wabiz.onprem.plugins.module_utils._formats.log_index import page
from ansible_collections.wabiz.onprem.plugins.module_utils._host.log_masking import masked_lines
from ansible_collections.wabiz.onprem.plugins.module_utils._host.log_readers import readable

_CLUSTER = "cluster"


class Archive:
    """The archive that is written, and what is in it by now."""

    def __init__(self, archive: tarfile.TarFile, params: dict[str, t.Any]) -> None:
        self._archive, self._params = archive, params
        self.files: dict[str, list[tuple[str, int]]] = {}

    def text(self, section: str, name: str, content: str) -> None:
        data = "".join(f"{line}\n" for line in self.masked(content.splitlines())).encode()
        entry = tarfile.TarInfo(name)
        entry.size, entry.mtime = len(data), int(time.time())
        self._add(section, entry, io.BytesIO(data))

    def masked(self, lines: t.Iterable[str]) -> list[str]:
        return [
            line.decode().rstrip("\n")
            for line in masked_lines((line.encode() for line in lines), self._params["secrets"])
        ]

    def host(self, host: str, path: str) -> None:
        """All files of a host's archive."""
        with tarfile.open(path, mode="r|gz") as packed:
            for entry in packed:
                within = ".." not in entry.name.split("/")
                content = packed.extractfile(entry) if entry.isreg() and within else None
                if content is not None:
                    entry.name = f"{host.replace('/', '_')}/{readable(entry.name)}"
                    self._add(host, entry, content)

    def _add(self, section: str, entry: tarfile.TarInfo, content: t.IO[bytes]) -> None:
        self.files.setdefault(section, []).append((entry.name, entry.size))
        entry.name = f"{self._params['title']}/{entry.name}"
        # Long names are in headers of their own, which would win.
        entry.pax_headers = {}
        entry.mode, entry.uid, entry.gid, entry.uname, entry.gname = 0o600, 0, 0, "", ""
        self._archive.addfile(entry, content)


def write(params: dict[str, t.Any]) -> int:
    """Write the archive, and return how many files are in it. Raises OSError, tarfile.TarError, EOFError."""
    path = Path(params["path"])
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
    part = Path(name)
    try:
        with os.fdopen(handle, "wb") as file, tarfile.open(fileobj=file, mode="w:gz") as packed:
            archive = Archive(packed, params)
            for name, content in sorted(params["texts"].items()):
                shown = content if isinstance(content, str) else json.dumps(content, indent=2, sort_keys=True)
                archive.text(_CLUSTER, f"{_CLUSTER}/{name}", shown)
            for host, source in sorted(params["archives"].items()):
                archive.host(host, source)
            notes = {host: archive.masked(map(str, lines)) for host, lines in params["notes"].items() if lines}
            index = page(params["title"], archive.masked(params["about"]), archive.files, notes)
            archive.text("", "index.html", index)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return sum(map(len, archive.files.values()))


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "path": {"type": "path", "required": True},
            "title": {"type": "str", "required": True},
            "about": {"type": "list", "elements": "str", "default": []},
            "archives": {"type": "dict", "default": {}},
            "notes": {"type": "dict", "default": {}},
            "texts": {"type": "dict", "default": {}},
            "secrets": {"type": "list", "elements": "str", "default": [], "no_log": True},
        },
        supports_check_mode=True,
    )
    path = module.params["path"]
    if module.check_mode:
        module.exit_json(changed=True, path=path)
    try:
        files = write(module.params)
        module.exit_json(changed=True, path=path, files=files, bytes=Path(path).stat().st_size)
    except (OSError, tarfile.TarError, EOFError) as error:
        module.fail_json(msg=f"{path} cannot be written: {error}")


if __name__ == "__main__":
    main()
