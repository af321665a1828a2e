# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs community.docker's modules for a network and its containers, and reports without secrets."""

from __future__ import annotations

import typing as t

from ansible.plugins.action import ActionBase
from ansible_collections.wabiz.onprem.plugins.module_utils._host.comparison import (
    Change,
    differences,
    present_absent,
    secret_values,
)
from ansible_collections.wabiz.onprem.plugins.module_utils._host.limit_differences import limit_differences
from ansible_collections.wabiz.onprem.plugins.module_utils._host.ownership import Ownership, Resource
from ansible_collections.wabiz.onprem.plugins.module_utils._host.scrub import scrub
from ansible_collections.wabiz.onprem.plugins.module_utils._model import labels
from ansible_collections.wabiz.onprem.plugins.module_utils._model.docker_command import SOCKET, docker_host
from ansible_collections.wabiz.onprem.plugins.module_utils._model.images import untagged
from ansible_collections.wabiz.onprem.plugins.module_utils._model.registry_answers import cause
from ansible_collections.wabiz.onprem.plugins.plugin_utils.quiet import execute_quietly

# What is compared exactly; everything else follows docker_container's own rules.
_STRICT = dict.fromkeys(("env", "labels", "networks", "etc_hosts", "volumes", "ulimits"), "strict")
_NO_ENGINE = (
    "No Docker engine answers on this host{reason}. Install or start it first; role wabiz.onprem.engine does both."
)

Options = dict[str, t.Any]
Steps = t.Iterator[tuple[Change, dict[str, t.Any]]]


