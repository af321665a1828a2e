# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What media_gc.yml and message_gc.yml have in common, and what the former asks of a scripted webapp."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.wabiz.onprem.tests.unit.plugins.answers import health
from ansible_collections.wabiz.onprem.tests.unit.plugins.scripted_server import ScriptedServer, Step

from tests.support.paths import ROOT
from tests.support.playbook import DEAD, LOCALLY, PlaybookRun, run_playbook

pytestmark = pytest.mark.slow

PLAYBOOKS = ROOT / "playbooks"
LOGIN = Step("POST", "/v1/users/login", answer={"users": [{"token": "canary.tok.en"}]})
LOGOUT = Step("POST", "/v1/users/logout", answer={})
START = Step("PUT", "/v1/services/media/gc", answer={"services": {"media": {"gc": {"status": "processing"}}}})
ROWS = {"db_messages": {"data": [{"value": 5000}], "type": "gauge"}}
STATS = Step("GET", "/v1/stats/db", answer={"stats": {"db": {"app1:0123456789ab": ROWS}}})
HERE = "here"


class Cluster:
    """A cluster whose one host is this machine, with the cluster's lock; what its share has is the test's."""

    def __init__(self, path: Path, webapp: ScriptedServer, authority: str) -> None:
        self.path, self.webapp, self.authority, self.lock = path, webapp, authority, path / "lock"

    def run(self, media: dict[str, Any], below: float | None) -> PlaybookRun:
        """Run the play of media_gc.yml behind the inspection of the host."""
        imported = yaml.safe_load((PLAYBOOKS / "media_gc.yml").read_text(encoding="utf-8"))
        own = next(one["vars"] for one in imported if str(one["ansible.builtin.import_playbook"]).endswith("gc.yml"))
        (play,) = yaml.safe_load((PLAYBOOKS / "internal" / "gc.yml").read_text(encoding="utf-8"))
        tasks = [task for task in play["tasks"] if "wabiz.onprem.survey" not in task]
        locked = {"ansible.builtin.include_tasks": "tasks/take_lock.yml"}
        unlocked = {"ansible.builtin.include_tasks": "tasks/unlock.yml"}
        play = {**play, "hosts": "all", "vars": own, "tasks": [locked, *tasks, unlocked]}
        text = yaml.safe_dump([play], width=1000).replace("tasks/", f"{PLAYBOOKS}/internal/tasks/")
        file = self.path / "play.yml"
        file.write_text(text.replace("api_vars.yml", f"{PLAYBOOKS}/internal/api_vars.yml"), encoding="utf-8")
        known = {**self.known(below), "_wabiz_survey": {"engine": {}, "containers": [], "media": media}}
        done = run_playbook(file, inventory=f"{HERE},", extra_vars=known, environment={"no_proxy": "127.0.0.1"})
        assert "anary" not in done.output
        assert not self.lock.exists()
        return done

    def known(self, below: float | None) -> dict[str, Any]:
        settings = {
            "directory": str(self.path),
            "api_delegate_to": None,
            "api_endpoints": [self.webapp.address],
            "api_ca_path": self.authority,
            "api_key": "Canary-api-key-1",
            "admin_password": "Canary-admin-1",
            "plan_file": str(self.path / "plan.json"),
            "take_over": False,
            "media_path": "/srv/media",
            "media_gc_below_gb": below,
        }
        topology = {
            "cluster": "try",
            "keeper": HERE,
            "lock": str(self.lock),
            "holder": "me",
            "playbook": "media_gc",
            "nodes": [],
            "services": {HERE: ["webapp"]},
            "groups": {"webapp": [HERE]},
            "endpoints": [],
        }
        return {**LOCALLY, "ansible_become": False, "_wabiz": settings, "_wabiz_topology": topology}

    def plan(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.path / "plan.json").read_text(encoding="utf-8"))
        return found


@pytest.fixture
def cluster(tmp_path: Path, webapp: ScriptedServer, tls_files: dict[str, str]) -> Cluster:
    return Cluster(tmp_path, webapp, tls_files["ca"])


def share(free: float | None, problem: str = "") -> dict[str, Any]:
    return {"path": "/srv/media", "mount": {}, "modes": {}, "free": free, "problem": problem}


def test_a_share_that_fills_up_is_cleaned_up_once(cluster: Cluster) -> None:
    cluster.webapp.expect(health(), LOGIN, START, LOGOUT)
    done = cluster.run(share(3e9), 20).succeeded()
    assert "3.0 GB are free for media, less than 20" in done.output
    assert len(done.changed) == 1


def test_nothing_to_do_is_no_failure(cluster: Cluster) -> None:
    cluster.webapp.expect(health())
    done = cluster.run(share(30e9), 20).succeeded()
    assert (done.changed, cluster.plan()["rounds"]) == (set(), 0)


