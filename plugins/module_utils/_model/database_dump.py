# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Dumps of a cluster's databases: which databases and programs belong to them, and what their manifest says. No I/O."""

from __future__ import annotations

import json
import re
import typing as t

from ansible_collections.wabiz.onprem.plugins.module_utils._formats.unfit import Unfit

MANIFEST = "manifest.json"
# By engine and purpose, the names under which a program is known; the first one that is there is used.
PROGRAMS: dict[str, dict[str, tuple[str, ...]]] = {
    "mysql": {"ask": ("mysql", "mariadb"), "dump": ("mysqldump", "mariadb-dump"), "restore": ("mysql", "mariadb")},
    "postgresql": {"ask": ("psql",), "dump": ("pg_dump",), "restore": ("pg_restore",)},
}
_FORMAT = 1
_TEXTS = ("created", "note", "prefix", "kind", "version")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
# What a manifest names is read and restored: nothing outside of its directory, whoever wrote it.
_FILE = re.compile(r"[A-Za-z0-9_-]{1,80}\.(sql\.gz|dump)(\.enc)?")
_DATABASE = re.compile(r"[A-Za-z0-9_-]{1,64}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
# A cluster's name has up to 48 characters, and its own prefix one more; some installations have none.
_PREFIX = re.compile(r"[A-Za-z0-9_-]{0,49}")
_AGAIN = "Choose another dump."

Manifest = dict[str, t.Any]


def names_of(engine: str) -> list[str]:
    """Every name of every program that dumps or restores databases of this engine."""
    return list(dict.fromkeys(name for names in PROGRAMS[engine].values() for name in names))


def has_programs(engine: str, found: t.Mapping[str, bool]) -> bool:
    """Whether there is one for each purpose; C(found) says of names whether they are there."""
    return all(any(found.get(name) for name in names) for names in PROGRAMS[engine].values())


def is_prefix(text: str) -> bool:
    """Whether it can be the prefix of databases' names; it becomes part of SQL."""
    return _PREFIX.fullmatch(text) is not None


def is_name(text: str) -> bool:
    """Whether it can be the name of a dump, which is that of its directory."""
    return _NAME.fullmatch(text) is not None


def server_of(engine: str, version: str) -> dict[str, str]:
    """Kind (C(mysql), C(mariadb), C(postgresql)) and number of a server, by what it says of itself."""
    kind = "mariadb" if "mariadb" in version.lower() else engine
    number = re.search(r"\d+(\.\d+)*", version)
    return {"kind": kind, "version": number[0] if number else ""}


def release(kind: str, version: str) -> tuple[int, ...]:
    """What counts as a release: PostgreSQL's first number, the others' first two; empty where it is not known."""
    numbers = re.findall(r"\d+", version)[: 1 if kind == "postgresql" else 2]
    return tuple(map(int, numbers))


def parse(text: str) -> Manifest:
    """A manifest as it was written. Raises Unfit."""
    try:
        told = json.loads(text)
    except (ValueError, RecursionError):
        raise Unfit("is no JSON.", _AGAIN) from None
    if not isinstance(told, dict) or told.get("format") != _FORMAT:
        raise Unfit("has a form that this version does not know.", _AGAIN)
    names, files = told.get("databases") or [], told.get("files") or []
    fits = (
        all(isinstance(told.get(key), str) for key in _TEXTS)
        and isinstance(told.get("bytes"), int)
        and _texts(told.get("owners"))
        and _texts(names)
        and all(_DATABASE.fullmatch(name) for name in names)
        and isinstance(files, list)
        and all(isinstance(file, dict) and _is_file(file) for file in files)
    )
    if not (fits and names and files):
        raise Unfit("is not complete, or names a file outside.", _AGAIN)
    return {key: told[key] for key in (*_TEXTS, "bytes", "databases", "owners", "files")}


def written(manifest: Manifest) -> str:
    """The text of a manifest."""
    return json.dumps({"format": _FORMAT, **manifest}, indent=2) + "\n"


def _texts(found: t.Any) -> bool:
    return isinstance(found, list) and all(isinstance(one, str) for one in found)


def _is_file(told: dict[str, t.Any]) -> bool:
    texts = all(isinstance(told.get(key), str) for key in ("file", "sha256"))
    sized = isinstance(told.get("bytes"), int)
    return bool(texts and sized and _FILE.fullmatch(told["file"]) and _SHA256.fullmatch(told["sha256"]))