class ActionModule(ActionBase):
    _supports_check_mode = True
    _requires_connection = True

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        super().run(tmp, task_vars)
        self._task_vars = task_vars or {}
        args = self.validate_argument_spec(
            {
                "cluster": {"type": "str", "required": True},
                "state": {"choices": ["present", "pulled", "stopped", "absent"], "default": "present"},
                "network": {"type": "dict"},
                "volumes": {"type": "list", "elements": "dict", "default": []},
                "containers": {"type": "list", "elements": "dict", "required": True},
                "secret_env": {"type": "list", "elements": "str", "default": [], "no_log": False},
                "digest": {"type": "str", "default": ""},
                "engine_running": {"type": "bool", "default": True},
                "socket": {"type": "path", "default": SOCKET},
            }
        )[1]
        if not args["cluster"].strip():
            return _failed("cluster is blank: a label is never compared with an empty text.")
        if not all(
            item.get("name") for item in [*args["containers"], *args["volumes"], args["network"] or {"name": "-"}]
        ):
            return _failed("Every container, network and volume needs a name.")
        self._secrets = secret_values(args["containers"], args["secret_env"])
        self._warnings: list[str] = []
        self._socket, self._cluster = args["socket"], args["cluster"].strip()
        return self._collect(self._steps(args))

    def _steps(self, args: Options) -> Steps:
        state, networks = args["state"], [args["network"]] if args["network"] else []
        if not args["engine_running"]:
            yield from self._without_engine(args, networks)
            return
        if state == "pulled":
            yield from self._pulled(args["containers"], args["digest"])
            return
        found = self._look([item["name"] for item in args["containers"]] if state == "present" else [])
        if found.get("failed") or found.get("unreachable"):
            yield present_absent("host", self._host(), False), found
            return
        own = Ownership(self._cluster, found, self._host())
        # All of them are judged before anything is touched.
        refusals = own.refusals(container["name"] for container in args["containers"])
        if state == "present":
            refusals += filter(None, (own.network_refusal(network["name"]) for network in networks))
        if refusals:
            yield present_absent("cluster", own.cluster, False), _failed(f"nothing was touched: {' '.join(refusals)}")
            return
        if state == "present":
            comparable = found["requirements"]["requests"]
            yield from self._present(own, networks, args, comparable, found["limits"])
        elif state == "stopped":
            yield from self._stopped(own, args["containers"])
        else:
            yield from self._absent(own, networks, args)

    def _look(self, compared: list[str]) -> dict[str, t.Any]:
        """What there is and whose it is, or a failure: without this knowledge nothing is touched."""
        options = {"details": False, "limits_of": compared, "socket": self._socket}
        found = self._module("wabiz.onprem.host_info", options)
        if found.get("failed") or found.get("unreachable"):
            return found
        if not found["engine"]["running"]:
            return _failed(_NO_ENGINE.format(reason=f" ({found['engine']['error']})"))
        if found["problems"]:
            return _failed(
                "; ".join(f"{kind} cannot be listed: {reason}" for kind, reason in found["problems"].items())
            )
        return found

    def _present(
        self, own: Ownership, networks: list[Options], args: Options, comparable: bool, limits: dict[str, Options]
    ) -> Steps:
        """Network and volumes first, then every container; stops at the first failure.

        Not C(comparable): check mode only announced that what docker_container needs is installed on the host.
        """
        network_is_new = False
        for network in networks:
            there = own.network(network["name"])
            network_is_new = there is None
            yield from self._made("network", network, there, own)
        for volume in args["volumes"]:
            yield from self._made("volume", volume, own.volume(volume["name"]), own)
        for container in args["containers"]:
            if self._task.check_mode and not comparable and own.container(container["name"]) is None:
                yield present_absent("container", container["name"], True), {}
                continue
            # A container cannot be compared against a network that check mode only announced.
            ahead = network_is_new and self._task.check_mode
            options = {key: value for key, value in container.items() if not (ahead and key == "networks")}
            options.setdefault("state", "started")
            options["labels"] = self._labels(container, own)
            options["comparisons"] = {**_STRICT, **(container.get("comparisons") or {})}
            if options.get("restart_policy"):
                # Else docker_container does not see a number of retries that was set by hand.
                options.setdefault("restart_retries", 0)
            other_limits = limit_differences(container, limits.get(container["name"], {}))
            if other_limits:
                options["recreate"] = True
            result = self._docker("container", options)
            yield differences(container["name"], result, args["secret_env"], ahead, other_limits), result

    def _made(self, kind: str, options: Options, there: Resource | None, own: Ownership) -> Steps:
        """A network or volume: what exists, whoever made it, is used as it is."""
        result: dict[str, t.Any] = {"changed": there is None}
        if there is None and not self._task.check_mode:
            result = self._docker(kind, {**options, "state": "present", "labels": self._labels(options, own)})
        yield present_absent(kind, options["name"], bool(result.get("changed"))), result

    def _stopped(self, own: Ownership, containers: list[Options]) -> Steps:
        """Only stopped: what they should be is no matter here."""
        for container in containers:
            there = own.container(container["name"])
            if there is None:
                yield present_absent("container", container["name"], False), {}
                continue
            kept = {key: container[key] for key in ("stop_timeout",) if key in container}
            options = {**kept, "name": there["id"], "state": "stopped", "comparisons": {"*": "ignore"}}
            result = self._docker("container", options)
            yield differences(container["name"], result), result

    def _pulled(self, containers: list[Options], digest: str) -> Steps:
        """The containers' images, before anything that runs is touched; a pinned one by its digest, then named."""
        for image in sorted({container["image"] for container in containers}):
            pinned = f"{untagged(image)}@{digest}" if digest and "@" not in image else image
            result = self._docker("image_pull", {"name": pinned, "pull": "not_present"})
            changed = bool(result.get("changed"))
            if pinned != image and not (result.get("failed") or self._task.check_mode):
                result = self._docker("image_tag", {"name": pinned, "repository": [image]})
                changed = changed or bool(result.get("changed"))
            if result.get("failed"):
                result = {**result, "cause": cause(_problem(result))}
            yield present_absent("image", image, changed), result

    def _absent(self, own: Ownership, networks: list[Options], args: Options) -> Steps:
        """Containers first, since what is in use cannot be removed; all by id, so that nothing else matches."""
        names = {container["name"] for container in args["containers"]}
        for name in (container["name"] for container in args["containers"]):
            there = own.container(name)
            result = self._docker("container", {"name": there["id"], "state": "absent"}) if there else {}
            yield present_absent("container", name, bool(result.get("changed")), absent=True), result
        for kind, items, find in (("network", networks, own.network), ("volume", args["volumes"], own.volume)):
            for name in (item["name"] for item in items):
                there = find(name)
                result = {}
                if there and not self._stays(kind, there, own, names):
                    result = self._docker(kind, {"name": there["id"] if kind == "network" else name, "state": "absent"})
                yield present_absent(kind, name, bool(result.get("changed")), absent=True), result

    def _stays(self, kind: str, there: Resource, own: Ownership, removed: set[str]) -> bool:
        """Whether a network or volume is not removed, of which a warning tells why."""
        users = own.other_users(f"{kind}s", there["name"], removed)
        reason = f"is used by {', '.join(users)}" if users else ""
        if not own.is_ours(there):
            reason = own.owner(there)
        if reason:
            self._warnings.append(f"{kind} {there['name']} on {self._host()} is kept, since it {reason}.")
        return bool(reason)

    def _without_engine(self, args: Options, networks: list[Options]) -> Steps:
        """What a first run will create on a host whose engine is still to be installed."""
        if args["state"] == "absent":
            return
        if not self._task.check_mode:
            yield present_absent("engine", "docker", False), _failed(_NO_ENGINE.format(reason=""))
            return
        kinds = {"network": networks, "volume": args["volumes"], "container": args["containers"]}
        resources = [(kind, item["name"]) for kind, items in kinds.items() for item in items]
        if args["state"] == "pulled":
            resources = [("image", image) for image in sorted({item["image"] for item in args["containers"]})]
        for kind, name in resources if args["state"] != "stopped" else []:
            yield present_absent(kind, name, True), {}

    def _labels(self, options: Options, own: Ownership) -> dict[str, str]:
        return {**(options.get("labels") or {}), labels.CLUSTER: own.cluster}

    def _host(self) -> str:
        return str(self._task.delegate_to or self._task_vars.get("inventory_hostname", "this host"))

    def _docker(self, kind: str, options: Options) -> dict[str, t.Any]:
        # Said each time, so that no variable of the environment leads to another engine than the one inspected.
        return self._module(f"community.docker.docker_{kind}", {**options, "docker_host": docker_host(self._socket)})

    def _module(self, name: str, options: Options) -> dict[str, t.Any]:
        return execute_quietly(self, self._task_vars, module_name=name, module_args=options)

    def _collect(self, steps: Steps) -> dict[str, t.Any]:
        """Everything that is said is said here, without secrets; names, ids and addresses stay what they are."""
        changes: list[Change] = []
        addresses: dict[str, dict[str, t.Any]] = {}
        for change, result in steps:
            if result.get("failed") or result.get("unreachable"):
                return {
                    "failed": True,
                    "unreachable": bool(result.get("unreachable")),
                    "changed": any(done.changed for done in changes),
                    "msg": f"{change.kind} {change.name}: {scrub(_problem(result), self._secrets)}",
                    "cause": result.get("cause", ""),
                }
            changes.append(change)
            raw = result.get("container") or {}
            if change.kind == "container" and raw:
                networks = (raw.get("NetworkSettings") or {}).get("Networks") or {}
                # The cluster's own first: the host may not reach those of another network.
                found = [networks[name] for name in sorted(networks, key=lambda name: name != self._cluster)]
                addresses[change.name] = {
                    "id": raw.get("Id", ""),
                    "addresses": [net["IPAddress"] for net in found if net.get("IPAddress")],
                }
        said = [change.as_dict() for change in changes]
        return {
            "changed": any(change.changed for change in changes),
            "cause": "",
            "resources": [{**item, "differences": scrub(item["differences"], self._secrets)} for item in said],
            "containers": addresses,
            "diff": [self._diff(change) for change in changes if change.changed],
            **({"warnings": self._warnings} if self._warnings else {}),
        }

    def _diff(self, change: Change) -> dict[str, t.Any]:
        diff = change.as_diff()
        return {**diff, **scrub({key: diff[key] for key in ("before", "after")}, self._secrets)}


def _failed(message: str) -> dict[str, t.Any]:
    return {"failed": True, "msg": message, "cause": ""}


def _problem(result: dict[str, t.Any]) -> str:
    """The module's message; where it broke off without one, the last thing that it printed."""
    message = str(result.get("msg") or "no message")
    printed = str(result.get("module_stderr") or result.get("module_stdout") or "").strip()
    return f"{message} {printed.splitlines()[-1]}" if printed else message
