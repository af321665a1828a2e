# Copyright: (c) 2026, wabiz.onprem contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What collect_logs.yml leaves where, beside other runs that are alive or were killed: it takes no lock."""

from __future__ import annotations

import os
import sys
import tarfile
import time
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.paths import ROOT
from tests.support.playbook import DEAD, LOCALLY, PlaybookRun, run_playbook

pytestmark = pytest.mark.slow

PLAYBOOKS = ROOT / "playbooks"
HERE, THERE = "here", "there"
DAY = 86400


class Site:
    """Two hosts, both this machine, without an engine: what they have of logs is not the matter here."""

    def __init__(self, path: Path) -> None:
        self.path, self.collected, self.kept = path, path / "collected", path / "kept"
        self.passing = path / "home" / "tmp" / "wabiz-try-logs"
        self.kept.mkdir()

    def left(self, name: str, days: float) -> Path:
        """What another run has left below C(path), or has on its way, so many days ago."""
        found = self.path / name
        found.parent.mkdir(parents=True, exist_ok=True)
        found.write_text("of another run", encoding="utf-8")
        for path in (found, found.parent):
            os.utime(path, (time.time() - days * DAY,) * 2)
        return found

    def collect(self, there: str = "", **settings: Any) -> PlaybookRun:
        """Run the play of collect_logs.yml behind the inspection of hosts and client; C(there) is Python of a host."""
        plays = yaml.safe_load((PLAYBOOKS / "collect_logs.yml").read_text(encoding="utf-8"))
        play = next(one for one in plays if one["name"] == "Logs")
        tasks = [task for task in play["tasks"] if task["name"] == "Collect the logs"]
        play = {**play, "hosts": "all", "tasks": tasks}
        text = yaml.safe_dump([play], width=1000)
        file = self.path / "play.yml"
        file.write_text(text.replace("internal/", f"{PLAYBOOKS}/internal/"), encoding="utf-8")
        home = {"ANSIBLE_HOME": str(self.path / "home")}
        hosts = self.path / "hosts.yml"
        own = {"ansible_python_interpreter": there} if there else {}
        hosts.write_text(yaml.safe_dump({"all": {"hosts": {HERE: LOCALLY, THERE: LOCALLY | own}}}))
        variables = {name: value for name, value in self.known(**settings).items() if name not in LOCALLY}
        return run_playbook(file, inventory=hosts, extra_vars=variables, environment=home)

    def collect_after_failure(self, **settings: Any) -> PlaybookRun:
        """Run the block of failed_logs.yml behind the client, in an upgrade's play; a third host cannot be reached."""
        tasks = yaml.safe_load((PLAYBOOKS / "internal" / "tasks" / "failed_logs.yml").read_text(encoding="utf-8"))
        (block,) = [task for task in tasks if "block" in task]
        block["block"] = [task for task in block["block"] if task["name"] == "Collect"]
        files = [str(PLAYBOOKS / "internal" / name) for name in ("api_vars.yml", "logs_vars.yml")]
        report = {"name": "Report", "ansible.builtin.debug": {"msg": "the report"}, "run_once": True}
        play = {"hosts": "all", "gather_facts": False, "any_errors_fatal": True, "vars_files": files}
        play["tasks"] = [block, report]
        text = yaml.safe_dump([play], width=1000)
        file, hosts = self.path / "play.yml", self.path / "hosts.yml"
        file.write_text(text.replace("gather_logs.yml", f"{PLAYBOOKS}/internal/tasks/gather_logs.yml"))
        # Nothing listens on that port.
        dead = DEAD
        hosts.write_text(yaml.safe_dump({"all": {"hosts": {HERE: LOCALLY, "dead": dead, THERE: LOCALLY}}}))
        variables = {name: value for name, value in self.known(**settings).items() if name not in LOCALLY}
        home = {"ANSIBLE_HOME": str(self.path / "home")}
        return run_playbook(file, inventory=hosts, extra_vars={**variables, "rolling_cause": "x"}, environment=home)

    def known(self, **more: Any) -> dict[str, Any]:
        settings: dict[str, Any] = {
            "cluster_name": "try",
            "directory": str(self.path / "etc"),
            "admin_password": None,
            "api_key": None,
            "logs_directory": str(self.kept),
            "logs_host": None,
            "logs_place": "localhost",
            "logs_services": [],
            "logs_since": "2026-01-01T00:00:00Z",
            "logs_limit_mb": 1,
            "logs_keep": 5,
        }
        options = {"cluster": "try", "socket": str(self.path / "none"), "units": ["none"], "limit": 100_000}
        topology = {
            "cluster": "try",
            "playbook": "upgrade",
            "services": {HERE: ["webapp"], THERE: ["coreapp"]},
            "collected_logs": str(self.collected),
        }
        return {
            **LOCALLY,
            "ansible_become": False,
            "_wabiz": {**settings, **more},
            "_wabiz_topology": topology,
            "_wabiz_api": {},
            "_wabiz_log_options": options,
            "_wabiz_snapshot": {},
        }


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


