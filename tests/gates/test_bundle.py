"""`make bundle`, and the installation of what it makes where there is no network.

The second half, a run of site.yml from it, is tests/lab/test_26_offline.py.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from ansible_collections.wabiz.onprem.plugins.module_utils._host import image_archive

from tests.support import loopback
from tests.support.bundle import OUTSIDE, Controller, commands, make
from tests.support.paths import ROOT
from tests.support.waiting import wait_for

pytestmark = pytest.mark.slow

# Needs the package index for the wheels, as `make venv` does.
COLLECTIONS = {"ansible.posix", "community.crypto", "community.docker", "community.general", "wabiz.onprem"}
CONTENT = b"An archive of an image is a file like any other here.\n"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory for the bundle alone."""
    return tmp_path_factory.mktemp("place")


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory of saved images, with the manifest as images.yml writes it and a file that it does not name."""
    directory = tmp_path_factory.mktemp("saved")
    (directory / "web-v1.tar").write_bytes(CONTENT)
    (directory / "other.txt").write_text("not ours", encoding="utf-8")
    texts = {
        "image": "registry.example.net/web:v1",
        "id": "sha256:1a",
        "content": "c1",
        "created": "2026-01-01T00:00:00Z",
    }
    more = {"expires_on": "", "architecture": "amd64", "file": "web-v1.tar", "digests": ["sha256:d1"], "size": 9}
    held = {"bytes": len(CONTENT), "sha256": hashlib.sha256(CONTENT).hexdigest()}
    image_archive.write(directory, [image_archive.entry({**texts, **more, **held})])
    return directory


@pytest.fixture(scope="module")
def bundle(place: Path, saved: Path) -> Path:
    """The bundle with images."""
    target = place / "bundle"
    print(make(target, BUNDLE_IMAGES=saved))
    return target


@pytest.fixture(scope="module")
def controller(bundle: Path) -> Iterator[Controller]:
    """A controller without a network on which the bundle is installed, with the example inventory and its secrets."""
    with tempfile.TemporaryDirectory() as path:
        home = Path(path)
        found = Controller(home, loopback.command)
        found.install(bundle)
        shutil.copytree(ROOT / "inventories" / "production", home / "inventory")
        names = ("database_password", "api_key", "jwt_key", "admin_password", "certificate")
        secrets = {f"vault_wabiz_{name}": "Aa1-" * 16 for name in names}
        vault = home / "inventory" / "group_vars" / "all" / "vault.yml"
        vault.write_text(yaml.safe_dump(secrets), encoding="utf-8")
        yield found


def test_a_killed_run_leaves_nothing_that_looks_complete(place: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "tools.bundle", place / "bundle"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": "collections"},
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
    unfinished = place / ".bundle.unfinished"
    try:
        wait_for("its directory", unfinished.exists, 60, pause=0.05)
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    assert list(place.iterdir()) == [unfinished]
    assert not (unfinished / "SHA256SUMS").exists()


def test_it_holds_all_of_it_and_nothing_else_is_left(bundle: Path) -> None:
    assert list(bundle.parent.iterdir()) == [bundle]
    names = {path.name for path in bundle.iterdir()}
    files = {"README.md", "SHA256SUMS", "requirements-controller.txt", "requirements.txt"}
    assert names == files | {"collections", "images", "wheels"}
    tarballs = [path.name for path in (bundle / "collections").iterdir()]
    assert {".".join(name.split("-")[:2]) for name in tarballs} >= COLLECTIONS
    assert {path.name for path in (bundle / "images").iterdir()} == {"manifest.json", "web-v1.tar"}


def test_its_checksums_find_a_damaged_file(bundle: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(bundle, copy)
    (wheel,) = (copy / "wheels").glob("ansible_core-*.whl")
    with wheel.open("r+b") as file:
        file.seek(1000)
        file.write(b"\0\0\0\0")
    done = Controller(tmp_path, loopback.command).run(copy, commands(copy)[0][0])
    assert done.returncode == 1
    assert f"wheels/{wheel.name}: FAILED" in done.stdout


def test_the_controller_reaches_nothing(controller: Controller, bundle: Path) -> None:
    assert "Network is unreachable" in controller.run(bundle, OUTSIDE).stdout


def test_five_commands_install_it(controller: Controller, bundle: Path) -> None:
    assert len(commands(bundle)[0]) == 5
    controller.succeeds(bundle, "~/wabiz/bin/python -m pip check")
    listed = controller.succeeds(bundle, "~/wabiz/bin/ansible-galaxy collection list --format json 2> /dev/null")
    assert set(json.loads(listed)[str(controller.home / ".ansible/collections/ansible_collections")]) >= COLLECTIONS


def test_the_last_command_runs_as_far_as_the_hosts(controller: Controller, bundle: Path) -> None:
    """Its own plugins and modules are there: all that is missing are the hosts."""
    done = controller.run(bundle, commands(bundle)[0][-1])
    assert done.returncode != 0
    for host in ("web1", "web2", "app1", "app2", "app3"):
        assert f"{host}.example.net: is unreachable" in done.stdout, done.stdout[-6000:]


def test_images_can_be_loaded_from_it(controller: Controller, bundle: Path) -> None:
    ((load,),) = commands(bundle)[1:]
    controller.succeeds(bundle, f"{load} --syntax-check")
