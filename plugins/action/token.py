# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the module of the same name and keeps its result, which holds a token, out of all output."""

from __future__ import annotations

from typing import Any

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase
from ansible_collections.wabiz.onprem.plugins.plugin_utils.quiet import execute_quietly


class ActionModule(ActionBase):
    """Only an action plugin may hide a result that is registered all the same."""

    _supports_check_mode = True
    _supports_async = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Run the module; a failure holds no token and stays readable."""
        if self._task.async_val:
            raise AnsibleActionFail(
                "wabiz.onprem.token does not run with async: the token would stay in a file on the host"
                " (~/.ansible_async) and be printed with -v. Take async and poll out of the task."
            )
        super().run(tmp, task_vars)
        result = execute_quietly(self, task_vars)
        if result.get("token"):
            result["_ansible_no_log"] = True
        return result
