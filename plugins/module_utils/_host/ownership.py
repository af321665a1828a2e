# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What on a host belongs to a cluster, by label: the rest is used as it is, or refused, and never changed."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.wabiz.onprem.plugins.module_utils._model import labels
from ansible_collections.wabiz.onprem.plugins.module_utils._model.ids import short

Resource = dict[str, t.Any]


class Ownership:
    """Judges names of one cluster by what host_info found; `host` is where, for messages."""

    def __init__(self, cluster: str, found: t.Mapping[str, t.Any], host: str) -> None:
        if not cluster.strip():
            raise ValueError("a label is never compared with an empty text")
        self.cluster = cluster
        self._found = found
        self._host = host

    def container(self, name: str) -> Resource | None:
        return self._named("containers", name)

    def network(self, name: str) -> Resource | None:
        return self._named("networks", name)

    def volume(self, name: str) -> Resource | None:
        return self._named("volumes", name)

    def is_ours(self, resource: Resource | None) -> bool:
        return resource is not None and resource["cluster"] == self.cluster

    def refusals(self, names: t.Iterable[str]) -> list[str]:
        """Why containers of these names must not be touched; empty where all are ours or do not exist."""
        reasons = []
        for name in names:
            there, other = self.container(name), self._taken_for_id("containers", name)
            if there is not None and not self.is_ours(there):
                reasons.append(
                    f"container {name} on {self._host} {self.owner(there)}. "
                    f"Rename it (docker rename {name} other-name) or remove it, or choose another name for the cluster."
                )
            elif other:
                reasons.append(
                    f"{name} is not only a name but also the beginning of the id of container {other} on {self._host}, "
                    "which Docker could take it for. Choose another name for the cluster."
                )
        return reasons

    def network_refusal(self, name: str) -> str:
        """Why a network of this name must not be created; empty where nothing speaks against it."""
        other = "" if self.network(name) else self._taken_for_id("networks", name)
        if not other:
            return ""
        return (
            f"{name} is also the beginning of the id of network {other} on {self._host}, "
            "which Docker could take it for. Choose another name for the network."
        )

    def owner(self, resource: Resource) -> str:
        """Whose it is, as the end of a sentence."""
        return labels.whose(resource["cluster"], self.cluster)

    def other_users(self, kind: str, name: str, removed: t.Collection[str]) -> list[str]:
        """Containers that use a network or volume and are not among those that are removed; `kind` is the plural."""
        return sorted(
            container["name"]
            for container in self._found["containers"]
            if name in container[kind] and container["name"] not in removed
        )

    def _named(self, kind: str, name: str) -> Resource | None:
        return next((resource for resource in self._found[kind] if resource["name"] == name), None)

    def _taken_for_id(self, kind: str, name: str) -> str:
        """community.docker accepts the first digits of an id where it expects a name."""
        if not re.fullmatch("[0-9a-f]{1,64}", name):
            return ""
        others = (item for item in self._found[kind] if item["name"] != name)
        return next((str(item["name"]) for item in others if item["id"].startswith(short(name))), "")
