# Copyright: (c) 2026, wabiz.onprem contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How role media mounts the share: in a mount namespace with its own /etc/fstab, and with an apt of its own."""

from __future__ import annotations

import hashlib
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.paths import BIN
from tests.support.playbook import LOCALLY, PlaybookRun, run_playbook

pytestmark = pytest.mark.slow

ROLE = {"name": "wabiz.onprem.media", "tasks_from": "mount", "rolespec_validate": False}
PLAY = [{"hosts": "all", "gather_facts": False, "tasks": [{"ansible.builtin.include_role": ROLE}]}]


def run(
    root: Path, mounted: bool, settings: dict[str, Any], *arguments: str, binaries: Path = BIN, apt: Path | None = None
) -> PlaybookRun:
    wabiz = {"media_mount_point": str(root / "media"), "media_source": "none", "media_packages": [], **settings}
    survey = {"system": {"family": "debian"}, "mounts": {str(root / "media"): mounted}}
    variables = {**LOCALLY, "_wabiz": wabiz, "_wabiz_survey": survey}
    (root / "play.yml").write_text(yaml.safe_dump(PLAY), encoding="utf-8")
    environment = {"APT_CONFIG": str(apt)} if apt else {}
    return run_playbook(
        root / "play.yml",
        inventory="one,",
        extra_vars=variables,
        arguments=arguments,
        environment=environment,
        binaries=binaries,
    )


# --- the mount --------------------------------------------------------------------------------------------------------

# The file in the mount is too large for the options that the site wants: they are refused while it is mounted.
NAMESPACE = """#!/bin/sh
exec unshare --mount sh -eu -c '
cd "$1"; shift
mount --bind fstab /etc/fstab
[ -e unmounted ] || {{ mount -t tmpfs -o size=1m none media; head -c 800000 /dev/zero > media/file; }}
(cd "$OLDPWD"; {program} "$@")
ls media > files
findmnt --noheadings --output=OPTIONS "$PWD/media" > options
' sh {root} "$@"
"""


@pytest.fixture
def mounted(tmp_path: Path) -> Path:
    """A directory in whose programs ansible-playbook has the share mounted, in a namespace of its own."""
    if os.geteuid() != 0:
        pytest.skip("mounts need root")
    (tmp_path / "media").mkdir()
    (tmp_path / "bin").mkdir()
    (tmp_path / "fstab").write_text(f"none {tmp_path}/media tmpfs size=1m 0 0\n", encoding="utf-8")
    script = tmp_path / "bin" / "ansible-playbook"
    script.write_text(NAMESPACE.format(root=tmp_path, program=BIN / "ansible-playbook"), encoding="utf-8")
    script.chmod(0o755)
    return tmp_path


def share(root: Path, there: bool) -> PlaybookRun:
    other = {"media_fstype": "tmpfs", "media_options": "size=200k"}
    return run(root, there, other, binaries=root / "bin").succeeded()


def test_a_share_that_is_mounted_is_not_replaced(mounted: Path) -> None:
    """What is wanted is written for the next boot."""
    assert share(mounted, there=True).changed
    assert (mounted / "files").read_text().split() == ["file"]
    assert "size=1024k" in (mounted / "options").read_text()
    assert (mounted / "fstab").read_text().split()[3] == "size=200k"


def test_a_share_that_is_not_mounted_is(mounted: Path) -> None:
    (mounted / "unmounted").touch()
    (mounted / "fstab").write_text("", encoding="utf-8")
    share(mounted, there=False)
    assert "size=200k" in (mounted / "options").read_text()
    assert (mounted / "fstab").read_text().split()[3] == "size=200k"


# --- packages ---------------------------------------------------------------------------------------------------------

CONTROL = "Package: wabiz-mounts\nVersion: 1\nArchitecture: all\nMaintainer: a site\nDescription: mounts a share\n"


@pytest.fixture
def apt(tmp_path: Path) -> Path:
    """The configuration of an apt that has a repository with one package, no index of it, and nothing installed."""
    if subprocess.run(["/usr/bin/python3", "-c", "import apt"], check=False, capture_output=True).returncode != 0:
        pytest.skip("no apt with its Python library")
    package = tmp_path / "package"
    (package / "DEBIAN").mkdir(parents=True)
    (package / "DEBIAN" / "control").write_text(CONTROL, encoding="utf-8")
    repository = tmp_path / "repository"
    for place in (repository, *(tmp_path / name for name in ("state", "cache", "lists", "etc"))):
        place.mkdir()
    built = repository / "one.deb"
    subprocess.run(["dpkg-deb", "--build", str(package), str(built)], check=True, capture_output=True)
    digest = hashlib.sha256(built.read_bytes()).hexdigest()
    entry = f"{CONTROL}Filename: ./one.deb\nSize: {built.stat().st_size}\nSHA256: {digest}\n"
    (repository / "Packages").write_text(entry, encoding="utf-8")
    (tmp_path / "status").touch()
    (tmp_path / "sources.list").write_text(f"deb [trusted=yes] file:{repository} ./\n", encoding="utf-8")
    configuration = tmp_path / "apt.conf"
    lines = {
        "Dir::State": tmp_path / "state",
        "Dir::State::lists": tmp_path / "lists",
        "Dir::State::status": tmp_path / "status",
        "Dir::Cache": tmp_path / "cache",
        "Dir::Etc::sourcelist": tmp_path / "sources.list",
        "Dir::Etc::sourceparts": "-",
        "Dir::Etc::parts": tmp_path / "etc",
        "APT::Sandbox::User": "root",
    }
    configuration.write_text("".join(f'{key} "{value}";\n' for key, value in lines.items()), encoding="utf-8")
    return configuration


def lacking(root: Path, apt: Path, name: str = "wabiz-mounts") -> PlaybookRun:
    """Check mode installs nothing, and says whether it could."""
    settings = {"media_fstype": "tmpfs", "media_options": "size=1m", "media_packages": [name]}
    return run(root, False, settings, "--check", apt=apt)


def test_a_host_without_a_package_index_is_given_one(tmp_path: Path, apt: Path) -> None:
    assert ("one", "package wabiz-mounts") in lacking(tmp_path, apt).succeeded().changed


def test_a_host_that_has_the_package_needs_no_index(tmp_path: Path, apt: Path) -> None:
    """As without a mirror: the repository is gone."""
    (tmp_path / "status").write_text(
        CONTROL.replace("Version", "Status: install ok installed\nVersion"), encoding="utf-8"
    )
    (tmp_path / "sources.list").write_text(f"deb [trusted=yes] file:{tmp_path}/none ./\n", encoding="utf-8")
    changed = lacking(tmp_path, apt).succeeded().changed
    assert not [resource for _host, resource in changed if resource.startswith("package ")]


def test_a_package_that_is_not_there_is_named(tmp_path: Path, apt: Path) -> None:
    assert "wabiz-other" in lacking(tmp_path, apt, "wabiz-other").failed().failures[-1]["msg"]
