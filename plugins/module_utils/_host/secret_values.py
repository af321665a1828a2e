# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Finding and masking secrets in what containers are made of: environment, command, labels and all the rest."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.wabiz.onprem.plugins.module_utils._formats.mask import MASK
from ansible_collections.wabiz.onprem.plugins.module_utils._host.secret_names import is_public_name, is_secret_name
from ansible_collections.wabiz.onprem.plugins.module_utils._host.secret_settings import (
    named_argument,
    named_secrets,
    option_name,
)
from ansible_collections.wabiz.onprem.plugins.module_utils._host.secret_shapes import shaped_secrets, spread_secrets

# What names images, networks, ports and places is never a secret, whatever it looks like.
_OPEN = frozenset(
    {"name", "image", "image_name", "networks", "network_mode", "published_ports", "exposed_ports", "ports"}
    | {"volumes", "volume_binds", "mounts"}
)
# Within the former, options of a volume's driver are as open to secrets as any.
_NOT_OPEN = frozenset({"volume_options", "driver_opts", "driver_options"})
# Their keys are names of hosts, which say nothing about the values.
_BY_SHAPE = frozenset({"etc_hosts"})
# The option before a script in a command: sh -c, bash -ec; and what Docker itself calls so.
_SCRIPT = re.compile(r"-[a-z]*c|CMD-SHELL")

Visit = t.Callable[[str, "set[str]"], str]


def is_secret(name: str, also: t.Iterable[str] = ()) -> bool:
    """Whether a value of this name holds a secret; `also` are further names of secrets."""
    return name in set(also) or is_secret_name(name)


def secrets_in(name: str, value: t.Any, also: t.Collection[str] = ()) -> set[str]:
    """Every secret in the value of one option of a container."""
    found: set[str] = set()

    def collect(text: str, secrets: set[str]) -> str:
        found.update(secrets)
        return text

    _walk(name, value, also, name, collect)
    return found


def masked(name: str, value: t.Any, also: t.Collection[str] = (), within: str = "") -> t.Any:
    """The value with its secrets masked. `within` is the option that it is a part of, such as C(env)."""
    return _walk(name, value, also, within or name, mask)


def mask(text: str, secrets: t.Collection[str]) -> str:
    """One mask for secrets that overlap, so that no rest of one of them shows."""
    hidden: list[tuple[int, int]] = []
    places = {(match.start(), match.start() + len(one)) for one in secrets for match in _places(one).finditer(text)}
    for start, end in sorted(places):
        if hidden and start < hidden[-1][1]:
            hidden[-1] = hidden[-1][0], max(end, hidden[-1][1])
        else:
            hidden.append((start, end))
    for start, end in reversed(hidden):
        text = text[:start] + MASK + text[end:]
    return text


def _places(secret: str) -> re.Pattern[str]:
    """Where it occurs, also where it overlaps itself."""
    return re.compile(f"(?={re.escape(secret)})")


def _walk(name: str, value: t.Any, also: t.Collection[str], within: str, visit: Visit) -> t.Any:
    if isinstance(value, dict):
        return {
            key: _walk(str(key), item, also, str(key) if key in _NOT_OPEN else within, visit)
            for key, item in value.items()
        }
    if isinstance(value, (list, tuple)):
        return _walk_list(name, list(value), also, within, visit)
    if value is None or isinstance(value, bool):
        return value
    secrets = _secrets(name, str(value), also, within)
    return visit(str(value), secrets) if secrets else value


def _walk_list(name: str, items: list[t.Any], also: t.Collection[str], within: str, visit: Visit) -> list[t.Any]:
    """Items stand for themselves, a command for the whole; an item that is only an option names the next one."""
    command = len(items) > 1 and within not in _OPEN and all(isinstance(item, str) for item in items)
    spread = spread_secrets(items) if command else []
    walked: list[t.Any] = []
    before = ""
    for place, item in enumerate(items):
        option = option_name(before)
        named = option if option and is_secret(option, also) else name
        known = set(spread[place]) if command else set()
        # What a shell is to execute is no argument, but a text like any other.
        if within not in _OPEN | _BY_SHAPE and isinstance(item, str) and not _SCRIPT.fullmatch(before):
            known |= {named_argument(item)} - {""}
        if known:
            walked.append(visit(item, known | _secrets(named, item, also, within)))
        else:
            walked.append(_walk(named, item, also, within, visit))
        before = item if isinstance(item, str) else ""
    return walked


def _secrets(name: str, text: str, also: t.Collection[str], within: str) -> set[str]:
    """The secrets in one text; the text itself where its name says so."""
    if within in _OPEN or not text:
        return set()
    if within not in _BY_SHAPE and is_secret(name, also):
        return {text}
    found = set() if is_public_name(name) else shaped_secrets(text)
    if within in _BY_SHAPE:
        return found
    key, _equals, value = text.partition("=")
    return found | named_secrets(text) | ({value} if value and key in also else set())
