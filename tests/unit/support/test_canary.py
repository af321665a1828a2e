"""Canary secrets are found in the forms in which secrets leak, and only then."""

from __future__ import annotations

import base64
import json
import shlex
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from standin.common.passwords import acceptable
from tests.support.canary import AWKWARD_LENGTH, Canaries, awkward
from tests.support.playbook import LOCALLY, run_playbook

pytestmark = pytest.mark.slow

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


def quoted(secret: str) -> dict[str, str]:
    """Return a secret as it stands in texts that quote it."""
    return {
        "plain": secret,
        "json": json.dumps({"k": secret}),
        "json in json": json.dumps({"msg": json.dumps({"k": secret})}),
        "repr": repr({"k": secret, "other": "x"}),
        "shell": shlex.join(["echo", secret]),
        "url": f"https://user:{quote(secret, safe='')}@host",
        "url+": urlencode({"k": secret}),
        "yaml": f"k: '{secret.replace(chr(39), chr(39) * 2)}'",
    }


@pytest.mark.parametrize("secret", ['it\'s "5%s"\\n', awkward()], ids=["short", "awkward"])
def test_finds_quoted_secrets(secret: str) -> None:
    canaries = Canaries([], given={"password": secret})
    missed = {form for form, text in quoted(secret).items() if not canaries.leaks(f"before {text} after")}
    assert missed == set()


def test_finds_a_secret_whose_lines_were_broken() -> None:
    secret = awkward()
    text = yaml.safe_dump({"env": {"LONG": f"{'word ' * 12}{secret}"}}, width=40)
    assert secret not in text
    assert [leak.secret for leak in Canaries([], given={"password": secret}).leaks(text)] == ["password"]


def test_awkward_secrets_are_accepted_by_the_client() -> None:
    secret = awkward()
    assert len(secret) == AWKWARD_LENGTH
    assert {"'", '"', "%", "$", "\\", " "} <= set(secret)
    assert not set("?{}&~!()^=") & set(secret)
    assert secret == secret.strip()
    assert acceptable(secret)
    assert awkward() != secret
