# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: lacking_packages
short_description: Which packages and services a host lacks
version_added: 0.1.0
author: wabiz.onprem contributors (@wabiz-onprem)
description:
  - Says what is to be installed on a host so that containers can be run there and the log cleanup scheduled, by the
    names that packages and services have on its system.
  - Where there is an engine, from whatever package, no other one is named.
  - The names are those of Debian 11 to 13; those of Fedora, RHEL and its relatives are there too, but untested.
options:
  _input:
    description: What M(wabiz.onprem.host_info) says of the host.
    type: dict
    required: true
  settings:
    description:
      - The site's own lists C(engine_packages), C(host_packages) and C(engine_services), each of which may be missing.
    type: dict
    required: true
"""

EXAMPLES = r"""
lacking: "{{ host | wabiz.onprem.lacking_packages({'engine_packages': ['docker-ce', 'docker-ce-cli']}) }}"
"""

RETURN = r"""
_value:
  description:
    - Lists of packages, C(engine) where there is no engine and C(others) for what is missing beside it, and
      C(services), which are to run.
  type: dict
"""

import typing as t

from ansible_collections.wabiz.onprem.plugins.module_utils._rules.packages import lacking


class FilterModule:
    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"lacking_packages": lacking}
