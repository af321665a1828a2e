# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plays of backup.yml and restore.yml behind their plans: a scripted webapp, programs of a test as the server."""

from __future__ import annotations

import fcntl
import json
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.wabiz.onprem.tests.unit.plugins.answers import health, shards
from ansible_collections.wabiz.onprem.tests.unit.plugins.scripted_server import ScriptedServer, Step

from tests.support.paths import ROOT
from tests.support.playbook import LOCALLY, PlaybookRun, run_playbook
from tests.unit.plugins.modules.test_database_dump import ASK
from tests.unit.plugins.modules.test_database_dump import DATA as ROWS
from tests.unit.plugins.modules.test_database_dump import Site as Database

pytestmark = pytest.mark.slow

PASSPHRASE = "it's a Canary"
SETTINGS = "ENCRYPTED+DATA/OF=THE+CLIENT=="
KEY = "k" * 12
PLAYBOOKS = ROOT / "playbooks"
SAVE = Step("POST", "/v1/settings/backup", answer={"settings": {"data": SETTINGS}}, payload={"password": PASSPHRASE})
GIVE = Step("POST", "/v1/settings/restore", payload={"password": PASSPHRASE, "data": SETTINGS})
UNIQUE = "try-0a1b2c3d"
ABOUT = {
    "cluster": "try",
    "number": "4930123456",
    "version": "2.57.2",
    "shards": 2,
    "engine": "mysql",
    "prefix": "wabiz_",
}


