"""Every playbook that changes a cluster takes its lock, and every part of it that acts renews it."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.paths import ROOT

PLAYBOOKS = ROOT / "playbooks"
# Without a lock: they change nothing on the hosts.
READ_ONLY = {"collect_logs", "ports", "preflight", "status", "verify"}
# Parts that change hosts or client.
ACTING = {
    *("register", "retire", "uninstall", "failover_drill", "backup", "restore"),
    *(f"internal/{name}" for name in ("finish", "heartbeat", "leftovers", "loadbalancer", "media_probe", "prepare")),
    *(f"internal/{name}" for name in ("retired", "rolling", "rotation_begin", "rotation_end", "secrets_at_once")),
    *(f"internal/{name}" for name in ("secrets_begin", "secrets_end", "shards", "upgrade_finish", "upgrade_prepare")),
}
SECTIONS = ("tasks", "block", "rescue", "always")


@cache
def entries(file: Path) -> list[dict[str, Any]]:
    """Plays, blocks and tasks of a file, those in others too."""
    open_, found = list(yaml.safe_load(file.read_text(encoding="utf-8"))), []
    while open_:
        found.append(entry := open_.pop())
        for section in SECTIONS:
            open_ += entry.get(section, [])
    return found


def includes(file: Path, name: str) -> bool:
    """Whether a file itself includes a file of tasks of this name."""
    return any(Path(str(entry.get("ansible.builtin.include_tasks", ""))).name == name for entry in entries(file))


def takes(file: Path, known: frozenset[str] = frozenset()) -> bool:
    """Whether a playbook takes the lock, or one that it imports does; a survey does where the playbook is named."""
    known |= {name for entry in entries(file) for name in entry.get("vars", {})}
    if includes(file, "take_lock.yml") and (file.name != "survey.yml" or "_wabiz_playbook" in known):
        return True
    imported = [
        (file.parent / entry["ansible.builtin.import_playbook"], known | set(entry.get("vars", {})))
        for entry in entries(file)
        if "ansible.builtin.import_playbook" in entry
    ]
    return any(takes(inner, names) for inner, names in imported)


def test_only_playbooks_that_change_nothing_take_no_lock() -> None:
    files = [*PLAYBOOKS.glob("*.yml")]
    assert {file.stem for file in files if not takes(file)} == READ_ONLY


@pytest.mark.parametrize("name", sorted(ACTING))
def test_a_part_that_acts_renews_the_lock(name: str) -> None:
    assert includes(PLAYBOOKS / f"{name}.yml", "renew_lock.yml")


def test_the_gate_knows_who_takes_it(tmp_path: Path) -> None:
    take = {"name": "x", "ansible.builtin.include_tasks": "tasks/take_lock.yml"}
    play = {"hosts": "all", "tasks": [{"name": "y", "block": [take]}]}
    (tmp_path / "survey.yml").write_text(yaml.safe_dump([play]), encoding="utf-8")
    outer: dict[str, Any] = {"name": "z", "ansible.builtin.import_playbook": "survey.yml"}
    (tmp_path / "reads.yml").write_text(yaml.safe_dump([outer]), encoding="utf-8")
    (tmp_path / "acts.yml").write_text(yaml.safe_dump([{**outer, "vars": {"_wabiz_playbook": "acts"}}]))
    assert not takes(tmp_path / "reads.yml")
    assert takes(tmp_path / "acts.yml")
