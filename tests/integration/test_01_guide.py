# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbook in docs/modules.md, run unchanged on a fresh cluster."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.wabiz.onprem.tests.unit.plugins.certificates import issue

from tests.integration.conftest import SCALE
from tests.integration.webapps import Webapps, now
from tests.standin.cluster import API_KEY, NUMBER, PASSWORD, Cluster, docker, running_cluster
from tests.support.canary import Canaries
from tests.support.guide import write_guide
from tests.support.playbook import LOCALLY, PlaybookRun, run_playbook

pytestmark = pytest.mark.docker

TASKS = 8


@dataclass
class Guide:
    """The playbook, its cluster and its variables."""

    api: Webapps
    playbook: Path
    variables: dict[str, Any]
    secrets: Canaries

    def run(self, *arguments: str) -> PlaybookRun:
        """Run the playbook with verbose output, which may not contain a secret."""
        done = run_playbook(
            self.playbook,
            inventory="localhost,",
            extra_vars={**self.variables, "webapps": self.api.addresses},
            arguments=["-vvv", "--diff", *arguments],
            environment={"no_proxy": "127.0.0.1"},
        )
        assert self.secrets.leaks(done.output) == []
        assert "Traceback" not in done.output
        return done


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    """Return a fresh cluster of two webapps, two masters and five coreapps; it shows some settings after a restart."""
    late = {"STANDIN_SETTINGS_SHOWN": "after_restart"}
    with running_cluster("MYSQL", scale=SCALE, variables=late) as running:
        running.up(masters=2, coreapps=5)
        yield running


@pytest.fixture(scope="module")
def guide(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Guide:
    """Return the guide with fresh certificates and a phone that returns the code on request."""
    directory = tmp_path_factory.mktemp("guide")
    api = Webapps(cluster, directory)
    number = "".join(NUMBER)
    vname = cluster.standinctl("cert", number)
    intermediate = issue("Intermediate", api.authority, ca=True)
    server = issue("waweb.example.net", intermediate, addresses=("127.0.0.1",))
    (directory / "webapp.pem").write_text(server.key_pem + server.pem + intermediate.pem)
    (directory / "webhook_ca.pem").write_text(issue("Webhook CA", ca=True).pem)
    phone = shlex.join(["docker", "exec", cluster.container("gateway"), "standinctl", "code", number])
    variables = {
        **LOCALLY,
        "webapps_ca": str(api.ca),
        "api_key": API_KEY,
        "admin_password": PASSWORD,
        "cc": NUMBER[0],
        "number": NUMBER[1],
        "vname": vname,
        "code": f"{{{{ lookup('ansible.builtin.pipe', {phone!r}) }}}}",
        "webhook": "https://hooks.example.net",
        "webhook_ca": str(directory / "webhook_ca.pem"),
        "webapp_pem": str(directory / "webapp.pem"),
    }
    key = server.key_pem.splitlines()[1]
    secrets = Canaries((), {"api_key": API_KEY, "password": PASSWORD, "vname": vname, "key": key})
    return Guide(api, write_guide(directory), variables, secrets)


def test_it_scales_a_fresh_cluster_to_four_shards(guide: Guide) -> None:
    done = guide.run().succeeded()
    assert done.recap["localhost"]["changed"] == TASKS - 1
    guide.api.serve(4, registered=True)
    assert guide.api.good("shards_info")["shards"] == 4


def test_a_setting_that_is_shown_after_a_restart_is_sent_until_then(guide: Guide) -> None:
    api = guide.api
    order = {"settings": {"webhooks": {"max_concurrent_requests": 12}}}
    for _run in range(2):
        result = api.good("application_settings", **order)
        assert (result["changed"], result["restart_required"]) == (True, ["coreapp"])
    docker("restart", "-t", "1", *(api.cluster.container(f"core{number}") for number in range(1, 6)))
    api.serve(4)
    assert not api.good("application_settings", **order)["changed"]


def test_after_the_required_restarts_a_second_run_changes_nothing(guide: Guide) -> None:
    guide.api.restart()
    begin = now()
    done = guide.run().succeeded()
    assert done.recap["localhost"]["changed"] == 0
    assert guide.api.writes(begin) == []


def test_a_failure_is_readable_and_shows_no_secret(guide: Guide) -> None:
    """A webapp that fails is skipped; an error of all webapps is reported with code and remedy."""
    fault = ["standinctl", "fault", "add", "api", "--endpoint"]
    webs = [guide.api.cluster.container(web) for web in guide.api.cluster.webs]
    docker("exec", webs[0], *fault, "GET /v1/settings/*", "--code", "1023")
    for web in webs:
        docker("exec", web, *fault, "GET /v1/account/shards", "--code", "1025")
    done = guide.run("--start-at-task", "Set the webhook, and find failing coreapps sooner").failed()
    (failure,) = done.failures
    assert failure["task"].endswith("Serve the number with four coreapps")
    assert "GET /v1/account/shards" in failure["msg"]
    assert "HTTP 400, 1025 Invalid Request" in failure["msg"]
    assert failure["msg"].endswith("The request does not fit this version of the client.")