class Cluster:
    """A cluster on one machine: its files, its server, and what the playbooks' first plays would have found."""

    def __init__(self, path: Path, webapp: ScriptedServer, authority: str) -> None:
        self.path, self.webapp, self.authority = path, webapp, authority
        # Who has the lock; the runs say that they are "me".
        self.holder = "me"
        self.etc, self.media, self.sets = path / "etc", path / "media", path / "backups" / "sets"
        # Of whoever runs Ansible, and of whoever asks the API.
        self.home = path / ".ansible"
        self.settings = self.home / f"wabiz-{UNIQUE}-settings"
        for directory in (self.etc, self.media / "incoming"):
            directory.mkdir(parents=True)
        (self.etc / "ca.key").write_text("a private key", encoding="utf-8")
        (self.media / "incoming" / "a.jpg").write_text("a picture", encoding="utf-8")
        (path / "server").mkdir()
        self.database = Database(path / "server")

    def run(
        self,
        verb: str,
        planned: dict[str, Any],
        hosts: str = "here,",
        more: dict[str, Any] | None = None,
        **environment: str,
    ) -> PlaybookRun:
        """Run the play behind the plan, with the cluster's lock; C(more) are further variables."""
        plays = yaml.safe_load((PLAYBOOKS / f"{verb}.yml").read_text(encoding="utf-8"))
        play = next(one for one in plays if one["name"] == verb.title())
        play.pop("vars_files")
        api = {"endpoints": [self.webapp.address], "ca_path": self.authority, "api_key": KEY, "token": "a.b.c"}
        server = {"engine": "mysql", "prefix": "wabiz_", "user": "root", "directory": str(self.path / "transit")}
        play["module_defaults"] = {"group/wabiz.onprem.api": api, "group/wabiz.onprem.database": server}
        lock = {"path": str(self.path / "lock"), "holder": self.holder, "purpose": "a test", "lease": 600}
        play = {**play, "hosts": "all", "pre_tasks": [{"wabiz.onprem.cluster_lock": lock}]}
        path = self.path / f"{verb}.yml"
        text = yaml.safe_dump([play], width=1000)
        path.write_text(text.replace("internal/tasks/", f"{PLAYBOOKS}/internal/tasks/"), encoding="utf-8")
        environment = {
            **environment,
            "no_proxy": "127.0.0.1",
            "ANSIBLE_LOCAL_TEMP": str(self.home / "tmp"),
            "FAKE": str(self.database.path),
            "PATH": f"{self.database.path / 'bin'}:{os.environ['PATH']}",
        }
        known = {**self.known(planned), **(more or {})}
        done = run_playbook(path, inventory=hosts, extra_vars=known, arguments=["-vvv"], environment=environment)
        for secret in (PASSPHRASE, SETTINGS, "a private key", "a picture"):
            assert secret not in done.output
        self.webapp.verify()
        return done

    def known(self, planned: dict[str, Any]) -> dict[str, Any]:
        here = "here"
        settings = {
            "cluster_name": "try",
            "backups": str(self.sets),
            "backup_host": None,
            "backup_keep": None,
            "backup_transit": str(self.path / "transit"),
            "database_backup_timeout": 3600,
            "no_log": True,
            "admin_password": None,
            "verify_timeout": 10,
            "media_path": str(self.media),
        }
        files = [PLAYBOOKS / "internal" / f"{name}_vars.yml" for name in ("database", "backup", "api")]
        written = {name: value for file in files for name, value in yaml.safe_load(file.read_text()).items()}
        topology = {"cluster": "try", "keeper": here, "lock": str(self.path / "lock"), "holder": "me", "playbook": "x"}
        topology |= {"unique_name": UNIQUE, "database_server": "db1, container try-database"}
        return {
            **LOCALLY,
            **{name: value for name, value in written.items() if name == "_wabiz_lease_for"},
            "ansible_become": False,
            "_wabiz": settings,
            "_wabiz_topology": topology,
            "_wabiz_sealing": {"backup_password": PASSPHRASE},
            "_wabiz_backup_keeper": here,
            "_wabiz_transit": str(self.path / "transit"),
            "_wabiz_settings_place": written["_wabiz_settings_place"].replace("~/.ansible", str(self.home)),
            "_wabiz_dump_host": here,
            "_wabiz_api_host": here,
            "_wabiz_api_become": False,
            "_wabiz_restoring": str(self.path / "notes" / "restore.json"),
            "_wabiz_survey": {"containers": []},
            "_wabiz_planned": {"target": f"here:{self.sets}", "hosts": [], "moves": [], **planned},
        }

    def backup(self) -> str:
        """Make a backup of all parts and return its name."""
        self.webapp.expect(health(2, 3), shards(2), SAVE)
        media = {"host": "", "paths": [str(self.media)], "base": str(self.media)}
        archives = [
            {"part": "certificates", "host": "here", "file": "certificates-here.tar.enc", "content": "files"}
            | {"paths": [str(self.etc)], "base": "/"},
            {"part": "media_list", "file": "media.list.gz.enc", "content": "listing", **media},
            {"part": "media", "file": "media.tar.enc", "content": "files", **media},
        ]
        planned = {"archives": {"here": archives}, "dump": True, "settings": True, "about": {**ABOUT, "note": ""}}
        done = self.run("backup", planned).succeeded()
        found = re.search(r"Saved as (\w+) in ", done.stdout)
        assert found and not (self.path / "transit").exists()
        return found[1]

    def lease(self) -> float:
        """Seconds for which the run has had the lock at last."""
        told = json.loads((self.path / "lock").read_text(encoding="utf-8"))
        return float(told["until"] - told["since"])

    def files(self, name: str) -> dict[str, dict[str, Any]]:
        told = json.loads((self.sets / name / "manifest.json").read_text(encoding="utf-8"))
        return {one["file"]: one for one in told["files"]}


@pytest.fixture
def cluster(tmp_path: Path, webapp: ScriptedServer, tls_files: dict[str, str]) -> Iterator[Cluster]:
    yield Cluster(tmp_path, webapp, tls_files["ca"])


