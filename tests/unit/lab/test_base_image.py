# SPDX-License-Identifier: GPL-3.0-or-later
"""The base image is built from what the machine's apt knows, and from nothing else."""

from __future__ import annotations

import tarfile
import threading
import time
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from lab import base_image, engine, proc
from lab.base_image import Source
from lab.errors import LabError

TARGETS = """\
Debian|Debian|http://mirror.example/debian/|main
Debian|Debian|http://mirror.example/debian/|main
Debian|Debian|http://mirror.example/debian/|non-free
Debian|Debian-Security|http://mirror.example/debian-security/|main
Elsewhere|Elsewhere|https://other.example/apt/|main
"""


def test_only_debian_archives_are_used_and_each_once() -> None:
    assert base_image.parse_sources(TARGETS) == [
        Source("http://mirror.example/debian/", security=False),
        Source("http://mirror.example/debian-security/", security=True),
    ]


def test_sources_list_names_the_suites_of_each_archive() -> None:
    assert base_image.sources_list(base_image.parse_sources(TARGETS)) == (
        "deb http://mirror.example/debian/ bookworm main\n"
        "deb http://mirror.example/debian/ bookworm-updates main\n"
        "deb http://mirror.example/debian-security/ bookworm-security main\n"
    )


def test_sources_list_of_another_suite() -> None:
    archive, security = Source("http://a.example/debian/", False), Source("http://a.example/security/", True)
    assert base_image.sources_list([archive, security], "trixie").split("\n")[:3] == [
        "deb http://a.example/debian/ trixie main",
        "deb http://a.example/debian/ trixie-updates main",
        "deb http://a.example/security/ trixie-security main",
    ]


def test_an_unreleased_suite_has_nothing_beside_it() -> None:
    archives = base_image.parse_sources(TARGETS)
    assert base_image.sources_list(archives, "sid") == "deb http://mirror.example/debian/ sid main\n"


def test_only_options_that_an_image_needs_are_kept() -> None:
    dump = 'Acquire "";\nAcquire::http::Proxy "http://proxy.example:3128";\nDir "/";\nAcquire::Check-Date "false";\n'
    assert base_image.kept_options(dump) == [
        'Acquire::http::Proxy "http://proxy.example:3128";',
        'Acquire::Check-Date "false";',
    ]


def test_certificates_are_included_for_https_sources_only() -> None:
    plain, encrypted = Source("http://a.example/debian/", False), Source("https://a.example/debian/", False)
    assert "--include=ca-certificates" not in base_image.mmdebstrap_command([plain], [])
    assert "--include=ca-certificates" in base_image.mmdebstrap_command([plain, encrypted], [])


def test_options_reach_mmdebstrap() -> None:
    command = base_image.mmdebstrap_command([], ['Acquire::Check-Date "false";'])
    assert '--aptopt=Acquire::Check-Date "false"' in command
    assert command[-1] == "bookworm"
    assert base_image.mmdebstrap_command([], [], "sid")[-1] == "sid"


def test_each_base_is_made_under_its_own_name(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[tuple[str, ...]] = []

    def pull(_name: str) -> None:
        raise LabError("no answer")

    def run(command: list[str]) -> CompletedProcess[str]:
        made.append(tuple(command))
        return CompletedProcess([], 0, "", "")

    monkeypatch.setattr(base_image, "image_id", lambda _name: None)
    monkeypatch.setattr(base_image, "pull", pull)
    monkeypatch.setattr(base_image, "index_targets", lambda: TARGETS)
    monkeypatch.setattr(base_image, "add_start_policy", lambda _rootfs: None)
    monkeypatch.setattr(engine, "ensure_programs", lambda _programs: None)
    monkeypatch.setattr(base_image, "docker", lambda *arguments: made.append(arguments))
    monkeypatch.setattr(proc, "run", run)
    said = base_image.ensure("bullseye")
    assert said == "debian:11-slim built from this machine's apt sources"
    assert [command[0] for command in made] == ["apt-config", "mmdebstrap", "import"]
    assert "bullseye" in made[1]
    assert made[2][-1] == "debian:11-slim"


def test_start_policy_is_executable_and_refuses(tmp_path: Path) -> None:
    rootfs = tmp_path / "rootfs.tar"
    with tarfile.open(rootfs, "w"):
        pass
    base_image.add_start_policy(rootfs)
    with tarfile.open(rootfs) as archive:
        entry = archive.getmember("./usr/sbin/policy-rc.d")
        content = archive.extractfile(entry)
        assert entry.mode == 0o755
        assert content is not None
        assert content.read().endswith(b"exit 101\n")


def test_images_that_are_built_at_once_use_apt_one_after_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """The package of mmdebstrap is installed by one of them, which updates apt's lists for all."""
    held, calls, lists, missing = threading.Lock(), [], [""], ["mmdebstrap"]

    def run(command: list[str], **_options: object) -> CompletedProcess[str]:
        if command[1] in ("update", "install"):
            assert held.acquire(blocking=False), "two processes of apt"
            time.sleep(0.05)
            calls.append(command[1])
            lists[0] = TARGETS
            missing.clear()
            held.release()
        return CompletedProcess(command, 0, stdout=lists[0], stderr="")

    def before_a_build() -> None:
        engine.ensure_programs({"mmdebstrap": "mmdebstrap"})
        base_image.index_targets()

    monkeypatch.setattr(proc, "run", run)
    monkeypatch.setattr(engine, "may_install", lambda: True)
    monkeypatch.setattr(engine, "missing_packages", lambda _programs: list(missing))
    proc.together([before_a_build] * 3)
    assert calls == ["install"]
