"""Shards of a real cluster: scale-out, scale-in, failover per shard, the restart that each change costs."""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest

from tests.standin.cluster import API_KEY, NUMBER, Cluster, docker, running_cluster
from tests.support.waiting import wait_for

pytestmark = [pytest.mark.docker, pytest.mark.drill]
SCALE = 8.0
PATH = "/v1/account/shards"
# Documented: 45 s to 1 min; joining and promotion take real time on top, which the scale does not divide.
SHORTEST, LONGEST = 45 / SCALE, 60 / SCALE + 10


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    """Two masters, five coreapps, registered."""
    with running_cluster("MYSQL", scale=SCALE) as running:
        running.up(masters=2, coreapps=5)
        running.register()
        wait_for("one connected coreapp", lambda: len(running.connected()) == 1, 20)
        yield running


def order(cluster: Cluster, **changes: Any) -> dict[str, Any]:
    """A POST's body for the registered number with its right certificate."""
    cc, phone = NUMBER
    return {"cc": cc, "phone_number": phone, "cert": cluster.standinctl("cert", cc + phone), "pin": None} | changes


def post(cluster: Cluster, **changes: Any) -> tuple[int, int | None]:
    """Status and error code of a POST."""
    status, body = cluster.call("POST", PATH, order(cluster, **changes), cluster.token)
    return status, body["errors"][0]["code"] if "errors" in body else None


def primary(cluster: Cluster) -> str:
    """The primary master's state."""
    return next(state for state in cluster.states().values() if state.startswith("primary_master"))


def shards_of(sessions: list[dict[str, Any]]) -> list[int]:
    """The shards that have a session, the control shard included."""
    return sorted(session["shard"] for session in sessions)


def downtime(cluster: Cluster, seen: int) -> float:
    """Seconds from the last coreapp's disconnection to the first connection after it."""
    events = [entry for entry in cluster.events("connected", "disconnected")[seen:] if entry["shard"] >= 0]
    gone = [datetime.fromisoformat(entry["time"]) for entry in events if entry["event"] == "disconnected"]
    back = [datetime.fromisoformat(entry["time"]) for entry in events if entry["event"] == "connected"]
    return (min(back) - max(gone)).total_seconds()


def change(cluster: Cluster, shards: int | str) -> None:
    """Sets the number of shards, waits until all are served."""
    assert post(cluster, shards=shards) == (201, None)
    assert post(cluster, shards=shards) == (403, 1011)
    wait_for("the old sessions' end", lambda: cluster.connected() == [], 15)
    wait_for("all shards", lambda: len(cluster.connected()) == int(shards), LONGEST + 15)
    wait_for("all coreapps", lambda: "error" not in cluster.states().values(), 15)


def test_refusals(cluster: Cluster) -> None:
    """What is refused changes nothing."""
    for wrong in (3, 0, 64, "two", True, 2.0, None):
        assert post(cluster, shards=wrong) in {(400, 1009), (400, 1008)}, wrong
    assert post(cluster, shards=2, phone_number="15100000000") == (403, 1005)
    assert post(cluster, shards=2, cert=None) == (400, 1008)
    assert cluster.call("GET", PATH, auth=cluster.token)[1]["account"] == {"shards": 1}
    assert len(cluster.connected()) == 1


@pytest.mark.parametrize("shards", [2, "4"])
def test_more_shards(cluster: Cluster, shards: int | str) -> None:
    """All coreapps restart by themselves; then N are connected, and the primary master has the control shard."""
    seen = len(cluster.events("connected", "disconnected"))
    change(cluster, shards)
    spent = downtime(cluster, seen)
    print(f"SHARDS -> {shards}: {spent:.1f} s without service at scale {SCALE:.0f}")
    assert SHORTEST <= spent <= LONGEST
    number = int(shards)
    wait_for("the sessions", lambda: shards_of(cluster.sessions()) == list(range(-1, number)), 15)
    assert primary(cluster) == "primary_master connected"
    settled(cluster, number)


def settled(cluster: Cluster, shards: int) -> None:
    """As many coreapps as shards are connected, the others stand by, nothing was punished."""
    assert sorted(cluster.states().values()).count("coreapp disconnected") == 5 - shards
    assert cluster.call("GET", PATH, auth=cluster.token)[1]["account"] == {"shards": shards}
    assert cluster.events("banned", "double_connection") == []


def test_failover_by_shard(cluster: Cluster) -> None:
    """A failure touches its own shard only; with no one left to take it, a shard stays unserved, visibly."""
    before = {session["shard"]: session for session in cluster.sessions() if session["shard"] >= 0}
    victim = before[2]["node"].partition(":")[0]
    docker("kill", cluster.container(victim))
    wait_for("shard 2", lambda: len(cluster.connected()) == 4, 30)
    after = {session["shard"]: session for session in cluster.sessions() if session["shard"] >= 0}
    assert [shard for shard in range(4) if before[shard]["session"] != after[shard]["session"]] == [2]

    second = after[3]["node"].partition(":")[0]
    docker("kill", cluster.container(second))
    wait_for("the gap", lambda: shards_of(cluster.sessions()) == [-1, 0, 1, 2], 30)
    masters = [name for name in cluster.states() if name.startswith("master")]

    def mentioned() -> bool:
        return any("shard 3 is not served" in docker("logs", cluster.container(name)) for name in masters)

    wait_for("its mention in the log", mentioned, 20)
    for name in (victim, second):
        docker("start", cluster.container(name))
    wait_for("all shards again", lambda: shards_of(cluster.sessions()) == [-1, 0, 1, 2, 3], 30)
    wait_for("all coreapps", lambda: list(cluster.states().values()).count("error") == 0, 30)


