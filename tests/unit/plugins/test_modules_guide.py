# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbook in docs/modules.md, run as it stands there against a scripted webapp."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.wabiz.onprem.tests.unit.plugins.answers import META, health, shards
from ansible_collections.wabiz.onprem.tests.unit.plugins.certificates import Authority, issue
from ansible_collections.wabiz.onprem.tests.unit.plugins.scripted_server import ScriptedServer, Step, error

from tests.support.guide import write_guide
from tests.support.playbook import LOCALLY, PlaybookRun, run_playbook

pytestmark = pytest.mark.slow

KEY = "canary-api-key-0123456789"
PASSWORD = "Canary-Passw0rd"
VNAME = "Q2FuYXJ5IG5hbWU="
CODE = "864-208"
TOKEN = "canary.to.ken"
SECRETS = (KEY, PASSWORD, VNAME, CODE, TOKEN, "BEGIN PRIVATE KEY")


def basic(password: str) -> dict[str, str]:
    """Return the header of a login as admin."""
    return {"Authorization": "Basic " + base64.b64encode(f"admin:{password}".encode()).decode()}


LOGIN = Step("POST", "/v1/users/login", answer={"users": [{"token": TOKEN}]}, headers=basic(PASSWORD))
LOGOUT = Step("POST", "/v1/users/logout", headers={"Authorization": f"Bearer {TOKEN}"})
SETTINGS = {"unhealthy_interval": 20, "webhooks": {"url": "https://hooks.example.net"}}


def with_key(step: Step) -> Step:
    """Return a health request that insists on the API key."""
    step.headers["Authorization"] = f"Apikey {KEY}"
    return step


def settings(**values: Any) -> Step:
    """Return the question for the settings and its answer."""
    answer = {"settings": {"application": values}, "meta": META}
    return Step("GET", "/v1/settings/application", answer=answer)


@pytest.fixture
def playbook(tmp_path: Path) -> Path:
    """Return the guide's playbook as a file."""
    return write_guide(tmp_path)


def run(playbook: Path, webapp: ScriptedServer, tls_files: dict[str, str], webhook_ca: str, pem: str) -> PlaybookRun:
    """Run the playbook with all that may be printed."""
    folder = playbook.parent
    (folder / "webhook_ca.pem").write_text(webhook_ca)
    (folder / "webapp.pem").write_text(pem)
    variables = {
        **LOCALLY,
        "webapps": [webapp.address],
        "webapps_ca": tls_files["ca"],
        "api_key": KEY,
        "admin_password": PASSWORD,
        "cc": "49",
        "number": "15112345678",
        "vname": VNAME,
        "code": CODE,
        "webhook": SETTINGS["webhooks"]["url"],  # type: ignore[index]
        "webhook_ca": str(folder / "webhook_ca.pem"),
        "webapp_pem": str(folder / "webapp.pem"),
    }
    no_proxy = {"no_proxy": "127.0.0.1"}
    return run_playbook(
        playbook, inventory="localhost,", extra_vars=variables, arguments=["-vvv", "--diff"], environment=no_proxy
    )


def test_the_guide_is_about_thirty_lines(playbook: Path) -> None:
    lines = playbook.read_text().splitlines()
    assert len(lines) <= 33
    assert len(yaml.safe_load("\n".join(lines))[0]["tasks"]) == 8


def test_the_guide_brings_a_fresh_cluster_to_four_shards(
    playbook: Path, webapp: ScriptedServer, tls_files: dict[str, str]
) -> None:
    root = issue("Webhook CA", ca=True)
    intermediate = issue("Intermediate", root, ca=True)
    server = issue("waweb.example.net", intermediate)
    pem = server.key_pem + server.pem + intermediate.pem
    number = {"cc": "49", "phone_number": "15112345678"}
    fresh = {"coreapps": 5, "registered": False}
    first = Step("POST", "/v1/users/login", answer=LOGIN.answer, headers=basic("secret"))
    first.payload = {"new_password": PASSWORD}
    webapp.expect(error(401, "POST", "/v1/users/login", headers=basic(PASSWORD)), first)
    webapp.expect(with_key(health(**fresh)))
    asked = Step("POST", "/v1/account", 202, None, {**number, "method": "sms", "cert": VNAME})
    webapp.expect(with_key(health(**fresh)), LOGIN, asked, LOGOUT)
    verified = Step("POST", "/v1/account/verify", 201, None, {"code": CODE})
    webapp.expect(with_key(health(**fresh)), LOGIN, verified, with_key(health(1, 5)), LOGOUT)
    patched = Step("PATCH", "/v1/settings/application", raw_answer=b"null", payload=SETTINGS)
    webapp.expect(LOGIN, settings(unhealthy_interval=30, webhooks={"url": ""}), patched, settings(**SETTINGS), LOGOUT)
    webapp.expect(LOGIN, error(404, "GET", "/v1/certificates/webhooks/ca"))
    webapp.expect(Step("POST", "/v1/certificates/webhooks/ca", text=root.pem), LOGOUT)
    webapp.expect(LOGIN, Step("POST", "/v1/certificates/external", text=pem), LOGOUT)
    changed = Step("POST", "/v1/account/shards", 201, None, {**number, "shards": 4, "cert": VNAME})
    webapp.expect(LOGIN, shards(1), with_key(health(1, 5)), changed, with_key(health(4, 5)), LOGOUT)
    done = run(playbook, webapp, tls_files, root.pem, pem).succeeded()
    assert done.recap["localhost"]["changed"] == 7
    for secret in SECRETS:
        assert secret not in done.output


def test_a_second_run_of_the_guide_changes_nothing(
    playbook: Path, webapp: ScriptedServer, tls_files: dict[str, str], authority: Authority
) -> None:
    root = issue("Webhook CA", ca=True)
    pem = Path(tls_files["server"]).read_text() + authority.pem
    webapp.expect(LOGIN, with_key(health(4, 5)), with_key(health(4, 5)))
    webapp.expect(LOGIN, settings(**SETTINGS), LOGOUT)
    webapp.expect(LOGIN, Step("GET", "/v1/certificates/webhooks/ca", raw_answer=root.pem.encode()), LOGOUT)
    webapp.expect(LOGIN, shards(4), with_key(health(4, 5)), with_key(health(4, 5)), LOGOUT)
    done = run(playbook, webapp, tls_files, root.pem, pem).succeeded()
    assert done.recap["localhost"]["changed"] == 0
    for secret in SECRETS:
        assert secret not in done.output
