# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: status
short_description: The state of a cluster in one view
version_added: 0.1.0
author: wabiz.onprem contributors (@wabiz-onprem)
description:
  - Joins the results of M(wabiz.onprem.host_info) with that of M(wabiz.onprem.health_info).
options:
  _input:
    description: Results of M(wabiz.onprem.host_info), by host.
    type: dict
    required: true
  cluster:
    description: Name of the cluster.
    type: str
    required: true
  health:
    description: Result of M(wabiz.onprem.health_info), a failed one as well.
    type: dict
    required: true
  more:
    description:
      - What else is known, with any of the keys C(topology) (M(wabiz.onprem.preflight)), C(shards)
        (M(wabiz.onprem.shards_info)), C(support) (M(wabiz.onprem.support_info)), C(stats) (M(wabiz.onprem.stats_info)
        with C(db)), C(settings) (M(wabiz.onprem.application_settings_info)) and C(connections) (how many the database
        server has and allows). Failed results as well.
    type: dict
"""

EXAMPLES = r"""
status: "{{ reports | wabiz.onprem.status(cluster='wabiz', health=__health) }}"
"""

RETURN = r"""
_value:
  description: The view as data; C(text) holds it as lines of text.
  type: dict
"""

import typing as t

from ansible_collections.wabiz.onprem.plugins.module_utils.status import build, render


def status(
    reports: dict[str, t.Any], cluster: str, health: dict[str, t.Any], more: dict[str, t.Any] | None = None
) -> dict[str, t.Any]:
    """The view as data, with its rendering."""
    view = build(cluster, reports, health, more)
    return {**view, "text": render(view)}


class FilterModule:
    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"status": status}
