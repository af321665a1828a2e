# Copyright: (c) 2026, wabiz.onprem contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options of a site are what the installed community.docker takes."""

from __future__ import annotations

import subprocess
from typing import Any

import pytest
from ansible_collections.wabiz.onprem.plugins.plugin_utils.declared import declared
from ansible_collections.wabiz.onprem.plugins.plugin_utils.host_settings import host_settings

from tests.support.paths import CORES, ROOT

SECRET = "Canary-secret-1"


def read(**given: Any) -> tuple[dict[str, Any], list[str]]:
    wanted = [declared().variables[name] for name in given]
    settings = host_settings("web1", given, [declared().variables["wabiz_cluster_name"], *wanted], lambda value: value)
    return settings.values, [str(finding) for finding in settings.findings]


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        (
            {"cpus": "1.5", "privileged": "false", "pids_limit": "100"},
            {"cpus": 1.5, "privileged": False, "pids_limit": 100},
        ),
        ({"security_opts": "seccomp=unconfined"}, {"security_opts": ["seccomp=unconfined"]}),
        ({"ports": ["8443:443"]}, {"published_ports": ["8443:443"]}),
        ({"env": {"A": "", "B": 1, "C": None}}, {"env": {"A": "", "B": "1"}}),
        ({"mounts": [{"target": "/x", "type": "tmpfs"}]}, {"mounts": [{"target": "/x", "type": "tmpfs"}]}),
        ('{"platform": "linux/amd64"}', {"platform": "linux/amd64"}),
        ({"cpus": None, "init": "", "memory": " "}, {}),
        ({"memory": None}, {}),
        ({"memory": "512m", "shm_size": "1G"}, {"memory": "512m", "shm_size": "1G"}),
        ({"healthcheck": {"interval": "1m30s"}}, {"healthcheck": {"interval": "1m30s", "test_cli_compatible": False}}),
        ({"ulimits": "nofile:65536"}, {"ulimits": ["nofile:65536"]}),
        (
            {"labels": {"a": 1}, "log_options": {"max-file": 3}},
            {"labels": {"a": "1"}, "log_options": {"max-file": "3"}},
        ),
        ({"tmpfs": ["/scratch:size=8m"], "command": "a 'b c'"}, {"tmpfs": ["/scratch:size=8m"], "command": "a 'b c'"}),
    ],
)
def test_options_are_converted(given: Any, meant: dict[str, Any]) -> None:
    """A blank value is none."""
    values, findings = read(wabiz_container_options=given)
    assert (values["container_options"], findings) == (meant, [])


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"security_opt": ["x"]}, "Did you mean security_opts?"),
        ({"state": "absent"}, "is no option of a container"),
        ({"recreate": True}, "is no option of a container"),
        ({"name": "mine"}, "is no option of a container"),
        ({"memory_swappiness": SECRET}, "It is of type int"),
        ({"cgroupns_mode": SECRET}, "one of private, host"),
        ({"mounts": [{"type": "tmpfs", "source": SECRET}]}, "unfit value under mounts"),
        ({"env": {"A": True}}, "Put each value in quotes."),
        ({"ports": ["1:1"], "published_ports": ["2:2"]}, "has published_ports twice"),
        ({"Memory": "1g"}, "has a key of the wrong form"),
        # What the module would find while a host's containers are replaced.
        ({"memory": SECRET}, "unfit value under memory"),
        ({"healthcheck": {"test": ["CMD", "true"], "interval": SECRET}}, "unfit value under healthcheck"),
        ({"healthcheck": {"interval": 30}}, "unfit value under healthcheck"),
        ({"ulimits": ["nofile=65536"]}, "unfit value under ulimits"),
        ({"ulimits": ["nofile:many"]}, "unfit value under ulimits"),
        ({"published_ports": [f"{SECRET}:8443:443"]}, "unfit value under published_ports"),
        ({"volumes": ["/a:/opt/x", "/b:/opt/x"]}, "unfit value under volumes"),
        ({"mounts": [{"target": "/x", "type": "bind"}]}, "unfit value under mounts"),
        ("mine", "cannot be read as dict"),
    ],
)
def test_what_is_no_option_is_a_finding_without_its_value(given: Any, said: str) -> None:
    values, findings = read(wabiz_coreapp_container_options=given)
    (line,) = findings
    assert line.startswith("web1, variable wabiz_coreapp_container_options: ")
    assert said in line
    assert SECRET not in line
    assert values["coreapp_container_options"] == {}


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("bots, proxy", [{"name": "wabiz"}, {"name": "bots"}, {"name": "proxy"}]),
        (
            ["bots", {"name": "wabiz", "aliases": ["waweb"]}],
            [{"name": "wabiz", "aliases": ["waweb"]}, {"name": "bots"}],
        ),
        (
            [{"name": "bots", "ipv4_address": "10.1.1.9"}],
            [{"name": "wabiz"}, {"name": "bots", "ipv4_address": "10.1.1.9"}],
        ),
        ([], [{"name": "wabiz"}]),
    ],
)
def test_the_clusters_own_network_is_the_first(given: Any, meant: list[dict[str, Any]]) -> None:
    values, findings = read(wabiz_networks=given)
    assert (values["networks"], findings) == (meant, [])


@pytest.mark.parametrize("given", [[{"alias": "x"}], [{"name": "bots", "alias": "x"}], [["bots"]], 5])
def test_a_network_that_would_not_be_understood_is_refused(given: Any) -> None:
    assert len(read(wabiz_networks=given)[1]) == 1


@pytest.mark.parametrize("core", CORES)
def test_each_supported_community_docker_says_what_it_takes(core: str) -> None:
    """What it says is private to it, and moved in version 5."""
    python = CORES[core] / "python"
    if not python.exists():
        pytest.skip(f"no {python}: the newest ansible-core needs Python 3.12 or newer, which this machine has not")
    program = (
        "from ansible_collections.wabiz.onprem.plugins.plugin_utils.container_options import _fitted\n"
        "assert _fitted({'ports': '8443:443', 'memory': '1g', 'ulimits': 'nofile:9:9'}) == "
        "{'published_ports': ['8443:443'], 'memory': '1g', 'ulimits': ['nofile:9:9']}"
    )
    environment = {"PYTHONPATH": str(ROOT / "collections")}
    done = subprocess.run([python, "-c", program], env=environment, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr
