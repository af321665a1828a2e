# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lock, also where its host cannot be reached: an unreachable host would end a run at once and without a word."""

from __future__ import annotations

import typing as t

from ansible.errors import AnsibleConnectionFailure
from ansible.plugins.action import ActionBase
from ansible_collections.wabiz.onprem.plugins.plugin_utils.holder import has_ended

Dict = dict[str, t.Any]


class ActionModule(ActionBase):
    _supports_check_mode = True
    _supports_diff = True
    _requires_connection = True

    def run(self, tmp: str | None = None, task_vars: Dict | None = None) -> Dict:
        result = super().run(tmp, task_vars)
        variables = task_vars or {}
        try:
            found = self._lock(variables, {})
            # A run that was killed on the same machine cannot release it, and blocks nothing.
            if found.get("failed") and self._task.args.get("state") != "renewed" and has_ended(found.get("holder", "")):
                found = self._lock(variables, {"take_over_from": found["holder"]})
        except AnsibleConnectionFailure as error:
            host = self._task.delegate_to or variables["inventory_hostname"]
            reason = str(error).splitlines()[0]
            untouched = "; nothing was changed" if self._task.args.get("state", "present") == "present" else ""
            message = f"{host}, the host of the cluster's lock, is unreachable{untouched}. {reason}"
            return {**result, "failed": True, "reached": False, "msg": message}
        return {**result, **found, "reached": True}

    def _lock(self, variables: Dict, more: Dict) -> Dict:
        args = {**self._task.args, **more}
        found: Dict = self._execute_module("wabiz.onprem.cluster_lock", module_args=args, task_vars=variables)
        return found
