"""A real cluster in the local engine: documented health, takeover under every kind of failure, no double connection."""

import subprocess
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest

from tests.standin.cluster import API_KEY, NUMBER, PASSWORD, Cluster, basic, docker, running_cluster
from tests.support.waiting import wait_for

pytestmark = [pytest.mark.docker, pytest.mark.drill]
SCALE = 5.0
HEARTBEAT_LIMIT = 2 * 30 / SCALE + 2
# What has to pass at least: 30 s since the last answer, which may be 5 s old.
SILENCE = 25 / SCALE
FAST = 8.0
DATABASE_LIMIT = 180 / FAST + 2 + 20 / FAST


def _kill(cluster: Cluster, name: str) -> None:
    docker("kill", cluster.container(name))


def _kill_process(cluster: Cluster, name: str) -> None:
    subprocess.run(["kill", "-9", cluster.process(name)], check=True)


def _stop(cluster: Cluster, name: str) -> None:
    docker("stop", cluster.container(name))


def _pause(cluster: Cluster, name: str) -> None:
    docker("pause", cluster.container(name))


def _cut(cluster: Cluster, name: str) -> None:
    docker("network", "disconnect", cluster.run, cluster.container(name))


def _start(cluster: Cluster, name: str) -> None:
    docker("start", cluster.container(name))


def _restarted(cluster: Cluster, name: str) -> None:
    wait_for("its restart", lambda: cluster.process(name) != "0", 30)


def _unpause(cluster: Cluster, name: str) -> None:
    docker("unpause", cluster.container(name))


def _join(cluster: Cluster, name: str) -> None:
    docker("network", "connect", "--alias", name, cluster.run, cluster.container(name))


Fault = Callable[[Cluster, str], None]
FAULTS: dict[str, tuple[Fault, Fault]] = {
    "kill": (_kill, _start),
    "kill -9 of the process": (_kill_process, _restarted),
    "stop": (_stop, _start),
    "pause": (_pause, _unpause),
    "network cut": (_cut, _join),
}
# Each on one database; on both what their drivers see differently.
TAKEOVERS = {
    "MYSQL": ["kill", "kill -9 of the process", "pause", "network cut"],
    "PGSQL": ["stop", "network cut"],
}


def takeover(cluster: Cluster, fault: Fault, limit: float) -> tuple[str, str, float]:
    """Old owner, the reason of the new one's promotion, seconds from the fault to its connection."""
    (owner,) = cluster.connected()
    seen = len(cluster.events())
    began = datetime.now(UTC)
    fault(cluster, owner)

    def successor() -> dict[str, str] | None:
        new = [entry for entry in cluster.events()[seen:] if entry["event"] == "connected"]
        return next((entry for entry in new if not entry["node"].startswith(owner + ":")), None)

    entry = wait_for("the takeover", successor, limit)
    spent = (datetime.fromisoformat(entry["time"]) - began).total_seconds()
    return owner, entry["reason"], spent


@pytest.fixture(scope="module", params=["MYSQL", "PGSQL"])
def cluster(request: pytest.FixtureRequest) -> Iterator[Cluster]:
    """Two webapps, two masters, three coreapps; not registered yet."""
    with running_cluster(request.param, scale=SCALE) as running:
        running.up()
        yield running


def test_before_registration(cluster: Cluster) -> None:
    """The primary master is unregistered, everybody else answers error 1011; an API key is enough."""

    def initialized() -> dict[str, str] | None:
        # The others look for the schema from time to time.
        states = cluster.states()
        waiting = any("uninitialized" in state for state in states.values())
        return states if "primary_master unregistered" in states.values() and not waiting else None

    states = wait_for("a primary, and the schema at every node", initialized, 20)
    assert sorted(states.values()) == ["error"] * 4 + ["primary_master unregistered"]
    codes = [e["errors"][0]["code"] for e in cluster.health().values() if "errors" in e]
    assert codes == [1011] * 4
    assert cluster.call("GET", "/v1/health", auth="Apikey wrong-key-wrong")[0] == 401


def test_registration(cluster: Cluster) -> None:
    """One coreapp is connected, the primary keeps its role; the token and the authority hold on both webapps."""
    cluster.register()
    wait_for("one connected coreapp", lambda: len(cluster.connected()) == 1, 20)
    assert sorted(cluster.states().values()) == [
        "coreapp connected",
        "coreapp disconnected",
        "coreapp disconnected",
        "primary_master disconnected",
        "secondary_master disconnected",
    ]
    for web in cluster.webs:
        status, body = cluster.call("GET", "/v1/health", auth=cluster.token, web=web, verify=True)
        assert status == 200
        assert body["meta"]["version"] == "v2.57.2"
    again = {"cc": NUMBER[0], "phone_number": NUMBER[1], "method": "sms", "cert": "unused"}
    assert cluster.call("POST", "/v1/account", again, cluster.token)[0] == 201
    assert cluster.call("POST", "/v1/account", again, f"Apikey {API_KEY}")[0] == 401


