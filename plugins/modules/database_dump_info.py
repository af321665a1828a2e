#!/usr/bin/python
# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: database_dump_info
short_description: Read what there is to dump and which dumps there are
version_added: 0.1.0
author:
  - wabiz.onprem contributors (@wabiz-onprem)
description:
  - Asks a database server for its version, for the databases of a prefix and who uses them, and reads which dumps of
    M(wabiz.onprem.database_dump) are in a directory.
extends_documentation_fragment:
  - wabiz.onprem.attributes
  - wabiz.onprem.attributes.info_module
  - wabiz.onprem.database_server
  - wabiz.onprem.database_server.action_group
seealso:
  - module: wabiz.onprem.database_dump
"""

EXAMPLES = r"""
- name: Read which dumps there are
  wabiz.onprem.database_dump_info:
    engine: mysql
    prefix: wabiz_
    host: db.example.net
    user: root
    password: "{{ vault_database_password }}"
    container: database-programs
    directory: /var/backups/wabiz/wabiz
  register: found
"""

RETURN = r"""
server:
  description: C(kind) (V(mysql), V(mariadb) or V(postgresql)) and C(version) of the server.
  returned: success
  type: dict
  sample: {kind: mysql, version: 8.0.33}
program:
  description: Version of the program that dumps.
  returned: success
  type: str
databases:
  description:
    - The databases, each with C(name), C(bytes), C(sessions) that use it, and with PostgreSQL C(owner) and C(named),
      the roles that own something in it or have rights or settings there.
  returned: success
  type: list
  elements: dict
roles:
  description: The roles of the server; PostgreSQL only.
  returned: success
  type: list
  elements: str
members:
  description: Pairs of a role and another one of which it is a member; PostgreSQL only.
  returned: success
  type: list
  elements: list
may_create:
  description: Whether the user may create databases.
  returned: success
  type: bool
missing_rights:
  description:
    - The rights on the databases that the user lacks for a C(dump) and for a C(restore), both lists; MySQL only.
  returned: success
  type: dict
free:
  description: Bytes that are free in the directory.
  returned: success
  type: int
dumps:
  description:
    - The complete dumps, the oldest first. Their SHA-256 is not looked at.
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: The dump's name.
      type: str
    created:
      description: When it was made, in UTC.
      type: str
    note:
      description: The text that was given with it.
      type: str
    kind:
      description: Kind of its server.
      type: str
    version:
      description: Version of its server.
      type: str
    prefix:
      description: Prefix of its databases.
      type: str
    databases:
      description: Its databases.
      type: list
      elements: str
    owners:
      description: Roles that own them or something in them, or have rights or settings there; PostgreSQL only.
      type: list
      elements: str
    bytes:
      description: What they took on their server.
      type: int
    size:
      description: Length of the dump's files.
      type: int
"""

from pathlib import Path
from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.wabiz.onprem.plugins.module_utils._host.database_dumps import Dumps
from ansible_collections.wabiz.onprem.plugins.module_utils._host.database_look import look
from ansible_collections.wabiz.onprem.plugins.module_utils._host.database_programs import (
    ARGUMENTS,
    ProgramError,
    programs_of,
)
from ansible_collections.wabiz.onprem.plugins.module_utils._model.database_dump import Manifest


def shown(name: str, manifest: Manifest) -> dict[str, Any]:
    """Return a dump without its files."""
    plain = {key: value for key, value in manifest.items() if key != "files"}
    return {"name": name, **plain, "size": sum(file["bytes"] for file in manifest["files"])}


def main() -> None:
    """Run the module."""
    module = AnsibleModule(argument_spec=dict(ARGUMENTS), supports_check_mode=True)
    dumps = Dumps(Path(module.params["directory"]))
    try:
        found = look(programs_of(module), module.params["prefix"])
        listed, lost = dumps.listed()
        for line in lost:
            module.warn(line)
        known = [shown(name, manifest) for name, manifest in listed.items()]
        module.exit_json(changed=False, **found, free=dumps.free(), dumps=known)
    except ProgramError as error:
        module.fail_json(msg=f"The database server cannot be asked: {error}")
    except OSError as error:
        module.fail_json(msg=f"The dumps cannot be read: {error}")


if __name__ == "__main__":
    main()
