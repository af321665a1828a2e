# Copyright: (c) 2026, wabiz.onprem contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The directory of the media is looked at by a child that is given up where the share does not answer."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from ansible_collections.wabiz.onprem.plugins.module_utils._host import share as looking
from ansible_collections.wabiz.onprem.plugins.module_utils._host.in_time import NoAnswer, in_time
from ansible_collections.wabiz.onprem.plugins.module_utils._host.share import share
from ansible_collections.wabiz.onprem.plugins.module_utils._host.space import room

from tests.support.paths import ROOT


def test_a_directory_of_media(tmp_path: Path) -> None:
    (tmp_path / "incoming").mkdir()
    tmp_path.chmod(0o755)
    (tmp_path / "incoming").chmod(0o700)
    found = share(str(tmp_path), 5.0)
    assert found["modes"] == {str(tmp_path): "755", f"{tmp_path}/incoming": "700"}
    assert (found["problem"], found["path"]) == ("", str(tmp_path))
    assert found["free"] > 0
    assert {"point", "fstype", "source", "device"} == found["mount"].keys()


def test_a_directory_that_is_still_to_be_made(tmp_path: Path) -> None:
    found = share(f"{tmp_path}/none", 5.0)
    assert (found["problem"], found["modes"], found["free"]) == ("", {}, None)


def test_a_frozen_server_is_a_problem_and_the_mount_is_told_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(looking, "_seen", lambda _path: time.sleep(20))
    began = time.monotonic()
    found = share("/srv/media", 0.2)
    assert time.monotonic() - began < 5
    assert found["problem"] == "no answer within 0.2 s"
    assert found["mount"]["point"]


def test_a_share_that_is_mounted_on_demand_is_told_as_it_is_mounted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Until the first access there is only the automount, which is another file system than the one of the nodes."""
    waiting = {"/srv/media": {"fstype": "autofs", "source": "systemd-1", "device": "0:33"}}
    mounted = {"/srv/media": {"fstype": "nfs4", "source": "nfs1:/wa", "device": "0:60"}}
    looked: list[str] = []

    def look(work: Callable[[], Any], _limit: float) -> Any:
        looked.append("here")
        return work()

    monkeypatch.setattr(looking, "in_time", look)
    monkeypatch.setattr(looking, "mount_table", lambda: mounted if looked else waiting)
    assert share("/srv/media", 5.0)["mount"] == {"point": "/srv/media", **mounted["/srv/media"]}


def test_a_stale_handle_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    def stale(_path: str) -> None:
        raise OSError(errno.ESTALE, os.strerror(errno.ESTALE))

    monkeypatch.setattr(looking, "_seen", stale)
    assert share("/srv/media", 5.0)["problem"] == "Stale file handle"


def test_a_share_without_inodes_is_full(monkeypatch: pytest.MonkeyPatch) -> None:
    def answering(files: int, left: int) -> None:
        monkeypatch.setattr(
            os, "statvfs", lambda _path: SimpleNamespace(f_bavail=7, f_frsize=100, f_files=files, f_favail=left)
        )

    answering(1000, 10)
    assert room("/media") == 700
    answering(1000, 0)
    assert room("/media") == 0
    # Some file systems have no fixed number.
    answering(0, 0)
    assert room("/media") == 700


def test_what_goes_wrong_in_the_child_is_told() -> None:
    with pytest.raises(NoAnswer, match="by zero"):
        in_time(lambda: 1 // 0, 5.0)
    with pytest.raises(NoAnswer, match="without an answer"):
        in_time(lambda: os._exit(3), 5.0)
    assert in_time(lambda: ["x" * 200_000], 5.0) == ["x" * 200_000]


def test_who_reads_the_output_does_not_wait_for_a_child_that_was_given_up() -> None:
    """Not even where it cannot be killed: here it ignores everything that can be ignored and is never signalled."""
    script = """
import os, time
from ansible_collections.wabiz.onprem.plugins.module_utils._host import in_time
in_time.os.kill = lambda *_given: None
try:
    in_time.in_time(lambda: time.sleep(8), 0.1)
except in_time.NoAnswer as error:
    print(error)
"""
    began = time.monotonic()
    paths = {"PYTHONPATH": str(ROOT / "collections")}
    done = subprocess.run(
        [sys.executable, "-c", script], env={**os.environ, **paths}, capture_output=True, text=True, check=True
    )
    assert done.stdout == "no answer within 0.1 s\n"
    assert time.monotonic() - began < 7
