"""Unused media are removed where the share is filling up; fit for cron and AWX."""

from __future__ import annotations

import pytest

from tests.lab import client
from tests.lab.hosts import shell
from tests.lab.play import play
from tests.support.runner import run_with_runner
from tests.support.waiting import wait_for

pytestmark = pytest.mark.drill


def collections() -> int:
    """How many the primary master has ended since its start."""
    (primary,) = [node.host for node in client.nodes() if node.role == "primary_master"]
    return shell(primary, "docker logs wabiz-master-1 2>&1").count("media files collected: ")


@pytest.mark.proves("wabiz_media_gc_below_gb")
def test_only_below_the_limit(cluster: None) -> None:
    enough = play("media_gc", extra_vars={"wabiz_media_gc_below_gb": "0"}).succeeded()
    assert "Nothing to do: " in enough.output and enough.changed == set()
    scarce, before = {"wabiz_media_gc_below_gb": "100000"}, collections()
    predicted = play("media_gc", "--check", extra_vars=scarce).succeeded()
    assert "GB are free for media, less than 100000" in predicted.output and collections() == before
    assert play("media_gc", extra_vars=scarce).succeeded().changed == predicted.changed != set()
    wait_for("the end of the collection", lambda: collections() > before, 60)


def test_without_a_limit_from_an_execution_environment(cluster: None) -> None:
    """Blank as a survey of AWX sends it."""
    before = collections()
    run = run_with_runner("playbooks/media_gc.yml", "media_gc", {"wabiz_media_gc_below_gb": ""})
    assert "media that were not used for 30 days are removed" in run.stdout
    wait_for("the end of the collection", lambda: collections() > before, 60)


def test_a_limit_is_refused_where_media_are_in_a_volume(cluster: None) -> None:
    given = {"wabiz_media_path": "", "wabiz_media_gc_below_gb": "5"}
    run = play("media_gc", "--check", extra_vars=given).failed()
    assert "they are in a Docker volume" in run.failures[-1]["msg"] and run.changed == set()
