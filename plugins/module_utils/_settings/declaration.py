# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What meta/variables.yml says of each variable, typed. No I/O."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

PREFIX = "wabiz_"
# Readers of a role that is used in a user's own play, to run or to remove something.
_ALONE = ("alone ", "absent ")


@dataclass(frozen=True)
class Variable:
    """One variable that a user may set; meta/variables.yml explains the fields."""

    name: str
    type: str
    section: str
    description: str
    read_by: frozenset[str]
    required: frozenset[str] = frozenset()
    default: t.Any = None
    fallback: str = ""
    choices: tuple[t.Any, ...] = ()
    pattern: str = ""
    length: tuple[int, int] = (0, 4096)
    range: tuple[float, float] | None = None
    keys: tuple[str, ...] | str = ()
    needed: tuple[str, ...] = ()
    values: str = ""
    merge: bool = False
    forbidden: str = ""
    use: str = ""
    same: bool = False
    host: str = ""
    secret: bool = False
    deferred: bool = False
    multiline: bool = False
    base64: bool = False

    @property
    def key(self) -> str:
        """The name within the settings."""
        return self.name[len(PREFIX) :]

    @property
    def confidential(self) -> bool:
        """Whether it may hold a secret: also where any text fits, as in an environment or mount options."""
        free = self.type in ("str", "list", "dict", "command") and not (self.pattern or self.choices)
        return self.secret or free


@dataclass(frozen=True)
class Declaration:
    """All variables, by name, and who may read them."""

    variables: dict[str, Variable]
    sections: dict[str, str] = field(default_factory=dict)
    readers: dict[str, list[str]] = field(default_factory=dict)

    def read_by(self, reader: str) -> list[Variable]:
        """The variables that a playbook (or C(role NAME)) reads."""
        return [variable for variable in self.variables.values() if reader in variable.read_by]

    def required_by(self, reader: str) -> list[Variable]:
        """Those of them that must be given."""
        return [variable for variable in self.variables.values() if reader in variable.required]


def parse(data: dict[str, t.Any]) -> Declaration:
    """Turn the parsed file into variables. Raises TypeError for a field that does not exist."""
    readers = data["readers"]
    return Declaration(
        {name: _variable(name, spec, readers) for name, spec in data["variables"].items()}, data["sections"], readers
    )


def _variable(name: str, spec: dict[str, t.Any], readers: dict[str, list[str]]) -> Variable:
    fields = dict(spec)
    for key in ("read_by", "required"):
        if key in fields:
            fields[key] = frozenset(_expanded(fields[key], readers))
    for key in ("choices", "length", "range", "keys", "needed"):
        if isinstance(fields.get(key), list):
            fields[key] = tuple(fields[key])
    return Variable(name=name, **fields)


def _expanded(names: list[str], readers: dict[str, list[str]]) -> t.Iterator[str]:
    for name in names:
        if name in readers:
            yield from _expanded(readers[name], readers)
        else:
            yield name
            # What a role makes its containers and files from it reads in a user's own play as well.
            if name.startswith("role "):
                yield f"alone {name[len('role ') :]}"


def role_alone(reader: str) -> str:
    """The role that reads in a user's own play; empty where a playbook of the collection does, or has done so."""
    return next((reader[len(prefix) :] for prefix in _ALONE if reader.startswith(prefix)), "")
