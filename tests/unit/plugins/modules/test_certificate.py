# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""certificate against a scripted webapp."""

from __future__ import annotations

import datetime as dt
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.wabiz.onprem.tests.unit.plugins.certificates import Authority, issue
from ansible_collections.wabiz.onprem.tests.unit.plugins.conftest import RunModule
from ansible_collections.wabiz.onprem.tests.unit.plugins.scripted_server import ScriptedServer, Step, error

ROOT = issue("Our root", ca=True)
INTERMEDIATE = issue("Our intermediate", ROOT, ca=True)
SERVER = issue("waweb.example.net", INTERMEDIATE)
GOOD = SERVER.key_pem + SERVER.pem + INTERMEDIATE.pem
PATH = "/v1/certificates/external"
WEBHOOK = "/v1/certificates/webhooks/ca"
TEXT = {"Content-Type": "text/plain"}


def external(**extra: Any) -> dict[str, Any]:
    """Return the arguments for a certificate of the webapps."""
    return {"token": "a.b.c", "kind": "external", "content": GOOD, **extra}


def webhook(content: str | None = ROOT.pem, **extra: Any) -> dict[str, Any]:
    """Return the arguments for the CA of the webhook server."""
    return {"token": "a.b.c", "kind": "webhook_ca", "content": content, **extra}


def has(text: str) -> Step:
    """Return the question for the webhook CA and its answer."""
    return Step("GET", WEBHOOK, raw_answer=text.encode(), content_type="text/plain")


@pytest.mark.parametrize("check", [False, True])
def test_uploads_the_certificate_of_the_webapps(run_module: RunModule, webapp: ScriptedServer, check: bool) -> None:
    webapp.expect(*([] if check else [Step("POST", PATH, raw_answer=b"null", text=GOOD, headers=TEXT)]))
    result = run_module("certificate", check=check, diff=True, **external())
    assert (result["changed"], result["restart_required"]) == (True, ["webapp"])
    assert [item["subject"] for item in result["certificates"]] == ["CN=waweb.example.net", "CN=Our intermediate"]
    assert result["days_left"] in (364, 365)
    assert "BEGIN" not in str(result)
    assert result["diff"]["after"][webapp.address]["subject"] == "CN=waweb.example.net"
    assert result["diff"]["before"][webapp.address]["subject"] == "CN=localhost"


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: text.replace("\n", " "),  # a field of a survey that has one line
        lambda text: textwrap.indent(text, "    "),
        lambda text: text.replace("\n", "\r\n"),
        lambda text: text.replace("\n", "\r"),
        lambda text: text.replace("-----\n-----BEGIN", "----------BEGIN"),  # files without a line break at their end
        lambda text: "\ufeffBag Attributes\n" + text.replace("\n", "\n\n"),
    ],
)
def test_blocks_are_uploaded_in_lines_however_they_came(
    run_module: RunModule, webapp: ScriptedServer, spoil: Callable[[str], str]
) -> None:
    """The client's web server would not start with them as they are."""
    webapp.expect(Step("POST", PATH, text=GOOD, headers=TEXT))
    assert run_module("certificate", **external(content=spoil(GOOD)))["changed"]


def test_a_webapp_that_cannot_be_looked_at_is_named(run_module: RunModule, webapp: ScriptedServer) -> None:
    closed = "https://127.0.0.1:1"
    result = run_module("certificate", check=True, **external(endpoints=[webapp.address, closed]))
    assert (result["restart_required"], result["unseen"]) == (["webapp"], [closed])


def test_what_all_webapps_present_is_not_uploaded(
    run_module: RunModule, webapp: ScriptedServer, tls_files: dict[str, str], authority: Authority, tmp_path: Path
) -> None:
    path = tmp_path / "chain.pem"
    path.write_text(Path(tls_files["server"]).read_text() + authority.pem)
    result = run_module("certificate", **external(content=None, path=str(path)))
    assert (result["changed"], result["restart_required"]) == (False, [])
    webapp.expect(Step("POST", PATH, text=path.read_text(), headers=TEXT))
    assert run_module("certificate", force=True, **external(content=None, path=str(path)))["changed"]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "no PEM block"),
        (SERVER.pem + SERVER.key_pem + INTERMEDIATE.pem, "The first block is a CERTIFICATE"),
        (SERVER.key_pem + SERVER.pem, "at least one intermediate"),
        (SERVER.key_pem + INTERMEDIATE.pem + SERVER.pem, "does not belong to the first certificate"),
        (ROOT.key_pem + SERVER.pem + INTERMEDIATE.pem, "does not belong to the first certificate"),
        (SERVER.key_pem + SERVER.pem + ROOT.pem, "was issued by CN=Our intermediate"),
        (GOOD + SERVER.key_pem, "The blocks are"),
    ],
)
def test_refuses_a_wrong_order(run_module: RunModule, content: str, words: str) -> None:
    result = run_module("certificate", **external(content=content))
    assert words in result["msg"]
    assert "BEGIN" not in str(result)


TWIN = issue("Our intermediate", ROOT, ca=True)


