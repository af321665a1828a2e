"""MySQL makes users otherwise than the lab's MariaDB; the default list of versions refuses it, the lab's accepts it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.wabiz.onprem.plugins.plugin_utils.declared import declared

from lab.docker import docker
from tests.lab.hosts import LAB, containers, on, shell
from tests.support.canary import awkward
from tests.support.playbook import PlaybookRun, run_playbook

pytestmark = pytest.mark.drill

HOST, CLUSTER, PORT = "db1", "newer", 3399
PASSWORD = awkward()
SERVER: dict[str, Any] = {
    "wabiz_cluster_name": CLUSTER,
    "wabiz_database_port": PORT,
    "wabiz_database_user": "newer",
    "wabiz_database_password": PASSWORD,
    "wabiz_database_images": {"mysql": "registry.lab.test:5000/mysql:9.7"},
}


def play(directory: Path, **changed: Any) -> PlaybookRun:
    """Role database in a play of its own."""
    path = directory / "play.yml"
    role = {"role": "wabiz.onprem.database"}
    path.write_text(yaml.safe_dump([{"hosts": HOST, "gather_facts": False, "become": True, "roles": [role]}]))
    return run_playbook(path, extra_vars={**SERVER, **changed})


@pytest.fixture(scope="module", autouse=True)
def removed_afterwards(lab: Path) -> Iterator[None]:
    yield
    for name in containers(HOST, f"label=org.wabiz.cluster={CLUSTER}"):
        on(HOST, "docker", "rm", "--force", name)
    shell(HOST, f"docker volume rm {CLUSTER}-database; docker network rm {CLUSTER}; rm -rf /etc/wabiz/{CLUSTER}; true")


def test_the_default_list_refuses_it_and_the_labs_accepts_it(tmp_path: Path) -> None:
    default = declared().variables["wabiz_database_versions"].default
    refused = play(tmp_path, wabiz_database_versions=default).failed()
    assert "has version 9.7; wabiz_database_versions accepts 5.7, 8.0" in refused.failures[-1]["msg"]
    accepted = play(tmp_path).succeeded()
    assert (HOST, "mysql_user newer") in accepted.changed
    assert play(tmp_path).succeeded().changed == set()
    assert PASSWORD not in accepted.output
    ask = "read -r MYSQL_PWD && export MYSQL_PWD && exec mysql --host=127.0.0.1 --user=newer --skip-column-names"
    inside = ["docker", "exec", "--interactive", f"{CLUSTER}-database", "sh", "-c", f"{ask} --execute 'SELECT 1'"]
    said = docker("exec", "--interactive", LAB.container(HOST), *inside, stdin=f"{PASSWORD}\n")
    assert said.stdout.strip() == "1"
