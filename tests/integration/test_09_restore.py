# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The number is moved to a new installation with the backup from the time when it had one shard."""

from __future__ import annotations

import pytest

from tests.integration.webapps import PHONE, Webapps
from tests.standin.cluster import PASSWORD, Cluster, docker
from tests.support.waiting import wait_for

pytestmark = pytest.mark.docker


def stop_old(cluster: Cluster) -> None:
    """Stop the installation that has the number: two at a time would disconnect each other."""
    nodes = ["master1", "master2", *(f"core{number}" for number in range(1, 6))]
    docker("rm", "-f", *(cluster.container(name) for name in (*nodes, *cluster.webs)))
    cluster.webs.clear()


@pytest.fixture(scope="module")
def new(api: Webapps) -> Webapps:
    """Return a fresh installation on the same database server, with its own databases."""
    cluster = api.cluster
    stop_old(cluster)
    cluster.variables["WA_DB_NAME_PREFIX"] = "moved_"
    cluster.add_web("web3")
    wait_for("the new webapp", lambda: cluster.call("GET", "/", web="web3")[0] == 200, 60)
    cluster.add_master("master3")
    cluster.add_coreapp("core6")
    fresh = Webapps(cluster, api.directory, api.canaries, api.authority, api.ran, api.settled, web="web3")
    fresh.good("token", password="secret", new_password=PASSWORD)
    return fresh


@pytest.fixture
def unregistered(new: Webapps) -> Webapps:
    """Return the fresh installation as soon as it reports that it has no number."""
    new.good("health_info", wait_for={"masters": 1, "coreapps": 1, "registered": False})
    return new


def test_a_backup_with_another_number_of_shards_is_refused(unregistered: Webapps) -> None:
    path = str(unregistered.directory / "two-shards.json")
    refused = unregistered.run(
        "settings_restore", path=path, backup_password=unregistered.canaries.values["backup_password"]
    )
    assert "2 shards" in refused["msg"]
    assert unregistered.good("health_info")["summary"]["registered"] is False


def test_a_wrong_password_is_refused(unregistered: Webapps) -> None:
    refused = unregistered.run(
        "settings_restore", path=str(unregistered.directory / "backup.json"), backup_password="Not-the-password-1"
    )
    assert (refused["error"]["status"], refused["error"]["code"]) == (403, 1005)


def test_restore(unregistered: Webapps) -> None:
    order = {
        "path": str(unregistered.directory / "backup.json"),
        "backup_password": unregistered.canaries.values["backup_password"],
    }
    predicted = unregistered.good("settings_restore", check=True, diff=True, **order)
    result = unregistered.good("settings_restore", diff=True, **order)
    assert predicted == result
    assert (result["changed"], result["registered"], result["restart_required"]) == (True, True, [])
    unregistered.good("health_info", wait_for={"masters": 1, "coreapps": 1, "shards": 1, "registered": True})
    assert not unregistered.good("business_profile", email="shop@example.net")["changed"]
    assert not unregistered.good("shards", shards=1, cert=unregistered.canaries.values["cert"], **PHONE)["changed"]


def test_a_second_restore_is_refused(new: Webapps) -> None:
    order = {"path": str(new.directory / "backup.json"), "backup_password": new.canaries.values["backup_password"]}
    assert "without a registered number" in new.refused("settings_restore", **order)["msg"]
