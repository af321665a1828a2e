"""The modules that dump and restore, with the servers in the images of the databases and their own programs."""

from __future__ import annotations

import multiprocessing
import os
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.wabiz.onprem.plugins.module_utils._formats.mysql_grants import NEEDED
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.database_dump import before_restore
from ansible_collections.wabiz.onprem.tests.unit.plugins.in_process import execute

from standin.database import build
from tests.support.waiting import wait_for

pytestmark = pytest.mark.docker

LABEL = f"standin.test=dumps-{os.getpid()}"
ADMINISTRATOR = 'it\'s \\ $HOME "q" `id` =1'
USER = "user-9-dumps"
# Enough for a dump that can be interrupted.
DOUBLINGS = 20
ROWS_FILLED = 2**DOUBLINGS
TEXT = "äöü 😀 ' \\ \" \n"
OURS, OTHERS = ("wabiz_waent", "wabiz_waweb"), ("wabiz_b_waent", "unrelated")
PSQL = ("psql", "--host=127.0.0.1", "--username=client_b", f"--dbname={OURS[0]}")
KILLS = multiprocessing.get_context("fork")


def docker(*arguments: str, given: str = "") -> str:
    """Run Docker's client; AssertionError with what it said where it fails."""
    call = ["docker", *arguments]
    done = subprocess.run(call, input=given, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, f"docker {arguments[0]}: {done.stderr}"
    return done.stdout.strip()


@dataclass(frozen=True)
class Server:
    """A server in a container, and its databases as a client of this prefix and others have made them."""

    engine: str
    container: str
    directory: Path

    def sql(self, statement: str, database: str = "") -> str:
        """Ask it as its administrator."""
        if self.engine == "mysql":
            ask = ["mysql", "--user=root", "--batch", "--skip-column-names", "--default-character-set=utf8mb4"]
            password = f"--env=MYSQL_PWD={ADMINISTRATOR}"
            return docker(
                "exec", "-i", password, self.container, *ask, *([database] if database else []), given=statement
            )
        ask = ["psql", "--username=postgres", "-qAt", f"--dbname={database or 'postgres'}", "--set=ON_ERROR_STOP=1"]
        return docker("exec", "-i", self.container, *ask, given=statement)

    def arguments(self, **more: Any) -> dict[str, Any]:
        """The options of the modules: the administrator by the server's socket."""
        user = {"mysql": "root", "postgresql": "postgres"}[self.engine]
        known = {"engine": self.engine, "prefix": "wabiz_", "directory": str(self.directory), "user": user}
        return {**known, "password": ADMINISTRATOR, "container": self.container, **more}

    def as_client(self, **more: Any) -> dict[str, Any]:
        """The same as the client's user over the network."""
        return self.arguments(user="client", password=USER, host="127.0.0.1", **more)

    def dump(self, name: str, **more: Any) -> dict[str, Any]:
        return execute("database_dump", self.arguments(name=name, **more))

    def restore(self, name: str, **more: Any) -> dict[str, Any]:
        return execute("database_restore", self.arguments(name=name, **more))

    def rows(self, database: str = OURS[0]) -> tuple[str, ...]:
        """What is compared of a database's table: number, sum, and the odd text."""
        count = self.sql("SELECT COUNT(*), SUM(id) FROM messages", database)
        return count.replace("\t", "|"), self.sql("SELECT COUNT(*) FROM messages WHERE text LIKE '%😀%'", database)

    def fill(self) -> None:
        text = TEXT.replace("\\", "\\\\").replace("'", "''") if self.engine == "mysql" else TEXT.replace("'", "''")
        for database in (*OURS, *OTHERS):
            owner = " OWNER client" if self.engine == "postgresql" else ""
            self.sql(f"CREATE DATABASE {database}{owner}")
            user = "SET ROLE client;" if self.engine == "postgresql" else ""
            self.sql(f"{user} CREATE TABLE messages (id INT PRIMARY KEY, text TEXT)", database)
            self.sql(f"INSERT INTO messages VALUES (0, '{text}')", database)  # noqa: S608 (a text of our own)
        for doubling in range(DOUBLINGS):
            again = f"INSERT INTO messages SELECT id + {2**doubling}, text FROM messages"  # noqa: S608 (our own)
            self.sql(again, OURS[0])


@pytest.fixture(scope="module", params=["mariadb", pytest.param("mysql", marks=pytest.mark.drill), "postgres"])
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with databases of two clusters and of others."""
    engine = "postgresql" if request.param == "postgres" else "mysql"
    image = next(one for one in build.IMAGES if one.directory == request.param)
    build.ensure(image)
    password = {"mysql": "MYSQL_ROOT_PASSWORD", "postgresql": "POSTGRES_PASSWORD"}[engine]
    name = docker("run", "--detach", "--label", LABEL, f"--env={password}={ADMINISTRATOR}", image.tag)
    try:
        found = Server(engine, name, tmp_path_factory.mktemp(engine))
        host = "127.0.0.1"
        ready = {
            "mysql": ["mysqladmin", "ping", f"--host={host}"],
            "postgresql": ["pg_isready", f"--host={host}"],
        }[engine]
        wait_for("the server", lambda: answers(name, ready), 120)
        user = {
            "mysql": f"CREATE USER client@'%' IDENTIFIED BY '{USER}'; GRANT ALL ON `wabiz\\_%`.* TO client@'%'",
            "postgresql": f"CREATE ROLE client LOGIN CREATEDB PASSWORD '{USER}'",
        }
        found.sql(user[engine])
        found.fill()
        yield found
    finally:
        subprocess.run(["docker", "rm", "--force", "--volumes", name], capture_output=True, check=False)


def answers(name: str, command: list[str]) -> bool:
    return subprocess.run(["docker", "exec", name, *command], capture_output=True, check=False).returncode == 0


def killed(run: Callable[[], object], began: Callable[[], object]) -> None:
    """Kill a module in the middle."""
    process = KILLS.Process(target=run)
    process.start()
    try:
        wait_for("the middle", began, 60, pause=0.05)
        assert process.is_alive(), "it was too fast to be killed"
    finally:
        process.kill()
        process.join()


def unused(server: Server) -> bool:
    """Tell whether no program of a killed module is still connected."""
    found = execute("database_dump_info", server.arguments())
    return not any(database["sessions"] for database in found["databases"])


def there(server: Server) -> bool:
    """Tell whether the larger database has all its rows."""
    try:
        return server.rows()[0].startswith(f"{ROWS_FILLED}|")
    except AssertionError:
        return False


def test_a_killed_dump_leaves_nothing_under_its_name(server: Server) -> None:
    partial = server.directory / ".half.partial"

    def began() -> bool:
        return any(path.stat().st_size for path in partial.glob("*")) if partial.is_dir() else False

    killed(lambda: server.dump("half"), began)
    assert not (server.directory / "half").exists()
    assert server.dump("one")["removed"] == [".half.partial"]


def test_what_was_dumped_comes_back(server: Server) -> None:
    before = {database: server.rows(database) for database in (*OURS, *OTHERS)}
    assert server.dump("one")["databases"] == list(OURS)
    for database in (*OURS, *OTHERS):
        server.sql("DELETE FROM messages WHERE id < 10; CREATE TABLE later (n INT)", database)
    restored = server.restore("one")
    assert restored["replaced"] == list(OURS)
    assert {database: server.rows(database) for database in OURS} == {database: before[database] for database in OURS}
    for database in OURS:
        with pytest.raises(AssertionError, match="later"):
            server.sql("SELECT n FROM later", database)
    for database in OTHERS:
        assert server.rows(database) != before[database]


def test_the_client_owns_its_databases_as_before(server: Server) -> None:
    """So its own user can dump and restore them too, over the network."""
    assert execute("database_dump", server.as_client(name="two"))["databases"] == list(OURS)
    assert execute("database_restore", server.as_client(name="two"))["replaced"] == list(OURS)
    assert server.rows()[1] != "0"


def test_who_has_the_rights_of_the_client_alone_is_refused(server: Server) -> None:
    """Else mysqldump would fail in the middle, and a restore after it has dropped a database."""
    if server.engine != "mysql":
        pytest.skip("PostgreSQL's owner may do both")
    server.sql(f"CREATE USER few@'%' IDENTIFIED BY '{USER}'; GRANT {', '.join(NEEDED)} ON `wabiz\\_%`.* TO few@'%'")
    as_few = {"user": "few", "password": USER, "host": "127.0.0.1"}
    before = server.rows()
    assert "EVENT" in server.dump("three", **as_few)["msg"]
    assert "LOCK TABLES" in server.restore("two", **as_few)["msg"]
    assert server.rows() == before
    server.sql("GRANT ALL ON `wabiz\\_%`.* TO few@'%'")
    assert server.dump("three", **as_few)["databases"] == list(OURS)
    assert server.restore("three", **as_few)["replaced"] == list(OURS)
    assert server.rows() == before


def test_the_second_user_of_a_rotation_uses_what_is_restored(server: Server) -> None:
    """With the statements of the refusal alone, on a server that has that user and not the first one."""
    if server.engine != "postgresql":
        pytest.skip("databases of MySQL have no owner")
    before = server.rows()
    server.dump("owned")
    for database in OURS:
        server.sql(f"DROP DATABASE {database}")
    for database in OTHERS:
        server.sql(f"ALTER DATABASE {database} OWNER TO postgres")
        server.sql("REASSIGN OWNED BY client TO postgres", database)
    server.sql("DROP ROLE client")
    server.sql(f"CREATE ROLE client_b LOGIN CREATEDB PASSWORD '{USER}'")
    look = execute("database_dump_info", server.arguments())
    (manifest,) = (one for one in look["dumps"] if one["name"] == "owned")
    (finding,) = before_restore("", look, manifest, "wabiz_", "client_b")
    for statement in finding.remedy.partition(": ")[2].split(";"):
        server.sql(statement)
    look = execute("database_dump_info", server.arguments())
    assert list(before_restore("", look, manifest, "wabiz_", "client_b")) == []
    second = server.as_client(name="owned") | {"user": "client_b"}
    assert execute("database_restore", second)["databases"] == list(OURS)
    assert server.rows() == before
    added = "--command=INSERT INTO messages VALUES (-1, '')"
    docker("exec", f"--env=PGPASSWORD={USER}", server.container, *PSQL, added)
    server.sql("DELETE FROM messages WHERE id = -1", OURS[0])
    # As it was, for the tests that follow.
    server.sql(f"ALTER ROLE client LOGIN PASSWORD '{USER}'")


def test_a_killed_restore_is_done_again(server: Server) -> None:
    before = server.rows()
    # Who counted the rows meanwhile would use the database, and the restore would be refused.
    killed(lambda: server.restore("one"), lambda: not unused(server))
    wait_for("the end of its program", lambda: unused(server), 60)
    assert not there(server), "it was too fast to be killed"
    assert server.restore("one")["changed"]
    assert server.rows() == before


def test_what_is_in_use_is_not_replaced(server: Server) -> None:
    hold = {
        "mysql": ["mysql", "--user=root", "--execute=SELECT SLEEP(60)", OURS[1]],
        "postgresql": ["psql", "--username=postgres", f"--dbname={OURS[1]}", "--command=SELECT pg_sleep(60)"],
    }[server.engine]
    docker("exec", "--detach", f"--env=MYSQL_PWD={ADMINISTRATOR}", server.container, *hold)
    wait_for("the session", lambda: not unused(server), 30)
    assert f"uses database {OURS[1]}" in server.restore("one")["msg"]
