"""upgrade.yml to a version that one host holds only, without a registry."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.lab import imaging, upgrading
from tests.lab.hosts import on
from tests.lab.play import play
from tests.lab.upgrading import CLIENTS, NEW

pytestmark = pytest.mark.drill

# The only hosts that have the new version's images.
HOLDERS = {"coreapp": "core1", "web": "web1"}


@pytest.fixture
def given(lab: Path) -> Iterator[dict[str, Any]]:
    """A registered cluster of the old version, the images of the new one on one host each, the registry stopped."""
    found = upgrading.old_cluster()
    for image, holder in HOLDERS.items():
        name = f"{imaging.REGISTRY}/{image}:v{NEW}"
        on(holder, "docker", "pull", "--quiet", name)
        imaging.lose(name, *(host for host in CLIENTS if host != holder))
    with imaging.registry_stopped():
        yield found
    upgrading.removed()


def test_the_images_of_the_new_version_come_from_the_host_that_has_them(given: dict[str, Any]) -> None:
    done = play("upgrade", extra_vars=given).succeeded()
    for image, holder in HOLDERS.items():
        name = f"{imaging.REGISTRY}/{image}:v{NEW}"
        assert f"MB): from {holder} to " in done.stdout
        wanted = {host for host in CLIENTS if host.startswith("web") == (image == "web")}
        assert imaging.holders(name) == wanted
        found = imaging.ids(name)
        assert len({found[host] for host in wanted}) == 1
    assert imaging.stray() == {}
    upgrading.whole()
