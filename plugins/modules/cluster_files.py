#!/usr/bin/python
# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: cluster_files
short_description: Manage the cluster's files on a host
version_added: 0.1.0
author:
  - wabiz.onprem contributors (@wabiz-onprem)
description:
  - Removes the files that the collection wrote into a cluster's configuration directory, and the directories that are
    empty without them. Whatever else is there stays.
  - Only regular files are removed, unless a pattern says otherwise. Symbolic links are neither removed nor followed,
    and what is mounted in the directory is not entered. Where O(directory) itself is a link, a warning says that
    everything stays.
extends_documentation_fragment:
  - wabiz.onprem.attributes
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
    details: Names only, never contents.
  idempotent:
    support: full
options:
  directory:
    description: The cluster's configuration directory, an absolute path. It need not exist.
    type: path
    required: true
  names:
    description:
      - Patterns of the collection's own files, relative to O(directory), with the wildcards C(*), C(?) and C([...]) in
        each part of the path. C(..) is refused.
      - A pattern with a slash leads into sub directories. One of them that is empty in the end is removed as well,
        where the pattern names it or led to a file in it.
      - C(**) after the last slash stands for all that is in a directory, of whatever kind. The directory is removed
        with it, and reported alone, unless something is mounted there.
    type: list
    elements: str
    required: true
  parents:
    description:
      - Whether the directory above O(directory) is removed too, where it is empty in the end.
      - One that is a mount point, or directly below the root directory, stays.
    type: bool
    default: true
  state:
    description: What to do with the files.
    type: str
    choices: [absent]
    default: absent
"""

EXAMPLES = r"""
- name: Remove the cluster's configuration
  wabiz.onprem.cluster_files:
    directory: /etc/wabiz/wabiz
    names:
      - cluster.json
      - "*.yml"
      - tls/*.pem
  become: true
"""

RETURN = r"""
removed:
  description: Paths of the files and directories that were removed, or would be in check mode.
  returned: success
  type: list
  elements: str
  sample: [/etc/wabiz/wabiz/cluster.json, /etc/wabiz/wabiz]
kept:
  description:
    - What stays in the directory because no pattern names it, or because it is a link, is mounted or holds other
      things. Relative to O(directory), directories with a slash at the end. Bytes that are no UTF-8 are shown in the
      form C(\xff), here and in RV(removed).
  returned: success
  type: list
  elements: str
  sample: [notes.txt, backup/]
"""

import typing as t

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.wabiz.onprem.plugins.module_utils._host.own_files import (
    carry_out,
    directory_problem,
    is_link,
    pattern_problem,
    plan_removal,
    shown,
)


def run(module: AnsibleModule) -> dict[str, t.Any]:
    """Raises OSError."""
    directory = module.params["directory"]
    if is_link(directory):
        module.warn(
            f"{directory} is a symbolic link, which is not followed: it stays, and so does all that it leads to, "
            "secrets included. Remove both by hand if they are not needed any more."
        )
    plan = plan_removal(directory, module.params["names"], module.params["parents"])
    removed = [shown(path) for path in [*plan.files, *plan.trees, *plan.directories]]
    if not module.check_mode:
        removed = carry_out(plan)
    result: dict[str, t.Any] = {"changed": bool(removed), "removed": removed, "kept": plan.kept}
    if module._diff:
        result["diff"] = {
            "before": "".join(f"{path}\n" for path in removed),
            "after": "",
            "before_header": f"own files in {directory}",
            "after_header": f"own files in {directory}",
        }
    return result


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "directory": {"type": "path", "required": True},
            "names": {"type": "list", "elements": "str", "required": True},
            "parents": {"type": "bool", "default": True},
            "state": {"type": "str", "choices": ["absent"], "default": "absent"},
        },
        supports_check_mode=True,
    )
    directory = module.params["directory"]
    if problem := directory_problem(directory):
        module.fail_json(msg=f"directory {directory!r} {problem}.")
    for pattern in module.params["names"]:
        if problem := pattern_problem(pattern):
            module.fail_json(msg=f"names: {pattern!r} {problem}.")
    try:
        result = run(module)
    except OSError as error:
        module.fail_json(msg=f"The files of {directory} cannot be removed: {error}")
    module.exit_json(**result)


if __name__ == "__main__":
    main()
