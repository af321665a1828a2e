# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: media_volume
short_description: The Docker volume of the media of a cluster on a host
version_added: 0.1.0
author: wabiz.onprem contributors (@wabiz-onprem)
description:
  - The volume that the settings name. A cluster that was made with an earlier default, V(whatsappMedia), keeps it.
options:
  _input:
    description: The settings of the host, as M(wabiz.onprem.settings) returns them.
    type: dict
    required: true
  survey:
    description: What M(wabiz.onprem.host_info) has found on the host; empty where it was not asked.
    type: dict
    required: true
"""

EXAMPLES = r"""
volume: "{{ _wabiz | wabiz.onprem.media_volume(_wabiz_survey) }}"
"""

RETURN = r"""
_value:
  description: Name of the volume.
  type: str
"""

import typing as t

from ansible_collections.wabiz.onprem.plugins.module_utils._model.media import media_volume


class FilterModule:
    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"media_volume": media_volume}
