# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: engine_due
short_description: Whether a host lacks an engine, or what belongs to it
version_added: 0.1.0
author: wabiz.onprem contributors (@wabiz-onprem)
description:
  - Tells whether role engine has anything to do on a host. The engine does not answer, something that the modules and
    the log cleanup need next to it is missing, or one of the services that must run does not.
options:
  _input:
    description: What M(wabiz.onprem.host_info) says of the host, with its C(services).
    type: dict
    required: true
"""

EXAMPLES = r"""
due: "{{ survey | wabiz.onprem.engine_due }}"
"""

RETURN = r"""
_value:
  description: Whether it has.
  type: bool
"""

import typing as t

from ansible_collections.wabiz.onprem.plugins.module_utils._plans.due import engine_due


class FilterModule:
    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"engine_due": engine_due}
