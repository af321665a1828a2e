# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""media_gc against a scripted webapp."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.wabiz.onprem.plugins.modules import media_gc
from ansible_collections.wabiz.onprem.tests.unit.plugins.conftest import RunModule
from ansible_collections.wabiz.onprem.tests.unit.plugins.scripted_server import ScriptedServer, Step

PATH = "/v1/services/media/gc"
GIVEN: dict[str, Any] = {"token": "a.b.c"}


def start(status: str = "processing", **more: Any) -> Step:
    return Step("PUT", PATH, answer={"services": {"media": {"gc": {"status": status}}}}, **more)


def test_it_is_started(run_module: RunModule, webapp: ScriptedServer) -> None:
    webapp.expect(start())
    result = run_module("media_gc", **GIVEN)
    assert (result["changed"], result["status"], result["free_gb"]) == (True, "processing", None)


def test_a_lost_answer_is_asked_for_again(run_module: RunModule, webapp: ScriptedServer) -> None:
    """While a collection runs, another start does nothing."""
    webapp.expect(Step("PUT", PATH, status=504), start())
    assert run_module("media_gc", retries=1, **GIVEN)["status"] == "processing"


def test_check_mode(run_module: RunModule) -> None:
    assert run_module("media_gc", check=True, **GIVEN)["changed"]


def test_where_there_is_room_nothing_is_done(run_module: RunModule, webapp: ScriptedServer, tmp_path: Path) -> None:
    enough = run_module("media_gc", only_below_gb=0.0, path=str(tmp_path), **GIVEN)
    assert not enough["changed"]
    assert "which is not less than 0" in enough["skipped_reason"]
    webapp.expect(start("complete"))
    assert run_module("media_gc", only_below_gb=1e9, path=str(tmp_path), **GIVEN)["status"] == "complete"


def test_room_that_cannot_be_read(run_module: RunModule, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    missing = run_module("media_gc", only_below_gb=5, path=f"{tmp_path}/none", **GIVEN)
    assert "cannot be read: No such file or directory" in missing["msg"]
    monkeypatch.setattr(media_gc, "SECONDS", 0.1)
    monkeypatch.setattr(media_gc, "room", lambda _path: time.sleep(20))
    assert "no answer within 0.1 s" in run_module("media_gc", only_below_gb=5, path=str(tmp_path), **GIVEN)["msg"]
    assert "path" in run_module("media_gc", only_below_gb=5, **GIVEN)["msg"]


def test_a_start_that_fails(run_module: RunModule, webapp: ScriptedServer) -> None:
    webapp.expect(start("failed"))
    assert "was not started: status failed" in run_module("media_gc", **GIVEN)["msg"]
