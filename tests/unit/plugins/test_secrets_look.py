# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How rotate_secrets.yml looks at what the client has: its own tasks against a scripted webapp, then the plan."""

from __future__ import annotations

import json
import os
import venv
from pathlib import Path
from typing import Any

import cryptography
import pytest
import yaml
from ansible_collections.wabiz.onprem.tests.unit.plugins.certificates import Authority, issue
from ansible_collections.wabiz.onprem.tests.unit.plugins.scripted_server import ScriptedServer, Step, error

from tests.support.paths import ROOT
from tests.support.playbook import LOCALLY, PlaybookRun, run_playbook
from tests.unit.plugins.test_modules_guide import basic

pytestmark = pytest.mark.slow

OLD, NEW, TOKEN = "Canary-0ld-1", "Canary-New-1", "canary.to.ken"
TASKS = ROOT / "playbooks" / "internal"
LOGIN = "/v1/users/login"
LOGOUT = Step("POST", "/v1/users/logout", headers={"Authorization": f"Bearer {TOKEN}"})
WEBHOOK = "/v1/certificates/webhooks/ca"


def accepted(password: str) -> Step:
    return Step("POST", LOGIN, answer={"users": [{"token": TOKEN}]}, headers=basic(password))


def refused(password: str) -> Step:
    return error(401, "POST", LOGIN, headers=basic(password))


def plan_task() -> dict[str, Any]:
    """The task of the playbook itself that hands on what was found."""
    (play,) = yaml.safe_load((TASKS / "secrets_plan.yml").read_text(encoding="utf-8"))
    (block,) = (task["block"] for task in play["tasks"] if "block" in task)
    found: dict[str, Any] = next(task for task in block if task["name"] == "Make the plan")
    return {**found, "vars": {"_wabiz_record": None}}


def python_without_library(folder: Path) -> Path:
    """A Python for modules that lacks cryptography until C(opkg), here a script, has installed the package."""
    venv.create(folder / "python", with_pip=False)
    (packages,) = (folder / "python" / "lib").glob("python*/site-packages")
    library, program = Path(cryptography.__file__).parents[1], folder / "bin" / "opkg"
    for name in ("requests", "urllib3", "idna", "certifi", "charset_normalizer"):
        (packages / name).symlink_to(library / name)
    program.parent.mkdir()
    program.write_text(
        "#!/bin/sh\n"
        f'case "$1" in list-installed) [ -e {packages}/its.pth ] && echo "$2 - 1";;\n'
        f'install) [ "$2" = python3-cryptography ] && echo {library} > {packages}/its.pth;; esac\nexit 0\n',
        encoding="utf-8",
    )
    program.chmod(0o755)
    return folder / "python" / "bin" / "python"


@pytest.fixture
def look(tmp_path: Path, webapp: ScriptedServer, tls_files: dict[str, str]) -> Any:
    def run(python: Path | None = None, **given: Any) -> PlaybookRun:
        api = {"endpoints": [webapp.address], "ca_path": tls_files["ca"], "username": "admin", "password": NEW}
        settings = {
            "admin_password": NEW,
            "api_key": "k" * 12,
            "jwt_key": None,
            "secret": None,
            "webhook_ca": None,
            "api_server_hostname": None,
            "api_endpoints": None,
            "api_ca_path": tls_files["ca"],
            "rotate_interrupt": None,
        }
        settings["webhook_ca"] = given.get("wabiz_webhook_ca")
        node = {"host": "localhost", "service": "webapp", "name": "wabiz-webapp-1", "address": "localhost", "zone": ""}
        variables = {
            **LOCALLY,
            **({"ansible_python_interpreter": str(python)} if python else {}),
            **given,
            "ansible_become": False,
            "_wabiz": settings,
            "_wabiz_api_host": "localhost",
            "_wabiz_api_become": False,
            "_wabiz_webapps": [node],
            "_wabiz_survey": {
                "engine": {"running": True},
                "containers": [],
                "files": {},
                "drivers": {"crypto": python is None},
                "system": {"family": "another"},
            },
            "_wabiz_topology": {
                "cluster": "wabiz",
                "services": {"localhost": ["webapp"]},
                "nodes": [node],
                "groups": {"loadbalancer": []},
                "endpoints": [webapp.address],
            },
        }
        play = {
            "hosts": "all",
            "gather_facts": False,
            "module_defaults": {"group/wabiz.onprem.api": api},
            "tasks": [
                {"ansible.builtin.set_fact": {"pkg_mgr": "community.general.opkg", "cacheable": True}},
                {"ansible.builtin.include_tasks": str(TASKS / "tasks" / "secrets_look.yml")},
                plan_task(),
                {"ansible.builtin.debug": {"msg": "{{ _wabiz_renewal | to_json }}"}},
            ],
        }
        path = tmp_path / "look.yml"
        path.write_text(yaml.safe_dump([play]), encoding="utf-8")
        environment = {"no_proxy": "127.0.0.1", "PATH": f"{tmp_path}/bin:{os.environ['PATH']}"}
        done = run_playbook(
            path, inventory="localhost,", extra_vars=variables, arguments=["-vvv"], environment=environment
        )
        for secret in (OLD, NEW, TOKEN, "PRIVATE KEY"):
            assert secret not in done.output
        webapp.verify()
        return done

    return run