@pytest.mark.drill
def test_a_backup_of_all_parts_is_restored_in_two_halves(cluster: Cluster) -> None:
    left = cluster.settings / "settings.json"
    left.parent.mkdir(parents=True)
    left.write_text("of a killed run", encoding="utf-8")
    name = cluster.backup()
    assert not left.parent.exists()
    files = cluster.files(name)
    assert set(files) == {
        *("certificates-here.tar.enc", "media.list.gz.enc", "media.tar.enc", "settings.tar.enc"),
        *("database/manifest.json", "database/databases.sql.gz.enc"),
    }
    assert list(cluster.sets.iterdir()) == [cluster.sets / name]
    (cluster.etc / "ca.key").unlink()
    (cluster.media / "incoming" / "a.jpg").unlink()

    known = {one["part"]: {"file": file, "sha256": one["sha256"]} for file, one in files.items()}
    etc = {**known["certificates"], "base": "/", "only": [str(cluster.etc)]}
    first = {"name": name, "unpacked": {"here": [etc]}, "dump": True, "settings": False}
    cluster.run("restore", first).succeeded()
    assert (cluster.etc / "ca.key").read_text(encoding="utf-8") == "a private key"
    assert cluster.database.said("restored") == ROWS
    assert not (cluster.path / "notes" / "restore.json").exists()

    cluster.webapp.expect(health(registered=False), shards(2), GIVE, health(2, 3))
    media = {**known["media"], "base": str(cluster.media), "only": [str(cluster.media)]}
    second = {"name": name, "unpacked": {"here": [media]}, "dump": False, "settings": True}
    cluster.run("restore", {**second, "settings_sha256": known["settings"]["sha256"]}).succeeded()
    assert (cluster.media / "incoming" / "a.jpg").read_text(encoding="utf-8") == "a picture"
    assert not (cluster.path / "transit").exists() and not cluster.settings.exists()
    # Media may take as long as a dump.
    assert cluster.lease() >= 2 * 3600 + 1800


