"""The offline bundle with the cluster's images: installed without a network, run where only the lab is.

What the bundle holds, and its installation alone, is tests/gates/test_bundle.py.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.lab import namespace
from tests.lab.hosts import LAB, everywhere, listing
from tests.lab.play import SECRETS, play
from tests.lab.traces import leaks
from tests.support import loopback
from tests.support.bundle import OUTSIDE, Controller, commands, make
from tests.support.paths import LAB_INVENTORY
from tests.support.playbook import PlaybookRun, census_environment
from tests.support.processes import ProcessWatch

pytestmark = [
    pytest.mark.drill,
    pytest.mark.skipif(
        os.geteuid() != 0 or not shutil.which("ip"),
        reason="a network namespace on the lab's bridge needs root and iproute2",
    ),
]

# The lab inventory reads them from the environment.
LAB_ENVIRONMENT = {name: value for name, value in os.environ.items() if name.startswith(("LAB_", "STANDIN_"))}
IMAGES = "docker image ls --no-trunc --format '{{.Repository}}:{{.Tag}} {{.ID}}' 2> /dev/null | sort"


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    """A directory with a short name: the sockets of SSH connections will be below it."""
    with tempfile.TemporaryDirectory(prefix="wabiz-") as path:
        yield Path(path)


@pytest.fixture(scope="module")
def bundle(cluster_at_first: None, place: Path) -> Path:
    """The bundle with the images of the lab's cluster."""
    saved, target = place / "saved", place / "bundle"
    saved.mkdir()
    play("images", extra_vars={"wabiz_images_verb": "save", "wabiz_image_archive": str(saved)}).succeeded()
    print(make(target, BUNDLE_IMAGES=saved))
    return target


@pytest.fixture(scope="module")
def controller(bundle: Path, place: Path) -> Iterator[Controller]:
    """A controller on which the bundle was installed without a network, and which now reaches the lab and no more."""
    home = place / "home"
    home.mkdir()
    Controller(home, loopback.command).install(bundle)
    # The inventory names files relative to its own place; a link leads there.
    (home / "inventory").symlink_to(LAB_INVENTORY)
    with namespace.on_lab(LAB) as command:
        yield Controller(home, command)


def run(controller: Controller, bundle: Path, line: str) -> PlaybookRun:
    """Run a playbook by a line of the bundle's README; it must succeed."""
    census = controller.home / "census.json"
    census.unlink(missing_ok=True)
    with ProcessWatch() as watch:
        done = controller.run(bundle, line, {**LAB_ENVIRONMENT, **census_environment(census)})
    assert leaks(watch, done.stdout, [SECRETS]) == {}
    record = json.loads(census.read_text(encoding="utf-8")) if census.exists() else {}
    return PlaybookRun((line,), done.returncode, done.stdout, "", 0.0, record).succeeded()


def test_the_bundle_holds_every_image_of_the_cluster(bundle: Path) -> None:
    held = json.loads((bundle / "images" / "manifest.json").read_text(encoding="utf-8"))["images"]
    assert {one["image"].rpartition("/")[2].partition(":")[0] for one in held} == {"web", "coreapp", "mysql"}
    # Names of the files that images.yml has written: the bundle takes no more room.
    assert all((bundle / "images" / one["file"]).stat().st_nlink == 2 for one in held)


def test_the_controller_reaches_nothing_but_the_lab(controller: Controller, bundle: Path) -> None:
    assert "Network is unreachable" in controller.run(bundle, OUTSIDE).stdout
    controller.succeeds(bundle, "getent hosts web1")


def test_check_mode_of_site_runs_from_it(controller: Controller, bundle: Path) -> None:
    before = listing()
    line = commands(bundle)[0][-1]
    assert "--check" in line
    checked = run(controller, bundle, line)
    assert checked.changed == set()
    assert "core3" in checked.hosts
    assert listing() == before


def test_images_are_loaded_from_it(controller: Controller, bundle: Path) -> None:
    """Where no host lacks one nothing is loaded."""
    before = everywhere(IMAGES)
    ((load,),) = commands(bundle)[1:]
    run(controller, bundle, load)
    assert everywhere(IMAGES) == before
