"""The administrator and the users that role database sets up on a server: any password, rights on the prefix, twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg2
import pymysql  # type: ignore[import-untyped]
import pytest

from tests.standin.role_accounts import ROOT_PASSWORD, account, run
from tests.standin.test_database_images import MARIADB, MYSQL, POSTGRES, Container, Engine, Server, database_images  # noqa: F401 (a fixture)
from tests.support.waiting import wait_for

pytestmark = pytest.mark.docker

PASSWORD = """it's %s 100% \\ $HOME "q" `id`"""
START = {
    "mysql": {"MYSQL_ALLOW_EMPTY_PASSWORD": "yes", "MYSQL_ROOT_HOST": "localhost"},
    "postgresql": {"POSTGRES_PASSWORD": ROOT_PASSWORD},
}
SOCKETS = {"mysql": "/var/run/mysqld", "postgresql": "/var/run/postgresql"}
# Not the line of MySQL's X Plugin, which has the same words.
LISTENS = {"mysql": "d: ready for connections", "postgresql": "ready to accept connections"}
# How often it says so: the server of the first start, which no network reaches, says it as well.
TWICE = 2


@pytest.fixture
def start(database_images: None, tmp_path: Path) -> Iterator[Callable[[Server, str], str]]:  # noqa: F811
    """Starts a server as role database does, and returns its address."""
    engine = Engine()

    def started(server: Server, kind: str) -> str:
        mount = ["--volume", f"{tmp_path}/database-socket:{SOCKETS[kind]}"]
        container: Container = engine.start(server, START[kind], options=mount)
        wait_for("the server", lambda: container.logs().count(LISTENS[kind]) >= TWICE, 180)
        return container.inspect("{{.NetworkSettings.IPAddress}}")

    yield started
    engine.clean()


@pytest.mark.parametrize(
    "server", [pytest.param(MARIADB, id="mariadb"), pytest.param(MYSQL, id="mysql", marks=pytest.mark.drill)]
)
def test_mysql(server: Server, start: Callable[[Server, str], str], tmp_path: Path) -> None:
    address = start(server, "mysql")
    users = [account("wabiz", PASSWORD), account("second", f"{PASSWORD} 2")]
    tasks = ["administrator_mysql", "accounts"]
    first = run("mysql", tmp_path, tasks, users).succeeded()
    assert first.changed == {("localhost", "mysql_user wabiz"), ("localhost", "mysql_user second")}
    assert PASSWORD not in first.output and ROOT_PASSWORD not in first.output
    assert run("mysql", tmp_path, tasks, users).succeeded().changed == set()
    for user in users:
        with pymysql.connect(host=address, user=user["name"], password=user["password"]) as there:
            cursor = there.cursor()
            cursor.execute(f"CREATE DATABASE wa_one_{user['name']}")
            # "_" of the prefix is no wildcard, and the prefix of another installation is none of ours.
            for other in ("waxone_waent", "wa_two_waent"):
                with pytest.raises(pymysql.err.OperationalError, match="denied"):
                    cursor.execute(f"CREATE DATABASE {other}")
    with pytest.raises(pymysql.err.OperationalError, match=r"denied|not allowed"):
        pymysql.connect(host=address, user="root", password=ROOT_PASSWORD)
    refused = run("mysql", tmp_path, ["administrator_mysql"], database_root_password="another").failed()
    assert "cannot log in with wabiz_database_root_password" in refused.failures[-1]["msg"]
    gone = run("mysql", tmp_path, ["accounts"], [users[0], account("second", state="absent")]).succeeded()
    assert gone.changed == {("localhost", "mysql_user second")}


