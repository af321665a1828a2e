# Copyright: (c) 2026, wabiz.onprem contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module on real files: what is ours is removed, everything else stays."""

from __future__ import annotations

import fnmatch
import json
import os
import socket
import tempfile
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.wabiz.onprem.plugins.module_utils._host import own_files
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.plugins.in_process import execute

OWN = ["cluster.json", "*.yml", "tls/*.pem", "tls/old/*"]


def remove(directory: Path | str, names: list[str] = OWN, *, check: bool = False, **options: Any) -> dict[str, Any]:
    return execute("cluster_files", {"directory": str(directory), "names": names, **options}, check=check, diff=True)


def tree(top: Path) -> set[str]:
    return {f"{path.relative_to(top)}{'/' if path.is_dir() else ''}" for path in top.rglob("*")}


def write(top: Path, *names: str) -> None:
    for name in names:
        (top / name).parent.mkdir(parents=True, exist_ok=True)
        (top / name).write_text("secret content")


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    write(tmp_path / "etc/wabiz/wabiz", "cluster.json", "webapp.yml", "master.yml", "tls/a.pem", "tls/old/b")
    return tmp_path / "etc/wabiz/wabiz"


def test_everything_is_removed_where_everything_is_ours(directory: Path, tmp_path: Path) -> None:
    before = tree(tmp_path)
    announced = remove(directory, check=True)
    assert tree(tmp_path) == before
    done = remove(directory)
    assert (done["changed"], done["removed"], done["kept"]) == (True, announced["removed"], [])
    assert tree(tmp_path) == {"etc/"}
    assert done["removed"][-2:] == [str(directory), str(directory.parent)]
    again = remove(directory)
    assert (again["changed"], again["removed"], again["kept"]) == (False, [], [])


def test_the_diff_names_files_and_shows_no_content(directory: Path) -> None:
    done = remove(directory)
    assert done["diff"]["before"].splitlines() == done["removed"]
    assert done["diff"]["after"] == ""
    assert "secret content" not in str(done)


def test_what_others_put_there_stays(directory: Path) -> None:
    write(directory, "notes.txt", "tls/theirs.key", "backup/x.yml", "webapp.yml.bak")
    done = remove(directory)
    assert tree(directory) == {"notes.txt", "tls/", "tls/theirs.key", "backup/", "backup/x.yml", "webapp.yml.bak"}
    assert done["kept"] == ["backup/", "notes.txt", "tls/theirs.key", "webapp.yml.bak"]
    assert remove(directory)["changed"] is False


def test_all_of_a_directory_goes_where_its_pattern_says_so(tmp_path: Path) -> None:
    """What a server leaves in the directory of its sockets is of any kind, and not the same at each time."""
    write(tmp_path / "etc/wabiz", "cluster.json", "run/a.lock", "run/conf.d/b", "elsewhere")
    directory = tmp_path / "etc/wabiz"
    (directory / "run/link").symlink_to(directory / "elsewhere")
    with socket.socket(socket.AF_UNIX) as served:
        served.bind(str(directory / "run/sock"))
        names = ["cluster.json", "run/**", "other/**"]
        announced = remove(directory, names, check=True)
        assert (directory / "run/sock").exists()
        done = remove(directory, names)
    assert done["removed"] == announced["removed"] == [str(directory / "cluster.json"), str(directory / "run")]
    assert tree(directory) == {"elsewhere"}


