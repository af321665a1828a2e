"""`make execution-environment`: the steps of its image's build that need no engine, run where there is no network.

The image itself is built and used by tests/lab/test_44_execution_environment.py.
"""

from __future__ import annotations

import json
import re
import shutil
import sys
import tarfile
from pathlib import Path

import pytest
import yaml

from tests.support import loopback
from tests.support.gate import passes
from tests.support.paths import BIN, ROOT

pytestmark = pytest.mark.slow

# Needs the package index for the wheels, as `make venv` does.
_ARGUMENT = re.compile(r'^ARG (\w+)="(.*)"$', re.MULTILINE)


@pytest.fixture(scope="module")
def context(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The build context for a base image with the Python of this environment."""
    directory = tmp_path_factory.mktemp("environment") / "ee"
    given = [f"EE={directory}", f"EE_PYTHON={sys.version_info[0]}.{sys.version_info[1]}"]
    passes("make", "--old-file=.venv/.ready", "execution-environment", *given, timeout=1800)
    return directory / "context"


@pytest.fixture(scope="module")
def arguments(context: Path) -> dict[str, str]:
    """The build's arguments and their defaults."""
    return dict(_ARGUMENT.findall((context / "Dockerfile").read_text(encoding="utf-8")))


@pytest.fixture(scope="module")
def shared(context: Path, arguments: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the image will have in /usr/share/ansible, made by the lines of the Dockerfile."""
    target = tmp_path_factory.mktemp("shared")
    text = (context / "Dockerfile").read_text(encoding="utf-8")
    lines = [line.removeprefix("RUN ") for line in text.splitlines() if "ansible-galaxy " in line]
    assert len(lines) == 2, "roles and collections"
    for line in lines:
        script = line.replace("/usr/share/ansible", str(target))
        passes(*loopback.command("sh", "-c", script), directory=context / "_build", environment=arguments)
    return target


def test_collections_are_installed_from_their_tarballs(shared: Path) -> None:
    wanted = yaml.safe_load((ROOT / "galaxy.yml").read_text(encoding="utf-8"))["dependencies"]
    found = (shared / "collections" / "ansible_collections").glob("*/*/MANIFEST.json")
    assert {"wabiz.onprem", *wanted} <= {".".join(path.parts[-3:-1]) for path in found}


def test_pip_installs_what_ansible_and_our_collection_need(
    context: Path, arguments: dict[str, str], shared: Path, tmp_path: Path
) -> None:
    build, target = context / "_build", tmp_path / "requirements.txt"
    look: list[str | Path] = [BIN / "python", "scripts/introspect.py", "introspect", shared / "collections"]
    passes(*look, "--exclude-collection-reqs=exclude-collections.txt", f"--write-pip={target}", directory=build)
    asked = [line.partition("#")[0].strip() for line in target.read_text(encoding="utf-8").splitlines()]
    assert asked == (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()[1:]
    output = passes(
        *(BIN / "python", "-m", "pip", "--disable-pip-version-check", "--quiet", "install", "--dry-run"),
        *("--ignore-installed", "--report", "-", "--no-index", "--find-links", "wheels"),
        *(*arguments["ANSIBLE_INSTALL_REFS"].split(), *asked, "bindep"),
        directory=build,
    )
    found = {one["metadata"]["name"].lower() for one in json.loads(output[output.index("{") :])["install"]}
    assert {"ansible-core", "ansible-runner", "requests", "cryptography"} <= found


def test_the_projects_tree_is_enough_where_galaxy_can_be_reached(tmp_path: Path) -> None:
    tree = tmp_path / "awx"
    shutil.copytree(ROOT / "awx", tree)
    builder = loopback.command(str(BIN / "ansible-builder"), "create", "--output-filename", "Dockerfile")
    passes(*builder, directory=tree)
    build = tree / "context" / "_build"
    wanted = (tree / "collections" / "requirements.yml").read_text(encoding="utf-8")
    assert (build / "requirements.yml").read_text(encoding="utf-8") == wanted
    assert not (build / "wheels").exists()


def test_users_of_the_tarball_get_none_of_it(artifact: Path) -> None:
    with tarfile.open(artifact) as archive:
        assert [name for name in archive.getnames() if name.partition("/")[0] == "awx"] == []