def test_a_restore_that_fails_leaves_a_note_of_its_server(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    """With another server in the inventory the note keeps nodes from nothing."""
    monkeypatch.setenv("PATH", f"{cluster.database.path / 'bin'}:{os.environ['PATH']}")
    monkeypatch.setenv("FAKE", str(cluster.database.path))
    cluster.database.dump("database", directory=str(cluster.sets / "one"), passphrase=PASSPHRASE)
    cluster.database.program("mysql", ASK + 'echo "ERROR 1064 at line 3" >&2; exit 1\n')
    planned = {"name": "one", "unpacked": {}, "dump": True, "settings": False}
    assert "ERROR 1064" in cluster.run("restore", planned).failed().failures[-1]["msg"]
    note = json.loads((cluster.path / "notes" / "restore.json").read_text(encoding="utf-8"))
    assert (note["server"], note["backup"]) == ("db1, container try-database", "one")


def test_a_dump_that_fails_leaves_no_backup_and_nothing_on_its_way(cluster: Cluster) -> None:
    cluster.database.program("mysqldump", 'echo "Lost connection" >&2; exit 2\n')
    planned = {"archives": {}, "dump": True, "settings": False, "about": {**ABOUT, "note": ""}}
    failed = cluster.run("backup", planned).failed()
    assert "Lost connection" in failed.failures[-1]["msg"]
    assert not cluster.sets.exists() and not (cluster.path / "transit").exists()


def test_what_a_killed_run_has_left_of_the_settings_is_removed_by_a_backup_without_them(cluster: Cluster) -> None:
    left = cluster.settings / "settings.json"
    left.parent.mkdir(parents=True)
    left.write_text("of a killed run", encoding="utf-8")
    cluster.database.program("mysqldump", "exit 2\n")
    cluster.run("backup", {"archives": {}, "dump": True, "settings": False, "about": ABOUT}).failed()
    assert not left.parent.exists()


def test_what_a_cluster_of_the_same_name_has_on_its_way_stays(cluster: Cluster) -> None:
    """Run from the same controller, or where the API is asked from the same host."""
    places = ("tmp/wabiz-{}-images/media.tar.enc", "wabiz-{}-settings/settings.json")
    left = {name: [cluster.home / place.format(name) for place in places] for name in (UNIQUE, "try-0badf00d", "try")}
    for file in (file for files in left.values() for file in files):
        file.parent.mkdir(parents=True)
        file.write_text("of a run", encoding="utf-8")
    cluster.database.program("mysqldump", "exit 2\n")
    cluster.run("backup", {"archives": {}, "dump": True, "settings": False, "about": ABOUT}).failed()
    there = {name: [file.exists() for file in files] for name, files in left.items()}
    assert there == {UNIQUE: [False] * 2, "try-0badf00d": [True] * 2, "try": [True] * 2}


@pytest.mark.parametrize("verb", ["backup", "restore"])
def test_a_dump_that_has_outlived_its_controller_keeps_its_place(cluster: Cluster, verb: str) -> None:
    half = cluster.path / "transit" / ".database.partial"
    half.mkdir(parents=True)
    planned = {"archives": {}, "unpacked": {}, "dump": True, "settings": False, "name": "one", "about": ABOUT}
    with (cluster.path / "transit" / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        failed = cluster.run(verb, planned).failed()
    assert "here: a dump or a restore of an earlier run has not ended" in failed.failures[-1]["msg"]
    assert half.exists() and not cluster.sets.exists()


@pytest.mark.parametrize("verb", ["backup", "restore"])
def test_a_run_that_has_lost_the_lock_leaves_what_another_has_on_its_way(cluster: Cluster, verb: str) -> None:
    theirs = cluster.path / "transit" / "media.tar.enc"
    theirs.parent.mkdir()
    theirs.write_text("of the run that has the lock now", encoding="utf-8")
    cluster.holder = "another"
    planned = {"archives": {}, "unpacked": {}, "dump": False, "settings": False, "name": "one", "about": ABOUT}
    assert "has lost the cluster's lock" in cluster.run(verb, planned).failed().failures[-1]["msg"]
    assert theirs.exists()


def test_the_lock_is_valid_while_a_large_backup_is_compared(cluster: Cluster) -> None:
    (play,) = yaml.safe_load((PLAYBOOKS / "internal" / "backup_plan.yml").read_text(encoding="utf-8"))
    tasks = [task for task in play["tasks"] if task["name"] in ("Take the lock", "Renew the lock")]
    path = cluster.path / "plan.yml"
    text = yaml.safe_dump([{"hosts": "all", "gather_facts": False, "tasks": tasks}], width=1000)
    path.write_text(text.replace("tasks/", f"{PLAYBOOKS}/internal/tasks/"), encoding="utf-8")
    known = cluster.known({})
    known["_wabiz"] |= {"take_over": False}
    run_playbook(path, inventory="here,", extra_vars={**known, "_wabiz_set_name": "first"}).succeeded()
    assert cluster.lease() >= 2 * 3600 + 1800


def test_two_names_of_one_machine_have_one_place(cluster: Cluster) -> None:
    """What was brought from one to the other was removed there, where it was the same file."""
    one = {"part": "certificates", "host": "here", "file": "certificates-here.tar.enc", "content": "files"}
    archives = {"here": [{**one, "paths": [str(cluster.etc)], "base": "/"}]}
    planned = {"archives": archives, "dump": True, "settings": False, "about": ABOUT, "hosts": ["here"]}
    there: dict[str, Any] = {"hosts": "here,there", "more": {"_wabiz_backup_keeper": "there"}}
    found = re.search(r"Saved as (\w+) in ", cluster.run("backup", planned, **there).succeeded().stdout)
    assert found
    files = cluster.files(found[1])
    moves = [{"file": file, "sha256": told["sha256"], "to": "here"} for file, told in files.items()]
    etc = {"part": "certificates", "file": one["file"], "sha256": files[one["file"]]["sha256"]}
    unpacked = {"here": [{**etc, "base": "/", "only": [str(cluster.etc)]}]}
    (cluster.etc / "ca.key").unlink()
    wanted = {"name": found[1], "unpacked": unpacked, "moves": moves, "hosts": ["here"], "dump": True}
    cluster.run("restore", {**wanted, "settings": False}, **there).succeeded()
    assert (cluster.etc / "ca.key").read_text(encoding="utf-8") == "a private key"
    assert cluster.database.said("restored") == ROWS


def test_a_share_that_gives_no_file_to_another_user(cluster: Cluster) -> None:
    """As with root_squash, which is the default of NFS: root connects, and is not allowed to change owners."""
    python = cluster.path / "python"
    squashed = f"exec setpriv --bounding-set=-chown --inh-caps=-chown {sys.executable}"
    python.write_text(f'#!/bin/sh\n[ "$(id -u)" != 0 ] || {squashed} "$@"\nexec {sys.executable} "$@"\n')
    python.chmod(0o755)
    planned = {"archives": {}, "dump": True, "settings": False, "about": ABOUT, "hosts": ["here"]}
    # Whoever connects, to Ansible.
    cluster.run("backup", planned, more={"ansible_python_interpreter": str(python)}, LOGNAME="nobody").succeeded()
    assert len(list(cluster.sets.iterdir())) == 1
