"""Canary secrets are found in the forms in which secrets leak, and only then."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.canary import Canaries
from tests.support.playbook import LOCALLY, run_playbook

SECRET = 'pass word/with+ \u00fcml\u00e4ut "quoted"'


@given(before=st.binary(max_size=8), after=st.binary(max_size=8))
def test_finds_a_secret_inside_base64(before: bytes, after: bytes) -> None:
    canaries = Canaries(["api_key"])
    encoded = base64.b64encode(before + canaries.values["api_key"].encode() + after).decode()
    assert [leak.secret for leak in canaries.leaks(f"Authorization: Basic {encoded}")] == ["api_key"]


@pytest.mark.parametrize("text", [SECRET, quote(SECRET, safe=""), json.dumps({"k": SECRET}), SECRET.encode().hex()])
def test_finds_other_forms_and_does_not_repeat_the_secret(text: str) -> None:
    canaries = Canaries([], given={"password": SECRET})
    (leak,) = canaries.leaks(f"before {text} after")
    assert leak.secret == "password"
    assert "before" in leak.excerpt
    assert canaries.leaks(leak.excerpt) == []


def test_other_canaries_are_other_secrets() -> None:
    assert Canaries(["api_key"]).leaks(Canaries(["api_key"]).values["api_key"]) == []


def test_searches_files_of_any_encoding(tmp_path: Path) -> None:
    canaries = Canaries(["token"])
    found = tmp_path / "deep" / "core.dump"
    found.parent.mkdir()
    found.write_bytes(b"\xff\xfe" + canaries.values["token"].encode())
    (tmp_path / "clean.txt").write_text("nothing here")
    assert [path for path, _ in canaries.leaks_below(tmp_path)] == [found]


@pytest.mark.parametrize("no_log", [True, False])
def test_a_playbook_leaks_exactly_when_no_log_is_removed(tmp_path: Path, no_log: bool) -> None:
    canaries = Canaries(["secret"])
    copy = {"content": "{{ secret }}", "dest": str(tmp_path / "out"), "mode": "0600"}
    task = {"name": "Write", "ansible.builtin.copy": copy, "no_log": no_log}
    play = {"hosts": "all", "gather_facts": False, "tasks": [task]}
    (tmp_path / "play.yml").write_text(json.dumps([play]))
    run = run_playbook(
        tmp_path / "play.yml", inventory="one,", extra_vars={**canaries.values, **LOCALLY}, arguments=["-vvv", "--diff"]
    ).succeeded()
    assert bool(canaries.leaks(run.output)) is not no_log