def test_postgresql(start: Callable[[Server, str], str], tmp_path: Path) -> None:
    address = start(POSTGRES, "postgresql")
    users = [account("wabiz", PASSWORD), account("second", f"{PASSWORD} 2", owner="wabiz")]
    tasks = ["administrator_postgresql", "accounts"]
    first = run("postgresql", tmp_path, tasks, users).succeeded()
    assert {("localhost", f"postgresql_user {name}") for name in ("postgres", "wabiz", "second")} <= first.changed
    assert PASSWORD not in first.output and ROOT_PASSWORD not in first.output
    assert run("postgresql", tmp_path, tasks, users).succeeded().changed == set()
    with pytest.raises(psycopg2.OperationalError, match="authentication failed"):
        psycopg2.connect(host=address, user="postgres", password=ROOT_PASSWORD)
    second = psycopg2.connect(host=address, user="second", password=f"{PASSWORD} 2", dbname="postgres")
    second.autocommit = True
    second.cursor().execute("CREATE DATABASE wa_one_waent")
    second.close()
    # The two of a rotation share all that either of them makes.
    with psycopg2.connect(host=address, user="wabiz", password=PASSWORD, dbname="wa_one_waent") as there:
        cursor = there.cursor()
        cursor.execute("SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = 'wa_one_waent'")
        assert cursor.fetchone() == ("wabiz",)
    there.close()
    gone = run("postgresql", tmp_path, ["accounts"], [users[0], account("second", state="absent")]).succeeded()
    assert gone.changed == {("localhost", "postgresql_user second")}


@pytest.mark.proves("wabiz_database_admin_user", "wabiz_database_admin_password")
@pytest.mark.parametrize("kind", ["mysql", "postgresql"])
def test_a_server_of_the_site_by_an_administrators_login(
    kind: str, start: Callable[[Server, str], str], tmp_path: Path
) -> None:
    """Over the network, by an administrator that is no superuser where the server has such."""
    address = start({"mysql": MARIADB, "postgresql": POSTGRES}[kind], kind)
    run(kind, tmp_path, [f"administrator_{kind}"]).succeeded()
    administrator(kind, tmp_path)
    port = {"mysql": 3306, "postgresql": 5432}[kind]
    given: dict[str, Any] = {"database_host": address, "database_port": port, "database_password": PASSWORD}
    login: dict[str, Any] = {"database_admin_user": "dba", "database_admin_password": "dba's"}
    assert run(kind, tmp_path, ["external"], **given, **login).succeeded().changed == {
        ("localhost", f"{kind}_user wabiz")
    }
    create_database(kind, address, "wabiz", "wa_one_waent")
    run(kind, tmp_path, ["external"], **given, **{**login, "database_admin_password": "another"}).failed()


def administrator(kind: str, directory: Path) -> None:
    """Make one as a site would have it: by the socket, with SQL."""
    if kind == "mysql":
        path = str(directory / "database-socket" / "mysqld.sock")
        with pymysql.connect(unix_socket=path, user="root", password=ROOT_PASSWORD) as there:
            there.cursor().execute("CREATE USER dba@'%%' IDENTIFIED BY %s", ("dba's",))
            there.cursor().execute("GRANT ALL ON *.* TO dba@'%' WITH GRANT OPTION")
        return
    connection = psycopg2.connect(host=str(directory / "database-socket"), user="postgres", dbname="postgres")
    connection.autocommit = True
    connection.cursor().execute("CREATE ROLE dba LOGIN CREATEROLE CREATEDB PASSWORD %s", ("dba's",))
    connection.close()


def test_the_second_user_of_a_rotation_acts_as_the_owner_on_a_new_server(
    start: Callable[[Server, str], str], tmp_path: Path
) -> None:
    """The databases were restored there, and are the first one's; no rotation has made the second one."""
    address = start(POSTGRES, "postgresql")
    first = [account("wabiz", PASSWORD)]
    run("postgresql", tmp_path, ["administrator_postgresql", "accounts"], first).succeeded()
    create_database("postgresql", address, "wabiz", "wa_one_waent")
    given: dict[str, Any] = {"database_user": "wabiz_b", "database_other_user": "wabiz", "database_password": PASSWORD}
    changed = run("postgresql", tmp_path, ["accounts"], **given).succeeded().changed
    assert ("localhost", "postgresql_user wabiz_b") in changed
    assert run("postgresql", tmp_path, ["accounts"], **given).succeeded().changed == set()
    with psycopg2.connect(host=address, user="wabiz_b", password=PASSWORD, dbname="wa_one_waent") as there:
        cursor = there.cursor()
        cursor.execute("SELECT current_user")
        assert cursor.fetchone() == ("wabiz",)
    there.close()


