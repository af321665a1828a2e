"""A number of another installation is moved to this cluster with its settings backup, without a new code."""

from __future__ import annotations

import secrets

import pytest

from tests.lab import client, gateway
from tests.lab.hosts import shell
from tests.lab.play import SECRETS, play
from tests.support.playbook import run_playbook

pytestmark = pytest.mark.drill

PASSWORD = "Moving-password-1"
# Never registered, and a new number in each run, so that its waiting time affects no other test.
OTHER_NUMBER = {"wabiz_phone_number": f"1519{secrets.randbelow(10**7):07}"}
CODES_PER_HOUR = 5


@pytest.fixture(scope="module")
def moving(cluster_at_first: None, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """A new, unregistered cluster in place of another one; the variables name the backup of the old one."""
    backup = tmp_path_factory.mktemp("moving") / "backup.json"
    variables = {"wabiz_restore_file": str(backup), "wabiz_restore_password": PASSWORD}
    run = run_playbook("tests/lab/backup.yml", extra_vars=variables, arguments=["--diff"]).succeeded()
    assert SECRETS.leaks(run.output) == []
    play("uninstall", extra_vars={"wabiz_uninstall_volumes": "wabiz"}).succeeded()
    play("site").succeeded()
    assert "primary_master unregistered" in client.roles()
    return variables


def test_too_many_requests_are_refused_with_the_time_of_the_next_try(moving: dict[str, str]) -> None:
    """If the command for the code fails, the code is still valid: the next run can give it."""
    run = play("register", extra_vars={**OTHER_NUMBER, "wabiz_registration_code_command": ["false"]}).failed()
    assert "The code was sent nevertheless" in run.failures[-1]["msg"]
    given = {**OTHER_NUMBER, "wabiz_times": CODES_PER_HOUR - 1}
    run_playbook("tests/lab/ask_for_codes.yml", extra_vars=given).succeeded()
    run = play("register", extra_vars=OTHER_NUMBER).failed()
    assert "Please wait 0 hour(s)" in run.failures[-1]["msg"]
    assert "Not before 20" in run.failures[-1]["msg"]
    assert run.changed == set()


def test_a_number_moves_with_its_backup(moving: dict[str, str]) -> None:
    codes = len(gateway.events("code_requested"))
    run = play("register", extra_vars=moving).succeeded()
    assert PASSWORD not in run.output
    assert shell("web1", "find / -xdev -name 'wabiz-*-settings'") == ""
    client.settled(120)
    assert len(gateway.events("code_requested")) == codes
    assert gateway.punishable() == []
    assert play("register", extra_vars=moving).succeeded().changed == set()
