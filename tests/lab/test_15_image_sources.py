"""From where a host gets the image that it lacks when its container is started; with the registry stopped, too."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from tests.lab import client, gateway, imaging
from tests.lab.hosts import containers, on
from tests.lab.imaging import REAL, ids, stray
from tests.lab.play import play
from tests.support.playbook import PlaybookRun

CONTAINER = "wabiz-coreapp-1"


@pytest.fixture(scope="module")
def newcomer(cluster_at_first: None) -> str:
    """A host of a coreapp that has nothing of the cluster: no container, no image, no configuration."""
    host = imaging.standby()
    imaging.emptied(host)
    return host


@pytest.fixture
def registry_stopped() -> Iterator[None]:
    """No registry answers."""
    with imaging.registry_stopped():
        yield


def source_named(done: PlaybookRun, host: str) -> str:
    """Return from where a run says that the image comes, with its size if that is known."""
    found = re.search(rf"{REAL} \((.*?)\): from (.*?) to {host}", done.stdout)
    assert found, done.stdout
    size, source = found.groups()
    assert (size == "size unknown") == (source == "its registry")
    return source


def first_holder() -> str:
    """Return the host that an image is copied from: the first by its name that has it."""
    return min(imaging.holders(REAL))


@pytest.mark.drill
@pytest.mark.proves("wabiz_image_sources")
def test_the_order_of_the_sources_decides(newcomer: str) -> None:
    """The registry answers, and by default it is asked first. Check mode says so and brings nothing."""
    by_default = play("site", "--check").succeeded()
    assert source_named(by_default, newcomer) == "its registry"
    other = play("site", "--check", extra_vars={"wabiz_image_sources": ["hosts", "registry"]}).succeeded()
    assert source_named(other, newcomer) == first_holder()
    assert (newcomer, f"container {CONTAINER}") in other.changed
    assert newcomer not in imaging.holders(REAL)
    assert stray() == {}


@pytest.mark.drill
@pytest.mark.usefixtures("registry_stopped")
def test_a_new_host_gets_its_image_from_another_one(newcomer: str) -> None:
    """Added by multiconnect.yml, which is what scales a cluster out; no registry can be asked."""
    source = first_holder()
    told = play("site", "--check").succeeded()
    assert source_named(told, newcomer) == source
    assert newcomer not in imaging.holders(REAL)
    added = play("multiconnect").succeeded()
    assert source_named(added, newcomer) == source
    assert (newcomer, f"container {CONTAINER}") in added.changed
    found = ids(REAL)
    assert found[newcomer] == found[source]
    assert on(newcomer, "docker", "inspect", "--format={{.Image}}", CONTAINER) == found[source]
    assert stray() == {}
    client.settled(60)
    assert gateway.punishable() == []


@pytest.mark.drill
@pytest.mark.usefixtures("registry_stopped")
def test_site_brings_an_image_from_another_host(cluster: None) -> None:
    """Of a host that has lost container and image only; its configuration is there."""
    host = imaging.standby()
    before = containers(host)[CONTAINER]
    on(host, "docker", "rm", "--force", CONTAINER)
    imaging.lose(REAL, host)
    source = first_holder()
    done = play("site").succeeded()
    assert source_named(done, host) == source
    assert containers(host)[CONTAINER] != before
    assert stray() == {}
    client.settled(60)
    assert play("site").succeeded().changed == set()
