"""--limit: one host is deployed, the whole cluster is verified."""

from __future__ import annotations

import pytest
from ansible_collections.wabiz.onprem.plugins.plugin_utils.declared import declared

from tests.lab import client
from tests.lab.hosts import containers, on
from tests.lab.play import play


@pytest.mark.drill
@pytest.mark.proves("wabiz_verify_timeout")
def test_a_limited_run_repairs_its_host_only_and_verifies_all(cluster: None) -> None:
    for host in ("core1", "core2"):
        on(host, "docker", "rm", "--force", "wabiz-coreapp-1")
    run = play("site", "--limit=core2", extra_vars={"wabiz_verify_timeout": 20}).failed()
    assert run.changed == {("core2", "container wabiz-coreapp-1")}
    assert set(run.hosts) == {"core2"}
    failure = run.failures[-1]
    assert "coreapps: wanted at least 3, found 2" in failure["msg"]
    # Of the playbook, only the verification could take so long.
    assert run.seconds < declared().variables["wabiz_verify_timeout"].default
    assert containers("core1") == {}

    repair = play("site", "--limit=core1").succeeded()
    assert repair.changed == {("core1", "container wabiz-coreapp-1")}
    client.settled()


def test_a_limited_run_without_drift_changes_nothing(cluster: None) -> None:
    run = play("site", "--limit=core2").succeeded()
    assert run.changed == set()
    assert "TASK [Read the health of the cluster]" in run.stdout