@pytest.mark.drill
def test_what_killed_runs_have_left_is_removed_and_what_others_use_stays(site: Site) -> None:
    part = "kept/.{}-logs-20260101T000000Z.tar.gz.abcdefgh.part"
    alive = [
        site.left(name, 0.1)
        for name in ("collected/run.alive/here.tar.gz", "home/tmp/wabiz-try-logs/run.alive/here.tar.gz")
    ]
    alive += [site.left(part.format("try"), 0.1), site.left(part.format("tryout"), 2)]
    killed = [
        site.left(name, 2)
        for name in ("collected/run.killed/here.tar.gz", "home/tmp/wabiz-try-logs/run.killed/here.tar.gz")
    ]
    killed.append(site.left(part.format("try").replace("0000Z", "0001Z"), 2))
    site.collect().succeeded()
    assert [path for path in alive if not path.exists()] == []
    assert [path for path in killed if path.exists()] == []
    (archive,) = site.kept.glob("try-logs-*.tar.gz")
    with tarfile.open(archive) as packed:
        assert {HERE, THERE} <= {Path(name).parts[1] for name in packed.getnames()}
    assert archive.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in (*site.collected.iterdir(), *site.passing.iterdir())] == ["run.alive"] * 2


@pytest.mark.drill
def test_nothing_is_left_on_a_host(site: Site) -> None:
    site.collect().succeeded()
    assert not site.collected.exists() and list(site.passing.iterdir()) == []


def test_after_a_failure_the_logs_of_the_hosts_that_can_be_reached_are_collected(site: Site) -> None:
    """To ansible-core one that cannot be reached is an error of all hosts in such a play."""
    site.collect_after_failure().succeeded()
    (archive,) = site.kept.glob("try-logs-*.tar.gz")
    with tarfile.open(archive) as packed:
        found = {Path(name).parts[1] for name in packed.getnames()}
    assert {HERE, THERE} <= found and "dead" not in found


def test_a_directory_that_is_there_on_the_host_of_the_logs_keeps_its_mode(site: Site) -> None:
    """Whoever connects may be root, and the directory /var/log or one that others use."""
    site.kept.chmod(0o755)
    site.collect(logs_host=THERE, logs_place=THERE).succeeded()
    (archive,) = site.kept.glob("try-logs-*.tar.gz")
    assert archive.stat().st_mode & 0o777 == 0o600
    assert site.kept.stat().st_mode & 0o777 == 0o755


def test_a_directory_that_is_made_on_the_host_of_the_logs_is_private(site: Site) -> None:
    made = site.kept / "made" / "here"
    site.collect(logs_host=THERE, logs_place=THERE, logs_directory=str(made)).succeeded()
    assert made.stat().st_mode & 0o777 == 0o700 and list(made.glob("try-logs-*.tar.gz"))


def test_a_host_of_the_logs_that_cannot_be_reached_is_known_before_anything_is_collected(site: Site) -> None:
    """The host that asks for it would count as unreachable, and a failed run would end without its report."""
    done = site.collect_after_failure(logs_host="dead", logs_place="dead")
    assert "the report" in done.stdout
    assert "The logs were not collected: dead" in done.stdout
    assert not site.passing.exists() or list(site.passing.iterdir()) == []


def test_a_host_whose_logs_do_not_arrive_is_in_the_index_with_the_reason(site: Site) -> None:
    """The first execution tells how much there is."""
    python = site.path / "python"
    asked = site.path / "asked"
    fails = f'[ -e {asked} ] && exec sh -c "echo the disk is full >&2; exit 1"; touch {asked}'
    script = f'#!/bin/sh\ncase "$1" in *host_logs*) {fails};; esac\nexec {sys.executable} "$@"\n'
    python.write_text(script, encoding="utf-8")
    python.chmod(0o755)
    site.collect(there=str(python)).succeeded()
    (archive,) = site.kept.glob("try-logs-*.tar.gz")
    with tarfile.open(archive) as packed:
        index = packed.extractfile(f"{archive.name.partition('.')[0]}/index.html")
        assert index
        text = index.read().decode()
    assert "<li>Write the archive: " in text and f'<h2 id="{THERE}">' in text


def test_the_new_archive_stays_where_a_clock_was_set_back(site: Site) -> None:
    for day in range(1, 3):
        (site.kept / f"try-logs-2099010{day}T000000Z.tar.gz").touch()
    site.collect(logs_keep=2).succeeded()
    kept = sorted(path.name for path in site.kept.glob("try-logs-*.tar.gz"))
    assert len(kept) == 2 and kept[0] < "try-logs-2099" and kept[1].startswith("try-logs-20990102")
