# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the judgment of the hosts depends on the playbook for, in real runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.wabiz.onprem.tests.unit.plugins.module_utils._rules.preflight.test_stages import VALUES, report

from tests.support.playbook import LOCALLY, PlaybookRun, run_playbook

MORE = {"wabiz_admin_password": "Admin-1-password", "wabiz_phone_cc": "1", "wabiz_phone_number": "5550123"}


def judged(folder: Path, reader: str) -> PlaybookRun:
    """Judge hosts on which nothing runs, for a playbook."""
    services = ("webapp", "master", "coreapp")
    children: dict[str, Any] = {service: {"hosts": {f"{service}1": {}}} for service in services}
    reports = {f"{service}1": report() for service in services}
    tasks = [
        {"wabiz.onprem.settings": {"reader": reader}, "register": "_wabiz"},
        {"wabiz.onprem.preflight": {"reader": reader, "stage": "hosts", "reports": reports}, "run_once": True},
    ]
    play = [{"hosts": "all", "gather_facts": False, "tasks": tasks}]
    given = {**LOCALLY, **VALUES, **MORE}
    (folder / "hosts.yml").write_text(yaml.safe_dump({"all": {"children": children, "vars": given}}), encoding="utf-8")
    (folder / "play.yml").write_text(yaml.safe_dump(play), encoding="utf-8")
    return run_playbook(folder / "play.yml", inventory=folder / "hosts.yml")


@pytest.mark.parametrize(("reader", "refused"), [("register", True), ("site", False)])
def test_a_registration_needs_a_webapp(tmp_path: Path, reader: str, refused: bool) -> None:
    said = judged(tmp_path, reader).output
    assert ("No webapp of the cluster exists, so the API cannot be asked. Run site.yml first." in said) is refused
