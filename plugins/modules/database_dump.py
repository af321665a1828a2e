#!/usr/bin/python
# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: database_dump
short_description: Dump the databases of a WhatsApp Business API client
version_added: 0.1.0
author:
  - wabiz.onprem contributors (@wabiz-onprem)
description:
  - Dumps all databases of a prefix with the programs of their server, while they are used. MySQL's are dumped together,
    as they were at one moment; of PostgreSQL's each one is.
  - What the programs print is packed and written at once. A dump is a directory with mode 0700 and a file
    C(manifest.json), which names server, databases, and length and SHA-256 of each file. It gets its name when all of
    it is on the disk. What a killed run has left is removed by the next one.
  - Is refused where the directory has less space than the databases take on the server, and while another dump or
    restore uses the directory.
  - The files hold messages. They are encrypted only with O(passphrase).
extends_documentation_fragment:
  - wabiz.onprem.attributes
  - wabiz.onprem.database_server
  - wabiz.onprem.database_server.action_group
attributes:
  check_mode:
    support: full
  diff_mode:
    support: none
  idempotent:
    support: full
    details: A dump that is there is not made again.
options:
  directory:
    description: It is created where it is missing, readable by its owner only.
  name:
    description: Name of the dump; letters, digits and C(._-), at most 100.
    type: str
    required: true
  note:
    description: Text that is kept with the dump.
    type: str
    default: ""
  keep:
    description: How many dumps of this prefix stay in the directory, the newest ones. Without it all of them stay.
    type: int
  passphrase:
    description:
      - With it the files are encrypted while they are written, by the openssl program of this host (AES-256-CBC, the
        key by PBKDF2), and their names end in C(.enc). At most 500 bytes in one line.
    type: str
  timeout:
    description: Seconds that the dump of one file may take.
    type: int
    default: 10800
seealso:
  - module: wabiz.onprem.database_restore
  - module: wabiz.onprem.database_dump_info
"""

EXAMPLES = r"""
- name: Dump the databases, with the programs in a container of the server's image
  wabiz.onprem.database_dump:
    engine: mysql
    prefix: wabiz_
    host: db.example.net
    user: root
    password: "{{ vault_database_password }}"
    container: database-programs
    directory: /var/backups/wabiz/wabiz
    name: before-2.57.2
    note: Before the upgrade to 2.57.2
"""

RETURN = r"""
name:
  description: The dump's name.
  returned: success
  type: str
  sample: before-2.57.2
databases:
  description: The databases of the dump.
  returned: success
  type: list
  elements: str
  sample: [wabiz_waent, wabiz_waweb]
bytes:
  description: What the databases take on the server.
  returned: success
  type: int
size:
  description: Length of the dump's files. V(0) in check mode.
  returned: success
  type: int
files:
  description: The dump's files with its manifest; empty in check mode.
  returned: success
  type: list
  elements: dict
  contains:
    file:
      description: Its name below O(directory).
      type: str
      sample: before-2.57.2/manifest.json
    bytes:
      description: Its length.
      type: int
    sha256:
      description: Its SHA-256.
      type: str
removed:
  description: Older dumps that were removed, and what killed runs had left.
  returned: success
  type: list
  elements: str
