"""The project tree that AWX imports: wrappers, the collections that it needs, and an archive of it."""

from __future__ import annotations

import tarfile
from pathlib import Path
from typing import Any

# The name of the archive's one directory, which AWX takes off.
TOP = "wabiz-awx"


def wrapper(verb: str) -> str:
    """A playbook that is one of ours. AWX finds only the short name of import_playbook."""
    return f"- name: Run {verb}.yml of the collection\n  import_playbook: wabiz.onprem.{verb}\n"


def tarball_name(described: dict[str, Any]) -> str:
    """What ansible-galaxy calls the collection's tarball."""
    return f"{described['namespace']}-{described['name']}-{described['version']}.tar.gz"


def requirements(described: dict[str, Any]) -> dict[str, Any]:
    """What AWX installs before a job: our tarball, which is beside this file, and what it needs.

    AWX installs from the directory of the project.
    """
    ours = {"name": f"collections/{tarball_name(described)}", "type": "file"}
    needed = [{"name": name, "version": wanted} for name, wanted in described["dependencies"].items()]
    return {"collections": [ours, *needed]}


def archive(tree: Path, tarball: Path, file: Path) -> None:
    """Write the tree awx/, with the collection's tarball in it, as an archive with one directory."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(file, "w:gz") as made:
        for path in sorted(path for path in tree.rglob("*") if path.is_file()):
            made.add(path, f"{TOP}/{path.relative_to(tree)}")
        made.add(tarball, f"{TOP}/collections/{tarball.name}")
