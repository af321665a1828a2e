"""Versions and schema on a real cluster: dbupgrade beside the old version, migration by a new primary, who may run."""

from collections.abc import Iterator

import pytest

from tests.standin.cluster import Cluster, docker, running_cluster
from tests.support.waiting import NotInTime, wait_for

pytestmark = [pytest.mark.docker, pytest.mark.drill]
OLD, NEW = "2.55.1", "2.57.2"
ROWS = 200_000


@pytest.fixture(scope="module", params=["MYSQL", "PGSQL"])
def cluster(request: pytest.FixtureRequest) -> Iterator[Cluster]:
    """A registered cluster of the old version with many messages."""
    with running_cluster(request.param, scale=10, version=OLD) as running:
        running.up(masters=1, coreapps=2)
        running.register()
        wait_for("one connected coreapp", lambda: len(running.connected()) == 1, 20)
        docker("exec", running.container("core1"), "standinctl", "seed-messages", str(ROWS))
        yield running


def sql(cluster: Cluster, statement: str) -> str:
    """Output of one statement on the coreapps' database."""
    if cluster.engine == "MYSQL":
        command = ["sh", "-c", f'mysql -N -uroot -p"$MYSQL_ROOT_PASSWORD" test_waent -e "{statement}"']
    else:
        command = ["psql", "-U", "postgres", "-At", "test_waent", "-c", statement]
    return docker("exec", cluster.container("db"), *command)


def level(cluster: Cluster) -> str:
    """The message store's level."""
    return sql(cluster, "SELECT level FROM schema_levels WHERE store = 'message'")


def log(cluster: Cluster, name: str) -> str:
    """A container's output."""
    return docker("logs", cluster.container(name))


def upgrade(cluster: Cluster, name: str, version: str, **env: str) -> None:
    """Starts the upgrade service of a version."""
    cluster.version = version
    cluster.add_upgrade(name, env)
    cluster.version = OLD


def test_dbupgrade(cluster: Cluster) -> None:
    """The old version serves while the new one's service migrates every row, tells its progress, and exits with 0."""
    assert level(cluster) == "1"
    upgrade(cluster, "upgrade1", NEW)
    seen = []

    def ended() -> bool:
        seen.append(sorted(cluster.states().values()))
        return docker("inspect", "-f", "{{.State.Status}}", cluster.container("upgrade1")) == "exited"

    wait_for("the upgrade", ended, 90)
    assert docker("wait", cluster.container("upgrade1")) == "0"
    assert all(states == seen[0] and "coreapp connected" in states for states in seen)
    assert level(cluster) == "2"
    assert sql(cluster, "SELECT count(*) FROM messages WHERE expires_at IS NULL") == "0"
    progress = [line for line in log(cluster, "upgrade1").splitlines() if f"of {ROWS} rows" in line]
    assert len(progress) > 5


def test_dbupgrade_again(cluster: Cluster) -> None:
    """Twice is harmless; with EXIT_ON_SUCCESS=FALSE the container stays; the older version's service refuses."""
    upgrade(cluster, "upgrade2", NEW, EXIT_ON_SUCCESS="FALSE")
    wait_for("its end", lambda: f"upgrade to {NEW} done" in log(cluster, "upgrade2"), 20)
    assert docker("inspect", "-f", "{{.State.Status}}", cluster.container("upgrade2")) == "running"
    upgrade(cluster, "upgrade3", OLD)
    wait_for("its refusal", lambda: "upgrade refused: the schema is newer" in log(cluster, "upgrade3"), 20)


def test_old_version_on_the_new_schema(cluster: Cluster) -> None:
    """Nodes whose host ran on the schema before run on and restart; a fresh one refuses and says why."""
    docker("restart", "-t", "1", cluster.container("core1"))
    docker("restart", "-t", "1", cluster.container("master1"))
    wait_for("their return", lambda: {"master1", "core1"} <= set(cluster.states()), 30)
    wait_for("no errors", lambda: "error" not in cluster.states().values(), 30)
    cluster.add_coreapp("core9")
    wait_for("its refusal", lambda: "this node does not start: the schema is newer" in log(cluster, "core9"), 20)
    assert "message 2 (this version: 1)" in log(cluster, "core9")
    assert "core9" not in cluster.states()
    docker("rm", "-f", cluster.container("core9"))


def test_new_primary_migrates(cluster: Cluster) -> None:
    """A new primary master on an old schema: every node is uninitialized until it is done."""
    sql(cluster, "UPDATE schema_levels SET level = 1 WHERE store = 'message'")
    sql(cluster, "UPDATE messages SET expires_at = NULL")
    docker("rm", "-f", cluster.container("master1"))
    cluster.version = NEW
    cluster.add_master("master2")

    def all_uninitialized() -> bool:
        states = [entry.get("gateway_status") for entry in cluster.health().values() if "errors" not in entry]
        return len(states) >= 3 and set(states) == {"uninitialized"}

    wait_for("a cluster without service", all_uninitialized, 40, pause=0.05)
    wait_for("its service", lambda: level(cluster) == "2" and len(cluster.connected()) == 1, 90)
    assert "store message to level 2: 100 %" in log(cluster, "master2")
    with pytest.raises(NotInTime):
        wait_for("no node left uninitialized", lambda: "uninitialized" in " ".join(cluster.states().values()), 1)
