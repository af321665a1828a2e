"""The tarball that users get: its contents, and that it works after the installation."""

from __future__ import annotations

import json
import re
import tarfile
from pathlib import Path

import yaml

from tests.support.gate import passes
from tests.support.paths import LAB_INVENTORY, ROOT

SHIPPED = {
    "CHANGELOG.md",
    "FILES.json",
    "LICENSE",
    "MANIFEST.json",
    "README.md",
    "changelogs",
    "docs",
    "inventories",
    "meta",
    "playbooks",
    "plugins",
    "requirements.txt",
    "roles",
}


def test_ships_only_what_users_run(artifact: Path) -> None:
    with tarfile.open(artifact) as archive:
        members = archive.getmembers()
    assert {member.name.split("/")[0] for member in members} == SHIPPED
    assert not [member.name for member in members if member.issym() or member.islnk()]
    assert not [member.name for member in members if re.search(r"(^|/)(\.|__pycache__)", member.name)]


def test_installed_playbooks_and_documentation_work_by_full_name(installed: Path, tmp_path: Path) -> None:
    environment = {"ANSIBLE_COLLECTIONS_PATH": str(installed)}
    playbooks = sorted(path.stem for path in (ROOT / "playbooks").glob("*.yml"))
    assert "site" in playbooks
    command = ["ansible-playbook", "--syntax-check", "-i", str(LAB_INVENTORY)]
    passes(*command, *(f"wabiz.onprem.{name}" for name in playbooks), directory=tmp_path, environment=environment)
    listed = passes("ansible-doc", "--json", "--list", "wabiz.onprem", directory=tmp_path, environment=environment)
    assert set(json.loads(listed)) == {f"wabiz.onprem.{name}" for name in module_names()}
    assert str(installed) in passes("ansible-galaxy", "collection", "list", directory=tmp_path, environment=environment)


def test_changelog_has_this_version_and_every_module() -> None:
    version = yaml.safe_load((ROOT / "galaxy.yml").read_text(encoding="utf-8"))["version"]
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8").replace("\\", "")
    assert f"## v{version}" in text
    assert not [name for name in module_names() if f"* wabiz.onprem.{name} - " not in text]


def module_names() -> list[str]:
    """Return the names of the collection's modules."""
    return sorted(path.stem for path in (ROOT / "plugins" / "modules").glob("*.py"))
