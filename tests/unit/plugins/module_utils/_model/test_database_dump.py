# Copyright: (c) 2026, wabiz.onprem contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a prefix may be, which programs there are, and what a manifest may say."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.wabiz.onprem.plugins.module_utils._formats.unfit import Unfit
from ansible_collections.wabiz.onprem.plugins.module_utils._model import database_dump as model
from ansible_collections.wabiz.onprem.plugins.module_utils._settings.derived import derive
from ansible_collections.wabiz.onprem.plugins.module_utils._settings.patterns import PATTERNS

MANIFEST: dict[str, Any] = {
    "created": "2026-11-04T03:15:00+00:00",
    "note": "",
    "prefix": "wabiz_",
    "kind": "mariadb",
    "version": "10.11.6",
    "bytes": 5,
    "databases": ["wabiz_waent"],
    "owners": [],
    "files": [{"file": "databases.sql.gz", "bytes": 3, "sha256": "0" * 64}],
}


def test_the_own_prefix_of_every_cluster_is_one() -> None:
    longest = "w" * 48
    assert PATTERNS["name"].fits(longest) and not PATTERNS["name"].fits(f"{longest}w")
    settings = derive({"cluster_name": longest, "database_prefix": None}, "web1", None)
    assert model.is_prefix(settings["database_prefix"])
    assert not model.is_prefix("w'; DROP")
    # Some installations have none.
    assert model.is_prefix("")


@pytest.mark.parametrize(
    ("engine", "said", "kind", "version", "release"),
    [
        ("mysql", "8.0.33", "mysql", "8.0.33", (8, 0)),
        ("mysql", "5.7.44-log", "mysql", "5.7.44", (5, 7)),
        ("mysql", "10.11.6-MariaDB-0+deb12u1", "mariadb", "10.11.6", (10, 11)),
        ("postgresql", "13.16 (Debian 13.16-0+deb11u1)", "postgresql", "13.16", (13,)),
        ("postgresql", "unknown", "postgresql", "", ()),
    ],
)
def test_what_a_server_says_of_itself(
    engine: str, said: str, kind: str, version: str, release: tuple[int, ...]
) -> None:
    assert model.server_of(engine, said) == {"kind": kind, "version": version}
    assert model.release(kind, version) == release


def test_programs_are_known_under_several_names() -> None:
    assert model.has_programs("mysql", {"mysqldump": True, "mariadb": True})
    assert not model.has_programs("mysql", {"mysqldump": True, "mysql": False})
    assert model.has_programs("postgresql", dict.fromkeys(model.names_of("postgresql"), True))


def test_a_manifest_is_read_as_it_was_written() -> None:
    assert model.parse(model.written(MANIFEST)) == MANIFEST


@pytest.mark.parametrize("key", MANIFEST)
@pytest.mark.parametrize("value", [None, 1, "", [], {}, [{}], [1]])
def test_a_manifest_of_another_form_is_refused(key: str, value: Any) -> None:
    if type(value) is type(MANIFEST[key]) and (value or key in ("owners", "note")):
        return
    if isinstance(value, str) and key in ("created", "prefix", "kind", "version"):
        return
    with pytest.raises(Unfit):
        model.parse(json.dumps({"format": 1, **MANIFEST, key: value}))


@pytest.mark.parametrize("name", ["../x.dump", "/etc/x.dump", "a/b.sql.gz", ".x.dump", "x.sh", "x.dump\n", ""])
def test_a_manifest_names_no_file_outside(name: str) -> None:
    with pytest.raises(Unfit):
        model.parse(json.dumps({"format": 1, **MANIFEST, "files": [{**MANIFEST["files"][0], "file": name}]}))


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": 2}', "[" * 100_000])
def test_what_is_no_manifest_is_refused(text: str) -> None:
    with pytest.raises(Unfit):
        model.parse(text)
