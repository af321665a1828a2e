"""R09: a number that another installation had moves here with its settings backup, without a new code."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.lab import client, gateway
from tests.lab.play import SECRETS, play
from tests.support.playbook import run_playbook

pytestmark = pytest.mark.drill

PASSWORD = "Moving-password-1"


def test_a_number_moves_with_its_backup(cluster: None, tmp_path: Path) -> None:
    moving = {"wabiz_restore_file": str(tmp_path / "backup.json"), "wabiz_restore_password": PASSWORD}
    run = run_playbook("tests/lab/backup.yml", extra_vars=moving, arguments=["--diff"]).succeeded()
    assert SECRETS.leaks(run.output) == []
    codes = len(gateway.events("code_requested"))
    play("uninstall", extra_vars={"wabiz_uninstall_volumes": "wabiz"}).succeeded()
    play("site").succeeded()
    assert "primary_master unregistered" in client.roles()

    run = play("register", extra_vars=moving).succeeded()
    assert PASSWORD not in run.output
    client.settled(120)
    assert len(gateway.events("code_requested")) == codes
    assert gateway.punishable() == []
    assert play("register", extra_vars=moving).succeeded().changed == set()
