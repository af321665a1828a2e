"""What the balancer's configuration says to each version of HAProxy."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from tests.support.paths import ROOT
from tests.support.playbook import LOCALLY, run_playbook

pytestmark = pytest.mark.slow

ROLE = ROOT / "roles" / "loadbalancer"
SETTINGS = {
    "cluster_name": "wabiz",
    "directory": "/etc/wabiz/wabiz",
    "loadbalancer_certificate": None,
    "loadbalancer_address": "",
    "loadbalancer_port": 443,
    "loadbalancer_maxconn": 2000,
    "loadbalancer_timeout": 60,
    "loadbalancer_check_interval": 2,
}


@pytest.mark.parametrize(
    ("said", "known"),
    [
        ("HAProxy version 2.6.12-1+deb12u3 2025/10/03 - https://haproxy.org/", True),
        ("HAProxy version 3.0.11-1+deb13u1 2025/10/03 - https://haproxy.org/", True),
        ("HA-Proxy version 2.2.9-2+deb11u6 2023/12/28 - https://haproxy.org/", False),
        # In check mode, before it is installed.
        ("", True),
    ],
)
def test_idle_clients_keep_their_connection_where_haproxy_can(said: str, known: bool, tmp_path: Path) -> None:
    play = {
        "hosts": "all",
        "gather_facts": False,
        "vars_files": [str(ROLE / "vars" / "main.yml")],
        "tasks": [
            {
                "ansible.builtin.template": {
                    "src": str(ROLE / "templates" / "haproxy.cfg.j2"),
                    "dest": str(tmp_path / "haproxy.cfg"),
                }
            }
        ],
    }
    (tmp_path / "play.yml").write_text(yaml.safe_dump([play]), encoding="utf-8")
    given = {**LOCALLY, "_wabiz": SETTINGS, "_loadbalancer_servers": [], "__loadbalancer_version": {"stdout": said}}
    run_playbook(tmp_path / "play.yml", inventory="lb1,", extra_vars=given).succeeded()
    written = (tmp_path / "haproxy.cfg").read_text(encoding="utf-8")
    assert ("option idle-close-on-response" in written) == known
