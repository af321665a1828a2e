"""Jobs of day two that are killed at five tasks by chance: the next run ends well, and leaves nothing behind."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.lab import client, gateway
from tests.lab.hosts import containers, everywhere, on, shell
from tests.lab.operation import holder
from tests.lab.play import play
from tests.lab.test_23_message_gc import STAMP, WANTED
from tests.lab.test_25_retire import OURS, moved
from tests.support.killing import count_tasks, kill_at, spread

pytestmark = pytest.mark.drill

POINTS, SEED = 5, 19
AGAIN = {"wabiz_take_over": True}


def whole() -> None:
    """No run holds the lock, every node answers, the number is not at risk."""
    assert holder() == ""
    client.settled(60)
    assert gateway.punishable() == []


def fill() -> None:
    """More messages than the threshold, and no collection of today."""
    on("core1", "docker", "exec", "wabiz-coreapp-1", "standinctl", "seed-messages", "5000")
    shell("web1", f"rm -f {STAMP}")


def test_message_gc(cluster: None) -> None:
    playbook = "playbooks/message_gc.yml"
    fill()
    for point in spread(1, count_tasks(playbook, WANTED), POINTS, SEED):
        fill()
        print(kill_at(playbook, point, WANTED), flush=True)
        play("message_gc", extra_vars={**WANTED, **AGAIN}).succeeded()
        whole()
        # Once in 24 hours: the killed run and the next one together.
        assert play("message_gc", extra_vars=WANTED).succeeded().changed == set()
    shell("web1", f"rm -f {STAMP}")


def test_collect_logs(cluster: None, tmp_path: Path) -> None:
    # systemd gives services directories of their own there, also while they only answer a question.
    left = "ls -A /var/lib /var/tmp | grep -v ^systemd-private-"
    playbook, before = "playbooks/collect_logs.yml", everywhere(left)
    given: dict[str, Any] = {"wabiz_logs_directory": str(tmp_path)}
    for number, point in enumerate(spread(1, count_tasks(playbook, given), POINTS, SEED), 2):
        print(kill_at(playbook, point, given), flush=True)
        play("collect_logs", extra_vars=given).succeeded()
        assert len(list(tmp_path.glob("wabiz-logs-*.tar.gz"))) >= number
        assert everywhere(left) == before
    assert [path for path in tmp_path.iterdir() if not path.name.endswith(".tar.gz")] == []
    whole()


def test_retire(cluster: None) -> None:
    """A master moves from a host to another and back, again and again."""
    playbook = "playbooks/retire.yml"
    there = moved("killed", "master", source="master2", target="core3")
    play("site", inventory=there).succeeded()
    total = count_tasks(playbook, {}, there)
    for point in spread(1, total, POINTS, SEED):
        play("site").succeeded()
        play("retire").succeeded()
        play("site", inventory=there).succeeded()
        print(kill_at(playbook, point, {}, there), flush=True)
        play("retire", inventory=there, extra_vars=AGAIN).succeeded()
        assert containers("master2", OURS) == {}
        assert shell("master2", "ls -d /etc/wabiz/wabiz 2> /dev/null || true") == ""
        whole()
    play("site").succeeded()
    play("retire").succeeded()
    whole()
