"""The roles' argument specs and the reference are what the declaration makes of them, and roles read nothing else."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.wabiz.onprem.plugins.plugin_utils.declared import declared

from tests.support.paths import ROOT

SHOWN = "_variables"
ROLES = sorted(path.name for path in (ROOT / "roles").iterdir() if path.is_dir())
# Made by the reader from other settings.
DERIVED = {
    "database_other_user",
    "directory",
    "ansible_host",
    "url_host",
    "registry_host",
    "push_registry_host",
    "database_registry_host",
}
DERIVED |= {
    "image_archive_place",
    "network_ipam",
    "network_ipv6",
    "log_cleanup_file",
    "logs_place",
    "dumps",
    "backups",
    "backup_transit",
}
DERIVED |= {"docker", "docker_host"}
# What the reader says of itself.
DERIVED |= {"reader"}


def specs(role: str) -> dict[str, dict[str, Any]]:
    """The entry points that a user may call, with the options that are shown beside each."""
    path = ROOT / "roles" / role / "meta" / "argument_specs.yml"
    found: dict[str, dict[str, Any]] = yaml.safe_load(path.read_text(encoding="utf-8"))["argument_specs"]
    return {
        entry: {**spec, "shown": found[f"{entry}{SHOWN}"]["options"]}
        for entry, spec in found.items()
        if not entry.endswith(SHOWN)
    }


# Called by other roles and playbooks only, which have read what these need.
INTERNAL = ("certificate", "node", "rolling")
PUBLIC = [role for role in ROLES if role not in INTERNAL]
# What makes nothing that could be removed, or is kept.
LASTING = ("engine", "media")


def read_in(*paths: Path) -> set[str]:
    """The settings that files name as C(_wabiz.<name>)."""
    return {name for path in paths for name in re.findall(r"(?<![\w])_wabiz\.(\w+)", path.read_text(encoding="utf-8"))}


def files_of(role: str) -> list[Path]:
    return [
        path
        for path in (ROOT / "roles" / role).rglob("*")
        if path.suffix in (".yml", ".j2") and path.parent.name != "meta"
    ]


def test_nothing_that_is_made_is_stale() -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "tools" / "reference.py", "--check"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("role", PUBLIC)
def test_a_role_reads_what_is_declared_for_it(role: str) -> None:
    services = role in ("webapp", "master", "coreapp")
    named = read_in(*files_of(role)) | (read_in(*files_of("node"), *files_of("rolling")) if services else set())
    # The schema is upgraded by a playbook only.
    named -= DERIVED | ({"dbupgrade_env", "dbupgrade_timeout", "database_connection_options"} if services else set())
    # So is a webapp drained and restored, by tasks that the role only keeps.
    named -= {"drain_tasks", "restore_tasks", "drain_timeout"} if role == "loadbalancer" else set()
    assert named <= {name.removeprefix("wabiz_") for spec in specs(role).values() for name in spec["shown"]}


@pytest.mark.parametrize("role", PUBLIC)
def test_each_entry_point_that_a_user_may_call_has_a_spec(role: str) -> None:
    assert set(specs(role)) == ({"main"} if role in LASTING else {"main", "absent"})
    for entry, spec in specs(role).items():
        assert (ROOT / "roles" / role / "tasks" / f"{entry}.yml").exists()
        assert spec["short_description"] and spec["description"]


@pytest.mark.parametrize("role", INTERNAL)
def test_an_internal_role_shows_users_nothing(role: str) -> None:
    assert not (ROOT / "roles" / role / "meta" / "argument_specs.yml").exists()
    assert not (ROOT / "roles" / role / "tasks" / "main.yml").exists() or role == "rolling"


@pytest.mark.parametrize("role", ROLES)
def test_a_role_has_no_defaults_of_its_own(role: str) -> None:
    assert not (ROOT / "roles" / role / "defaults").exists()


@pytest.mark.parametrize("role", PUBLIC)
def test_every_option_is_shown_and_none_is_evaluated_by_ansible(role: str) -> None:
    """Ansible evaluates an option before the role's own reader does, and shows it where that fails."""
    for entry in specs(role).values():
        assert entry["options"] == {}
        assert entry["shown"]
        for name, spec in entry["shown"].items():
            assert spec["type"] and spec["description"], name


PLAYBOOKS = declared().readers["all"]
USES = {
    "site": [role for role in ROLES if role not in INTERNAL],
    "multiconnect": ["engine", "media", "coreapp", "log_cleanup"],
    "upgrade": ["webapp", "master", "coreapp"],
    "loadbalancer": ["loadbalancer"],
    "log_cleanup": ["log_cleanup"],
}


@pytest.mark.parametrize("playbook", USES)
def test_a_playbook_reads_what_its_roles_read(playbook: str) -> None:
    may = {variable.name for variable in declared().read_by(playbook)}
    for role in USES[playbook]:
        assert {variable.name for variable in declared().read_by(f"role {role}")} <= may


def parts(path: Path, seen: set[Path]) -> set[Path]:
    """A playbook with every file that it imports or includes by a fixed name."""
    if path in seen or not path.exists():
        return seen
    seen.add(path)
    text = path.read_text(encoding="utf-8")
    for name in re.findall(r"(?:import_playbook|include_tasks): ([\w/.]+\.yml)", text):
        parts((path.parent / name).resolve(), seen)
        parts((ROOT / "playbooks" / name).resolve(), seen)
    for group in re.findall(r"vars_files: \[([^\]]+)\]", text):
        for name in group.split(", "):
            parts((path.parent / name).resolve(), seen)
    return seen


@pytest.mark.parametrize("playbook", PLAYBOOKS)
def test_a_playbook_reads_what_is_declared_for_it(playbook: str) -> None:
    named = read_in(*parts(ROOT / "playbooks" / f"{playbook}.yml", set())) - DERIVED
    may = {variable.key for variable in declared().read_by(playbook)}
    # Tasks and variables that several playbooks share ask these only where the playbook upgrades.
    others = ("failover_drill", "status", "loadbalancer", "message_gc", "media_gc", "retire")
    shared = {"version"} if playbook in others else set()
    if playbook not in ("site", "multiconnect", "upgrade"):
        # Only these collect logs after a failure, for which the API is asked; what handles failures is shared.
        shared.add("api_delegate_to")
    if playbook == "loadbalancer":
        # It makes no calls; what they need stands next to the path of the CA.
        shared |= {"api_key", "admin_password"}
    if playbook == "preflight":
        # Alone it takes no lock; other playbooks do, in the play that it shares with them.
        shared.add("take_over")
    assert named - may - shared == set()
