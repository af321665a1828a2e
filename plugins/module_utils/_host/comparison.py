# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What changed on a container and why, without secrets: pure functions on docker_container's results."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from ansible_collections.wabiz.onprem.plugins.module_utils._formats.mask import MASK
from ansible_collections.wabiz.onprem.plugins.module_utils._host.scrub import SHORTEST
from ansible_collections.wabiz.onprem.plugins.module_utils._host.secret_values import masked, secrets_in

# Words that are no secrets, whatever they are given as: without them no message could be read.
_COMMON = frozenset({"true", "false", "none", "null", "default", "disabled", "enabled"})


@dataclass(frozen=True)
class Difference:
    """One property of a container: what it is, what it should be. None stands for 'not there'."""

    key: str
    current: t.Any
    desired: t.Any


@dataclass(frozen=True)
class Change:
    """One resource of a host. state is fresh (will be created), changed, same or gone (will be removed)."""

    kind: str
    name: str
    state: str
    differences: list[Difference] = field(default_factory=list)

    @property
    def changed(self) -> bool:
        return self.state != "same"

    def as_dict(self) -> dict[str, t.Any]:
        lines = [f"{diff.key}: {_shown(diff.current)} -> {_shown(diff.desired)}" for diff in self.differences]
        return {"kind": self.kind, "name": self.name, "state": self.state, "differences": lines}

    def as_diff(self) -> dict[str, t.Any]:
        """The form that Ansible's --diff prints."""
        if self.differences:
            before = {diff.key: diff.current for diff in self.differences}
            after = {diff.key: diff.desired for diff in self.differences}
        else:
            before = {"exists": self.state == "gone"}
            after = {"exists": self.state != "gone"}
        header = f"{self.kind} {self.name}"
        return {"before": before, "after": after, "before_header": header, "after_header": header}


def secret_values(containers: t.Iterable[dict[str, t.Any]], also: t.Iterable[str] = ()) -> set[str]:
    """Every secret in what the containers are made of, for scrub()."""
    also = set(also)
    found = {
        secret
        for container in containers
        for option, value in container.items()
        for secret in secrets_in(option, value, also)
    }
    return {secret for secret in found if len(secret) >= SHORTEST and secret.lower() not in _COMMON}


def present_absent(kind: str, name: str, changed: bool, absent: bool = False) -> Change:
    """A resource that is there or not, without properties to compare."""
    if not changed:
        return Change(kind, name, "same")
    return Change(kind, name, "gone" if absent else "fresh")


def differences(
    name: str,
    result: dict[str, t.Any],
    also: t.Iterable[str] = (),
    force: bool = False,
    more: t.Collection[Difference] = (),
) -> Change:
    """Reads docker_container's result (run with diff) as a Change.

    `force` when it must change for another reason, `more` is what was found besides, and told in better words.
    """
    diff = result.get("diff") or {}
    before, after = diff.get("before") or {}, diff.get("after") or {}
    if before.get("exists") is False and after.get("exists") is True:
        return Change("container", name, "fresh")
    also = set(also)
    found: list[Difference] = [*more]
    for key in sorted((set(before) | set(after)) - {diff.key for diff in more}):
        current, desired = before.get(key), after.get(key)
        if key == "env":
            found += _mapping_differences("env", _env_mapping(current), _env_mapping(desired), also)
        elif key == "labels":
            found += _mapping_differences("label", current or {}, desired or {}, also)
        elif current != desired:
            found.append(_hidden(key, key, current, desired, also, within=key.partition(".")[0]))
    state = "changed" if result.get("changed") or found or force else "same"
    return Change("container", name, state, found)


def _env_mapping(env: t.Any) -> dict[str, str]:
    if isinstance(env, dict):
        return {str(key): str(value) for key, value in env.items()}
    return dict(item.partition("=")[::2] for item in env or [])


def _mapping_differences(
    prefix: str, current: dict[str, t.Any], desired: dict[str, t.Any], also: set[str]
) -> list[Difference]:
    return [
        _hidden(f"{prefix}.{name}", name, current.get(name), desired.get(name), also, within=prefix)
        for name in sorted(set(current) | set(desired))
        if current.get(name) != desired.get(name)
    ]


def _hidden(key: str, name: str, current: t.Any, desired: t.Any, also: set[str], within: str) -> Difference:
    """The difference without secrets; of those it says that they are old and new, where nothing else differs."""
    shown = masked(name, current, also, within), masked(name, desired, also, within)
    told = [
        f"{mask} ({which} value)" if mask != value and (mask == MASK or shown[0] == shown[1]) else mask
        for mask, value, which in zip(shown, (current, desired), ("old", "new"))
    ]
    return Difference(key, told[0], told[1])


def _shown(value: t.Any) -> str:
    return "(not set)" if value is None else str(value)
