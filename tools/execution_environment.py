"""Makes the build context of our execution environment: python -m tools.execution_environment DIRECTORY PYTHON

The image gets what the tests ran with: collections and wheels come from this environment, as in the offline bundle.
See docs/execution_environment.md.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from tools.bundle import ROOT, BundleError, directory, galaxy, run, wheels
from tools.venv import Version, parse_version

DEFINITION = ROOT / "awx" / "execution-environment.yml"
CONTEXT = "context"
COLLECTIONS, WHEELS, PIP = "collections", "wheels", "pip.conf"
# What ansible-builder installs besides, in a stage that is thrown away.
BUILDERS_OWN = ("bindep", "packaging", "pyyaml")

_IN_IMAGE = "/opt/wheels"
_PIP_CONF = f"[global]\nno-index = true\nfind-links = {_IN_IMAGE}\n"


def main() -> None:
    """Parse the command line and make the context."""
    parser = argparse.ArgumentParser(prog="python -m tools.execution_environment", description=__doc__)
    parser.add_argument("directory", type=Path, help="replaced as a whole")
    parser.add_argument("python", type=parse_version, help="Python version of the base image, as in 3.11")
    arguments = parser.parse_args()
    try:
        print(make(arguments.directory.resolve(), arguments.python))
    except (BundleError, OSError) as error:
        sys.exit(f"No context was made: {error}")


def make(target: Path, python: Version) -> Path:
    """Make the definition with all it needs in a directory, and return the build context in it. Raises BundleError."""
    if target.exists() and not (target / DEFINITION.name).is_file():
        raise BundleError(f"{target} holds something else: choose another directory with EE=")
    definition = yaml.safe_load(DEFINITION.read_text(encoding="utf-8"))
    ours = yaml.safe_load((ROOT / "galaxy.yml").read_text(encoding="utf-8"))
    with directory.replaced(target) as new:
        wheels.download(new / WHEELS, [python], installed_by(definition))
        (new / PIP).write_text(_PIP_CONF, encoding="utf-8")
        galaxy.build(ROOT, new / COLLECTIONS)
        for name in galaxy.needed(ours["dependencies"], galaxy.installed):
            galaxy.rebuild(galaxy.home(name), new / COLLECTIONS)
        tarballs = sorted(path.name for path in (new / COLLECTIONS).glob("*.tar.gz"))
        _write(new / COLLECTIONS / "requirements.yml", requirements(tarballs))
        _write(new / DEFINITION.name, self_contained(definition))
        builder = Path(sys.executable).with_name("ansible-builder")
        run([builder, "create", "--context", CONTEXT, "--output-filename", "Dockerfile"], new)
    return target / CONTEXT


def installed_by(definition: dict[str, Any]) -> list[str]:
    """What pip installs while the image is built, besides what collections require."""
    named = [definition["dependencies"][part]["package_pip"] for part in ("ansible_core", "ansible_runner")]
    return [*named, *BUILDERS_OWN]


def requirements(tarballs: Sequence[str]) -> dict[str, Any]:
    """The requirements file that names these tarballs and no collection of a server."""
    return {"collections": [{"name": f"{COLLECTIONS}/{name}", "type": "file"} for name in tarballs]}


def self_contained(definition: dict[str, Any]) -> dict[str, Any]:
    """The same execution environment, built with the tarballs and wheels beside it and without Galaxy or PyPI."""
    steps = definition["additional_build_steps"]
    return definition | {
        "build_arg_defaults": {"ANSIBLE_GALAXY_CLI_COLLECTION_OPTS": "--offline"},
        "additional_build_files": [
            *definition["additional_build_files"],
            {"src": f"{WHEELS}/*.whl", "dest": WHEELS},
            {"src": PIP, "dest": "."},
        ],
        "additional_build_steps": steps
        | {
            "prepend_base": [
                *steps["prepend_base"],
                f"COPY _build/{WHEELS} {_IN_IMAGE}",
                f"COPY _build/{PIP} /etc/{PIP}",
            ],
            "append_final": [*steps.get("append_final", []), f"RUN rm -rf {_IN_IMAGE} /etc/{PIP}"],
        },
    }


def _write(path: Path, content: dict[str, Any]) -> None:
    path.write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")


if __name__ == "__main__":
    main()
