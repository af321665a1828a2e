# Copyright: (c) 2026, wabiz.onprem contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How role media mounts the share: in a mount namespace with its own /etc/fstab."""

from __future__ import annotations

import os
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