def test_a_share_that_does_not_answer_is_a_refusal_with_its_host(cluster: Cluster) -> None:
    cluster.webapp.expect(health())
    done = cluster.run(share(None, "no answer within 5 s"), None).failed()
    assert done.failures[-1]["msg"].startswith("Nothing was removed. here: the media directory /srv/media does not")
    assert done.changed == set()


def test_a_collection_that_is_not_started_releases_the_lock(cluster: Cluster) -> None:
    refused = Step("PUT", START.path, status=400, answer={"errors": [{"code": 1014, "title": "Internal error"}]})
    cluster.webapp.expect(health(), LOGIN, refused, LOGOUT)
    assert "Internal error" in cluster.run(share(3e9), None).failed().failures[-1]["msg"]


MESSAGES = Step("PUT", "/v1/services/message/gc", answer={"services": {"message": {"gc": {"status": "processing"}}}})
REFUSED = Step("PUT", MESSAGES.path, status=403, answer={"errors": [{"code": 1005, "title": "Access denied"}]})


@pytest.mark.parametrize("before", [None, "2026-01-08T02:00:00+00:00\n"])
@pytest.mark.parametrize(("answer", "noted"), [(MESSAGES, True), (REFUSED, False)])
def test_when_messages_were_collected_is_noted_on_the_first_webapps_host(
    cluster: Cluster, webapp: ScriptedServer, before: str | None, answer: Step, noted: bool
) -> None:
    """Whoever asks the API has no directory of the cluster; a start that was refused does not count."""
    place = cluster.path / "cluster"
    place.mkdir()
    stamp = place / "message-gc.stamp"
    if before:
        stamp.write_text(before, encoding="utf-8")
    known = cluster.known(None)
    more = {"above": 10, "window": None, "force": False, "timeout": 60, "callbacks_command": None}
    known["_wabiz"] |= {"directory": str(place), **{f"message_gc_{name}": value for name, value in more.items()}}
    # No file of the cluster is where the API is asked from.
    known["_wabiz"] |= {"api_delegate_to": "asking"}
    known |= {"_wabiz_gc_rounds": 1}
    tasks = [
        {"ansible.builtin.include_tasks": f"{PLAYBOOKS}/internal/tasks/{name}.yml"}
        for name in ("take_lock", "message_gc_rounds")
    ]
    play = {
        "hosts": HERE,
        "gather_facts": False,
        "vars_files": [f"{PLAYBOOKS}/internal/api_vars.yml"],
        "module_defaults": {"group/wabiz.onprem.api": "{{ _wabiz_api }}"},
        "tasks": tasks,
    }
    file = cluster.path / "messages.yml"
    file.write_text(yaml.safe_dump([play], width=1000), encoding="utf-8")
    unknown = Step("GET", STATS.path, answer={"stats": {"db": {}}})
    webapp.expect(unknown, LOGIN, answer, LOGOUT)
    done = run_playbook(file, inventory=f"{HERE},asking,", extra_vars=known, environment={"no_proxy": "127.0.0.1"})
    (done.succeeded if noted else done.failed)()
    there = stamp.read_text(encoding="utf-8") if stamp.exists() else None
    assert (there != before) == noted


@pytest.mark.parametrize(("verb", "asked"), [("media_gc", []), ("message_gc", [STATS, STATS])])
def test_check_mode_predicts_the_collection(
    tmp_path: Path, webapp: ScriptedServer, tls_files: dict[str, str], verb: str, asked: list[Step]
) -> None:
    """The whole playbook, where the API alone answers: neither lock nor hosts are needed."""
    nowhere = {**LOCALLY, **DEAD}
    groups = {"webapp": "web1", "master": "m1", "coreapp": "c1"}
    known = {
        "wabiz_api_key": "Canary-api-key-1",
        "wabiz_admin_password": "Canary-admin-1",
        "wabiz_api_delegate_to": "localhost",
        "wabiz_api_endpoints": [webapp.address],
        "wabiz_api_ca_path": tls_files["ca"],
        "wabiz_media_gc_below_gb": "",
        "wabiz_message_gc_above": "1000",
        "wabiz_message_gc_read": "true",
    }
    children = {group: {"hosts": {host: None}} for group, host in groups.items()}
    file = tmp_path / "inventory.yml"
    file.write_text(yaml.safe_dump({"all": {"vars": {**nowhere, **known}, "children": children}}), encoding="utf-8")
    webapp.expect(health(), *asked)
    done = run_playbook(
        PLAYBOOKS / f"{verb}.yml", inventory=file, arguments=["--check"], environment={"no_proxy": "127.0.0.1"}
    ).succeeded()
    assert done.recap["web1"]["changed"] == 1 and "anary" not in done.output
