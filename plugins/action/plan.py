# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a verb is going to do: settings, survey and snapshot out of the run's variables, handed to a pure function."""

from __future__ import annotations

import datetime as dt
import typing as t
from collections.abc import Mapping

from ansible.plugins.action import ActionBase
from ansible_collections.wabiz.onprem.plugins.module_utils._plans.facts import Facts
from ansible_collections.wabiz.onprem.plugins.module_utils._plans.verbs import VERBS, in_use

_DATABASE: dict[str, dict[str, t.Any]] = {
    **{
        key: {"type": "bool", "default": False}
        for key in ("administered", "accepts", "exists", "two_passwords", "second_password", "other_user")
    },
    "mighty_owner": {"type": "str", "default": ""},
}

_SSH = 22


class ActionModule(ActionBase):
    _supports_check_mode = True
    _requires_connection = False

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        result = super().run(tmp, task_vars)
        args = self.validate_argument_spec(
            {
                "verb": {"type": "str", "choices": list(VERBS), "required": True},
                "connections": {"type": "list", "elements": "int", "default": []},
                "database": {"type": "dict", "default": {}, "options": _DATABASE},
                "secrets": {"type": "dict", "default": {}},
                "archive": {"type": "list", "elements": "dict", "default": []},
                "hosts": {"type": "list", "elements": "str", "default": []},
            }
        )[1]
        facts = self._facts(task_vars or {}, args)
        plan = VERBS[args["verb"]](facts)
        if self._task.check_mode:
            plan["text"] = [*in_use(facts), *plan["text"]]
        # Ansible shows and removes what is called warnings in a result.
        found = {"refusals": [], **plan, "warnings_found": plan.get("warnings", [])}
        found.pop("warnings", None)
        return {**result, "changed": False, **found}

    def _facts(self, variables: dict[str, t.Any], args: dict[str, t.Any]) -> Facts:
        topology = self._read(variables, "_wabiz_topology")
        hosts = {host: variables["hostvars"][host] for host in topology["services"]}
        secrets = self._read(variables, "_wabiz_secrets")
        return Facts(
            topology=topology,
            settings=self._read(variables, "_wabiz"),
            surveys=_of_each(hosts, "_wabiz_survey"),
            snapshot=self._read(variables, "_wabiz_snapshot"),
            today=dt.datetime.now(dt.timezone.utc).date().isoformat(),
            compared={host: hosts[host].get("_wabiz_compared") or [] for host in hosts},
            record=self._templar.template(variables.get("_wabiz_record")),
            certificate=str(secrets.get("certificate") or ""),
            connections=args["connections"],
            database=args["database"] or {},
            secrets=args["secrets"] or {},
            archive=args["archive"],
            played=args["hosts"],
            dump_place=self._read(variables, "_wabiz_dump_place"),
            databases=self._read(variables, "_wabiz_databases"),
            backups=self._read(variables, "_wabiz_backups"),
            ssh={host: port for host in hosts if (port := self._ssh_port(hosts[host]))},
            media=_of_each(hosts, "media_result"),
            logs=_of_each(hosts, "_wabiz_logs"),
            due=self._read(variables, "_wabiz_judged").get("due") or {},
        )

    def _ssh_port(self, variables: Mapping[str, t.Any]) -> int:
        """The port by which Ansible reaches a host; 0 where it does not use SSH."""
        connection, port = (self._templar.template(variables.get(f"ansible_{name}")) for name in ("connection", "port"))
        return int(port or _SSH) if connection in (None, "ssh", "smart", "paramiko") else 0

    def _read(self, variables: dict[str, t.Any], name: str) -> dict[str, t.Any]:
        """A dictionary among the variables of the host; empty where there is none."""
        value = self._templar.template(variables.get(name))
        return dict(value) if isinstance(value, Mapping) else {}


def _of_each(hosts: dict[str, Mapping[str, t.Any]], name: str) -> dict[str, t.Any]:
    """A registered result of each host that has it; hosts that --limit excludes have none."""
    return {host: variables[name] for host, variables in hosts.items() if isinstance(variables.get(name), Mapping)}
