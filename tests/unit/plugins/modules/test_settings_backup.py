# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""settings_backup and settings_restore against a scripted webapp."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.wabiz.onprem.tests.unit.plugins.answers import health, shards
from ansible_collections.wabiz.onprem.tests.unit.plugins.conftest import RunModule
from ansible_collections.wabiz.onprem.tests.unit.plugins.scripted_server import ScriptedServer, Step, error

PASSWORD = "backup-Passw0rd"
DATA = "ENCRYPTED+DATA/OF=THE+CLIENT=="
BACKUP = Step("POST", "/v1/settings/backup", answer={"settings": {"data": DATA}}, payload={"password": PASSWORD})
RESTORE = Step("POST", "/v1/settings/restore", payload={"password": PASSWORD, "data": DATA})


def given(path: Path, **extra: Any) -> dict[str, Any]:
    """Return the arguments."""
    return {"token": "a.b.c", "path": str(path), "backup_password": PASSWORD, **extra}


def stored(path: Path, **facts: Any) -> Path:
    """Write a backup of a cluster with 2 shards."""
    path.write_text(json.dumps({"data": DATA, "shards": 2, "single_instance": False, **facts}))
    path.chmod(0o600)
    return path


def test_saves(run_module: RunModule, webapp: ScriptedServer, tmp_path: Path) -> None:
    webapp.expect(health(2, 3), shards(2), BACKUP)
    path = tmp_path / "backup.json"
    result = run_module("settings_backup", diff=True, **given(path))
    assert (result["changed"], result["shards"], result["version"]) == (True, 2, "2.57.2")
    assert path.stat().st_mode & 0o777 == 0o600
    content = json.loads(path.read_text())
    assert (content["data"], content["shards"], content["single_instance"]) == (DATA, 2, False)
    assert PASSWORD not in path.read_text()
    for secret in (DATA, PASSWORD):
        assert secret not in str(result)
    assert [item.name for item in tmp_path.iterdir()] == ["backup.json"]


def test_a_replaced_file_is_private_whatever_it_was(
    run_module: RunModule, webapp: ScriptedServer, tmp_path: Path
) -> None:
    webapp.expect(health(), shards(1), BACKUP)
    path = tmp_path / "backup.json"
    path.write_text("old")
    path.chmod(0o644)
    result = run_module("settings_backup", diff=True, **given(path))
    assert path.stat().st_mode & 0o777 == 0o600
    assert result["diff"]["before"]["state"] == "old backup"


def test_check_mode_writes_nothing(run_module: RunModule, webapp: ScriptedServer, tmp_path: Path) -> None:
    webapp.expect(health(), shards(1))
    assert run_module("settings_backup", check=True, **given(tmp_path / "backup.json"))["changed"]
    assert not list(tmp_path.iterdir())


def test_an_existing_file_may_stay(run_module: RunModule, tmp_path: Path) -> None:
    path = stored(tmp_path / "backup.json")
    assert not run_module("settings_backup", **given(path, replace=False))["changed"]


@pytest.mark.parametrize("state", [health(registered=False), health(0, 2)])
def test_needs_a_registered_and_connected_client(
    run_module: RunModule, webapp: ScriptedServer, tmp_path: Path, state: Step
) -> None:
    webapp.expect(state)
    result = run_module("settings_backup", **given(tmp_path / "backup.json"))
    assert "needs a" in result["msg"]


def test_a_failure_leaves_the_old_file(run_module: RunModule, webapp: ScriptedServer, tmp_path: Path) -> None:
    webapp.expect(health(), shards(1), Step("POST", "/v1/settings/backup", answer={"meta": {}}))
    path = stored(tmp_path / "backup.json")
    before = path.read_text()
    assert run_module("settings_backup", **given(path))["failed"]
    assert path.read_text() == before


def test_needs_the_directory(run_module: RunModule, tmp_path: Path) -> None:
    assert "does not exist" in run_module("settings_backup", **given(tmp_path / "none" / "backup.json"))["msg"]


def test_restores_and_waits(run_module: RunModule, webapp: ScriptedServer, tmp_path: Path) -> None:
    unregistered = health(coreapps=3, registered=False)
    webapp.expect(unregistered, shards(2), RESTORE, unregistered, health(2, 3))
    path = stored(tmp_path / "backup.json")
    result = run_module("settings_restore", diff=True, **given(path, wait_interval=0.01, wait_timeout=20))
    assert (result["changed"], result["registered"], result["restart_required"]) == (True, True, [])
    for secret in (DATA, PASSWORD):
        assert secret not in str(result)


def test_says_when_a_restart_is_needed(run_module: RunModule, webapp: ScriptedServer, tmp_path: Path) -> None:
    unregistered = health(registered=False)
    webapp.expect(unregistered, shards(2), RESTORE, unregistered)
    result = run_module("settings_restore", **given(stored(tmp_path / "backup.json"), wait_timeout=0))
    assert (result["registered"], result["restart_required"]) == (False, ["master", "coreapp"])


def test_restore_in_check_mode(run_module: RunModule, webapp: ScriptedServer, tmp_path: Path) -> None:
    webapp.expect(health(registered=False), shards(2))
    assert run_module("settings_restore", check=True, **given(stored(tmp_path / "backup.json")))["changed"]


@pytest.mark.parametrize("force", [False, True])
def test_refuses_a_registered_client(
    run_module: RunModule, webapp: ScriptedServer, tmp_path: Path, force: bool
) -> None:
    webapp.expect(health())
    result = run_module("settings_restore", **given(stored(tmp_path / "backup.json"), force=force))
    assert "only a client without a registered number" in result["msg"]


@pytest.mark.parametrize("facts", [{"shards": 4}, {"single_instance": True}])
def test_refuses_what_does_not_fit(
    run_module: RunModule, webapp: ScriptedServer, tmp_path: Path, facts: dict[str, Any]
) -> None:
    webapp.expect(health(registered=False), shards(2), health(registered=False), shards(2))
    path = stored(tmp_path / "backup.json", **facts)
    assert "does not fit" in run_module("settings_restore", **given(path))["msg"]
    assert run_module("settings_restore", check=True, **given(path, force=True))["changed"]


def test_an_unknown_number_of_shards_is_no_obstacle(
    run_module: RunModule, webapp: ScriptedServer, tmp_path: Path
) -> None:
    webapp.expect(health(registered=False), error(400, "GET", "/v1/account/shards", 1025))
    assert run_module("settings_restore", check=True, **given(stored(tmp_path / "backup.json")))["changed"]


@pytest.mark.parametrize("content", ["", "{}", "two words", '{"data": 5}', "[1]"])
def test_refuses_another_file(run_module: RunModule, tmp_path: Path, content: str) -> None:
    path = tmp_path / "backup.json"
    path.write_text(content)
    assert "not a settings backup" in run_module("settings_restore", **given(path))["msg"]


@pytest.mark.parametrize("content", [DATA + "\n", json.dumps({"settings": {"data": DATA}, "meta": {}})])
def test_takes_what_others_kept(run_module: RunModule, webapp: ScriptedServer, tmp_path: Path, content: str) -> None:
    webapp.expect(health(registered=False), shards(1), RESTORE, health())
    path = tmp_path / "backup.json"
    path.write_text(content)
    path.chmod(0o644)
    result = run_module("settings_restore", **given(path))
    assert any("can be read by others" in warning for warning in result["warnings"])


def test_a_missing_file_is_an_error(run_module: RunModule, tmp_path: Path) -> None:
    assert "cannot be read" in run_module("settings_restore", **given(tmp_path / "none"))["msg"]
