# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One inspection of a host, for everything that the playbooks of its cluster may need to know."""

from __future__ import annotations

import re
import typing as t
from collections.abc import Mapping

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase
from ansible_collections.wabiz.onprem.plugins.plugin_utils.holder import has_ended

# Of hosts; ansible-core 2.19 itself accepts an older one.
_OLDEST_PYTHON = (3, 9)
# What the module takes by itself, so that it is hidden in the host's log.
_SECRET = ("api_key", "password", "proxy")


class ActionModule(ActionBase):
    _supports_check_mode = True
    _requires_connection = True

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        result = super().run(tmp, task_vars)
        variables = task_vars or {}
        args = self.validate_argument_spec({"topology": {"type": "dict"}, "client": {"type": "dict"}})[1]
        topology, host = (
            args["topology"] or variables.get("_wabiz_topology") or {},
            str(variables["inventory_hostname"]),
        )
        asked = (topology.get("survey") or {}).get(host)
        if asked is None:
            raise AnsibleActionFail(
                f"There is no survey plan for {host}. Give topology, the result of module wabiz.onprem.preflight."
            )
        if args["client"]:
            secret = {f"client_{name}": args["client"].get(name) for name in _SECRET}
            plain = {name: value for name, value in args["client"].items() if name not in _SECRET}
            asked = {**asked, "client": plain, **secret}
        asked = {**asked, **self._login(variables)}
        found = self._execute_module(module_name="wabiz.onprem.host_info", module_args=asked, task_vars=variables)
        if found.get("failed"):
            found.update(self._old_python())
        lock = found.get("lock") or {}
        if has_ended(lock.get("holder", "")):
            lock["expired"] = True
        return {**result, **found}

    def _old_python(self) -> dict[str, str]:
        """What is wrong where the host's Python is too old; a module can only say which words it does not know."""
        interpreter = str(self._used_interpreter or "").lstrip("#!")
        asked = self._low_level_execute_command(f"{interpreter} -c 'import sys; print(*sys.version_info[:2])'")
        numbers = re.fullmatch(r"(\d+) (\d+)", asked.get("stdout", "").strip())
        if numbers is None or (int(numbers[1]), int(numbers[2])) >= _OLDEST_PYTHON:
            return {}
        has, needed = ".".join(numbers.groups()), ".".join(map(str, _OLDEST_PYTHON))
        remedy = "Install a newer one on the host, and name it in ansible_python_interpreter."
        return {"msg": f"The host's Python is {has} ({interpreter}), and {needed} or later is needed. {remedy}"}

    def _login(self, variables: dict[str, t.Any]) -> dict[str, str]:
        """The login of the registry, where the settings that were read have one."""
        settings = self._templar.template(variables.get("_wabiz"))
        if not isinstance(settings, Mapping) or not settings.get("registry_user"):
            return {}
        names = ("registry", "registry_user", "registry_password")
        return {name: settings[name] for name in names if settings.get(name)}
