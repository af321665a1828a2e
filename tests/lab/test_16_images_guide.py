"""The way through docs/images.md, command by command: a host was set up again, and the registry is gone."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field

import pytest
import yaml

from tests.lab import client, gateway, imaging
from tests.lab.hosts import containers
from tests.lab.imaging import OURS, REAL, REGISTRY, USER, ids, stray
from tests.lab.play import SECRETS
from tests.lab.walk import Walk
from tests.support.guide import blocks
from tests.support.paths import BUILD
from tests.support.variables import LAB_VARIABLES

pytestmark = pytest.mark.drill

PAGE = "images.md"
CONTAINER = "wabiz-coreapp-1"
VERSION = f"v{LAB_VARIABLES['wabiz_version']}"
WEB = f"{REGISTRY}/web:{VERSION}"
# Where a reader stands: as deep as the lab's own inventory is below the root.
INVENTORY, ARCHIVE = BUILD / "inventory", BUILD / "wabiz-images"
VARIABLES = INVENTORY / "group_vars" / "all"


@dataclass(kw_only=True)
class Reader(Walk):
    """The host that was set up again, the registry's absence, and what is still to be written."""

    host: str
    absence: ExitStack
    written: Iterator[str] = field(default_factory=lambda: iter(blocks(PAGE, "yaml")))

    def write(self) -> None:
        """Write the next variables of the page into its file of the inventory."""
        with (VARIABLES / "images.yml").open("a", encoding="utf-8") as file:
            file.write(next(self.written))


def cleared() -> None:
    """Remove what a reader has made."""
    for path in (INVENTORY, ARCHIVE):
        shutil.rmtree(path, ignore_errors=True)


@pytest.fixture(scope="module")
def walk(cluster_at_first: None) -> Iterator[Reader]:
    """One host has nothing of the cluster, and no registry answers."""
    cleared()
    imaging.small_inventory().rename(INVENTORY)
    host = imaging.standby()
    imaging.emptied(host)
    with ExitStack() as absence:
        absence.enter_context(imaging.registry_stopped())
        yield Reader(PAGE, SECRETS, host=host, absence=absence)
    cleared()


def source() -> str:
    """Return the host that the image comes from."""
    return min(imaging.holders(REAL))


def test_what_is_there_is_shown(walk: Reader) -> None:
    walk.write()
    shown = walk.run("wabiz.onprem.images")
    assert re.search(rf"{REAL} +{walk.host} +missing .* {source()}\b", shown), shown


def test_what_is_left_is_saved(walk: Reader) -> None:
    walk.run("mkdir")
    walk.run("images_verb=save")
    entries = imaging.manifest((ARCHIVE / "manifest.json").read_text(encoding="utf-8"))
    assert set(entries) == {REAL, WEB}
    for image, entry in entries.items():
        assert entry["id"] in ids(image).values()
        assert imaging.sha256(ARCHIVE / entry["file"]) == entry["sha256"]


def test_the_image_is_copied_and_the_node_started(walk: Reader) -> None:
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


def test_an_image_is_loaded_from_the_archive(walk: Reader) -> None:
    """A host that has lost it; its container goes on with what the engine still keeps for it."""
    before = ids(REAL)[walk.host]
    imaging.lose(REAL, walk.host)
    loaded = walk.run("images_verb=load")
    assert f"from the archive to {walk.host}" in loaded
    assert ids(REAL)[walk.host] == before
    assert stray() == {}


def test_the_images_are_pushed_into_a_registry_of_ones_own(
    walk: Reader, tmp_path_factory: pytest.TempPathFactory
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


def test_each_command_of_the_page_was_run(walk: Reader) -> None:
    assert walk.ahead == []
    assert list(walk.written) == []