"""

import datetime as dt
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.wabiz.onprem.plugins.module_utils._host.database_dumps import Busy, DumpFile, Dumps
from ansible_collections.wabiz.onprem.plugins.module_utils._host.database_look import look
from ansible_collections.wabiz.onprem.plugins.module_utils._host.database_programs import (
    ARGUMENTS,
    ProgramError,
    Programs,
    programs_of,
)
from ansible_collections.wabiz.onprem.plugins.module_utils._host.sealing import SealError
from ansible_collections.wabiz.onprem.plugins.module_utils._model.database_dump import is_name
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.database_dump import before_dump, size
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.findings import refusal

# Routines and events are part of a database, tablespaces are the server's. Rows may be as long as the server permits.
MYSQL = (
    *("--single-transaction", "--quick", "--routines", "--triggers", "--events", "--hex-blob", "--no-tablespaces"),
    *("--add-drop-database", "--default-character-set=utf8mb4", "--max-allowed-packet=1G", "--databases"),
)


def dump(module: AnsibleModule, programs: Programs, dumps: Dumps) -> dict[str, Any]:
    """Make the dump, unless there is one of its name. Raises ProgramError, OSError."""
    params = module.params
    there = dumps.listed()[0].get(params["name"])
    if there:
        return {"changed": False, "removed": [], **told(params["name"], there), "files": dumps.files(params["name"])}
    found = look(programs, params["prefix"])
    message = refusal(before_dump("", found, params["prefix"], params["directory"], dumps.free()))
    if message:
        module.fail_json(msg=message)
    manifest = {
        "created": dt.datetime.now(dt.timezone.utc).isoformat(timespec="seconds"),
        "note": params["note"],
        "prefix": params["prefix"],
        **found["server"],
        "bytes": size(found),
        "databases": [one["name"] for one in found["databases"]],
        "owners": sorted({role for one in found["databases"] for role in (one["owner"], *one["named"])} - {""}),
        "files": [],
    }
    if module.check_mode:
        return {"changed": True, "removed": [], **told(params["name"], manifest), "files": []}
    removed = dumps.clear()
    with dumps.new(params["name"]) as place:
        manifest["files"] = written(programs, place, manifest["databases"], params)
        dumps.complete(place, params["name"], manifest)
    if params["keep"] is not None:
        removed += dumps.prune(params["prefix"], params["keep"], params["name"])
    return {"changed": True, "removed": removed, **told(params["name"], manifest), "files": dumps.files(params["name"])}


def written(programs: Programs, place: Path, databases: list[str], params: dict[str, Any]) -> list[dict[str, Any]]:
    """Write the files and return their entries in the manifest. Raises ProgramError, SealError, OSError."""
    if programs.engine == "mysql":
        calls = {"databases.sql.gz": [*MYSQL, *databases]}
    else:
        # This format is packed already, and says how a database is created.
        calls = {f"{name}.dump": ["--format=custom", "--no-password", f"--dbname={name}"] for name in databases}
    entries = []
    for name, arguments in calls.items():
        file = DumpFile(place / name, name.endswith(".gz"), params["passphrase"] or "")
        try:
            programs.pour(arguments, file.add, params["timeout"])
        except BaseException:
            file.abandon()
            raise
        entries.append(file.close())
    return entries


def told(name: str, manifest: dict[str, Any]) -> dict[str, Any]:
    """What is returned of a dump."""
    length = sum(file["bytes"] for file in manifest["files"])
    return {"name": name, "databases": manifest["databases"], "bytes": manifest["bytes"], "size": length}


def main() -> None:
    """Run the module."""
    module = AnsibleModule(
        argument_spec={
            **ARGUMENTS,
            "name": {"type": "str", "required": True},
            "note": {"type": "str", "default": ""},
            "keep": {"type": "int"},
            "passphrase": {"type": "str", "no_log": True},
            "timeout": {"type": "int", "default": 10800},
        },
        supports_check_mode=True,
    )
    if not is_name(module.params["name"]):
        module.fail_json(
            msg="name is no name of a dump: letters, digits and ._- are, beginning with one of the former."
        )
    if module.params["keep"] is not None and module.params["keep"] < 1:
        module.fail_json(msg="keep is less than 1; the dump that is made stays.")
    programs, dumps = programs_of(module), Dumps(Path(module.params["directory"]))
    try:
        with nullcontext() if module.check_mode else dumps.locked():
            module.exit_json(**dump(module, programs, dumps))
    except (ProgramError, SealError) as error:
        module.fail_json(msg=f"The databases cannot be dumped: {error}")
    except Busy as busy:
        module.fail_json(msg=f"The databases cannot be dumped: {busy}. Wait for it to end.")
    except OSError as error:
        module.fail_json(msg=f"The dump cannot be written: {error}")


if __name__ == "__main__":
    main()
