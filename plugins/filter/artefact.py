# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: artefact
short_description: What of a plan or a report is handed on to later jobs
version_added: 0.1.0
author: wabiz.onprem contributors (@wabiz-onprem)
description:
  - Keeps the lines that are shown, the refusals and the state, cut to some thousand characters, for
    M(ansible.builtin.set_stats).
options:
  _input:
    description: Result of M(wabiz.onprem.plan), or a report.
    type: dict
    required: true
"""

EXAMPLES = r"""
data: "{{ {'onprem_plan': plan | wabiz.onprem.artefact} }}"
"""

RETURN = r"""
_value:
  description: Those of C(cluster), C(state), C(line), C(refusals) and C(text) that the result has.
  type: dict
"""

import typing as t

from ansible_collections.wabiz.onprem.plugins.module_utils._plans.artefact import artefact


class FilterModule:
    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"artefact": artefact}
