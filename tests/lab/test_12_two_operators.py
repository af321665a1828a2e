"""K5: one operation at a time. Whoever changes a cluster holds its lock; a second run is refused, changing nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass

import pytest

from tests.lab import client
from tests.lab.drifting import recreate
from tests.lab.hosts import containers, listing, on
from tests.lab.operation import give_up, hold, holder
from tests.lab.play import SECRETS, play
from tests.lab.traces import leaks
from tests.lab.upgrading import beside
from tests.support.playbook import PlaybookRun, run_playbook
from tests.support.processes import ProcessWatch

ANNA = "anna@ops"
TEN_MINUTES = 600.0
CONTAINER = "wabiz-coreapp-1"
LOG_CLEANUP = "log_cleanup"  # the cheapest run that changes anything
CHANGING = [
    "site",
    "multiconnect",
    LOG_CLEANUP,
    *(
        pytest.param(verb, marks=pytest.mark.drill)
        for verb in ("register", "upgrade", "loadbalancer", "failover_drill")
    ),
    # Last, since a mistake of ours takes the cluster with it.
    "uninstall",
]


@pytest.fixture(autouse=True)
def free_afterwards() -> Iterator[None]:
    """A lock that a failed test leaves would refuse whatever repairs the cluster."""
    yield
    give_up()


@pytest.fixture
def anna(cluster: None) -> None:
    """Somebody else is at work."""
    hold(ANNA, TEN_MINUTES, "upgrade to 2.57.2")


@pytest.fixture(scope="module")
def standby(cluster_at_first: None) -> str:
    """The host of a coreapp that is not connected; all drift of this file is there."""
    return next(node.host for node in client.nodes() if (node.role, node.status) == ("coreapp", "disconnected"))


@dataclass(frozen=True)
class Contest:
    """Two runs that were started at the same time, and all that were seen to hold the lock meanwhile."""

    winner: PlaybookRun
    loser: PlaybookRun
    holders: set[str]


@pytest.fixture(scope="module")
def contest(standby: str) -> Contest:
    """Two times site.yml by the same user on the same controller, with one container to replace."""
    recreate(standby, CONTAINER, LEFT_BY_HAND="1")
    holders = set()
    with ProcessWatch() as watch, ThreadPoolExecutor(2) as pool:
        runs = [pool.submit(run_playbook, "playbooks/site.yml", arguments=["--diff"]) for _ in range(2)]
        while wait(runs, timeout=0.3).not_done:
            holders.add(holder())
    first, second = sorted((run.result() for run in runs), key=lambda run: run.returncode)
    assert leaks(watch, first.output + second.output, [SECRETS]) == {}
    return Contest(first.succeeded(), second.failed(), holders - {""})


def why(run: PlaybookRun) -> str:
    """Return everything that a failed run gives as its reason."""
    return "\n".join(failure["msg"] for failure in run.failed().failures)


def banners(run: PlaybookRun) -> list[str]:
    """Return a run's plays and tasks in the order in which they began, each once: some are repeated until they hold."""
    return list(dict.fromkeys(re.findall(r"^(?:PLAY|TASK|RUNNING HANDLER) \[.*\]", run.stdout, re.MULTILINE)))


@pytest.mark.parametrize("verb", CHANGING)
def test_a_second_run_is_refused_with_the_holder_s_name(anna: None, verb: str) -> None:
    before = listing()
    run = play(verb)
    reason = why(run)
    assert ANNA in reason
    assert re.search("nothing (was|is|has been) changed", reason, re.IGNORECASE), reason
    assert run.changed == set()
    assert listing() == before


@pytest.mark.parametrize(("verb", "arguments"), [("site", ["--check"]), ("status", [])])
def test_who_only_looks_is_told_who_holds_it(anna: None, verb: str, arguments: list[str]) -> None:
    before = listing()
    run = play(verb, *arguments).succeeded()
    assert ANNA in run.stdout
    assert run.changed == set()
    assert listing() == before


def test_of_two_at_once_one_is_refused_and_names_the_other(contest: Contest, standby: str) -> None:
    (name,) = contest.holders
    assert name in why(contest.loser)
    assert contest.loser.changed == set()
    assert contest.winner.changed == {(standby, f"container {CONTAINER}")}
    assert holder() == ""
    client.settled()


def test_a_failed_run_gives_the_lock_up(standby: str, cluster: None) -> None:
    """Its host is whole, and the verification misses the container of another."""
    on(standby, "docker", "stop", CONTAINER)
    other = next(node.host for node in client.nodes() if node.role == "coreapp" and node.host != standby)
    run = play("site", f"--limit={other}", extra_vars={"wabiz_verify_timeout": 5})
    assert "coreapps" in why(run)
    assert holder() == ""
    on(standby, "docker", "start", CONTAINER)


def test_a_lock_whose_time_is_over_is_no_obstacle(cluster: None) -> None:
    hold(ANNA, -1)
    play(LOG_CLEANUP).succeeded()
    assert holder() == ""


def test_a_lock_can_be_taken_over(anna: None) -> None:
    play(LOG_CLEANUP, extra_vars={"wabiz_take_over": True}).succeeded()
    assert holder() == ""


def test_who_loses_the_lock_changes_nothing_more(cluster: None, standby: str) -> None:
    """Somebody takes it over while the run still looks at the hosts; the container that differs stays as it is."""
    recreate(standby, CONTAINER, LEFT_BY_HAND="2")
    drifted = containers(standby)[CONTAINER]
    thief = beside(lambda: holder() != "", lambda: hold(ANNA, TEN_MINUTES), limit=120)
    reason = why(play("site"))
    thief.join()
    assert ANNA in reason
    assert containers(standby)[CONTAINER] == drifted
    # It is not the loser's to give up.
    assert holder() == ANNA


def test_the_strategy_free_changes_nothing_about_the_order(
    contest: Contest, standby: str, cluster: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The drift is that of the contest, whose winner ran with the default."""
    recreate(standby, CONTAINER, LEFT_BY_HAND="3")
    client.settled()
    monkeypatch.setenv("ANSIBLE_STRATEGY", "free")
    repair = play("site").succeeded()
    assert repair.changed == {(standby, f"container {CONTAINER}")}
    assert banners(repair) == banners(contest.winner)
    client.settled()
    assert play("site").succeeded().changed == set()
