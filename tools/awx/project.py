"""The project tree that AWX imports: wrappers, the collections that it needs, and an archive of it."""

from __future__ import annotations

import tarfile
import tempfile
from pathlib import Path
from typing import Any

from tools.bundle import galaxy

# The name of the archive's one directory, which AWX takes off.
TOP = "wabiz-awx"


def wrapper(verb: str) -> str:
    """A playbook that is one of ours. AWX finds only the short name of import_playbook."""
    return (
        "---\n# Made by `python -m tools.awx`; do not edit.\n"
        f"- name: Run {verb}.yml of the collection\n"
        f"  import_playbook: wabiz.onprem.{verb}\n"
    )


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


def archive(root: Path, file: Path) -> None:
    """Write awx/, with the collection's tarball in it, as an archive with one directory."""
    with tempfile.TemporaryDirectory() as place:
        galaxy.build(root, Path(place))
        (tarball,) = Path(place).glob("*.tar.gz")
        file.parent.mkdir(parents=True, exist_ok=True)
        with tarfile.open(file, "w:gz") as made:
            for path in sorted(path for path in (root / "awx").rglob("*") if path.is_file()):
                made.add(path, f"{TOP}/{path.relative_to(root / 'awx')}")
            made.add(tarball, f"{TOP}/collections/{tarball.name}")
