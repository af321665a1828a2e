"""The rollback after the point of no return, as in docs/upgrade.md: the database is restored."""

from __future__ import annotations

import pytest

from tests.lab import administrator, client, gateway, upgrading
from tests.lab.hosts import shell
from tests.lab.play import play
from tests.lab.upgrading import NEW, OLD
from tests.support.paths import ROOT

pytestmark = pytest.mark.drill

HOOK = ROOT / "tests" / "lab" / "database_backup.yml"


def test_the_old_version_runs_on_the_restored_database(cluster: None) -> None:
    given = upgrading.old_cluster()
    play("upgrade", extra_vars={**given, "wabiz_database_backup_tasks": str(HOOK)}).succeeded()
    assert set(upgrading.versions().values()) == {NEW}
    play("uninstall", "--limit=all:!database", extra_vars=given).succeeded()
    assert upgrading.versions() == {}
    administrator.sql(shell("db1", "cat /var/backups/wabiz-before.sql"))
    play("site", extra_vars={**given, "wabiz_version": OLD}).succeeded()
    assert set(upgrading.versions().values()) == {OLD}
    client.settled(120)
    assert gateway.punishable() == []
    upgrading.removed()
