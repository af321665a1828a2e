# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: own_media
short_description: Whether a host has media of its own
version_added: 0.1.0
author: wabiz.onprem contributors (@wabiz-onprem)
description:
  - Tells whether the containers of a host keep their media in a Docker volume that no other host shares, or the site
    says that its hosts do not share them.
options:
  _input:
    description: The settings of the host, as M(wabiz.onprem.settings) returns them.
    type: dict
    required: true
  survey:
    description: What M(wabiz.onprem.host_info) has found on the host.
    type: dict
    required: true
"""

EXAMPLES = r"""
alone: "{{ _wabiz | wabiz.onprem.own_media(_wabiz_survey) }}"
"""

RETURN = r"""
_value:
  description: Whether it has.
  type: bool
"""

import typing as t

from ansible_collections.wabiz.onprem.plugins.module_utils._rules.media_faults import has_own


class FilterModule:
    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"own_media": has_own}
