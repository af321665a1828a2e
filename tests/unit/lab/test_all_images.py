# SPDX-License-Identifier: GPL-3.0-or-later
"""Every builder makes sure of the base image, and nothing is built once one of them has failed."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from lab import all_images, base_image, docker, images, proc, progress, registry
from lab.errors import LabError
from standin import build as standin
from standin.database import build as databases


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Note what an engine without images would be asked for; a build ends the builder."""
    asked: list[str] = []

    def build(reference: str, directory: Path, *options: str) -> None:
        asked.append("build")
        raise LabError("built")

    monkeypatch.setattr(base_image, "ensure", lambda _suite="bookworm": asked.append("base"))
    for module in (images, standin, databases):
        monkeypatch.setattr(module, "image_id", lambda _reference: None)
        monkeypatch.setattr(module, "build", build)
    monkeypatch.setattr(standin, "inspect", lambda _kind, _names: [])
    monkeypatch.setattr(databases, "inspect", lambda _tag, _template: None)
    return asked


@pytest.mark.parametrize(
    "builder",
    [
        *(lambda name=name: images.ensure(name) for name in images.PARENTS),
        lambda: standin.ensure(progress.say),
        *(lambda image=image: databases.ensure(image, pulling=False) for image in databases.IMAGES),
    ],
)
def test_the_base_comes_before_whatever_builds_on_it(builder: Callable[[], object], asked: list[str]) -> None:
    with pytest.raises(LabError, match="built"):
        builder()
    assert asked == ["base", "build"]


def test_all_images_are_named_that_the_registry_and_the_hosts_need() -> None:
    names = all_images.names()
    assert set(registry.DATABASES) <= set(names)
    assert {f"{images.REPOSITORY}/{name}" for name in images.PARENTS} <= set(names)
    assert len(registry.published_names(names)) == len(registry.DATABASES) + len(standin.RELEASES)


def test_every_base_that_a_dockerfile_names_is_the_one_that_is_made_sure_of() -> None:
    files = [*images.DIRECTORY.glob("*/Dockerfile"), *databases.CONTEXT.glob("*/Dockerfile")]
    files += (standin.HERE / "images").glob("*.Dockerfile")
    named = {base for path in files for base in re.findall(r"^(?:FROM |ARG BASE=)([^$\s]+)", path.read_text(), re.M)}
    assert named == {base_image.NAMES[suite] for suite in all_images.SUITES}
    for image in databases.IMAGES:
        first = (databases.CONTEXT / image.directory / "Dockerfile").read_text(encoding="utf-8")
        assert f"\nFROM {base_image.NAMES[image.suite]}\n" in first


def test_nothing_is_built_once_another_part_has_failed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(proc, "given_up", threading.Event())
    proc.given_up.set()
    with pytest.raises(LabError, match="some/image: given up"):
        docker.build("some/image", tmp_path)


def test_a_registry_without_the_real_image_is_no_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    def pull(reference: str) -> None:
        raise LabError("no answer")

    monkeypatch.setattr(databases, "pull", pull)
    monkeypatch.setattr(databases, "image_id", lambda _reference: None)
    assert databases.fetch(databases.IMAGES[0]) is False
