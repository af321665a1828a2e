# SPDX-License-Identifier: GPL-3.0-or-later
"""Images are rebuilt when their files or their base change, and only then."""

from __future__ import annotations

from pathlib import Path

import pytest

from lab import base_image, images


def test_hash_follows_content_names_and_base(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text("FROM a\n", encoding="utf-8")
    first = images.content_hash(tmp_path, "base")
    assert images.content_hash(tmp_path, "base") == first
    assert images.content_hash(tmp_path, "other") != first
    (tmp_path / "Dockerfile").rename(tmp_path / "Dockerfile2")
    renamed = images.content_hash(tmp_path, "base")
    (tmp_path / "Dockerfile2").write_text("FROM b\n", encoding="utf-8")
    assert len({first, renamed, images.content_hash(tmp_path, "base")}) == 3


def test_every_image_has_a_build_directory_and_the_other_way_round() -> None:
    assert {path.parent.name for path in images.DIRECTORY.glob("*/Dockerfile")} == set(images.PARENTS)


def test_builds_of_one_suite_leave_those_of_another(monkeypatch: pytest.MonkeyPatch) -> None:
    listed = [f"wabiz-lab/bare:{tag}" for tag in ("bookworm-0a", "bookworm-0b", "trixie-0c")]
    removed: list[str] = []
    monkeypatch.setattr(images, "lines", lambda *_words: listed)
    monkeypatch.setattr(images, "docker", lambda _verb, reference, **_options: removed.append(reference))
    images.remove_older("bare", "wabiz-lab/bare:bookworm-0b")
    assert removed == ["wabiz-lab/bare:bookworm-0a"]


def test_an_image_and_its_parent_are_of_the_same_suite(monkeypatch: pytest.MonkeyPatch) -> None:
    bases: list[str] = []
    options_of: list[str] = []

    monkeypatch.setattr(base_image, "ensure", bases.append)
    monkeypatch.setattr(images, "image_id", lambda _reference: None)
    monkeypatch.setattr(images, "build", lambda _reference, _directory, option: options_of.append(option))
    monkeypatch.setattr(images, "lines", lambda *_words: [])
    host = images.ensure("host", "trixie")
    assert bases == ["trixie"]
    assert host.startswith("wabiz-lab/host:trixie-")
    assert options_of[0] == "--build-arg=BASE=debian:13-slim"
    assert options_of[1].startswith("--build-arg=BASE=wabiz-lab/bare:trixie-")