def test_users_and_tokens(cluster: Cluster) -> None:
    """Rules of accounts and passwords; tokens hold on every webapp, and end as documented."""

    def login(username: str, password: str) -> str:
        """A token, sent for without body and content type."""
        status, body = cluster.call("POST", "/v1/users/login", auth=basic(username, password), plain=True)
        return "Bearer " + body["users"][0]["token"] if status == 200 else ""

    def opened(token: str) -> list[int]:
        """What the token is answered by each webapp."""
        return [cluster.call("GET", "/v1/support", auth=token, web=web)[0] for web in cluster.webs]

    order = {"username": "clerk", "password": "Clerk-0001"}
    for wrong in ({"password": "secret"}, {"username": "abc"}, {"password": None}):
        assert cluster.call("POST", "/v1/users", order | wrong, cluster.token)[0] == 400
    assert cluster.call("POST", "/v1/users", order, cluster.token)[0] == 201
    status, body = cluster.call("POST", "/v1/users", order, cluster.token)
    assert (status, body["errors"][0]["code"]) == (500, 1014)
    shown = cluster.call("GET", "/v1/users/clerk", auth=cluster.token)[1]["users"]
    assert shown == [{"username": "clerk", "ROLES": "ROLE_USER"}]

    assert cluster.call("POST", "/v1/users/login", auth=basic("clerk", "wrong")) == (401, None)
    first, second = login("clerk", "Clerk-0001"), login("clerk", "Clerk-0001")
    assert opened(first) == opened(second) == [200, 200]
    assert cluster.call("PUT", "/v1/users/admin", {"password": "Clerk-0003"}, first)[0] == 403
    assert cluster.call("PUT", "/v1/users/clerk", {"password": "Clerk-0002"}, first)[0] == 200
    assert login("clerk", "Clerk-0001") == ""
    assert opened(first) == [200, 200], "another password ends no token"
    assert cluster.call("POST", "/v1/users/logout", auth=first)[0] == 200
    assert (opened(first), opened(second)) == ([401, 401], [200, 200])
    assert cluster.call("DELETE", "/v1/users/admin", auth=cluster.token)[0] == 403
    assert cluster.call("DELETE", "/v1/users/clerk", auth=cluster.token)[0] == 200
    assert opened(second) == [401, 401]
    assert cluster.call("GET", "/v1/users/clerk", auth=cluster.token)[0] == 404


def test_a_webapp_without_the_key_for_tokens_knows_its_own_only(cluster: Cluster) -> None:
    """Behind a balancer every second request with a token would be refused; the API key still holds."""
    cluster.add_web("web3", jwt_key="")
    wait_for("the third webapp", lambda: cluster.health("web3"), 60)
    status, body = cluster.call("POST", "/v1/users/login", auth=basic("admin", PASSWORD), web="web3")
    assert status == 200, body
    for token, outcome in ((cluster.token, [200, 200, 401]), (f"Bearer {body['users'][0]['token']}", [401, 401, 200])):
        assert [cluster.call("GET", "/v1/support", auth=token, web=web)[0] for web in cluster.webs] == outcome
    docker("rm", "-fv", cluster.container(cluster.webs.pop()))


def test_takeover(cluster: Cluster, subtests: pytest.Subtests) -> None:
    """The heartbeat finds a failed coreapp; another is connected in time, never two at once."""
    for name in TAKEOVERS[cluster.engine]:
        with subtests.test(name):
            _is_taken_over(cluster, name)


def _is_taken_over(cluster: Cluster, name: str) -> None:
    fault, heal = FAULTS[name]
    owner, reason, spent = takeover(cluster, fault, HEARTBEAT_LIMIT)
    print(f"TAKEOVER {cluster.engine} {name}: {spent:.1f} s, limit {HEARTBEAT_LIMIT:.0f} s, found by {reason}")
    heal(cluster, owner)
    wait_for("its return", lambda: cluster.states().get(owner) == "coreapp disconnected", 40)
    assert reason == "heartbeat"
    assert name != "stop" or spent > SILENCE, "SIGTERM hands over nothing"
    assert len(cluster.connected()) == 1
    assert cluster.events("banned", "double_connection") == []


def test_primary_dies(cluster: Cluster) -> None:
    """A secondary becomes primary; the connection is not touched."""
    before = cluster.sessions()
    (primary,) = [name for name, state in cluster.states().items() if state.startswith("primary_master")]
    docker("kill", cluster.container(primary))
    wait_for(
        "a new primary",
        lambda: [n for n, s in cluster.states().items() if s.startswith("primary_master") and n != primary],
        2 * 15 / SCALE + 5,
    )
    assert [session["session"] for session in cluster.sessions()] == [session["session"] for session in before]
    docker("start", cluster.container(primary))


def test_without_whatsapp(cluster: Cluster) -> None:
    """While the name of WhatsApp's servers does not resolve, the owner of the shard is connecting."""
    docker("stop", "-t", "1", cluster.container("gateway"))
    wait_for("the attempts", lambda: "coreapp connecting" in cluster.states().values(), 20)
    docker("start", cluster.container("gateway"))
    wait_for("the connection", lambda: len(cluster.connected()) == 1, 30)


def test_one_master() -> None:
    """With one master the database monitor finds a dead coreapp, later."""
    with running_cluster("PGSQL", scale=FAST) as lonely:
        lonely.up(masters=1, coreapps=2)
        lonely.register()
        wait_for("one connected coreapp", lambda: len(lonely.connected()) == 1, 20)
        began = time.monotonic()
        _, reason, spent = takeover(lonely, _kill, DATABASE_LIMIT)
        assert time.monotonic() - began < DATABASE_LIMIT
        print(f"TAKEOVER kill with one master: {spent:.1f} s, limit {DATABASE_LIMIT:.0f} s, found by {reason}")
        assert reason == "database"
        assert lonely.events("banned") == []
