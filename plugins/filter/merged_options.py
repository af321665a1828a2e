# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: merged_options
short_description: Options of a container from several sources
version_added: 0.1.0
author: wabiz.onprem contributors (@wabiz-onprem)
description:
  - Merges dictionaries of options of M(community.docker.docker_container), the later ones over the earlier.
  - Dictionaries are merged by key, lists get what is new; C(command) and C(entrypoint) are replaced. Null is nothing.
    Of C(ulimits) the last of each kind counts.
  - With another log driver the earlier C(log_options) are left out, except between V(json-file) and V(local).
options:
  _input:
    description: The dictionaries.
    type: list
    elements: dict
    required: true
"""

EXAMPLES = r"""
container: "{{ [_node_settings.options, _wabiz.container_options] | wabiz.onprem.merged_options }}"
"""

RETURN = r"""
_value:
  description: The merged options.
  type: dict
"""

import typing as t

from ansible_collections.wabiz.onprem.plugins.module_utils._model.container_options import Options, merged


def merged_options(layers: list[Options]) -> Options:
    """The options of all layers."""
    return merged(*layers)


class FilterModule:
    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"merged_options": merged_options}
