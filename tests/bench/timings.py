"""How long the main runs take on a fresh lab, each once; compare them as shares of the first start."""

from __future__ import annotations

import time

from tests.bench.site import Site
from tests.lab import client
from tests.lab.hosts import on
from tests.lab.play import play
from tests.support.waiting import wait_for


def lab_up(site: Site) -> float:
    """Return the seconds until fresh lab hosts are up; images are cached."""
    began = time.monotonic()
    site.up()
    return time.monotonic() - began


def failover() -> float:
    """Kill the connected coreapp and return the seconds until the API shows another; NotInTime after two minutes."""
    (owner,) = client.connected()
    began = time.monotonic()
    on(owner, "docker", "kill", "wabiz-coreapp-1")
    wait_for("a successor", lambda: client.connected() not in ([], [owner]), 120, pause=0.1)
    return time.monotonic() - began


def measure(site: Site) -> dict[str, float]:
    """Return seconds by name of the run, in the order in which they happened, on the lab's own inventory.

    Afterwards the cluster is registered and complete.
    """
    return {
        "lab up": lab_up(site),
        "site.yml, first start": play("site").succeeded().seconds,
        "site.yml --check, nothing to do": play("site", "--check").succeeded().seconds,
        "register.yml": play("register").succeeded().seconds,
        "status.yml": play("status").succeeded().seconds,
        "failover after docker kill": failover(),
        "site.yml, one container to start": play("site").succeeded().seconds,
    }
