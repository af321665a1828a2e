# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one reader of the inventory: typed settings of a host, from its own variables."""

from __future__ import annotations

import typing as t
from dataclasses import asdict

from ansible.plugins.action import ActionBase
from ansible_collections.wabiz.onprem.plugins.module_utils._formats.unfit import Unfit
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.findings import refusal
from ansible_collections.wabiz.onprem.plugins.module_utils._settings.reading import missing
from ansible_collections.wabiz.onprem.plugins.plugin_utils.controller_files import unusable
from ansible_collections.wabiz.onprem.plugins.plugin_utils.credential import with_credential
from ansible_collections.wabiz.onprem.plugins.plugin_utils.declared import declared
from ansible_collections.wabiz.onprem.plugins.plugin_utils.host_settings import (
    cluster_groups,
    host_settings,
    renamed_groups,
)


class ActionModule(ActionBase):
    _supports_check_mode = True
    _requires_connection = False

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        result = super().run(tmp, task_vars)
        variables: t.Mapping[str, t.Any] = task_vars or {}
        args = self.validate_argument_spec(
            {
                "reader": {"type": "str", "required": True},
                "names": {"type": "list", "elements": "str", "default": []},
                "required": {"type": "list", "elements": "str", "default": []},
                "judge": {"type": "bool", "default": True},
            }
        )[1]
        host = str(variables["inventory_hostname"])
        template = self._templar.template
        if not args["judge"] and not self._in_cluster(host, variables):
            return {**result, "changed": False}
        readable = declared().read_by(args["reader"])
        if not readable:
            return {**result, "failed": True, "msg": f"{args['reader']} is not a reader of this collection."}
        try:
            variables = with_credential(variables)
        except Unfit as unfit:
            return {**result, "failed": True, "msg": str(unfit)}
        wanted = [one for one in readable if (one.key in args["names"] if args["names"] else not one.deferred)]
        settings = host_settings(host, variables, wanted, template)
        settings.findings.extend(unusable(host, wanted, settings.values))
        if args["judge"]:
            required = [one for one in wanted if one.key in args["required"] or args["reader"] in one.required]
            message = refusal([*settings.findings, *missing(host, required, settings)])
            if message:
                return {**result, "failed": True, "msg": message}
        return {
            **result,
            "changed": False,
            **settings.values,
            "reader": args["reader"],
            "findings": [asdict(finding) for finding in settings.findings],
            # Secrets are among them; only an explicit false shows a result.
            "_ansible_no_log": settings.values.get("no_log", True),
        }

    def _in_cluster(self, host: str, variables: t.Mapping[str, t.Any]) -> bool:
        renamed = renamed_groups(variables.get("wabiz_groups"), self._templar.template)
        groups = cluster_groups(renamed, variables["groups"])
        return any(host in hosts for hosts in groups.values())