def told(run: PlaybookRun) -> dict[str, Any]:
    """Return the plan."""
    line = next(line for line in run.succeeded().stdout.splitlines() if '"msg":' in line and "interrupting" in line)
    return dict(json.loads(json.loads("{" + line.strip().rstrip(",") + "}")["msg"]))


def test_the_wanted_password_is_there(look: Any, webapp: ScriptedServer) -> None:
    webapp.expect(accepted(NEW), LOGOUT)
    plan = told(look())
    assert (plan["needed"], plan["refusals"]) == (False, [])


def test_another_password_is_found_and_nothing_is_changed(look: Any, webapp: ScriptedServer) -> None:
    webapp.expect(refused(NEW), accepted(OLD), LOGOUT)
    plan = told(look(wabiz_old_admin_password=OLD))
    assert (plan["admin"], plan["refusals"]) == (True, [])


def test_neither_is_accepted(look: Any, webapp: ScriptedServer) -> None:
    webapp.expect(refused(NEW), refused(OLD))
    assert "wabiz_old_admin_password" in told(look(wabiz_old_admin_password=OLD))["refusals"][0]


def test_certificates_are_compared_and_not_uploaded(look: Any, webapp: ScriptedServer, authority: Authority) -> None:
    made = issue("localhost", authority)
    login = accepted(NEW)
    webapp.expect(login, LOGOUT, login, error(404, "GET", WEBHOOK), LOGOUT)
    plan = told(look(wabiz_webapp_certificate=made.key_pem + made.pem + authority.pem, wabiz_webhook_ca=authority.pem))
    assert (plan["certificate"], plan["webhook_ca"], plan["restart"]) == (True, True, ["webapp", "coreapp"])
    assert plan["refusals"] == []


def test_a_certificate_that_the_file_of_cas_does_not_verify_is_refused(look: Any, webapp: ScriptedServer) -> None:
    webapp.expect(accepted(NEW), LOGOUT)
    other = issue("Webapp CA", ca=True)
    made = issue("localhost", other)
    (refusal,) = told(look(wabiz_webapp_certificate=made.key_pem + made.pem + other.pem))["refusals"]
    assert "wabiz_api_ca_path" in refusal and "self-signed certificate" in refusal


def test_the_certificate_that_webapps_present_needs_nothing(
    look: Any, webapp: ScriptedServer, tls_files: dict[str, str], authority: Authority
) -> None:
    webapp.expect(accepted(NEW), LOGOUT)
    present = Path(tls_files["server"]).read_text(encoding="utf-8") + authority.pem
    assert told(look(wabiz_webapp_certificate=present))["needed"] is False


def test_a_bad_certificate_is_told(look: Any, webapp: ScriptedServer) -> None:
    webapp.expect(accepted(NEW), LOGOUT)
    refusal = told(look(wabiz_webapp_certificate="no certificate"))["refusals"][0]
    assert "wabiz_webapp_certificate" in refusal and "no PEM block" in refusal


def test_the_library_that_looks_at_certificates_is_installed(
    look: Any, webapp: ScriptedServer, authority: Authority, tmp_path: Path
) -> None:
    webapp.expect(accepted(NEW), LOGOUT)
    made = issue("localhost", authority)
    given = {"wabiz_webapp_certificate": made.key_pem + made.pem + authority.pem}
    plan = told(look(python_without_library(tmp_path), **given))
    assert (plan["certificate"], plan["refusals"]) == (True, [])


def test_a_library_that_cannot_be_installed_is_named(
    look: Any, webapp: ScriptedServer, authority: Authority, tmp_path: Path
) -> None:
    webapp.expect(accepted(NEW), LOGOUT)
    python = python_without_library(tmp_path)
    (tmp_path / "bin" / "opkg").write_text("#!/bin/sh\nexit 0\n", encoding="utf-8")
    (refusal,) = told(look(python, wabiz_webapp_certificate="any", wabiz_webhook_ca=authority.pem))["refusals"]
    assert "the first webapp's host has no Python library cryptography" in refusal
    assert "Install python3-cryptography there" in refusal
