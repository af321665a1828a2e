# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the judgment of the hosts depends on the playbook for, in real runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.wabiz.onprem.tests.unit.plugins.module_utils._rules.preflight.test_stages import (
    VALUES,
    container,
    report,
)

from tests.support.playbook import LOCALLY, PlaybookRun, run_playbook

pytestmark = pytest.mark.slow

MORE = {"wabiz_admin_password": "Admin-1-password", "wabiz_phone_cc": "1", "wabiz_phone_number": "5550123"}


def judged(
    folder: Path,
    reader: str,
    *arguments: str,
    locks: dict[str, Any] | None = None,
    there: dict[str, dict[str, Any]] | None = None,
    **more: Any,
) -> PlaybookRun:
    """Judge hosts on which nothing runs, for a playbook; C(locks) are those that hosts have, C(there) is what else."""
    members = {"webapp": ["webapp1", "webapp2"], "master": ["master1"], "coreapp": ["coreapp1"]}
    children: dict[str, Any] = {service: {"hosts": {host: {} for host in hosts}} for service, hosts in members.items()}
    reports = {
        host: report(lock=(locks or {}).get(host, {}), **(there or {}).get(host, {}))
        for hosts in members.values()
        for host in hosts
    }
    tasks = [
        {"wabiz.onprem.settings": {"reader": reader}, "register": "_wabiz"},
        {"wabiz.onprem.preflight": {"reader": reader, "stage": "hosts", "reports": reports}, "run_once": True},
    ]
    play = [{"hosts": "all", "gather_facts": False, "tasks": tasks}]
    given = {**LOCALLY, **VALUES, **MORE, **more}
    (folder / "hosts.yml").write_text(yaml.safe_dump({"all": {"children": children, "vars": given}}), encoding="utf-8")
    (folder / "play.yml").write_text(yaml.safe_dump(play), encoding="utf-8")
    return run_playbook(folder / "play.yml", inventory=folder / "hosts.yml", arguments=arguments)


@pytest.mark.parametrize(("reader", "refused"), [("register", True), ("site", False)])
def test_a_registration_needs_a_webapp(tmp_path: Path, reader: str, refused: bool) -> None:
    said = judged(tmp_path, reader).output
    assert ("No webapp of the cluster exists, so the API cannot be asked. Run site.yml first." in said) is refused


LOCK = {"holder": "anna", "purpose": "upgrade.yml", "since": "02:00", "until": "02:30", "expired": False}


def test_a_run_by_an_inventory_with_another_first_webapp_is_found(tmp_path: Path) -> None:
    """Each of both would hold a lock, on hosts of its own."""
    said = judged(tmp_path, "site", locks={"webapp2": LOCK}).failed().output
    assert "webapp2: the cluster is in use by anna for upgrade.yml, since 02:00, until 02:30" in said
    # Check mode changes nothing, and a preflight by itself neither.
    for reader, arguments in (("site", ["--check"]), ("preflight", [])):
        assert "nothing was changed" not in judged(tmp_path, reader, *arguments, locks={"webapp2": LOCK}).output


@pytest.mark.parametrize(
    ("locks", "more"),
    [
        ({"webapp1": LOCK}, {}),
        ({"webapp2": {**LOCK, "expired": True}}, {}),
        ({"webapp2": {"error": "no lock of this collection"}}, {}),
        ({"webapp2": LOCK}, {"wabiz_take_over": True}),
    ],
)
def test_a_lock_that_keeps_no_run_from_working(tmp_path: Path, locks: dict[str, Any], more: dict[str, Any]) -> None:
    """That of the first webapp's host is judged where it is taken."""
    assert "in use by" not in judged(tmp_path, "site", locks=locks, **more).output


@pytest.mark.parametrize(("taken", "needed"), [("me", False), ("me, the playbook before", True), ("", True)])
def test_the_lock_of_a_playbook_before_is_not_this_ones(tmp_path: Path, taken: str, needed: bool) -> None:
    """One playbook may import several. What is due is not changed without the lock."""
    known: dict[str, Any] = {"stamp": {}, "fingerprints": {}, "requirements": {}}
    there = dict.fromkeys(("webapp1", "webapp2", "master1", "coreapp1"), known)
    holders = {"_wabiz_locked": {"holder": taken}, "_wabiz_topology": {"holder": "me"}}
    said = judged(tmp_path, "site", "-v", there=there, **holders).succeeded().output
    assert "wabiz_due" in said
    assert ("wabiz_locking" in said) is needed


MIGRATES = "coreapp1: container wabiz-dbupgrade is upgrading the schema of the databases to version 2.57.2"


@pytest.mark.parametrize(
    ("reader", "version", "refused"),
    [
        *((reader, "2.57.2", True) for reader in ("site", "multiconnect", "register", "preflight")),
        *((reader, "2.55.1", True) for reader in ("site", "upgrade", "rotate_database_password", "rotate_secrets")),
        # It waits for the container.
        ("upgrade", "2.57.2", False),
    ],
)
def test_an_upgrade_of_the_schema_that_goes_on_alone(tmp_path: Path, reader: str, version: str, refused: bool) -> None:
    upgrades = container(name="wabiz-dbupgrade", cluster="wabiz", version="2.57.2", client="dbupgrade")
    there = {"coreapp1": {"containers": [upgrades]}}
    said = judged(tmp_path, reader, there=there, wabiz_version=version).output
    assert (MIGRATES in said) is refused
    assert ("run upgrade.yml with wabiz_version: 2.57.2, which waits for it" in said) is refused


def test_an_upgrade_of_the_schema_where_this_run_would_not_find_it(tmp_path: Path) -> None:
    """The run waits for the container on the first coreapp's host, and would start a second one beside any other."""
    upgrades = container(name="wabiz-dbupgrade", cluster="wabiz", version="2.57.2", client="dbupgrade")
    there = {"master1": {"containers": [upgrades]}}
    said = judged(tmp_path, "upgrade", there=there, wabiz_version="2.57.2").output
    assert MIGRATES.replace("coreapp1", "master1") in said


@pytest.mark.parametrize("other", [{"running": False}, {"cluster": "other"}, {"client": "multi", "node": "coreapp"}])
def test_containers_that_upgrade_no_schema_of_the_cluster(tmp_path: Path, other: dict[str, Any]) -> None:
    upgrades = container(name="wabiz-dbupgrade", cluster="wabiz", version="2.57.2", client="dbupgrade")
    assert (
        "upgrading the schema"
        not in judged(tmp_path, "site", there={"coreapp1": {"containers": [upgrades | other]}}).output
    )


@pytest.mark.parametrize(("reader", "told"), [("site", True), ("register", True), ("upgrade", False)])
def test_an_unfinished_upgrade_is_a_warning(tmp_path: Path, reader: str, told: bool) -> None:
    known: dict[str, Any] = {"stamp": {}, "fingerprints": {}, "requirements": {}}
    there = dict.fromkeys(("webapp2", "master1", "coreapp1"), known)
    there["webapp1"] = {**known, "files": {"/etc/wabiz/wabiz/upgrade.json": True}}
    said = judged(tmp_path, reader, there=there).output
    warning = "webapp1: an upgrade was started and not finished"
    assert (f"[WARNING]: {warning}" in " ".join(said.split())) is told
    assert f"- {warning}" not in said
