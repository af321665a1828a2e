# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs community.docker's login, and tells who was refused where without the password."""

from __future__ import annotations

import typing as t

from ansible.plugins.action import ActionBase
from ansible_collections.wabiz.onprem.plugins.module_utils._host.scrub import scrub
from ansible_collections.wabiz.onprem.plugins.module_utils._model.docker_command import SOCKET, docker_host
from ansible_collections.wabiz.onprem.plugins.module_utils._model.registry_answers import cause
from ansible_collections.wabiz.onprem.plugins.plugin_utils.quiet import execute_quietly


class ActionModule(ActionBase):
    _supports_check_mode = True
    _requires_connection = True

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        super().run(tmp, task_vars)
        args = self.validate_argument_spec(
            {
                "registry": {"type": "str", "required": True},
                "username": {"type": "str", "required": True},
                "password": {"type": "str", "required": True, "no_log": True},
                "config_path": {"type": "path"},
                "socket": {"type": "path", "default": SOCKET},
            }
        )[1]
        given = {"registry_url": args["registry"], "username": args["username"], "password": args["password"]}
        where = {"config_path": args["config_path"]} if args["config_path"] else {}
        result = execute_quietly(
            self,
            task_vars,
            module_name="community.docker.docker_login",
            module_args={**given, **where, "docker_host": docker_host(args["socket"])},
        )
        if not (result.get("failed") or result.get("unreachable")):
            return {"changed": bool(result.get("changed")), "cause": ""}
        said = scrub(str(result.get("msg") or "no message"), [args["password"]])
        return {
            "failed": bool(result.get("failed")),
            "unreachable": bool(result.get("unreachable")),
            "changed": False,
            "cause": cause(said),
            "msg": f"login of {args['username']} at {args['registry']}: {said}",
        }
