# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs community.docker's modules for a network and its containers, and reports without secrets."""

from __future__ import annotations

import typing as t

from ansible.plugins.action import ActionBase
from ansible_collections.wabiz.onprem.plugins.module_utils.container_report import (
    Change,
    differences,
    present_absent,
    scrub,
    secret_values,
)
from ansible_collections.wabiz.onprem.plugins.plugin_utils.quiet import quiet

# What Docker must compare to the letter; everything else follows docker_container's own rules.
_STRICT = {"env": "strict", "labels": "strict", "networks": "strict", "etc_hosts": "strict", "volumes": "strict"}


class ActionModule(ActionBase):
    _supports_check_mode = True
    _requires_connection = True

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        super().run(tmp, task_vars)
        self._task_vars = task_vars or {}
        args = self.validate_argument_spec(
            {
                "state": {"choices": ["present", "pulled", "stopped", "absent"], "default": "present"},
                "network": {"type": "dict"},
                "volumes": {"type": "list", "elements": "dict", "default": []},
                "containers": {"type": "list", "elements": "dict", "required": True},
                "secret_env": {"type": "list", "elements": "str", "default": [], "no_log": False},
                "engine_running": {"type": "bool", "default": True},
            }
        )[1]
        self._secrets = secret_values(args["containers"], args["secret_env"])
        steps = {"absent": self._absent, "pulled": self._pulled}.get(args["state"], self._present)(args)
        return self._collect(steps)

    def _present(self, args: dict[str, t.Any]) -> t.Iterator[tuple[Change, dict[str, t.Any]]]:
        """Network and volumes first, then every container; stops at the first failure."""
        if not args["engine_running"]:
            networks = [args["network"]] if args["network"] else []
            kinds = {"network": networks, "volume": args["volumes"], "container": args["containers"]}
            yield from self._predicted([(kind, item["name"]) for kind, items in kinds.items() for item in items])
            return
        network_is_new = False
        if args["network"]:
            result = self._module("community.docker.docker_network", {"state": "present", **args["network"]})
            network_is_new = bool(result.get("changed"))
            yield present_absent("network", args["network"]["name"], network_is_new), result
        for volume in args["volumes"]:
            result = self._module("community.docker.docker_volume", {"state": "present", **volume})
            yield present_absent("volume", volume["name"], bool(result.get("changed"))), result
        for container in args["containers"]:
            # A container cannot be compared against a network that check mode only announced.
            ahead = network_is_new and self._task.check_mode
            options = {key: value for key, value in container.items() if not (ahead and key == "networks")}
            options.setdefault("state", "stopped" if args["state"] == "stopped" else "started")
            if args["state"] == "present":
                options["comparisons"] = {**_STRICT, **container.get("comparisons", {})}
            result = self._module("community.docker.docker_container", options)
            yield differences(container["name"], result, args["secret_env"], force=ahead), result

    def _pulled(self, args: dict[str, t.Any]) -> t.Iterator[tuple[Change, dict[str, t.Any]]]:
        """The containers' images, before anything that runs is touched."""
        images = sorted({container["image"] for container in args["containers"]})
        if not args["engine_running"]:
            yield from self._predicted([("image", image) for image in images])
            return
        for image in images:
            result = self._module("community.docker.docker_image_pull", {"name": image, "pull": "not_present"})
            yield present_absent("image", image, bool(result.get("changed"))), result

    def _predicted(self, resources: list[tuple[str, str]]) -> t.Iterator[tuple[Change, dict[str, t.Any]]]:
        """What a first run will create on a host whose engine is still to be installed."""
        if self._task.check_mode:
            for kind, name in resources:
                yield present_absent(kind, name, True), {}
        else:
            message = "No Docker engine answers on this host. Run playbook site.yml (role engine) first."
            yield present_absent("engine", "docker", False), {"failed": True, "msg": message}

    def _absent(self, args: dict[str, t.Any]) -> t.Iterator[tuple[Change, dict[str, t.Any]]]:
        """Containers first, since what is in use cannot go."""
        if not args["engine_running"]:
            return
        networks = [args["network"]] if args["network"] else []
        for kind, items in (("container", args["containers"]), ("network", networks), ("volume", args["volumes"])):
            for item in items:
                result = self._module(f"community.docker.docker_{kind}", {"name": item["name"], "state": "absent"})
                yield present_absent(kind, item["name"], bool(result.get("changed")), absent=True), result

    def _module(self, name: str, options: dict[str, t.Any]) -> dict[str, t.Any]:
        # The answers hold the environment of every container.
        with quiet(self._connection):
            return self._execute_module(module_name=name, module_args=options, task_vars=self._task_vars)

    def _collect(self, steps: t.Iterable[tuple[Change, dict[str, t.Any]]]) -> dict[str, t.Any]:
        changes: list[Change] = []
        addresses: dict[str, dict[str, t.Any]] = {}
        for change, result in steps:
            if result.get("failed") or result.get("unreachable"):
                problem = scrub(str(result.get("msg", "no message")), self._secrets)
                return {
                    "failed": True,
                    "unreachable": bool(result.get("unreachable")),
                    "changed": any(done.changed for done in changes),
                    "msg": f"{change.kind} {change.name}: {problem}",
                }
            changes.append(change)
            raw = result.get("container") or {}
            if change.kind == "container" and raw:
                networks = (raw.get("NetworkSettings") or {}).get("Networks") or {}
                addresses[change.name] = {
                    "id": raw.get("Id", ""),
                    "addresses": [net["IPAddress"] for net in networks.values() if net.get("IPAddress")],
                }
        return scrub(
            {
                "changed": any(change.changed for change in changes),
                "resources": [change.as_dict() for change in changes],
                "containers": addresses,
                "diff": [change.as_diff() for change in changes if change.changed],
            },
            self._secrets,
        )
