# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: mount_packages
short_description: Which packages mount a share on a host
version_added: 0.1.0
author: wabiz.onprem contributors (@wabiz-onprem)
description:
  - Names the package that mounts a file system of some type, NFS or SMB for example, as it is called on the host's
    system. No package is named for a type that needs none, or of which it is not known, nor on a system that is neither
    like Debian nor like RHEL.
  - The names are those of Debian 11 to 13; those of Fedora, RHEL and its relatives are there too, but untested.
options:
  _input:
    description: What M(wabiz.onprem.host_info) says of the host.
    type: dict
    required: true
  settings:
    description: C(media_fstype), the type, and C(media_packages), the site's own list, which may be null.
    type: dict
    required: true
"""

EXAMPLES = r"""
packages: "{{ host | wabiz.onprem.mount_packages({'media_fstype': 'nfs', 'media_packages': none}) }}"
"""

RETURN = r"""
_value:
  description: Names of packages.
  type: list
  elements: str
"""

import typing as t

from ansible_collections.wabiz.onprem.plugins.module_utils._rules.packages import mounting


class FilterModule:
    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"mount_packages": mounting}
