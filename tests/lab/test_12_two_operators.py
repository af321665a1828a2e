"""One operation at a time: a run that changes a cluster holds its lock; a second run is refused and changes nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml
from ansible_collections.wabiz.onprem.plugins.plugin_utils.declared import declared

from tests.lab import client
from tests.lab.drifting import recreate
from tests.lab.hosts import containers, listing, on
from tests.lab.operation import hold, holder, release
from tests.lab.play import SECRETS, play
from tests.lab.traces import leaks
from tests.lab.upgrading import meanwhile
from tests.support.paths import ROOT
from tests.support.playbook import PlaybookRun, run_playbook
from tests.support.processes import ProcessWatch

ANNA = "anna@ops"
TEN_MINUTES = 600.0
CONTAINER = "wabiz-coreapp-1"
LOG_CLEANUP = "log_cleanup"  # the shortest run that takes the lock
# They take no lock; test_a_read_only_run_shows_the_holder runs the one that tells of it.
READ_ONLY = {"preflight", "status", "verify", "ports", "collect_logs"}
# The last one is uninstall, since a bug would remove the cluster.
CHANGING = sorted(set(declared().readers["all"]) - READ_ONLY, key=lambda verb: (verb == "uninstall", verb))
# The others are drills.
OFTEN = {"site", "multiconnect", LOG_CLEANUP, "uninstall"}
# What makes a playbook change something where it only shows something by default.
ASKED = {"images": {"wabiz_images_verb": "copy"}}


@pytest.fixture(autouse=True)
def free_afterwards() -> Iterator[None]:
    """The lock of a failed test would block the repair of the cluster."""
    yield
    release()


@pytest.fixture
def anna(cluster: None) -> None:
    """Another operator holds the lock."""
    hold(ANNA, TEN_MINUTES, "upgrade to 2.57.2")


@pytest.fixture(scope="module")
def standby(cluster_at_first: None) -> str:
    """The host of a coreapp that is not connected; all drift of this file is made there."""
    return next(node.host for node in client.nodes() if (node.role, node.status) == ("coreapp", "disconnected"))


@dataclass(frozen=True)
class Contest:
    """Two runs that were started at the same time, and all holders of the lock that were observed meanwhile."""

    winner: PlaybookRun
    loser: PlaybookRun
    holders: set[str]


@pytest.fixture(scope="module")
def contest(standby: str) -> Contest:
    """Two runs of site.yml by the same user on the same controller, with one container to replace."""
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
    """Return all messages of a failed run."""
    return "\n".join(failure["msg"] for failure in run.failed().failures)


def banners(run: PlaybookRun) -> list[str]:
    """Return a run's plays and tasks in the order of their start, each once: some are repeated until they succeed."""
    return list(dict.fromkeys(re.findall(r"^(?:PLAY|TASK|RUNNING HANDLER) \[.*\]", run.stdout, re.MULTILINE)))


@pytest.mark.parametrize(
    "verb", [pytest.param(verb, marks=() if verb in OFTEN else pytest.mark.drill) for verb in CHANGING]
)
def test_a_second_run_is_refused_with_the_holder_s_name(anna: None, verb: str) -> None:
    before = listing()
    run = play(verb, extra_vars=ASKED.get(verb))
    reason = why(run)
    assert ANNA in reason
    assert "wabiz_take_over: true" in reason
    assert re.search("nothing (was|is|has been) changed", reason, re.IGNORECASE), reason
    assert run.changed == set()
    assert listing() == before


@pytest.mark.parametrize(("verb", "arguments"), [("site", ["--check"]), ("status", [])])
def test_a_read_only_run_shows_the_holder(anna: None, verb: str, arguments: list[str]) -> None:
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


@pytest.mark.drill
def test_a_failed_run_releases_the_lock(standby: str, cluster: None) -> None:
    """Nothing is to be done on its host, and the verification fails because of another host's container."""
    on(standby, "docker", "stop", CONTAINER)
    other = next(node.host for node in client.nodes() if node.role == "coreapp" and node.host != standby)
    run = play("site", f"--limit={other}", extra_vars={"wabiz_verify_timeout": 5})
    assert "coreapps" in why(run)
    assert holder() == ""
    on(standby, "docker", "start", CONTAINER)


@pytest.mark.drill
def test_each_of_two_imported_playbooks_takes_the_lock(standby: str, cluster: None, tmp_path: Path) -> None:
    """The second one has something to replace, and the verification afterwards."""
    recreate(standby, CONTAINER, LEFT_BY_HAND="3")
    verbs = (LOG_CLEANUP, "site")
    plays = [{"import_playbook": str(ROOT / "playbooks" / f"{verb}.yml")} for verb in verbs]
    (tmp_path / "both.yml").write_text(yaml.safe_dump(plays), encoding="utf-8")
    done = run_playbook(tmp_path / "both.yml", arguments=["--diff"]).succeeded()
    assert (standby, f"container {CONTAINER}") in done.changed
    assert done.stdout.count("TASK [Take the cluster's lock]") == len(verbs)
    assert holder() == ""
    client.settled()


@pytest.mark.drill
def test_an_expired_lock_is_no_obstacle(cluster: None) -> None:
    hold(ANNA, -1)
    play(LOG_CLEANUP).succeeded()
    assert holder() == ""


@pytest.mark.drill
@pytest.mark.proves("wabiz_take_over")
def test_a_lock_can_be_taken_over(anna: None) -> None:
    play(LOG_CLEANUP, extra_vars={"wabiz_take_over": True}).succeeded()
    assert holder() == ""


@pytest.mark.drill
def test_a_run_that_loses_the_lock_changes_nothing_more(cluster: None, standby: str) -> None:
    """Another operator takes it over while the run still inspects the hosts; the changed container is not replaced."""
    recreate(standby, CONTAINER, LEFT_BY_HAND="2")
    drifted = containers(standby)[CONTAINER]
    takeover = meanwhile(lambda: holder() != "", lambda: hold(ANNA, TEN_MINUTES), limit=120)
    reason = why(play("site"))
    takeover.join()
    assert ANNA in reason
    assert containers(standby)[CONTAINER] == drifted
    # The loser may not release it.
    assert holder() == ANNA


@pytest.mark.drill
def test_the_strategy_free_does_not_change_the_order(
    contest: Contest, standby: str, cluster: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The drift is the same as in the contest, whose winner ran with the default strategy."""
    recreate(standby, CONTAINER, LEFT_BY_HAND="3")
    client.settled()
    monkeypatch.setenv("ANSIBLE_STRATEGY", "free")
    repair = play("site").succeeded()
    assert repair.changed == {(standby, f"container {CONTAINER}")}
    assert banners(repair) == banners(contest.winner)
    client.settled()
    assert play("site").succeeded().changed == set()
