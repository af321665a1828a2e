#!/usr/bin/python
# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: media_directory
short_description: Make the directory of the client's media, with the mode that it needs
version_added: 0.1.0
author:
  - wabiz.onprem contributors (@wabiz-onprem)
description:
  - Creates the directory where it is missing, and sets the mode of it and of the directories that the client makes in
    it, C(incoming), C(outgoing) and C(shared), as far as there are any. What is deeper is never changed.
  - The directory may be on a share. One that does not answer is an error after O(timeout), not before the server is
    back.
extends_documentation_fragment:
  - wabiz.onprem.attributes
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
  idempotent:
    support: full
options:
  path:
    description: The directory.
    type: path
    required: true
  mode:
    description:
      - Permissions of the directories, as V(755). Further bits such as that of the group stay as they are.
      - Without it no mode is changed, as is right where the server decides about modes.
    type: str
  timeout:
    description: Seconds to wait for the share.
    type: float
    default: 10.0
"""

EXAMPLES = r"""
- name: Make the directory on a share
  wabiz.onprem.media_directory:
    path: /srv/wabiz-media
    mode: "755"
  become: true
"""

RETURN = r"""
modes:
  description: The mode of each directory at the end; in check mode, as it would be.
  returned: success
  type: dict
  sample: {/srv/wabiz-media: "755", /srv/wabiz-media/incoming: "755"}
"""

import re
from pathlib import Path

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.wabiz.onprem.plugins.module_utils._host.in_time import NoAnswer, in_time
from ansible_collections.wabiz.onprem.plugins.module_utils._host.share import directory_modes

# Of a directory that is made without a mode of its own.
NEW = "755"


def wanted(path: str, before: dict[str, str], mode: str | None) -> dict[str, str]:
    """The modes that the directories are to have."""
    there = before if path in before else {path: mode or NEW}
    return {place: f"{int(found, 8) & 0o7000 | int(mode, 8):o}" if mode else found for place, found in there.items()}


def change(path: str, modes: dict[str, str]) -> dict[str, str]:
    """Make the directory, set these modes where they differ, and return what they are then. Raises OSError."""
    Path(path).mkdir(parents=True, exist_ok=True)
    for place, found in directory_modes(path).items():
        if found != modes.get(place, found):
            Path(place).chmod(int(modes[place], 8))
    return directory_modes(path)


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "path": {"type": "path", "required": True},
            "mode": {"type": "str"},
            "timeout": {"type": "float", "default": 10.0},
        },
        supports_check_mode=True,
    )
    path, mode, timeout = (module.params[name] for name in ("path", "mode", "timeout"))
    if not path.startswith("/"):
        module.fail_json(msg=f"path {path!r} is not absolute: the directory in which modules run would be changed.")
    if mode is not None and not re.fullmatch("0?[0-7]{3}", mode):
        module.fail_json(msg=f"mode {mode} is not of the form 755.")
    try:
        before = in_time(lambda: directory_modes(path), timeout)
        after = wanted(path, before, mode)
        found = after
        if after != before and not module.check_mode:
            found = in_time(lambda: change(path, after if mode else {}), timeout)
    except NoAnswer as error:
        remedy = " Where the server of a share decides about modes, give none." if mode else ""
        module.fail_json(msg=f"{path}: {error}.{remedy}")
    refused = [place for place, wished in after.items() if found.get(place) != wished]
    if refused and mode:
        module.fail_json(
            msg=f"The mode of {', '.join(refused)} is not {mode} although it was set: the server of the share decides. "
            "Give no mode there."
        )
    module.exit_json(changed=after != before, modes=found, diff={"before": _lines(before), "after": _lines(found)})


def _lines(modes: dict[str, str]) -> str:
    return "".join(f"{place} {mode}\n" for place, mode in sorted(modes.items()))


if __name__ == "__main__":
    main()
