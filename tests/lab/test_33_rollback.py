"""The rollback after the point of no return, as in docs/upgrade.md: the database is restored from its dump."""

from __future__ import annotations

import re

import pytest

from tests.lab import client, gateway, upgrading
from tests.lab.hosts import CLUSTER, on, shell
from tests.lab.operation import KEEPER
from tests.lab.play import play
from tests.lab.upgrading import DIRECTORY, NEW, OLD

pytestmark = pytest.mark.drill

SETTINGS = f"{DIRECTORY}/settings-{OLD}-to-{NEW}.json"


def saved() -> str:
    """Return the digest of the settings backup that the upgrade made."""
    return on(KEEPER, "sha256sum", SETTINGS)


@pytest.mark.parametrize("kind", ["mysql", "postgresql"])
def test_the_old_version_runs_on_the_restored_database(cluster: None, kind: str) -> None:
    given = upgrading.old_cluster({"wabiz_database_engine": kind})
    shell(upgrading.SERVER, f"rm -rf {upgrading.DUMPS}")
    # One of an earlier upgrade would be kept.
    shell(KEEPER, f"rm -f {SETTINGS}")
    run = play("upgrade", extra_vars=given).succeeded()
    assert set(upgrading.versions().values()) == {NEW}
    settings = saved()
    (dump,) = set(re.findall(r"wabiz_database_restore_from=(\w+)", run.stdout))
    assert f"before the upgrade from {OLD} to {NEW}" in play("database_restore", extra_vars=given).succeeded().stdout
    play("uninstall", "--limit=all:!database", extra_vars=given).succeeded()
    assert upgrading.versions() == {}
    assert saved() == settings
    named = {"wabiz_database_restore_from": dump, "wabiz_database_restore_cluster": CLUSTER}
    play("database_restore", extra_vars={**given, **named}).succeeded()
    play("site", extra_vars={**given, "wabiz_version": OLD}).succeeded()
    assert set(upgrading.versions().values()) == {OLD}
    client.settled(120)
    assert gateway.punishable() == []
    assert saved() == settings
    upgrading.removed()
