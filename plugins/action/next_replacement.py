# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Chooses the container to be replaced next by the health of this moment, and waits until it may be."""

from __future__ import annotations

import time
import typing as t

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.replacement import (
    next_replacement,
    not_worse,
    outsiders,
)
from ansible_collections.wabiz.onprem.plugins.plugin_utils.quiet import execute_quietly

Dict = dict[str, t.Any]


def connected(health: Dict) -> int:
    """How many coreapps are connected."""
    return int((health.get("summary") or {}).get("connected_coreapps") or 0)


class ActionModule(ActionBase):
    _supports_check_mode = True
    _requires_connection = True

    def run(self, tmp: str | None = None, task_vars: Dict | None = None) -> Dict:
        result = super().run(tmp, task_vars)
        self._task_vars = task_vars or {}
        args = self.validate_argument_spec(
            {
                "service": {"choices": ["webapp", "master", "coreapp"], "required": True},
                "candidates": {"type": "list", "elements": "dict", "required": True},
                "done": {"type": "list", "elements": "dict", "required": True},
                "addresses": {"type": "dict", "required": True},
                "shards": {"type": "int", "required": True},
                "api": {"type": "dict", "required": True},
                "wait_timeout": {"type": "float", "required": True},
                "wait_interval": {"type": "float", "default": 2.0},
            }
        )[1]
        limit = time.monotonic() + args["wait_timeout"]
        health = self._health(args)
        if "nodes" not in health and args["service"] != "webapp":
            return {**result, "failed": True, "msg": f"The API reports no health: {health.get('msg')}"}
        shards = self._shards(args, health)
        choice = self._choice(args, health, shards)
        while choice["wait"] and time.monotonic() < limit:
            time.sleep(args["wait_interval"])
            seen = self._health(args)
            # What does not answer says nothing new.
            health = seen if "nodes" in seen else health
            shards = shards if args["api"].get("password") else max(shards, connected(health))
            choice = self._choice(args, health, shards)
        place = f"{choice['host']}/{choice['name']}"
        if not choice["allowed"]:
            return {**result, "failed": True, "msg": f"{place} is not replaced: {choice['reason']}."}
        nodes, summary = health.get("nodes") or [], health.get("summary") or {}
        return {
            **result,
            "changed": False,
            "msg": f"{place} is next{': ' if choice['reason'] else ''}{choice['reason']}",
            "next": choice,
            "node": next((node["name"] for node in nodes if choice["id"] and node["container_id"] == choice["id"]), ""),
            "shards": shards,
            "expectation": not_worse(choice, args["addresses"][choice["host"]], nodes, summary, shards),
        }

    def _health(self, args: Dict) -> Dict:
        # Webapps are not in it, and a run may be about to repair the only one.
        more = {"retries": 0} if args["service"] == "webapp" else {}
        return self._module("health_info", {**args["api"], **more})

    def _shards(self, args: Dict, health: Dict) -> int:
        """How many the cluster has, which need not be what is expected. Raises AnsibleActionFail."""
        # A round before this one may have found more than are served at this moment.
        wanted = max(int(args["shards"]), *(int(item.get("shards") or 0) for item in args["done"]), 0)
        if not (health.get("summary") or {}).get("registered") or connected(health) == wanted:
            return wanted
        if not args["api"].get("password"):
            # Only an administrator is told. Each connected coreapp has a shard.
            return max(wanted, connected(health))
        found = self._module("shards_info", args["api"])
        # Webapps serve no shard.
        if "shards" not in found and args["service"] != "webapp":
            raise AnsibleActionFail(f"The API reports no number of shards: {found.get('msg')}")
        return int(found.get("shards") or wanted)

    def _choice(self, args: Dict, health: Dict, shards: int) -> Dict:
        nodes = health.get("nodes") or []
        registered = (health.get("summary") or {}).get("registered")
        done = [*args["done"], *outsiders(args["service"], nodes, args["addresses"].values())]
        seen = [] if args["service"] == "webapp" else nodes
        return next_replacement(args["candidates"], seen, shards if registered else 0, done)

    def _module(self, name: str, options: Dict) -> Dict:
        return execute_quietly(self, self._task_vars, module_name=f"wabiz.onprem.{name}", module_args=options)
