# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Settings and topology of a role in a user's own play, in real runs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.playbook import LOCALLY, PlaybookRun, run_playbook

pytestmark = pytest.mark.slow

GIVEN = {
    "wabiz_version": "2.57.2",
    "wabiz_database_host": "db1.example.net",
    "wabiz_database_user": "wabiz",
    "wabiz_database_password": "Database-1",
    "wabiz_api_key": "api-key-0123456789abcdef",
}


def run(folder: Path, role: str, hosts: str, groups: dict[str, list[str]], **given: Any) -> PlaybookRun:
    """The beginning of a role's road, with variables of the play; each host writes what it was told."""
    reader = f"alone {role}"
    tasks = [
        {"wabiz.onprem.settings": {"reader": reader}, "register": "_wabiz"},
        {"wabiz.onprem.preflight": {"reader": reader, "stage": "topology"}, "register": "_wabiz_topology"},
        {
            "ansible.builtin.copy": {
                "content": "{{ _wabiz_topology | to_json }}",
                "dest": f"{folder}/{{{{ inventory_hostname }}}}.json",
            }
        },
    ]
    play = [{"hosts": hosts, "gather_facts": False, "vars": {**GIVEN, **given}, "tasks": tasks}]
    children: dict[str, Any] = {group: {"hosts": {host: {} for host in members}} for group, members in groups.items()}
    (folder / "hosts.yml").write_text(
        yaml.safe_dump({"all": {"children": children, "vars": LOCALLY}}), encoding="utf-8"
    )
    (folder / "play.yml").write_text(yaml.safe_dump(play), encoding="utf-8")
    return run_playbook(folder / "play.yml", inventory=folder / "hosts.yml")


def told(folder: Path, host: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / f"{host}.json").read_text(encoding="utf-8"))
    return found


def test_the_hosts_of_the_play_are_members_and_the_first_one_keeps_the_lock(tmp_path: Path) -> None:
    run(tmp_path, "coreapp", "lines", {"lines": ["l1", "l2"], "frontends": ["f1"]}).succeeded()
    for host in ("l1", "l2"):
        found = told(tmp_path, host)
        assert (found["groups"]["coreapp"], found["groups"]["webapp"]) == (["l1", "l2"], [])
        assert (found["keeper"], found["playbook"], found["endpoints"]) == ("l1", "role coreapp", [])
        assert found["holder"].endswith(f", host {host}")
    assert told(tmp_path, "l1")["run"] == told(tmp_path, "l2")["run"]


def test_what_the_play_says_of_the_cluster_holds_for_its_other_hosts(tmp_path: Path) -> None:
    """Variables of a play are in no other host's hostvars, and the name of the cluster is one of them."""
    groups = {"lines": ["l1"], "frontends": ["f1", "f2"]}
    names = {"webapp": "frontends", "coreapp": "lines"}
    run(tmp_path, "coreapp", "lines", groups, wabiz_groups=names, wabiz_cluster_name="chat").succeeded()
    found = told(tmp_path, "l1")
    assert (found["cluster"], found["keeper"], found["lock"]) == ("chat", "f1", "/run/wabiz-chat.lock")
    assert found["endpoints"] == ["https://f1:9090", "https://f2:9090"]


def test_no_prefix_holds_for_the_clusters_other_hosts(tmp_path: Path) -> None:
    """It is read twice, and blank would not be given the second time."""
    groups = {"lines": ["l1"], "frontends": ["f1"]}
    names = {"webapp": "frontends", "coreapp": "lines"}
    run(tmp_path, "coreapp", "lines", groups, wabiz_groups=names, wabiz_database_prefix="none").succeeded()


@pytest.mark.parametrize("name", ["wabiz_database_password", "wabiz_version", "wabiz_api_key"])
def test_what_is_missing_is_named(tmp_path: Path, name: str) -> None:
    run_ = run(tmp_path, "webapp", "frontends", {"frontends": ["f1"]}, **{name: ""}).failed()
    (row,) = run_.failures
    assert f"f1, variable {name}: is not set" in row["msg"]


