# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What changed on a container and why, without secrets: pure functions on docker_container's results."""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass, field

MASK = "********"

# Environment variables that hold secrets by their very name; a caller adds others.
_SECRET_NAME = re.compile(r"PASSWORD|PASSWD|SECRET|TOKEN|CRYPTO|CREDENTIAL|(^|_)KEY$", re.IGNORECASE)
# WA_DB_SSL_KEY and the like name a file, not a secret.
_PATH_NAME = re.compile(r"_SSL_(KEY|CERT|CA)$", re.IGNORECASE)
# Shorter values occur by chance in harmless text; masking them would garble every message.
_SHORTEST_SECRET = 4


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


def is_secret(name: str, also: t.Iterable[str] = ()) -> bool:
    """Whether the environment variable `name` holds a secret."""
    return name in set(also) or bool(_SECRET_NAME.search(name) and not _PATH_NAME.search(name))


def secret_values(containers: t.Iterable[dict[str, t.Any]], also: t.Iterable[str] = ()) -> set[str]:
    """Every secret value among the containers' environments, for scrub()."""
    also = set(also)
    return {
        str(value)
        for container in containers
        for name, value in (container.get("env") or {}).items()
        if is_secret(name, also) and len(str(value)) >= _SHORTEST_SECRET
    }


def scrub(value: t.Any, secrets: set[str]) -> t.Any:
    """The same structure with every secret inside its strings masked."""
    if isinstance(value, str):
        for secret in sorted(secrets, key=len, reverse=True):
            value = value.replace(secret, MASK)
        return value
    if isinstance(value, dict):
        return {key: scrub(item, secrets) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [scrub(item, secrets) for item in value]
    return value


def present_absent(kind: str, name: str, changed: bool, absent: bool = False) -> Change:
    """A resource that is there or not, without properties to compare."""
    if not changed:
        return Change(kind, name, "same")
    return Change(kind, name, "gone" if absent else "fresh")


def differences(name: str, result: dict[str, t.Any], also: t.Iterable[str] = (), force: bool = False) -> Change:
    """Reads docker_container's result (run with diff) as a Change; `force` when it must change for another reason."""
    diff = result.get("diff") or {}
    before, after = diff.get("before") or {}, diff.get("after") or {}
    if before.get("exists") is False and after.get("exists") is True:
        return Change("container", name, "fresh")
    found: list[Difference] = []
    for key in sorted(set(before) | set(after)):
        if key == "env":
            found += _env_differences(before.get(key), after.get(key), set(also))
        elif key == "labels":
            found += _mapping_differences("label", before.get(key) or {}, after.get(key) or {})
        elif before.get(key) != after.get(key):
            found.append(Difference(key, before.get(key), after.get(key)))
    state = "changed" if result.get("changed") or found or force else "same"
    return Change("container", name, state, found)


def _env_differences(current: t.Any, desired: t.Any, also: set[str]) -> list[Difference]:
    found = _mapping_differences("env", _env_mapping(current), _env_mapping(desired))
    return [
        # The values of a secret say nothing but that they differ.
        Difference(diff.key, _mask(diff.current, "old"), _mask(diff.desired, "new"))
        if is_secret(diff.key.partition(".")[2], also)
        else diff
        for diff in found
    ]


def _env_mapping(env: t.Any) -> dict[str, str]:
    if isinstance(env, dict):
        return {str(key): str(value) for key, value in env.items()}
    return dict(item.partition("=")[::2] for item in env or [])


def _mapping_differences(prefix: str, current: dict[str, t.Any], desired: dict[str, t.Any]) -> list[Difference]:
    return [
        Difference(f"{prefix}.{key}", current.get(key), desired.get(key))
        for key in sorted(set(current) | set(desired))
        if current.get(key) != desired.get(key)
    ]


def _mask(value: t.Any, which: str) -> str | None:
    return None if value is None else f"{MASK} ({which} value)"


def _shown(value: t.Any) -> str:
    return "(not there)" if value is None else str(value)
