#!/usr/bin/python
# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: database_restore
short_description: Restore the databases of a WhatsApp Business API client from a dump
version_added: 0.1.0
author:
  - wabiz.onprem contributors (@wabiz-onprem)
description:
  - Replaces the databases of a dump that M(wabiz.onprem.database_dump) made by what the dump holds. Each one is dropped
    and created again. Databases that the dump does not hold stay as they are.
  - Checks the SHA-256 of each file first, and that prefix, kind and release of the server fit. Is refused while a
    database that it replaces is used, and while another dump or restore uses the directory.
  - A restore that was interrupted has left databases that are not complete. Run it again; it begins anew.
extends_documentation_fragment:
  - wabiz.onprem.attributes
  - wabiz.onprem.database_server
  - wabiz.onprem.database_server.action_group
attributes:
  check_mode:
    support: full
    details: The files' SHA-256 is checked as well.
  diff_mode:
    support: none
  idempotent:
    support: none
    details: What the databases hold is not compared with the dump, so each run replaces them.
options:
  name:
    description: Name of the dump.
    type: str
    required: true
  passphrase:
    description: With which the dump was encrypted, where it is.
    type: str
  timeout:
    description: Seconds that the restore of one file may take.
    type: int
    default: 10800
seealso:
  - module: wabiz.onprem.database_dump
  - module: wabiz.onprem.database_dump_info
"""

EXAMPLES = r"""
- name: Check whether a dump can be restored
  wabiz.onprem.database_restore: &dump
    engine: mysql
    prefix: wabiz_
    host: db.example.net
    user: root
    password: "{{ vault_database_password }}"
    container: database-programs
    directory: /var/backups/wabiz/wabiz
    name: before-2.57.2
  check_mode: true

- name: Restore it
  wabiz.onprem.database_restore: *dump
"""

RETURN = r"""
name:
  description: The dump's name.
  returned: success
  type: str
  sample: before-2.57.2
databases:
  description: The databases that were restored.
  returned: success
  type: list
  elements: str
  sample: [wabiz_waent, wabiz_waweb]
replaced:
  description: Those of them that were there before.
  returned: success
  type: list
  elements: str
"""

from contextlib import nullcontext
from pathlib import Path
from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.wabiz.onprem.plugins.module_utils._host.database_dumps import Busy, Dumps
from ansible_collections.wabiz.onprem.plugins.module_utils._host.database_look import look
from ansible_collections.wabiz.onprem.plugins.module_utils._host.database_programs import (
    ARGUMENTS,
    ProgramError,
    Programs,
    programs_of,
)
from ansible_collections.wabiz.onprem.plugins.module_utils._host.sealing import SUFFIX, SealError
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.database_dump import before_restore
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.findings import refusal

# The dump itself says which databases are dropped and created.
ARGUMENTS_OF = {
    "mysql": ("--default-character-set=utf8mb4", "--max-allowed-packet=1G"),
    "postgresql": ("--clean", "--if-exists", "--create", "--exit-on-error", "--no-password", "--dbname=postgres"),
}
AGAIN = "The databases may be incomplete now: run the restore again, and start nothing that uses them before."


def restore(module: AnsibleModule, programs: Programs, dumps: Dumps) -> dict[str, Any]:
    """Restore the dump, after everything that can be verified was verified. Raises ProgramError, OSError."""
    params = module.params
    listed, lost = dumps.listed()
    if params["name"] not in listed:
        known = f"There are: {', '.join(listed)}." if listed else "There is none."
        raise ProgramError(" ".join([f"there is no complete dump {params['name']}.", *lost, known]))
    manifest = listed[params["name"]]
    found = look(programs, params["prefix"])
    message = refusal(before_restore("", found, manifest, params["prefix"]))
    if message:
        module.fail_json(msg=message)
    wrong = dumps.faults(params["name"], manifest)
    if wrong:
        files = ", ".join(wrong)
        module.fail_json(msg=f"The SHA-256 of {files} in dump {params['name']} is not that of its manifest.")
    if any(file["file"].endswith(SUFFIX) for file in manifest["files"]) and not params["passphrase"]:
        module.fail_json(msg=f"Dump {params['name']} is encrypted, and there is no passphrase.")
    present = [one["name"] for one in found["databases"] if one["name"] in manifest["databases"]]
    if not module.check_mode:
        put_back(module, programs, dumps, manifest["files"])
    return {"changed": True, "name": params["name"], "databases": manifest["databases"], "replaced": present}


def put_back(module: AnsibleModule, programs: Programs, dumps: Dumps, files: list[dict[str, Any]]) -> None:
    """Hand every file to the program that restores it."""
    try:
        for file in files:
            content = dumps.read(module.params["name"], file["file"], module.params["passphrase"] or "")
            programs.feed(ARGUMENTS_OF[programs.engine], content, module.params["timeout"])
    except (ProgramError, SealError, OSError, EOFError) as error:
        module.fail_json(msg=f"The restore was not finished: {error}. {AGAIN}")


def main() -> None:
    """Run the module."""
    module = AnsibleModule(
        argument_spec={
            **ARGUMENTS,
            "name": {"type": "str", "required": True},
            "passphrase": {"type": "str", "no_log": True},
            "timeout": {"type": "int", "default": 10800},
        },
        supports_check_mode=True,
    )
    programs, dumps = programs_of(module), Dumps(Path(module.params["directory"]))
    try:
        with nullcontext() if module.check_mode else dumps.locked():
            module.exit_json(**restore(module, programs, dumps))
    except ProgramError as error:
        module.fail_json(msg=f"The databases cannot be restored, and were not touched: {error}")
    except Busy as busy:
        module.fail_json(msg=f"The databases cannot be restored: {busy}. Wait for it to end.")
    except OSError as error:
        module.fail_json(msg=f"The dump cannot be read: {error}")


if __name__ == "__main__":
    main()