def test_a_port_that_two_services_claim_is_found(tmp_path: Path) -> None:
    groups = {"lines": ["l1"], "brains": ["l1"]}
    names = {"master": "brains", "coreapp": "lines"}
    found = run(tmp_path, "coreapp", "lines", groups, wabiz_groups=names, wabiz_coreapp_port=6254).failed()
    assert "claimed by" in found.failures[0]["msg"]


def test_hosts_that_role_media_is_used_for_have_media_though_no_group_of_the_cluster_names_them(tmp_path: Path) -> None:
    share = {"wabiz_media_path": "/srv/m/wa", "wabiz_media_mount_point": "/srv/m"}
    run(tmp_path, "media", "storage", {"storage": ["s1", "s2"]}, **share).succeeded()
    for host in ("s1", "s2"):
        found = told(tmp_path, host)
        assert (found["mount_points"][host], found["media"][host]) == (["/srv/m"], ["/srv/m/wa"])
        assert found["survey"][host]["paths"] == ["/srv/m"]


def test_too_few_nodes_are_not_its_business(tmp_path: Path) -> None:
    run(tmp_path, "master", "brains", {"brains": ["b1"]}, wabiz_groups={"master": "brains"}).succeeded()


# --- images, once they are pulled -------------------------------------------------------------------------------------

IMAGE = "docker.whatsapp.biz/coreapp:v2.57.2"
ID = f"sha256:{'1a' * 32}"


def pulled(folder: Path, **facts: Any) -> PlaybookRun:
    """Judge an image that a role has pulled, with a pin of the play."""
    told = {"id": ID, "content": "", "digests": [], "created": "", "expires_on": "", "architecture": "amd64", **facts}
    report = {"engine": {"running": True, "architecture": "amd64"}, "image_facts": {IMAGE: told}}
    reports = {"l1": {**report, "images": {IMAGE: "local"}}}
    reader = "alone coreapp"
    tasks = [
        {"wabiz.onprem.settings": {"reader": reader}, "register": "_wabiz"},
        {"wabiz.onprem.preflight": {"reader": reader, "stage": "images", "reports": reports}},
    ]
    given = {**GIVEN, "wabiz_groups": {"coreapp": "lines", "webapp": "frontends"}, "wabiz_image_ids": {"coreapp": ID}}
    play = [{"hosts": "l1", "gather_facts": False, "vars": given, "tasks": tasks}]
    children: dict[str, Any] = {"frontends": {"hosts": {"f1": {}}}, "lines": {"hosts": {"l1": {}}}}
    (folder / "hosts.yml").write_text(
        yaml.safe_dump({"all": {"children": children, "vars": LOCALLY}}), encoding="utf-8"
    )
    (folder / "play.yml").write_text(yaml.safe_dump(play), encoding="utf-8")
    return run_playbook(folder / "play.yml", inventory=folder / "hosts.yml")


def test_an_image_that_is_the_pinned_one_is_accepted(tmp_path: Path) -> None:
    pulled(tmp_path).succeeded()


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"id": f"sha256:{'2b' * 32}"}, "is another one than is pinned"),
        ({"architecture": "arm64"}, "is made for arm64, and the host is amd64"),
    ],
)
def test_an_image_that_is_not_the_right_one_is_refused(tmp_path: Path, facts: dict[str, str], words: str) -> None:
    (row,) = pulled(tmp_path, **facts).failed().failures
    assert row["msg"].startswith(f"l1: image {IMAGE} {words}")


def test_an_expired_image_is_a_warning_of_a_role(tmp_path: Path) -> None:
    run_ = pulled(tmp_path, expires_on="2025-10-23").succeeded()
    assert f"Image {IMAGE} expired on 2025-10-23." in run_.output
