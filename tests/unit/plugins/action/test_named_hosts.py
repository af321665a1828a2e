# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Directories that the whole run has in common, and that one host sets for itself, in real runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.playbook import LOCALLY, PlaybookRun, run_playbook

pytestmark = pytest.mark.slow

SHARED = "/var/backups/wabiz-encrypted"


def judged(folder: Path, reader: str, of_hosts: dict[str, dict[str, Any]], **given: Any) -> PlaybookRun:
    """Read and judge an inventory as the playbooks do; nas1 and nas2 are in no group of the cluster."""
    members = {"database": ["db1"], "webapp": ["web1"], "master": ["m1"], "coreapp": ["core1"]}
    children = {
        group: {"hosts": {host: of_hosts.get(host, {}) for host in hosts}, "vars": of_hosts.get(group, {})}
        for group, hosts in members.items()
    }
    others = {host: of_hosts.get(host, {}) for host in ("nas1", "nas2")}
    known = {**LOCALLY, "wabiz_database_host": "db1", "wabiz_database_user": "wa", "wabiz_database_password": "x"}
    content = {"all": {"vars": {**known, **given}, "hosts": others, "children": children}}
    (folder / "hosts.yml").write_text(yaml.safe_dump(content), encoding="utf-8")
    tasks = [
        {"wabiz.onprem.settings": {"reader": reader, "judge": False}, "register": "_wabiz"},
        {"wabiz.onprem.preflight": {"reader": reader, "stage": "topology"}, "run_once": True},
    ]
    (folder / "play.yml").write_text(yaml.safe_dump([{"hosts": "all", "gather_facts": False, "tasks": tasks}]))
    return run_playbook(folder / "play.yml", inventory=folder / "hosts.yml")


@pytest.mark.parametrize(
    ("reader", "name", "host"),
    [
        ("backup", "wabiz_backup_path", "wabiz_backup_host"),
        ("restore", "wabiz_backup_path", "wabiz_backup_host"),
        ("images", "wabiz_image_archive", "wabiz_image_archive_host"),
        ("collect_logs", "wabiz_logs_directory", "wabiz_logs_host"),
    ],
)
def test_what_only_the_named_host_sets_is_not_ignored(tmp_path: Path, reader: str, name: str, host: str) -> None:
    given: dict[str, Any] = {host: "nas1", "wabiz_version": "2.57.2"}
    own = {"nas1": {name: "/mnt/nas/wabiz"}}
    said = judged(tmp_path, reader, own, **given, **{name: "/srv/wabiz"}).failed().failures[-1]["msg"]
    assert f"nas1, variable {name}: is /mnt/nas/wabiz there, and /srv/wabiz of the cluster's hosts counts" in said
    # Where it is set for all, or by a host that keeps nothing.
    judged(tmp_path, reader, own, **given, **{name: "/mnt/nas/wabiz"}).succeeded()
    judged(tmp_path, reader, {"nas2": own["nas1"], "nas1": {name: ""}}, **given, **{name: "/srv/wabiz"}).succeeded()


def test_a_default_is_a_value_too(tmp_path: Path) -> None:
    own = {"nas1": {"wabiz_backup_path": "/mnt/nas/wabiz"}}
    said = judged(tmp_path, "backup", own, wabiz_backup_host="nas1").failed().failures[-1]["msg"]
    assert f"is /mnt/nas/wabiz there, and {SHARED} of the cluster's hosts counts for the whole run." in said


@pytest.mark.parametrize(
    ("reader", "name"),
    [
        ("backup", "wabiz_backup_path"),
        ("images", "wabiz_images_directory"),
        ("images", "wabiz_image_archive"),
        ("collect_logs", "wabiz_logs_directory"),
    ],
)
def test_one_host_of_the_cluster_cannot_have_another_one(tmp_path: Path, reader: str, name: str) -> None:
    given = {"wabiz_version": "2.57.2", name: "/srv/wabiz"}
    said = judged(tmp_path, reader, {"web1": {name: "/mnt/wabiz"}}, **given).failed().failures[-1]["msg"]
    assert f"variable {name}: differs between hosts of one cluster" in said
    assert "/mnt/wabiz on web1" in said


def test_dumps_are_where_their_host_has_them(tmp_path: Path) -> None:
    judged(tmp_path, "database_backup", {"db1": {"wabiz_database_backup_directory": "/data/dumps"}}).succeeded()
