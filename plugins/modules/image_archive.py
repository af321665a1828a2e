#!/usr/bin/python
# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: image_archive
short_description: Read and write the manifest of a directory of saved images
version_added: 0.1.0
author:
  - wabiz.onprem contributors (@wabiz-onprem)
description:
  - The manifest C(manifest.json) says of each image its id, the digests under which registries have it, and file,
    length and SHA-256 of its archive. It is replaced as a whole.
  - Archives are made by M(community.docker.docker_image_export), brought by M(wabiz.onprem.image_transfer) and loaded
    by M(community.docker.docker_image_load).
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
  directory:
    description: The directory. It must exist where O(add) is given.
    type: path
    required: true
  add:
    description:
      - Images whose archives are in the directory, each with the keys of RV(images). They take the places of those of
        the same name.
      - Archives of the manifest's images that it does not name then are removed, which are those of replaced images and
        what an interrupted run left. Their names have the form C(web-v2.57.2-0123456789ab.tar), with the first digits
        of the id. Other files stay.
    type: list
    elements: dict
    default: []
"""

EXAMPLES = r"""
- name: Read which images are there
  wabiz.onprem.image_archive:
    directory: /srv/images
  delegate_to: localhost
  register: archive
"""

RETURN = r"""
images:
  description: The images whose archives are there in full length. Their SHA-256 is not looked at.
  returned: success
  type: list
  elements: dict
  contains:
    image:
      description: Name with tag.
      type: str
    id:
      description: Its id in the engine that it was saved from.
      type: str
    digests:
      description: The digests under which registries have it.
      type: list
      elements: str
    content:
      description: As in RV(wabiz.onprem.host_info#module:image_facts.content).
      type: str
    created:
      description: When it was made.
      type: str
    expires_on:
      description: Its label C(EXPIRES_ON).
      type: str
    architecture:
      description: For which architecture it is made.
      type: str
    size:
      description: Its size on a host in bytes.
      type: int
    file:
      description: The archive's name within O(directory).
      type: str
    bytes:
      description: The archive's length.
      type: int
    sha256:
      description: The archive's SHA-256 in hexadecimal digits.
      type: str
removed:
  description: Archives that were removed.
  returned: success
  type: list
  elements: str
"""

from pathlib import Path

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.wabiz.onprem.plugins.module_utils._formats.unfit import Unfit
from ansible_collections.wabiz.onprem.plugins.module_utils._host import image_archive as archive


def run(module: AnsibleModule, directory: Path) -> None:
    """Raises OSError, Unfit."""
    before = archive.read(directory)
    images = archive.merged(before, [archive.entry(one) for one in module.params["add"]])
    stray: list[Path] = []
    if module.params["add"]:
        stray = archive.unlisted(directory, images)
        if not module.check_mode:
            if images != before:
                archive.write(directory, images)
            for path in stray:
                path.unlink()
    found, lost = archive.usable(directory, images)
    for line in lost:
        module.warn(line)
    changed = images != before or bool(stray)
    module.exit_json(changed=changed, images=found, removed=[path.name for path in stray])


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "directory": {"type": "path", "required": True},
            "add": {"type": "list", "elements": "dict", "default": []},
        },
        supports_check_mode=True,
    )
    directory = Path(module.params["directory"])
    try:
        run(module, directory)
    except Unfit as unfit:
        module.fail_json(msg=f"The manifest of {directory} {unfit}")
    except OSError as error:
        module.fail_json(msg=f"The archive of images cannot be used: {error}")


if __name__ == "__main__":
    main()
