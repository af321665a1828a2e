"""The installed cron line, run by hand, reaches every running client container of the cluster and no other."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from tests.lab import cron
from tests.lab.hosts import HOSTS, containers, on, shell
from tests.lab.play import play
from tests.support.waiting import wait_for

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


@pytest.mark.drill
@pytest.mark.proves("wabiz_log_cleanup_timeout")
def test_a_hung_cleanup_is_told(cluster: None) -> None:
    host, name, script = "core1", "wabiz-coreapp-1", "/opt/whatsapp/bin/cleanup.sh"
    play("log_cleanup", f"--limit={host}", extra_vars={"wabiz_log_cleanup_timeout": 2}).succeeded()
    within = ("docker", "exec", "--user=root", name, "sh", "-c")
    on(host, *within, f"cp -p {script} /tmp/kept && printf '#!/bin/sh\nexec sleep 45\n' > {script}")
    try:
        assert shell(host, f"{cron.command(host)}; echo code $?").endswith("code 1")
        told = json.loads(on(host, "cat", "/etc/wabiz/wabiz/log-cleanup.json"))
        assert told["codes"][name] == 124
        failed = f"failed: {name} (did not end in time)"
        assert f"{host}: the log cleanup of {told['began']} {failed}" in play("verify").stdout
        assert f"{host} {told['began']} ({failed})" in play("status").stdout
    finally:
        on(host, *within, f"cp -p /tmp/kept {script}")
        play("log_cleanup").succeeded()
    # The one that hangs has ended by itself.
    wait_for("the end", lambda: "sleep 45" not in on(host, "docker", "top", name), 60)
    assert name in cron.cleaned(host)
    assert "failed: " not in play("status").stdout


def test_the_database_host_has_no_job(cluster: None) -> None:
    assert cron.command("db1") == ""
