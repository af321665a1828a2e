"""The installed cron line, run by hand, reaches every running client container of the cluster and no other."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.lab import cron
from tests.lab.hosts import HOSTS, containers, on

NODE_HOSTS = [host for host in HOSTS if host != "db1"]


@pytest.fixture
def neighbours(cluster: None) -> Iterator[None]:
    """On core1 a running client container of another cluster; on core2 the cluster's own, stopped."""
    image = on("core1", "docker", "inspect", "--format", "{{.Config.Image}}", "wabiz-coreapp-1")
    labels = ["--label=org.wabiz.cluster=other", "--label=org.wabiz.node=coreapp"]
    on("core1", "docker", "run", "--detach", "--name=other", *labels, "--entrypoint=sleep", image, "600")
    on("core2", "docker", "stop", "wabiz-coreapp-1")
    yield
    on("core1", "docker", "rm", "--force", "other")
    on("core2", "docker", "start", "wabiz-coreapp-1")


@pytest.mark.parametrize("host", NODE_HOSTS)
def test_each_running_node_is_cleaned(cluster: None, host: str) -> None:
    assert cron.cleaned(host) == {name for name in containers(host) if name.startswith("wabiz-")}


def test_other_containers_are_left_alone(neighbours: None) -> None:
    assert cron.cleaned("core1") == {"wabiz-coreapp-1"}
    assert cron.cleaned("core2") == set()


def test_the_database_host_has_no_job(cluster: None) -> None:
    assert cron.command("db1") == ""
