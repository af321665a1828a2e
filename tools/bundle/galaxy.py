"""Tarballs of our collection and of those that it needs.

The latter are not downloaded: the package `ansible` of the environment has them, those that the tests ran with.
ansible-galaxy refuses a plain archive of an installed folder, so each is built again from what its own manifest says.
"""

from __future__ import annotations

import json
import shutil
import sys
import sysconfig
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ansible.galaxy.dependency_resolution.versioning import meets_requirements

from tools.bundle import BundleError, run
from tools.bundle.directory import sha256

Information = dict[str, Any]


def needed(dependencies: Mapping[str, str], information: Callable[[str], Information | None]) -> dict[str, Information]:
    """The collections that satisfy these dependencies and their own, by name.

    Raises BundleError: one is not there, or in another version.
    """
    found: dict[str, Information] = {}
    due = list(dependencies.items())
    while due:
        name, wanted = due.pop(0)
        one = information(name)
        if one is None or not meets_requirements(one["version"], wanted):
            has = f"has {one['version']}" if one else "does not have it"
            raise BundleError(f"{name} {wanted} is needed, and the package ansible of .venv {has}: run make venv")
        if name not in found:
            found[name] = one
            due += one["dependencies"].items()
    return dict(sorted(found.items()))


def home(name: str) -> Path:
    """Where the package `ansible` of this environment has a collection."""
    return Path(sysconfig.get_path("purelib"), "ansible_collections", *name.split("."))


def installed(name: str) -> Information | None:
    """What the manifest of a collection of this environment says of it."""
    manifest = home(name) / "MANIFEST.json"
    return json.loads(manifest.read_text(encoding="utf-8"))["collection_info"] if manifest.is_file() else None


def description(information: Information) -> Information:
    """What galaxy.yml said when the collection was built; what it left out is empty in the manifest."""
    return {key: value for key, value in information.items() if value}


def build(source: Path, output: Path) -> None:
    """Build a tarball from a collection's sources. Raises BundleError."""
    run(
        [Path(sys.executable).with_name("ansible-galaxy"), "collection", "build", "--output-path", output, source],
        directory=output.parent,
    )


def rebuild(folder: Path, output: Path) -> None:
    """Build a tarball from an installed collection. Raises BundleError: a file is not as it was released."""
    information = json.loads((folder / "MANIFEST.json").read_text(encoding="utf-8"))["collection_info"]
    with tempfile.TemporaryDirectory(prefix="wabiz-bundle-") as scratch:
        source = Path(scratch)
        for entry in json.loads((folder / "FILES.json").read_text(encoding="utf-8"))["files"]:
            # The package leaves out tests and the like, and Python adds its compiled files.
            if entry["ftype"] == "file" and (folder / entry["name"]).is_file():
                _copy(folder / entry["name"], source / entry["name"], entry["chksum_sha256"])
        (source / "galaxy.yml").write_text(json.dumps(description(information)), encoding="utf-8")
        build(source, output)


def _copy(path: Path, target: Path, expected: str) -> None:
    if sha256(path) != expected:
        raise BundleError(f"{path} is not as it was released: remove .venv and run make venv")
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(path, target)
