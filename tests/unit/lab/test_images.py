# SPDX-License-Identifier: GPL-3.0-or-later
"""Images are rebuilt when their files or their base change, and only then."""

from __future__ import annotations

from pathlib import Path

from lab import images


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
