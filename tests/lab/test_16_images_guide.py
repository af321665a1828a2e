"""The way through docs/images.md, command by command: a host was set up again, and the registry is gone."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field

import pytest
import yaml

from tests.lab import client, gateway, imaging
from tests.lab.hosts import containers
from tests.lab.imaging import OURS, REAL, REGISTRY, USER, ids, stray
from tests.lab.play import SECRETS
from tests.support.guide import blocks, commands
from tests.support.paths import BIN, BUILD, ROOT
from tests.support.variables import LAB_VARIABLES

pytestmark = pytest.mark.drill

PAGE = "images.md"
CONTAINER = "wabiz-coreapp-1"
VERSION = f"v{LAB_VARIABLES['wabiz_version']}"
WEB = f"{REGISTRY}/web:{VERSION}"
# Where a reader stands: as deep as the lab's own inventory is below the root.
INVENTORY, ARCHIVE = BUILD / "inventory", BUILD / "wabiz-images"
VARIABLES = INVENTORY / "group_vars" / "all"


@dataclass
class Walk:
    """A reader of the page: the host that was set up again, what is still to be run, and the registry's absence."""

    host: str
    absence: ExitStack
    ahead: list[str] = field(default_factory=lambda: commands(PAGE))
    written: Iterator[str] = field(default_factory=lambda: iter(blocks(PAGE, "yaml")))

    def write(self) -> None:
        """Write the next variables of the page into its file of the inventory."""
        with (VARIABLES / "images.yml").open("a", encoding="utf-8") as file:
            file.write(next(self.written))

    def run(self, words: str) -> str:
        """Run the next command of the page, which has these words, and return its output without a secret in it."""
        command = self.ahead.pop(0)
        assert words in command
        environment = {
            **os.environ,
            "PATH": f"{BIN}:{os.environ['PATH']}",
            "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"),
            "ANSIBLE_NOCOLOR": "1",
        }
        done = subprocess.run(
            ["sh", "-c", command],
            cwd=BUILD,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            timeout=600,
            check=False,
        )
        assert SECRETS.leaks(done.stdout) == []
        assert done.returncode == 0, f"{command}\n{done.stdout[-6000:]}"
        return done.stdout


def cleared() -> None:
    """Remove what a reader has made."""
    for path in (INVENTORY, ARCHIVE):
        shutil.rmtree(path, ignore_errors=True)


@pytest.fixture(scope="module")
def walk(cluster_at_first: None) -> Iterator[Walk]:
    """One host has nothing of the cluster, and no registry answers."""
    cleared()
    imaging.small_inventory().rename(INVENTORY)
    host = imaging.standby()
    imaging.emptied(host)
    with ExitStack() as absence:
        absence.enter_context(imaging.registry_stopped())
        yield Walk(host, absence)
    cleared()


def source() -> str:
    """Return the host that the image comes from."""
    return min(imaging.holders(REAL))


def test_what_is_there_is_shown(walk: Walk) -> None:
    walk.write()
    shown = walk.run("wabiz.onprem.images")
    assert re.search(rf"{REAL} +{walk.host} +missing .* {source()}\b", shown), shown


def test_what_is_left_is_saved(walk: Walk) -> None:
    walk.run("mkdir")
    walk.run("images_verb=save")
    entries = imaging.manifest((ARCHIVE / "manifest.json").read_text(encoding="utf-8"))
    assert set(entries) == {REAL, WEB}
    for image, entry in entries.items():
        assert entry["id"] in ids(image).values()
        assert imaging.sha256(ARCHIVE / entry["file"]) == entry["sha256"]


def test_the_image_is_copied_and_the_node_started(walk: Walk) -> None:
    told = walk.run("images_verb=copy --check")
    assert re.search(rf"{REAL} \(\d+ MB\): from {source()} to {walk.host}", told), told
    assert walk.host not in imaging.holders(REAL)
    walk.run("images_verb=copy")
    found = ids(REAL)
    assert found[walk.host] == found[source()]
    assert stray() == {}
    walk.run("wabiz.onprem.site")
    assert CONTAINER in containers(walk.host)
    client.settled(60)
    assert gateway.punishable() == []


def test_an_image_is_loaded_from_the_archive(walk: Walk) -> None:
    """A host that has lost it; its container goes on with what the engine still keeps for it."""
    before = ids(REAL)[walk.host]
    imaging.lose(REAL, walk.host)
    loaded = walk.run("images_verb=load")
    assert f"from the archive to {walk.host}" in loaded
    assert ids(REAL)[walk.host] == before
    assert stray() == {}


def test_the_images_are_pushed_into_a_registry_of_ones_own(
    walk: Walk, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """The lab's answers again; the one with a login has its layers already, but not these names."""
    walk.absence.close()
    with imaging.registry_with_login(tmp_path_factory.mktemp("own")) as login:
        for image in ("coreapp", "web"):
            shutil.copytree(imaging.repository(image), imaging.repository(f"ours/{image}"))
            shutil.rmtree(imaging.repository(f"ours/{image}") / "_manifests" / "tags")
        walk.write()
        # Its address and password are the lab's; a file that is read later counts.
        own = {"wabiz_push_registry": OURS, "wabiz_registry_user": USER, "vault_registry_password": login.password}
        (VARIABLES / "vault.yml").write_text(yaml.safe_dump(own), encoding="utf-8")
        pushed = walk.run("images_verb=push")
        assert login.secrets.leaks(pushed) == []
        for image in ("coreapp", "web"):
            assert imaging.tag_link(f"ours/{image}", VERSION).exists()
        assert (login.directories(), login.places()) == ({}, {})
        imaging.forget(imaging.WITH_LOGIN)


def test_each_command_of_the_page_was_run(walk: Walk) -> None:
    assert walk.ahead == []
    assert list(walk.written) == []
