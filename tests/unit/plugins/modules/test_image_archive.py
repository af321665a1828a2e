# Copyright: (c) 2026, wabiz.onprem contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The manifest of saved images: what it holds is read, sent and loaded later."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.unit.plugins.in_process import execute

LENGTH = 5
# Of another image with the name that the entry has.
STALE = "web-v1-0123456789ab.tar"


def entry(name: str, **more: Any) -> dict[str, Any]:
    known = {
        "image": f"registry.example.net/{name}:v1",
        "id": "sha256:1a",
        "digests": ["sha256:d1"],
        "content": "c1",
        "created": "2026-01-01T00:00:00Z",
        "expires_on": "",
        "architecture": "amd64",
        "size": 9,
        "file": f"{name}-v1.tar",
        "bytes": LENGTH,
        "sha256": "0" * 64,
    }
    return {**known, **more}


def archive(path: Path, *names: str) -> dict[str, Any]:
    for name in names:
        (path / f"{name}-v1.tar").write_bytes(b"x" * LENGTH)
    return execute("image_archive", {"directory": str(path), "add": [entry(name) for name in names]})


def read(path: Path) -> dict[str, Any]:
    return execute("image_archive", {"directory": str(path)})


def test_an_archive_that_does_not_exist_is_empty(tmp_path: Path) -> None:
    assert read(tmp_path / "none")["images"] == []


def test_what_is_added_is_read_again(tmp_path: Path) -> None:
    assert archive(tmp_path, "web", "coreapp")["changed"] is True
    assert archive(tmp_path, "web")["changed"] is False
    assert [one["image"] for one in read(tmp_path)["images"]] == [
        "registry.example.net/coreapp:v1",
        "registry.example.net/web:v1",
    ]
    assert {path.name for path in tmp_path.iterdir()} == {"manifest.json", "web-v1.tar", "coreapp-v1.tar"}


def test_what_an_interrupted_run_left_is_removed_and_other_files_stay(tmp_path: Path) -> None:
    foreign = {"notes.txt", "backup.tar", "web.tar", "web-v0-0123456789ab.tar", "other-v1-0123456789ab.tar"}
    left = [STALE, f"{STALE}.part"]
    for name in (*foreign, *left):
        (tmp_path / name).touch()
    assert archive(tmp_path, "web")["removed"] == left
    assert {path.name for path in tmp_path.iterdir()} == {"manifest.json", "web-v1.tar", *foreign}


def test_check_mode_touches_nothing(tmp_path: Path) -> None:
    (tmp_path / "web-v1.tar").write_bytes(b"x" * LENGTH)
    (tmp_path / STALE).touch()
    found = execute("image_archive", {"directory": str(tmp_path), "add": [entry("web")]}, check=True)
    assert found["changed"] is True and found["removed"] == [STALE]
    assert {path.name for path in tmp_path.iterdir()} == {STALE, "web-v1.tar"}


@pytest.mark.parametrize("content", [b"", b"x" * (LENGTH - 1)])
def test_a_file_that_is_missing_or_shorter_is_not_offered(tmp_path: Path, content: bytes) -> None:
    archive(tmp_path, "web")
    file = tmp_path / "web-v1.tar"
    if content:
        file.write_bytes(content)
    else:
        file.unlink()
    found = read(tmp_path)
    assert found["images"] == [] and str(file) in found["warnings"][0]


@pytest.mark.parametrize(
    "change",
    [
        {"file": "../web.tar"},
        {"file": "/etc/shadow"},
        {"file": ".tar"},
        {"file": "a/b.tar"},
        {"sha256": "abc"},
        {"bytes": -1},
        {"bytes": "5"},
        {"digests": "sha256:d1"},
        {"image": ""},
        {"id": None},
    ],
)
def test_a_manifest_leads_nowhere_else(tmp_path: Path, change: dict[str, Any]) -> None:
    told = {"format": 1, "images": [entry("web", **change)]}
    (tmp_path / "manifest.json").write_text(json.dumps(told), encoding="utf-8")
    found = read(tmp_path)
    assert found["failed"] and "Save the images again" in found["msg"]


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": 2, "images": []}', '{"format": 1}', "[" * 100_000])
def test_another_manifest_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "manifest.json").write_text(text, encoding="utf-8")
    found = read(tmp_path)
    assert found["failed"] and str(tmp_path) in found["msg"]