@pytest.mark.parametrize(
    ("content", "trusted", "words"),
    [
        (GOOD, ROOT.pem, ""),
        (GOOD + ROOT.pem, ROOT.pem, ""),
        (GOOD, issue("Another root", ca=True).pem, "issuer"),
        (GOOD, INTERMEDIATE.pem, "issuer"),  # HAProxy and the modules need the root
        # An intermediate of the same name with another key.
        (SERVER.key_pem + SERVER.pem + TWIN.pem, ROOT.pem, "issuer"),
    ],
)
def test_says_whether_the_file_of_cas_verifies_it(
    run_module: RunModule, tls_files: dict[str, str], tmp_path: Path, content: str, trusted: str, words: str
) -> None:
    both = tmp_path / "both.pem"
    both.write_text(Path(tls_files["ca"]).read_text() + trusted)
    found = run_module("certificate", check=True, **external(content=content, ca_path=str(both)))["untrusted"]
    assert bool(found) == bool(words) and words in found


def test_refuses_an_expired_one(run_module: RunModule) -> None:
    old = issue("old.example.net", INTERMEDIATE, starts=dt.timedelta(days=-9), ends=dt.timedelta(days=-2))
    result = run_module("certificate", **external(content=old.key_pem + old.pem + INTERMEDIATE.pem))
    assert "CN=old.example.net expired on" in result["msg"]


def test_refuses_one_that_is_not_valid_yet(run_module: RunModule) -> None:
    early = issue("early.example.net", INTERMEDIATE, starts=dt.timedelta(days=2))
    result = run_module("certificate", **external(content=early.key_pem + early.pem + INTERMEDIATE.pem))
    assert "not valid before" in result["msg"]


def test_warns_early_and_refuses_late(run_module: RunModule) -> None:
    brief = issue("brief.example.net", INTERMEDIATE, ends=dt.timedelta(days=9))
    content = brief.key_pem + brief.pem + INTERMEDIATE.pem
    result = run_module("certificate", check=True, **external(content=content))
    assert any("expires in 8 days" in warning for warning in result["warnings"])
    assert "less than 20 days left" in run_module("certificate", **external(content=content, minimum_days=20))["msg"]


def test_a_broken_certificate_is_refused(run_module: RunModule) -> None:
    broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
    assert "cannot be read" in run_module("certificate", **webhook(broken))["msg"]


@pytest.mark.parametrize("missing", [error(404, "GET", WEBHOOK), error(404, "GET", WEBHOOK, 1006)])
@pytest.mark.parametrize("check", [False, True])
def test_uploads_the_webhook_ca(run_module: RunModule, webapp: ScriptedServer, missing: Step, check: bool) -> None:
    webapp.expect(missing, *([] if check else [Step("POST", WEBHOOK, text=ROOT.pem, headers=TEXT)]))
    result = run_module("certificate", check=check, diff=True, **webhook())
    assert (result["changed"], result["restart_required"]) == (True, ["coreapp"])
    assert result["diff"]["before"] == []


def test_the_same_webhook_ca_is_not_uploaded_again(run_module: RunModule, webapp: ScriptedServer) -> None:
    webapp.expect(has(INTERMEDIATE.pem + "\n# a remark\n" + ROOT.pem))
    assert not run_module("certificate", **webhook(ROOT.pem + INTERMEDIATE.pem))["changed"]


def test_another_webhook_ca_replaces_the_old_one(run_module: RunModule, webapp: ScriptedServer) -> None:
    webapp.expect(has(INTERMEDIATE.pem), Step("POST", WEBHOOK, text=ROOT.pem))
    result = run_module("certificate", diff=True, **webhook())
    assert [item["subject"] for item in result["diff"]["before"]] == ["CN=Our intermediate"]


@pytest.mark.parametrize("check", [False, True])
def test_removes_the_webhook_ca(run_module: RunModule, webapp: ScriptedServer, check: bool) -> None:
    webapp.expect(has(ROOT.pem), *([] if check else [Step("DELETE", WEBHOOK)]))
    result = run_module("certificate", check=check, **webhook(None, state="absent"))
    assert (result["changed"], result["restart_required"]) == (True, ["coreapp"])


def test_a_removal_whose_answer_was_lost_is_one(run_module: RunModule, webapp: ScriptedServer) -> None:
    webapp.expect(has(ROOT.pem), Step("DELETE", WEBHOOK, drop=True), error(404, "DELETE", WEBHOOK, 1006))
    assert run_module("certificate", retries=1, **webhook(None, state="absent"))["changed"]


def test_removes_it_only_once(run_module: RunModule, webapp: ScriptedServer) -> None:
    webapp.expect(error(404, "GET", WEBHOOK, 1006, "No webhook CA certificates found"))
    assert not run_module("certificate", **webhook(None, state="absent"))["changed"]


def test_a_key_does_not_belong_into_the_webhook_ca(run_module: RunModule) -> None:
    assert "Only certificates belong here" in run_module("certificate", **webhook(ROOT.pem + ROOT.key_pem))["msg"]


def test_the_webapps_certificate_is_not_removed(run_module: RunModule) -> None:
    result = run_module("certificate", token="a.b.c", kind="external", state="absent")
    assert "does not document" in result["msg"]


@pytest.mark.parametrize("arguments", [{"content": None}, {"path": "/none"}])
def test_needs_one_source(run_module: RunModule, arguments: dict[str, Any]) -> None:
    assert run_module("certificate", **external(**arguments))["failed"]
