# Copyright: (c) 2026, wabiz.onprem contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The probe's own shell scripts, run where each container has a directory, and what is found of wrong shares."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.wabiz.onprem.plugins.module_utils._host import probe
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.media_probe import probe_faults

from tests.unit.plugins.in_process import execute

pytestmark = pytest.mark.slow

# Runs what it is given for a container where that container has its media: $ROOT/<container>.
DOCKER = """#!/bin/sh
[ "$1 $3" = "--host exec" ] || exit 9
shift 3
detach=
if [ "$1" = --detach ]; then detach=yes; shift; fi
name=$1; script=$4; shift 6
if [ ! -e "$ROOT/$name" ]; then echo "Error response from daemon: No such container: $name" >&2; exit 1; fi
if [ -e "$ROOT/$name.frozen" ]; then exec sleep 20; fi
if [ "$detach" ]; then
  [ -z "$REMOVES" ] || sh -c "$script" sh "$ROOT/$name" "$@" > /dev/null 2>&1 &
  exit 0
fi
exec sh -c "$script" sh "$ROOT/$name" "$@"
"""


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Directories of the containers; those of one share are links to one directory."""
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "docker").write_text(DOCKER)
    (programs / "docker").chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}:{os.environ['PATH']}")
    monkeypatch.setenv("ROOT", str(tmp_path))
    monkeypatch.setenv("REMOVES", "")
    (tmp_path / "share").mkdir()
    return tmp_path


def container(root: Path, name: str, place: str = "share") -> None:
    (root / place).mkdir(exist_ok=True)
    (root / name).symlink_to(root / place)


def run(state: str, **options: Any) -> dict[str, Any]:
    return execute("media_probe", {"state": state, "socket": "/none.sock", **options})


def probed(hosts: dict[str, list[str]], alone: tuple[str, ...] = (), **options: Any) -> dict[str, dict[str, Any]]:
    """The three steps on all hosts, as role media makes them."""
    written = {host: run("written", containers=names, **options)["containers"] for host, names in hosts.items()}
    files = {host: [one["file"] for one in found if not one["problem"]] for host, found in written.items()}
    everywhere = [file for found in files.values() for file in found]
    reports = {
        host: run("read", written=found, files=files[host] if host in alone else everywhere, **options)
        for host, found in written.items()
    }
    for found in written.values():
        run("absent", written=found, **options)
    return reports


def told(reports: dict[str, dict[str, Any]]) -> list[str]:
    return [str(finding) for finding in probe_faults(reports)]


def test_containers_of_one_share_see_each_other_and_leave_nothing(root: Path) -> None:
    for name in ("web", "master", "core"):
        container(root, name)
    reports = probed({"web1": ["web"], "core1": ["master", "core"]})
    assert told(reports) == []
    (web,) = reports["web1"]["containers"]
    assert (web["problem"], web["missing"], len(web["expected"])) == ("", [], 3)
    assert (web["user"], web["owner"]) == (str(os.geteuid()), str(os.geteuid()))
    assert web["directory"].endswith(" 755")
    assert not list((root / "share").iterdir())


def test_a_host_on_which_the_share_is_not_mounted(root: Path) -> None:
    for name in ("web", "master", "core"):
        container(root, name)
    container(root, "other", "local")
    reports = probed({"web1": ["web"], "core1": ["master", "core"], "core2": ["other"]})
    (found,) = told(reports)
    assert found.startswith(
        "core2: other and web on web1, master on core1, core on core1 do not see each other's media"
    )
    # Each of them by itself is no fault.
    assert told(probed({"web1": ["web"], "core2": ["other"]}, alone=("web1", "core2"))) == []


def test_one_container_of_a_host_that_was_started_without_the_share(root: Path) -> None:
    container(root, "master")
    container(root, "core", "local")
    container(root, "web")
    (found,) = told(probed({"core1": ["master", "core"], "web1": ["web"]}))
    assert found.startswith("core1: core and ")


def test_a_container_that_may_not_write(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """For root only a server refuses it, so the words are put in place of a write."""
    container(root, "web")
    refusing = probe._WRITE.replace(
        'printf \'%s\\n\' "$2" > "$2"', "{ echo 'sh: 5: cannot create x: Permission denied' >&2; false; }"
    )
    assert refusing != probe._WRITE
    monkeypatch.setattr(probe, "_WRITE", refusing)
    reports = probed({"web1": ["web"]})
    (found,) = told(reports)
    assert found.startswith("web1: web cannot write to its media (/usr/local/wamedia): Permission denied")


def test_a_share_that_does_not_answer_holds_nothing_up(root: Path) -> None:
    container(root, "web")
    container(root, "core")
    (root / "core.frozen").touch()
    began = time.monotonic()
    (found,) = told(probed({"web1": ["web"], "core1": ["core"]}, timeout=3.0))
    assert found.startswith("core1: core cannot write to its media (/usr/local/wamedia): no answer within 3 s.")
    assert time.monotonic() - began < 18


def test_a_container_that_is_not_there_and_a_directory_that_is_not(root: Path) -> None:
    (root / "web").symlink_to(root / "nowhere")
    (found,) = told(probed({"web1": ["none"]}))
    assert "Error response from daemon: No such container: none" in found


def test_a_file_that_cannot_be_read_as_it_was_written(root: Path) -> None:
    container(root, "web")
    container(root, "core")
    written = {host: run("written", containers=[name])["containers"] for host, name in (("w", "web"), ("c", "core"))}
    (root / "share" / written["w"][0]["file"]).write_text("something else\n")
    files = [found[0]["file"] for found in written.values()]
    reports = {host: run("read", written=found, files=files) for host, found in written.items()}
    assert reports["c"]["containers"][0]["unreadable"] == [written["w"][0]["file"]]
    assert "c: core sees the files of web on w and cannot read them." in " ".join(told(reports))


def test_without_docker_it_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    (found,) = told(probed({"web1": ["web"]}))
    assert "No such file or directory: 'docker'" in found


def test_a_file_that_was_left_is_removed_by_its_container(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    container(root, "web")
    monkeypatch.setenv("REMOVES", "yes")
    monkeypatch.setattr(probe, "_PAUSE", 1)
    monkeypatch.setattr(probe, "_GRACE", 1)
    (one,) = run("written", containers=["web"], lifetime=4)["containers"]
    file = root / "share" / one["file"]
    assert file.exists()
    end = time.monotonic() + 20
    while file.exists() and time.monotonic() < end:
        time.sleep(0.1)
    assert not file.exists()


def test_what_a_killed_run_left_in_containers_that_were_stopped_is_cleared_by_the_next(root: Path) -> None:
    container(root, "web")
    old, young, others = (root / "share" / name for name in (".wabiz-probe-old", ".wabiz-probe-new", ".hidden"))
    for path, age in ((old, 3600), (young, 0), (others, 3600)):
        path.touch()
        os.utime(path, (time.time() - age,) * 2)
    probed({"web1": ["web"]})
    assert sorted(path.name for path in (root / "share").iterdir()) == [".hidden", ".wabiz-probe-new"]


def test_check_mode_writes_nothing(root: Path) -> None:
    container(root, "web")
    found = execute("media_probe", {"state": "written", "containers": ["web"]}, check=True)
    assert (found["changed"], found["containers"]) == (False, [])
    assert not list((root / "share").iterdir())