def test_one_shard_again_after_a_wrong_certificate(cluster: Cluster) -> None:
    """It logs the client off until the call comes with the right one; the control shard goes."""
    assert post(cluster, shards=1, cert=cluster.standinctl("cert", "4900")) == (403, 1005)
    wait_for("the end of the sessions", lambda: cluster.sessions() == [] and cluster.connected() == [], 10)
    change(cluster, 1)
    wait_for("the connection", lambda: shards_of(cluster.sessions()) == [0], 15)
    assert primary(cluster) == "primary_master disconnected"
    settled(cluster, 1)


def fault(cluster: Cluster, name: str, *words: str) -> None:
    """Adds a fault to one container."""
    docker("exec", cluster.container(name), "standinctl", "fault", "add", *words)


def owner(cluster: Cluster) -> str:
    """The coreapp whose session WhatsApp sees for shard 0; one that hangs is still among them for a while."""
    return next(entry["node"] for entry in cluster.sessions() if not entry["replaced"]).partition(":")[0]


def taken_over(cluster: Cluster, before: str) -> None:
    """Waits until another coreapp has the session."""
    sessions = cluster.sessions
    wait_for("the successor", lambda: any(not s["node"].startswith(before + ":") for s in sessions()), 25)


def test_fences_prevent_the_ban(cluster: Cluster) -> None:
    """A coreapp that hangs goes on answering WhatsApp: its fence ends that before a successor is connected."""
    wait_for("the connection", lambda: shards_of(cluster.sessions()) == [0], 10)
    hanging = owner(cluster)
    fault(cluster, hanging, "hang")
    taken_over(cluster, hanging)
    assert cluster.events("banned") == []
    docker("exec", cluster.container(hanging), "standinctl", "fault", "clear")
    wait_for("its return", lambda: cluster.states()[hanging] == "coreapp disconnected", 30)
    assert cluster.events("banned") == []


def test_a_single_instance_beside_the_cluster_is_banned(cluster: Cluster) -> None:
    """It has the same registration from the database, and an identity of its own; its health has no nodes."""
    bans = len(cluster.events("banned"))
    alone = {"WA_APP_MULTICONNECT": "", "WACORE_HOSTNAME": "wacore", "WA_API_KEY": API_KEY}
    cluster.client("wacore", "coreapp", alone)
    cluster.client("webalone", "web", alone, "-p", "127.0.0.1::443")
    ban = wait_for("the ban", lambda: cluster.events("banned")[bans:], 40)[0]
    assert "beside" in ban["why"]
    health = wait_for("its health", lambda: cluster.health("webalone"), 30)
    assert health == {"gateway_status": "disconnected"}
    for name in ("wacore", "webalone"):
        docker("rm", "-fv", cluster.container(name))
    cluster.standinctl("unban", "".join(NUMBER))
    wait_for("the connection", lambda: shards_of(cluster.sessions()) == [0], 20)


def test_without_masters(cluster: Cluster) -> None:
    """Connections stay, what the primary does fails, and with the first master back it works again."""
    before = [session["session"] for session in cluster.sessions()]
    masters = [name for name in cluster.states() if name.startswith("master")]
    for name in masters:
        docker("kill", cluster.container(name))
    status, body = cluster.call("GET", PATH, auth=cluster.token)
    assert (status, body["errors"][0]["code"]) == (500, 1014)
    assert cluster.connected() and [session["session"] for session in cluster.sessions()] == before
    docker("start", cluster.container(masters[0]))
    codes = set()

    def served() -> bool:
        status, body = cluster.call("GET", PATH, auth=cluster.token)
        codes.add(body["errors"][0]["code"] if status != 200 else None)
        return status == 200

    wait_for("a primary master", served, 30)
    assert codes <= {None, 1011, 1014, 1017}
    docker("start", cluster.container(masters[1]))
    assert [session["session"] for session in cluster.sessions()] == before


def test_faults_of_a_webapp(cluster: Cluster) -> None:
    """An endpoint that fails, a database that refuses, a clock that is off, an expired certificate."""
    web = cluster.webs[1]
    calls: list[tuple[tuple[str, ...], int]] = [
        (("api", "--endpoint", "GET /v1/account/shards", "--status", "502"), 502),
        (("database-refused",), 500),
        (("clock", "60"), 500),  # signatures hold for ten seconds
    ]
    for words, status in calls:
        fault(cluster, web, *words)
        assert cluster.call("GET", PATH, auth=cluster.token, web=web)[0] == status, words
        docker("exec", cluster.container(web), "standinctl", "fault", "clear")
        assert cluster.call("GET", PATH, auth=cluster.token, web=web)[0] == 200
    fault(cluster, web, "certificate-expired")
    wait_for("the refusal", lambda: cluster.call("GET", "/", web=web, verify=True)[0] == 0, 10)
    assert cluster.call("GET", "/", web=web)[0] == 200


def test_an_expired_certificate_bans_the_number(cluster: Cluster) -> None:
    """WhatsApp ends all sessions; this test is the last of its cluster."""
    assert post(cluster, shards=2, cert=cluster.standinctl("cert", "".join(NUMBER), "--expired")) == (403, 1005)
    assert cluster.events("banned")[-1]["why"] == "expired certificate"
    wait_for("the end of the sessions", lambda: cluster.connected() == [], 10)
    assert json.loads(cluster.standinctl("sessions", "--json")) == []
