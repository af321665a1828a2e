# Copyright: (c) 2026, wabiz.onprem contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The directory of the media, its mode and those of the client's directories; nothing deeper."""

from __future__ import annotations

import stat
import time
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.wabiz.onprem.plugins.modules import media_directory

from tests.unit.plugins.in_process import execute


def run(path: Path, check: bool = False, **options: Any) -> dict[str, Any]:
    return execute("media_directory", {"path": str(path), **options}, check=check)


def mode(path: Path) -> str:
    return f"{stat.S_IMODE(path.stat().st_mode):o}"


@pytest.fixture
def share(tmp_path: Path) -> Path:
    """A share that is in use, with modes of another site."""
    made = tmp_path / "media"
    for folder, bits in (("", 0o2770), ("incoming", 0o700), ("incoming/deeper", 0o700), ("others", 0o700)):
        (made / folder).mkdir()
        (made / folder).chmod(bits)
    return made


def test_a_new_directory(tmp_path: Path) -> None:
    place = tmp_path / "srv" / "media"
    foreseen = run(place, check=True, mode="755")
    assert (foreseen["changed"], place.exists()) == (True, False)
    assert run(place, mode="755")["modes"] == foreseen["modes"] == {str(place): "755"}
    assert mode(place) == "755"
    assert not run(place, mode="755")["changed"]


def test_modes_of_a_share_in_use(share: Path) -> None:
    foreseen = run(share, check=True, mode="755")
    assert mode(share / "incoming") == "700"
    done = run(share, mode="0755")
    assert (foreseen["changed"], done["changed"]) == (True, True)
    assert done["modes"] == foreseen["modes"] == {str(share): "2755", f"{share}/incoming": "755"}
    assert [mode(share / name) for name in ("", "incoming", "incoming/deeper", "others")] == [
        "2755",
        "755",
        "700",
        "700",
    ]
    assert f"{share}/incoming 700" in done["diff"]["before"]
    assert not run(share, mode="755")["changed"]


def test_without_a_mode_only_the_directory_is_made(share: Path, tmp_path: Path) -> None:
    assert not run(share)["changed"]
    assert mode(share) == "2770"
    assert run(tmp_path / "new")["changed"]
    assert (tmp_path / "new").is_dir()


@pytest.mark.parametrize("refuses", [True, False])
def test_a_server_that_decides_about_modes(share: Path, refuses: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """It says so, or says nothing and changes nothing."""

    def chmod(_path: Path, _mode: int) -> None:
        if refuses:
            raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(Path, "chmod", chmod)
    said = run(share, mode="755")["msg"]
    assert ("Operation not permitted" in said) is refuses
    assert "the server of" in said.lower() and "give no" in said.lower()


def test_a_share_that_does_not_answer(share: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(media_directory, "directory_modes", lambda _path: time.sleep(20))
    began = time.monotonic()
    assert "no answer within 0.2 s" in run(share, mode="755", timeout=0.2)["msg"]
    assert time.monotonic() - began < 5


@pytest.mark.parametrize("wrong", ["rwx", "75", "855", "u+x"])
def test_a_mode_of_another_form(share: Path, wrong: str) -> None:
    assert "is not of the form 755" in run(share, mode=wrong)["msg"]


@pytest.mark.parametrize("blank", ["", " ", "relative"])
def test_a_blank_is_not_the_directory_in_which_the_module_runs(
    blank: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Which is the home of root."""
    tmp_path.chmod(0o700)
    monkeypatch.chdir(tmp_path)
    assert "is not absolute" in execute("media_directory", {"path": blank, "mode": "755"})["msg"]
    assert mode(tmp_path) == "700" and list(tmp_path.iterdir()) == []


def test_a_directory_that_cannot_be_made() -> None:
    assert "No such file or directory" in run(Path("/proc/none"))["msg"]
