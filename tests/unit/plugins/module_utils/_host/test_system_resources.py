# Copyright: (c) 2026, wabiz.onprem contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fingerprints of files, directories, mounts and units."""

from __future__ import annotations

import errno
import os
import time
from pathlib import Path

import pytest
from ansible_collections.wabiz.onprem.plugins.module_utils._host import resources
from ansible_collections.wabiz.onprem.plugins.module_utils._host.mounts import covering, mount_table, mounted_in
from ansible_collections.wabiz.onprem.plugins.module_utils._host.resources import ABSENT, fingerprints, unreadable


def printed(resource: str) -> str:
    return fingerprints(None, [resource])[resource]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    made = tmp_path / "record.yml"
    made.write_text("canary: secret")
    made.chmod(0o600)
    return made


def program(monkeypatch: pytest.MonkeyPatch, directory: Path, name: str, script: str) -> None:
    """A program that is found before the system's own."""
    directory.mkdir(exist_ok=True)
    (directory / name).write_text(f"#!/bin/sh\n{script}\n")
    (directory / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{directory}:{os.environ['PATH']}")


# --- files ----------------------------------------------------------------------------------------------------------


def test_a_file_is_its_content_mode_and_owner(file: Path) -> None:
    before = printed(f"file {file}")
    os.utime(file, (1, 1))
    assert printed(f"file {file}") == before
    file.chmod(0o644)
    readable = printed(f"file {file}")
    file.write_text("canary: other")
    assert len({before, readable, printed(f"file {file}")}) == 3
    assert "canary" not in before


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give a file away")
def test_another_owner_shows(file: Path) -> None:
    before = printed(f"file {file}")
    os.chown(file, 1, -1)
    owned = printed(f"file {file}")
    os.chown(file, 0, 1)
    assert len({before, owned, printed(f"file {file}")}) == 3


def test_a_file_in_no_directory_is_absent(file: Path, tmp_path: Path) -> None:
    assert printed(f"file {tmp_path / 'none'}") == printed(f"file {file}/none") == ABSENT


def test_a_link_is_no_file_and_shows_where_it_leads(file: Path, tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(file)
    first = printed(f"file {link}")
    link.unlink()
    link.symlink_to(tmp_path / "elsewhere")
    assert len({printed(f"file {file}"), first, printed(f"file {link}")}) == 3


def test_a_file_that_cannot_be_read(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_path: Path) -> bytes:
        raise PermissionError("not yours")

    monkeypatch.setattr(Path, "read_bytes", refuse)
    assert printed(f"file {file}") == "unreadable: not yours"


def test_names_may_hold_blanks(tmp_path: Path) -> None:
    named = tmp_path / "a  file"
    named.touch()
    assert printed(f"file {named}") not in ("", ABSENT)


# --- directories ----------------------------------------------------------------------------------------------------


def test_a_directory_is_its_mode_and_not_what_is_in_it(tmp_path: Path) -> None:
    place = tmp_path / "media"
    assert printed(f"directory {place}") == ABSENT
    place.mkdir(mode=0o755)
    before = printed(f"directory {place}")
    (place / "picture").touch()
    assert printed(f"directory {place}") == before
    place.chmod(0o700)
    assert printed(f"directory {place}") != before


def test_a_path_through_a_file_is_absent(file: Path) -> None:
    assert printed(f"directory {file}/media") == ABSENT


def test_a_share_that_is_down_is_unreadable(monkeypatch: pytest.MonkeyPatch) -> None:
    def stale(_name: str) -> None:
        raise OSError(errno.ESTALE, os.strerror(errno.ESTALE))

    monkeypatch.setattr(os, "lstat", stale)
    assert printed("directory /media") == "unreadable: Stale file handle"


def test_a_share_that_does_not_answer_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resources, "_mode", lambda _name: time.sleep(20))
    monkeypatch.setattr(resources, "_PATIENCE", 0.2)
    began = time.monotonic()
    found = fingerprints(None, ["directory /media", f"file {tmp_path}/none"])
    assert unreadable(found["directory /media"]) and found[f"file {tmp_path}/none"] == ABSENT
    assert time.monotonic() - began < 10


# --- mounts ---------------------------------------------------------------------------------------------------------

TABLE = """\
22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
40 22 0:41 / /srv/my\\040media rw shared:9 master:2 - nfs4 nas:/export\\040one rw,vers=4.2
41 22 0:42 / /srv/M\u00e4rz\u00a0\u0085 rw - nfs4 nas:/b\u00fcro rw
42 22 0:43 / /srv/back\\134slash rw - tmpfs  rw
43 22 0:44 / /srv/twice rw - nfs4 nas:/old rw
44 43 0:45 / /srv/twice rw - nfs4 nas:/new rw
"""


@pytest.fixture
def table(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "read_bytes", lambda _path: TABLE.encode() + b"45 22 0:46 / /srv/\xff rw - tmpfs t rw\n")


@pytest.mark.usefixtures("table")
def test_the_kernels_table_is_read_as_it_is_written() -> None:
    found = {place: (entry["fstype"], entry["source"]) for place, entry in mount_table().items()}
    assert found["/"] == ("ext4", "/dev/sda1")
    assert found["/srv/my media"] == ("nfs4", "nas:/export one")
    assert found["/srv/M\u00e4rz\u00a0\u0085"] == ("nfs4", "nas:/b\u00fcro")
    assert found["/srv/back\\slash"] == ("tmpfs", "")
    assert found["/srv/twice"] == ("nfs4", "nas:/new")
    assert len(found) == 6


@pytest.mark.usefixtures("table")
def test_a_path_is_in_the_mount_above_it() -> None:
    table = mount_table()
    assert covering(table, "/srv/twice/wa/media") == {
        "point": "/srv/twice",
        "fstype": "nfs4",
        "source": "nas:/new",
        "device": "0:45",
    }
    assert covering(table, "/srv/twice") == covering(table, "/srv/twice/wa")
    assert covering(table, "/srv/twice-2")["point"] == "/"
    assert covering(table, "/srv/\udcff")["point"] == "/srv/\\udcff"
    assert covering({}, "/srv") == {}


@pytest.mark.usefixtures("table")
def test_what_a_process_has_mounted_at_a_place() -> None:
    assert mounted_in(1, "/srv/twice")["device"] == "0:45"
    assert mounted_in(1, "/srv/twice/wa") == {}


def test_of_a_process_that_has_ended_nothing_is_known() -> None:
    assert mounted_in(2**22 + 1, "/") == {}


@pytest.mark.usefixtures("table")
def test_a_mount_is_its_type_and_source() -> None:
    names = ["/srv/my media", "/srv/M\u00e4rz\u00a0\u0085", "/srv/twice", "/srv/\udcff"]
    assert len({printed(f"mount {name}") for name in names} - {ABSENT}) == 4
    assert printed("mount /srv") == ABSENT


def test_a_mount_on_demand_is_used_before_it_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """A look at the directory itself would not have the system mount it; one at what is in it does."""
    used: list[str] = []
    waiting = {"fstype": "autofs", "source": "systemd-1", "device": "0:33"}
    mounted = {"fstype": "nfs4", "source": "nfs1:/wa", "device": "0:60"}
    monkeypatch.setattr(resources, "_directory", used.append)
    monkeypatch.setattr(resources, "mount_table", lambda: {"/srv/media": mounted if used else waiting})
    idle = printed("mount /srv/media")
    assert used == ["/srv/media/."]
    assert printed("mount /srv/media") == idle


def test_this_machines_table_is_readable() -> None:
    assert "/" in mount_table()


# --- units ----------------------------------------------------------------------------------------------------------

SYSTEMCTL = """\
[ "$1" = show ] || exit 9
case "$3" in
    ours.service) printf 'UnitFileState=enabled\\nLoadState=loaded\\nActiveState=%s\\n' "${STATE-active}" ;;
    none.service) printf 'LoadState=not-found\\nActiveState=inactive\\nUnitFileState=\\n' ;;
    *) echo 'Failed to connect to bus' >&2; exit 1 ;;
esac
"""


def test_a_unit_is_whether_it_runs_and_starts_at_boot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(monkeypatch, tmp_path / "bin", "systemctl", SYSTEMCTL)
    running = printed("unit ours.service")
    assert running == printed("unit ours.service") != ABSENT
    monkeypatch.setenv("STATE", "failed")
    assert printed("unit ours.service") != running
    assert printed("unit none.service") == ABSENT
    assert printed("unit other.service") == "unreadable: Failed to connect to bus"


def test_without_systemd_a_unit_is_unreadable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert unreadable(printed("unit ours.service"))