def test_what_is_mounted_below_is_not_removed_with_its_directory(
    directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(own_files, "_mount_points", lambda: {str((directory / "tls/old").resolve())})
    done = remove(directory, ["tls/**"])
    assert (done["changed"], "tls/" in done["kept"]) == (False, True)


def test_another_cluster_keeps_the_parent(directory: Path) -> None:
    write(directory.parent / "other", "cluster.json")
    remove(directory)
    assert tree(directory.parent) == {"other/", "other/cluster.json"}


def test_the_parent_can_be_left(directory: Path) -> None:
    remove(directory, parents=False)
    assert tree(directory.parent.parent) == {"wabiz/"}


def test_links_are_neither_followed_nor_removed(directory: Path, tmp_path: Path) -> None:
    write(tmp_path / "elsewhere", "x.pem", "old/y")
    (directory / "link.yml").symlink_to(tmp_path / "elsewhere/x.pem")
    for path in (directory / "tls/old/b", directory / "tls/a.pem"):
        path.unlink()
    (directory / "tls/old").rmdir()
    (directory / "tls").rmdir()
    (directory / "tls").symlink_to(tmp_path / "elsewhere")
    done = remove(directory)
    assert done["kept"] == ["link.yml", "tls"]
    assert tree(tmp_path / "elsewhere") == {"x.pem", "old/", "old/y"}


@pytest.mark.parametrize("ending", ["", "/", "//", "/."])
def test_a_directory_that_is_a_link_is_left(directory: Path, tmp_path: Path, ending: str) -> None:
    (tmp_path / "link").symlink_to(directory)
    done = remove(f"{tmp_path}/link{ending}")
    assert (done["changed"], (directory / "cluster.json").exists()) == (False, True)
    assert [f"{tmp_path}/link" in text and "symbolic link" in text for text in done["warnings"]] == [True]
    assert remove(directory)["warnings"] == []


def test_names_that_are_no_utf_8_are_shown_all_the_same(directory: Path) -> None:
    for name in (b"notes-\xff", b"own-\xfe.yml", b"odd\xfd/x.yml"):
        path = Path(os.fsdecode(os.fsencode(directory) + b"/" + name))
        path.parent.mkdir(exist_ok=True)
        path.touch()
    announced = remove(directory, check=True)
    done = remove(directory)
    assert (done["kept"], done["removed"]) == (["notes-\\xff", "odd\\xfd/"], announced["removed"])
    assert f"{directory}/own-\\xfe.yml" in done["removed"]
    assert f"{directory}/own-\\xfe.yml" in done["diff"]["before"]
    json.dumps(done, ensure_ascii=False).encode("utf-8")
    assert remove(directory, ["odd*/*"])["removed"] == [f"{directory}/odd\\xfd/x.yml", f"{directory}/odd\\xfd"]


@pytest.mark.parametrize("mounted", ["tls", "tls/old", "webapp.yml"])
def test_what_is_mounted_there_is_not_entered(directory: Path, mounted: str, monkeypatch: pytest.MonkeyPatch) -> None:
    point = directory / mounted
    monkeypatch.setattr(os.path, "ismount", lambda path: Path(path) == point)
    inside = tree(point) if point.is_dir() else set()
    remove(directory)
    assert point.exists()
    assert not point.is_dir() or tree(point) == inside
    assert not (directory / "cluster.json").exists()


@pytest.mark.parametrize("level", ["wabiz/wabiz", "wabiz"])
def test_a_mount_point_itself_stays(
    directory: Path, tmp_path: Path, level: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    point = tmp_path / "etc" / level
    monkeypatch.setattr(os.path, "ismount", lambda path: Path(path) == point)
    remove(directory)
    assert point.is_dir()
    assert not (directory / "cluster.json").exists()


def test_mounts_of_the_same_file_system_are_seen(
    directory: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a bind mount, ismount() sees nothing."""
    odd = directory / "tls old"
    write(odd, "a.pem")
    table = tmp_path / "mountinfo"
    table.write_text(f"1 2 0:3 /x {str(odd).replace(' ', chr(92) + '040')} rw - ext4 /dev/x rw\n\nodd\n")
    monkeypatch.setattr(own_files, "_MOUNTS", table)
    assert remove(directory, [*OWN, "tls old/*.pem"])["kept"] == ["tls old/"]
    assert (odd / "a.pem").exists()
    monkeypatch.setattr(own_files, "_MOUNTS", tmp_path / "none")
    assert remove(directory, [*OWN, "tls old/*.pem"])["changed"]


def test_directories_and_other_things_of_our_names_stay(directory: Path) -> None:
    (directory / "extra.yml").mkdir()
    os.mkfifo(directory / "pipe.yml")
    assert remove(directory)["kept"] == ["extra.yml/", "pipe.yml"]


def test_an_empty_directory_is_removed_where_it_is_named(directory: Path) -> None:
    (directory / "named").mkdir()
    (directory / "theirs").mkdir()
    done = remove(directory, ["named/x", "*/a.pem"])
    assert not (directory / "named").exists()
    assert (directory / "theirs").exists()
    assert "theirs/" in done["kept"]


@pytest.mark.parametrize("pattern", ["", "/etc/passwd", "..", "../x", "tls/../../x", ".", "tls//x", "tls/"])
def test_patterns_that_lead_elsewhere_are_refused(directory: Path, pattern: str) -> None:
    done = remove(directory, ["cluster.json", pattern])
    assert done["failed"] is True
    assert "names: " in done["msg"]
    assert (directory / "cluster.json").exists()


@pytest.mark.parametrize("path", ["", "wabiz", "/", "//", "/etc", "/etc/wabiz/..", "/."])
def test_directories_that_cannot_be_a_clusters_are_refused(path: str) -> None:
    assert remove(path)["failed"] is True


def test_a_directory_directly_below_the_root_is_not_removed_as_a_parent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(own_files, "_is_directory", lambda _path: True)
    monkeypatch.setattr(Path, "iterdir", lambda _path: iter([]))
    assert own_files.plan_removal("/opt/wabiz", ["x"], parents=True).directories == [Path("/opt/wabiz")]


def test_a_missing_directory(tmp_path: Path) -> None:
    assert remove(tmp_path / "none/wabiz")["changed"] is False
    (tmp_path / "file").touch()
    assert remove(tmp_path / "file/wabiz")["changed"] is False


def test_what_came_in_the_meantime_stays(directory: Path) -> None:
    plan = own_files.plan_removal(str(directory), OWN, parents=True)
    write(directory, "tls/new", "new")
    done = own_files.carry_out(plan)
    assert str(directory) not in done
    assert tree(directory) == {"new", "tls/", "tls/new"}


parts = st.sampled_from(["a", "b", "ab", "a.yml", ".a"])
paths = st.lists(parts, min_size=1, max_size=3).map("/".join)
patterns = st.lists(st.sampled_from(["a", "*", "a*", "?", "*.yml", "[ab]", ".a"]), min_size=1, max_size=3).map("/".join)


@given(st.lists(paths, max_size=8), st.lists(patterns, max_size=3), st.booleans())
def test_nothing_outside_of_the_patterns_is_ever_removed(files: list[str], names: list[str], parents: bool) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        top = Path(scratch) / "x/wabiz"
        top.mkdir(parents=True)
        for name in files:
            if not any((top / parent).is_file() for parent in Path(name).parents) and not (top / name).exists():
                write(top, name)
        before = {path for path in Path(scratch).rglob("*") if path.is_file()}
        announced = remove(top, names, check=True, parents=parents)["removed"]
        assert {path for path in Path(scratch).rglob("*") if path.is_file()} == before
        done = remove(top, names, parents=parents)
        after = {path for path in Path(scratch).rglob("*") if path.is_file()}

        def ours(path: Path) -> bool:
            have = path.relative_to(top).parts
            return any(
                len(have) == len(want) and all(map(fnmatch.fnmatchcase, have, want))
                for want in (name.split("/") for name in names)
            )

        assert done["removed"] == announced
        assert before - after == {path for path in before if ours(path)}
        assert all(Path(path).is_relative_to(top) or Path(path) == top.parent for path in announced)
        assert top.parent.exists() or (parents and not after)
        assert remove(top, names, parents=parents)["changed"] is False