@pytest.mark.drill
@pytest.mark.parametrize("prefixes", [("wa_", "wa_two_"), ("", "wa_two_")])
@pytest.mark.parametrize("kind", ["mysql", "postgresql"])
def test_one_installation_is_removed_and_the_other_stays(
    kind: str, prefixes: tuple[str, str], start: Callable[[Server, str], str], tmp_path: Path
) -> None:
    """The longer prefix begins with the shorter one, and each begins with an empty one."""
    address = start({"mysql": MARIADB, "postgresql": POSTGRES}[kind], kind)
    run(kind, tmp_path, [f"administrator_{kind}"]).succeeded()
    for user, prefix in zip(("one", "two"), prefixes, strict=True):
        run(kind, tmp_path, ["accounts"], [account(user, PASSWORD)], database_prefix=prefix).succeeded()
        create_database(kind, address, user, f"{prefix}waent")
    given: dict[str, Any] = {"database_user": "one", "database_prefix": prefixes[0]}
    gone = {("localhost", f"{kind}_db {prefixes[0]}waent"), ("localhost", f"{kind}_user one")}
    assert run(kind, tmp_path, ["external_absent"], **given).succeeded().changed == gone
    assert run(kind, tmp_path, ["external_absent"], **given).succeeded().changed == set()


@pytest.mark.drill
@pytest.mark.parametrize("kind", ["mysql", "postgresql"])
def test_one_user_of_two_installations_keeps_its_rights_and_stays(
    kind: str, start: Callable[[Server, str], str], tmp_path: Path
) -> None:
    address = start({"mysql": MARIADB, "postgresql": POSTGRES}[kind], kind)
    run(kind, tmp_path, [f"administrator_{kind}"]).succeeded()
    for prefix in ("wa_", "wa_two_"):
        run(kind, tmp_path, ["accounts"], [account("both", PASSWORD)], database_prefix=prefix).succeeded()
        create_database(kind, address, "both", f"{prefix}waent")
    create_database(kind, address, "both", "wa_waweb")
    given: dict[str, Any] = {"database_user": "both", "database_other_user": "both_b", "database_prefix": "wa_"}
    gone = {("localhost", f"{kind}_db wa_{name}") for name in ("waent", "waweb")}
    assert run(kind, tmp_path, ["external_absent"], **given).succeeded().changed == gone
    create_database(kind, address, "both", "wa_two_waweb")


@pytest.mark.drill
@pytest.mark.parametrize("kind", ["mysql", "postgresql"])
def test_after_a_rotation_both_users_are_removed(
    kind: str, start: Callable[[Server, str], str], tmp_path: Path
) -> None:
    """The databases are the first one's on PostgreSQL; the inventory names the second one."""
    address = start({"mysql": MARIADB, "postgresql": POSTGRES}[kind], kind)
    users = [account("wabiz", PASSWORD), account("wabiz_b", PASSWORD, owner="wabiz")]
    run(kind, tmp_path, [f"administrator_{kind}", "accounts"], users).succeeded()
    create_database(kind, address, "wabiz_b", "wa_one_waent")
    given: dict[str, Any] = {"database_user": "wabiz_b", "database_other_user": "wabiz"}
    gone = {("localhost", f"{kind}_{what}") for what in ("db wa_one_waent", "user wabiz", "user wabiz_b")}
    assert run(kind, tmp_path, ["external_absent"], **given).succeeded().changed == gone


def create_database(kind: str, address: str, user: str, name: str) -> None:
    """As the client does."""
    if kind == "mysql":
        with pymysql.connect(host=address, user=user, password=PASSWORD) as there:
            there.cursor().execute(f"CREATE DATABASE {name}")
        return
    connection = psycopg2.connect(host=address, user=user, password=PASSWORD, dbname="postgres")
    connection.autocommit = True
    connection.cursor().execute(f"CREATE DATABASE {name}")
    connection.close()
