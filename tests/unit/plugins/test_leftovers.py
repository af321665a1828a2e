# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The heartbeat settings that a killed upgrade has left: the play itself against a scripted webapp."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.wabiz.onprem.tests.unit.plugins.scripted_server import ScriptedServer, Step

from tests.support.held import held
from tests.support.paths import ROOT
from tests.support.playbook import LOCALLY, PlaybookRun, run_playbook

pytestmark = pytest.mark.slow

PLAYBOOKS = ROOT / "playbooks"
HOSTS = ("web1", "core1")
SETTINGS = "/v1/settings/application"
LOGIN = Step("POST", "/v1/users/login", answer={"users": [{"token": "canary.tok.en"}]})
LOGOUT = Step("POST", "/v1/users/logout", answer={})


def current(**values: int) -> Step:
    return Step("GET", SETTINGS, answer={"settings": {"application": values}})


class Killed:
    """A cluster of which a killed upgrade has left the heartbeat settings, or not."""

    def __init__(self, path: Path, webapp: ScriptedServer, authority: str) -> None:
        self.path, self.webapp, self.authority, self.saved = path, webapp, authority, path / "heartbeat.yml"

    def run(self, *arguments: str, left: bool = True, admin: bool = True) -> PlaybookRun:
        if left:
            self.saved.write_text("{heartbeat_interval: 5, unhealthy_interval: 30}\n", encoding="utf-8")
        settings = {
            "directory": str(self.path),
            "api_delegate_to": None,
            "api_endpoints": [self.webapp.address],
            "api_ca_path": self.authority,
            "api_key": "Canary-api-key-1",
            "admin_password": "Canary-admin-1" if admin else None,
        }
        topology = {"cluster": "try", "nodes": [], "groups": {"webapp": ["web1"]}, "endpoints": []}
        topology |= held(self.path / "lock", "web1")
        common = {**LOCALLY, "ansible_become": False, "_wabiz": settings, "_wabiz_topology": topology}
        surveys: dict[str, Any] = {host: {"_wabiz_survey": {"files": {}}} for host in HOSTS}
        surveys["web1"]["_wabiz_survey"]["files"][str(self.saved)] = left
        inventory = {"all": {"vars": common}, "wabiz_host": {"hosts": surveys}}
        (self.path / "hosts.yml").write_text(yaml.safe_dump(inventory), encoding="utf-8")
        play = PLAYBOOKS / "internal" / "leftovers.yml"
        hosts = self.path / "hosts.yml"
        done = run_playbook(play, inventory=hosts, arguments=arguments, environment={"no_proxy": "127.0.0.1"})
        assert "anary" not in done.output
        self.webapp.verify()
        return done.succeeded()


@pytest.fixture
def killed(tmp_path: Path, webapp: ScriptedServer, tls_files: dict[str, str]) -> Killed:
    return Killed(tmp_path, webapp, tls_files["ca"])


def test_they_are_restored_and_the_file_is_removed(killed: Killed) -> None:
    short, saved = (
        {"heartbeat_interval": 1, "unhealthy_interval": 5},
        {"heartbeat_interval": 5, "unhealthy_interval": 30},
    )
    change = Step("PATCH", SETTINGS, payload=saved, answer={})
    killed.webapp.expect(LOGIN, current(**short), change, current(**saved), LOGOUT)
    killed.run()
    assert not killed.saved.exists()


def test_where_nothing_is_left_no_module_is_executed(killed: Killed) -> None:
    assert sum(host.executions for host in killed.run(left=False).hosts.values()) == 0


def test_check_mode_changes_nothing(killed: Killed) -> None:
    assert killed.run("--check").changed == set()
    assert killed.saved.exists()


def test_without_the_password_it_is_said_that_they_stay(killed: Killed) -> None:
    said = killed.run(admin=False).output
    assert "web1: the heartbeat settings are still those of an upgrade" in said and "wabiz_admin_password" in said
    assert killed.saved.exists()


@pytest.mark.parametrize(
    "playbook",
    [
        *("site", "multiconnect", "register", "rotate_database_password", "rotate_secrets"),
        *("retire", "failover_drill", "message_gc", "media_gc"),
    ],
)
def test_which_playbooks_restore_them(playbook: str) -> None:
    """After they have inspected the hosts, and while they hold the lock."""
    plays = yaml.safe_load((PLAYBOOKS / f"{playbook}.yml").read_text(encoding="utf-8"))
    imported = [play.get("ansible.builtin.import_playbook") for play in plays]
    assert 0 < imported.index("internal/leftovers.yml") < imported.index("internal/unlock.yml")


SETTING = [path.stem for path in sorted(PLAYBOOKS.glob("*.yml")) if "internal/heartbeat.yml" in path.read_text("utf-8")]


def test_these_playbooks_set_the_heartbeat() -> None:
    assert SETTING == ["multiconnect", "register"]


@pytest.mark.parametrize("playbook", SETTING)
def test_what_the_inventory_says_of_the_heartbeat_is_set_after_them(playbook: str) -> None:
    """Restored later, the saved values would replace those of the inventory."""
    plays = yaml.safe_load((PLAYBOOKS / f"{playbook}.yml").read_text(encoding="utf-8"))
    imported = [play.get("ansible.builtin.import_playbook") for play in plays]
    assert imported.index("internal/leftovers.yml") < imported.index("internal/heartbeat.yml")
