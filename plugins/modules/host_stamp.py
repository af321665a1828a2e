#!/usr/bin/python
# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: host_stamp
short_description: Record the state of a host after a run
version_added: 0.1.0
author:
  - wabiz.onprem contributors (@wabiz-onprem)
description:
  - Writes, for each part of the host that a run has brought to what was wanted, a digest of the settings and the
    fingerprints of what is there now. The next run compares them with M(wabiz.onprem.host_info) and does not visit a
    host on which nothing differs.
  - Parts that are not named keep what was noted of them. A part that cannot be inspected is forgotten, so that the next
    run compares it in full.
  - The file holds no setting and no secret, only digests. Without it nothing is lost but time.
extends_documentation_fragment:
  - wabiz.onprem.attributes
attributes:
  check_mode:
    support: full
  diff_mode:
    support: none
  idempotent:
    support: full
options:
  path:
    description: The file. Its directory must exist.
    type: path
    required: true
  parts:
    description: As O(wabiz.onprem.host_info#module:parts).
    type: dict
    required: true
  wanted:
    description: Digest of the settings by part.
    type: dict
    required: true
  socket:
    description: Path of the Docker engine's socket.
    type: path
    default: /var/run/docker.sock
"""

EXAMPLES = r"""
- name: Record what this run left
  wabiz.onprem.host_stamp:
    path: /etc/wabiz/wabiz/converged.json
    parts:
      log_cleanup: [file /etc/cron.d/wabiz-wabiz]
    wanted:
      log_cleanup: 5d41402abc4b2a76b9719d911017c592
  become: true
"""

RETURN = r"""
stamp:
  description: What is noted now, as in RV(wabiz.onprem.host_info#module:stamp).
  returned: success
  type: dict
"""

from pathlib import Path

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.wabiz.onprem.plugins.module_utils._host import stamp
from ansible_collections.wabiz.onprem.plugins.module_utils._host.engine import PATIENCE, Engine
from ansible_collections.wabiz.onprem.plugins.module_utils._host.resources import fingerprints, unreadable
from ansible_collections.wabiz.onprem.plugins.module_utils._model.docker_command import SOCKET


def renewed(before: stamp.Stamp, found: dict[str, dict[str, str]], wanted: dict[str, str]) -> stamp.Stamp:
    """What is to be noted; what could not be inspected is not."""
    after = {part: noted for part, noted in before.items() if part not in found}
    for part, resources in found.items():
        if not any(map(unreadable, resources.values())):
            after[part] = {"wanted": wanted[part], "found": resources}
    return after


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "path": {"type": "path", "required": True},
            "parts": {"type": "dict", "required": True},
            "wanted": {"type": "dict", "required": True},
            "socket": {"type": "path", "default": SOCKET},
        },
        supports_check_mode=True,
    )
    params, path = module.params, Path(module.params["path"])
    missing = sorted(set(params["parts"]) - set(params["wanted"]))
    if missing:
        module.fail_json(msg=f"wanted has no value for {', '.join(missing)}.")
    before = stamp.read(path)
    engine = Engine(params["socket"], PATIENCE)
    key = stamp.key(path)
    found = {part: fingerprints(engine, names, key) for part, names in params["parts"].items()}
    after = renewed(before, found, params["wanted"])
    try:
        if after != before and not module.check_mode:
            stamp.write(path, after, key)
    except OSError as error:
        module.fail_json(msg=f"{path} cannot be written: {error}")
    module.exit_json(changed=after != before, stamp=after)


if __name__ == "__main__":
    main()
