# Copyright: (c) 2026, wabiz.onprem contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Large files over a real connection plugin, in real runs of ansible-playbook."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.playbook import LOCALLY, PlaybookRun, run_playbook

pytestmark = pytest.mark.slow

CONTENT = bytes(range(256)) * 5000
SHA256 = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def host(tmp_path: Path) -> Path:
    """The directory that a host has."""
    folder = tmp_path / "host"
    folder.mkdir()
    (folder / "web.tar").write_bytes(CONTENT)
    return folder


def transferred(
    tmp_path: Path, *tasks: dict[str, Any], check: bool = False
) -> tuple[list[dict[str, Any]], PlaybookRun, Path]:
    """The results, the run, and where the controller's own directory is."""
    given = [
        {
            "wabiz.onprem.image_transfer": {"cluster": "wabiz", **task},
            "register": f"seen_{number}",
            "ignore_errors": True,
        }
        for number, task in enumerate(tasks)
    ]
    content = "{{ [" + ", ".join(f"seen_{number}" for number in range(len(tasks))) + "] | to_json }}"
    told = {"content": content, "dest": str(tmp_path / "seen.json")}
    play = tmp_path / "play.yml"
    steps = [*given, {"ansible.builtin.copy": told, "check_mode": False, "diff": False}]
    play.write_text(yaml.safe_dump([{"hosts": "all", "gather_facts": False, "tasks": steps}]), encoding="utf-8")
    run = run_playbook(
        play,
        inventory="c1,",
        extra_vars=LOCALLY,
        arguments=["--check"] if check else [],
        environment={"ANSIBLE_LOCAL_TEMP": str(tmp_path / "local")},
    ).succeeded()
    seen = json.loads((tmp_path / "seen.json").read_text(encoding="utf-8"))
    return seen, run, tmp_path / "local" / "wabiz-wabiz-images"


def test_there_and_back_again(tmp_path: Path, host: Path) -> None:
    fetch = {"state": "fetched", "path": str(host / "web.tar"), "file": "web.tar"}
    send = {"state": "sent", "path": str(host / "again.tar"), "file": "web.tar", "sha256": SHA256}
    seen, run, own = transferred(tmp_path, fetch, fetch, send, send)
    assert [one["changed"] for one in seen] == [True, False, True, False]
    assert all((one["sha256"], one["bytes"]) == (SHA256, len(CONTENT)) for one in seen)
    assert (host / "again.tar").read_bytes() == CONTENT
    assert own.stat().st_mode & 0o777 == 0o700 and [path.name for path in own.iterdir()] == ["web.tar"]
    assert "c1: fetching 1.3 MB" in run.output and "c1: sending 1.3 MB" in run.output
    # A later run finds the directory of this one.
    (removed, again), _run, own = transferred(tmp_path, {"state": "removed"}, {"state": "removed"})
    assert (removed["changed"], again["changed"], own.exists()) == (True, False, False)


def test_what_an_interrupted_transfer_left_is_replaced(tmp_path: Path, host: Path) -> None:
    folder = tmp_path / "archive"
    folder.mkdir()
    for name in ("web.tar", "web.tar.part"):
        (folder / name).write_bytes(CONTENT[:100])
    (host / "again.tar").write_bytes(CONTENT[:100])
    fetch = {"state": "fetched", "path": str(host / "web.tar"), "file": "web.tar", "directory": str(folder)}
    send = {**fetch, "state": "sent", "path": str(host / "again.tar"), "sha256": SHA256}
    seen, _run, own = transferred(tmp_path, fetch, send)
    assert all(one["changed"] for one in seen) and not own.exists()
    assert [path.read_bytes() for path in folder.iterdir()] == [CONTENT]
    assert (host / "again.tar").read_bytes() == CONTENT


@pytest.mark.parametrize(
    ("task", "words"),
    [
        ({"state": "fetched", "path": "{host}/none.tar", "file": "web.tar"}, "is not there"),
        ({"state": "fetched", "path": "{host}/web.tar", "file": "web.tar", "sha256": "0" * 64}, "is damaged"),
        ({"state": "fetched", "path": "{host}/web.tar", "file": "../web.tar"}, "a name without a path"),
        ({"state": "fetched", "path": "{host}/web.tar", "file": "x.tar", "directory": "{host}/none"}, "controller"),
        (
            {"state": "sent", "path": "{host}/x.tar", "file": "web.tar", "directory": "{host}", "sha256": "0" * 64},
            "is damaged",
        ),
        ({"state": "sent", "path": "{host}/x.tar", "file": "none.tar", "sha256": SHA256}, "On the controller"),
        ({"state": "sent", "path": "{host}/x.tar", "file": "web.tar"}, "sha256"),
    ],
)
def test_what_goes_wrong_is_named_and_leaves_nothing(
    tmp_path: Path, host: Path, task: dict[str, str], words: str
) -> None:
    given = {key: value.replace("{host}", str(host)) for key, value in task.items()}
    (seen,), _run, own = transferred(tmp_path, given)
    assert seen["failed"] and words in seen["msg"]
    assert [path.name for path in host.iterdir()] == ["web.tar"]
    assert not own.exists() or not list(own.iterdir())


def test_check_mode_moves_nothing(tmp_path: Path, host: Path) -> None:
    fetch = {"state": "fetched", "path": str(host / "web.tar"), "file": "web.tar"}
    (seen,), _run, own = transferred(tmp_path, fetch, check=True)
    assert seen["changed"] and not own.exists()
