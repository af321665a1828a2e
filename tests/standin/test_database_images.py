"""The database images keep the contract of the official ones: run against the stand-ins or the real images alike."""

from __future__ import annotations

import gzip
import os
import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from standin.database import build
from tests.support.waiting import wait_for

pytestmark = [pytest.mark.docker, pytest.mark.drill]

# One of this run's own, so that runs side by side leave each other's containers alone.
LABEL = f"standin.test=database-images-{os.getpid()}"
READY_SECONDS = 120
# Characters that shells and SQL treat in their own way; "=" also splits settings.
PASSWORD = 'it\'s \\ $HOME "q" `id` =1'


def docker(*arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    """Run the Docker client; with ``check`` a failure ends the test with what the client said."""
    done = subprocess.run(["docker", *arguments], capture_output=True, text=True, timeout=READY_SECONDS, check=False)
    assert not check or done.returncode == 0, f"docker {arguments[0]}: {done.stderr}"
    return done


@dataclass(frozen=True)
class Server:
    """What differs between the two images; ``{}`` stands for a value in the commands."""

    image: build.Image
    superuser: str
    password: str  # names of the environment variables
    database: str
    data: str
    many: Sequence[str]  # arguments that set the number of connections to 77
    show_many: str
    no_password: Mapping[str, str]  # the environment that starts it without a password
    missing: str  # a word of the message when no password was set
    stops_with: str  # the signal that asks for a quick stop
    dump: str  # the tool that makes backups

    def client(self, address: str, user: str, password: str, database: str, sql: str) -> list[str]:
        """Return the arguments of `docker exec`, before and after the container, with "{}" for its name."""
        if self.superuser == "root":
            login = [f"--host={address}", f"--user={user}", *([f"--database={database}"] if database else [])]
            return ["-e", f"MYSQL_PWD={password}", "{}", "mysql", *login, "--skip-column-names", "-e", sql]
        login = ["-h", address, "-U", user, "-d", database or "postgres"]
        return ["-e", f"PGPASSWORD={password}", "{}", "psql", "--no-password", *login, "-Atc", sql]


MARIADB = Server(
    image=build.MARIADB,
    superuser="root",
    password="MYSQL_ROOT_PASSWORD",
    database="MYSQL_DATABASE",
    data="/var/lib/mysql",
    many=("mysqld", "--max-connections=77"),
    show_many="SELECT @@max_connections",
    no_password={"MYSQL_ALLOW_EMPTY_PASSWORD": "yes"},
    missing="MYSQL_ALLOW_EMPTY_PASSWORD",
    stops_with="TERM",
    dump="mysqldump",
)
MYSQL = replace(MARIADB, image=build.MYSQL)
POSTGRES = Server(
    image=build.POSTGRES,
    superuser="postgres",
    password="POSTGRES_PASSWORD",
    database="POSTGRES_DB",
    data="/var/lib/postgresql/data",
    many=("postgres", "-N", "77"),
    show_many="SHOW max_connections",
    no_password={"POSTGRES_HOST_AUTH_METHOD": "trust"},
    missing="POSTGRES_HOST_AUTH_METHOD",
    stops_with="INT",
    dump="pg_dump",
)
each = pytest.mark.parametrize("server", [MARIADB, MYSQL, POSTGRES], ids=["mariadb", "mysql", "postgres"])


@dataclass
class Container:
    """A running server."""

    name: str
    server: Server

    def inspect(self, template: str) -> str:
        return docker("inspect", "--format", template, self.name).stdout.strip()

    def logs(self) -> str:
        done = docker("logs", self.name)
        return done.stdout + done.stderr

    def try_sql(
        self, sql: str, *, user: str = "", password: str = PASSWORD, database: str = ""
    ) -> subprocess.CompletedProcess[str]:
        """Send SQL over the network, where every user is asked for a password (loopback may be trusted)."""
        address = self.inspect("{{.NetworkSettings.IPAddress}}")
        command = self.server.client(address, user or self.server.superuser, password, database, sql)
        return docker("exec", *(self.name if word == "{}" else word for word in command), check=False)

    def sql(self, sql: str, *, user: str = "", password: str = PASSWORD, database: str = "") -> str:
        done = self.try_sql(sql, user=user, password=password, database=database)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def running(self) -> bool:
        return self.inspect("{{.State.Running}}") == "true"

    def wait_ready(self, password: str = PASSWORD) -> None:
        def ready() -> bool:
            assert self.running(), self.logs()
            return self.try_sql("SELECT 1", password=password).returncode == 0

        wait_for(f"an answer of {self.name}", ready, READY_SECONDS)

    def wait_end(self) -> int:
        """Return the exit status of a container that ends by itself."""
        return int(docker("wait", self.name).stdout)


class Engine:
    """Starts containers, and removes them and their volumes afterwards."""

    def start(
        self, server: Server, environment: Mapping[str, str], *command: str, options: Sequence[str] = ()
    ) -> Container:
        variables = [word for name, value in environment.items() for word in ("--env", f"{name}={value}")]
        run = ["run", "--detach", "--label", LABEL, *variables, *options, server.image.tag, *command]
        return Container(docker(*run).stdout.strip(), server)

    def volume(self) -> str:
        return docker("volume", "create", "--label", LABEL).stdout.strip()

    def clean(self) -> None:
        containers = docker("ps", "--all", "--quiet", "--filter", f"label={LABEL}").stdout.split()
        if containers:
            docker("rm", "--force", "--volumes", *containers)
        volumes = docker("volume", "ls", "--quiet", "--filter", f"label={LABEL}").stdout.split()
        if volumes:
            docker("volume", "rm", *volumes)


@pytest.fixture(scope="session")
def database_images(engine: None) -> None:
    """Build the images, from the cache where nothing changed."""
    for image in build.IMAGES:
        build.ensure(image)


@pytest.fixture
def containers(database_images: None) -> Iterator[Engine]:
    """Return the starter of containers; nothing of them is left afterwards."""
    started = Engine()
    try:
        yield started
    finally:
        started.clean()


@each
def test_says_what_it_is(server: Server, database_images: None) -> None:
    assert build.ensure(server.image, pulling=False) in {"current", "real"}
    described = build.inspect(server.image.tag, "{{json .Config.Labels}}") or ""
    assert server.image.server in described or build.LABEL_CONTENT not in described


def test_a_changed_file_or_base_makes_another_image(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    image = build.MARIADB
    before = build.content(image, "base")
    assert build.content(image, "other base") != before
    copy = shutil.copytree(build.CONTEXT, tmp_path / "database")
    monkeypatch.setattr(build, "CONTEXT", copy)
    assert build.content(image, "base") == before
    (copy / "common.sh").write_text("# changed\n")
    assert build.content(image, "base") != before


@each
def test_environment_and_arguments(server: Server, containers: Engine) -> None:
    """Password with awkward characters, database, number of connections; a wrong password is refused."""
    environment = {server.password: PASSWORD, server.database: "wa_first"}
    container = containers.start(server, environment, *server.many)
    container.wait_ready()
    assert container.sql(server.show_many) == "77"
    container.sql("CREATE TABLE t (a INT)", database="wa_first")
    refused = container.try_sql("SELECT 1", password="wrong")
    assert refused.returncode != 0
    assert "denied" in refused.stderr or "authentication failed" in refused.stderr
    assert container.inspect('{{index .Config.Volumes "' + server.data + '"}}') == "{}"
    # No process of the server runs as root.
    users = [line.split()[1] for line in docker("top", container.name, "-eo", "pid,uid").stdout.splitlines()[1:]]
    assert set(users) == {"999"}


@each
def test_refuses_without_password(server: Server, containers: Engine) -> None:
    container = containers.start(server, {})
    assert container.wait_end() == 1
    assert server.password in container.logs()
    assert server.missing in container.logs()


@each
def test_without_password_when_asked_for(server: Server, containers: Engine) -> None:
    container = containers.start(server, server.no_password)
    container.wait_ready(password="")


@each
def test_password_from_a_file_that_only_root_reads(server: Server, containers: Engine, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text(PASSWORD + "\n")
    secret.chmod(0o600)
    mount = ["--volume", f"{secret}:/run/secrets/password:ro"]
    container = containers.start(server, {f"{server.password}_FILE": "/run/secrets/password"}, options=mount)
    container.wait_ready()


@each
def test_both_password_and_file_are_refused(server: Server, containers: Engine) -> None:
    container = containers.start(server, {server.password: "a", f"{server.password}_FILE": "/etc/hostname"})
    assert container.wait_end() == 1
    assert "exclusive" in container.logs()


@each
def test_init_files_run_in_order_before_the_network_opens(server: Server, containers: Engine, tmp_path: Path) -> None:
    scripts = {
        "10.sql": "CREATE TABLE seen (step INT); INSERT INTO seen VALUES (10);",
        "20-program.sh": "#!/bin/sh\ntouch /tmp/program\n",
        "30-sourced.sh": "echo 'INSERT INTO seen VALUES (30);' | docker_process_sql\n",
        "50-gate.sh": "touch /tmp/waiting; until [ -e /tmp/go ]; do sleep 0.1; done\n",
        "notes.txt": "not a script",
    }
    tmp_path.chmod(0o755)
    for name, text in scripts.items():
        (tmp_path / name).write_text(text)
    (tmp_path / "20-program.sh").chmod(0o755)
    (tmp_path / "40.sql.gz").write_bytes(gzip.compress(b"INSERT INTO seen VALUES (40);"))
    container = containers.start(
        server,
        {server.password: PASSWORD, server.database: "wa_init"},
        options=["--volume", f"{tmp_path}:/docker-entrypoint-initdb.d:ro"],
    )

    def file_there(path: str) -> bool:
        assert container.running(), container.logs()
        return docker("exec", container.name, "test", "-e", path, check=False).returncode == 0

    wait_for("the init files", lambda: file_there("/tmp/waiting"), READY_SECONDS)
    assert container.try_sql("SELECT 1").returncode != 0
    docker("exec", container.name, "touch", "/tmp/go")
    container.wait_ready()
    assert container.sql("SELECT step FROM seen ORDER BY step", database="wa_init").split() == ["10", "30", "40"]
    assert file_there("/tmp/program")
    assert "notes.txt" in container.logs()


@each
def test_data_outlive_restart_kill_and_container(server: Server, containers: Engine) -> None:
    mount = ["--volume", f"{containers.volume()}:{server.data}"]
    container = containers.start(server, {server.password: PASSWORD, server.database: "wa_data"}, options=mount)
    container.wait_ready()
    container.sql("CREATE TABLE kept (a INT)", database="wa_data")
    container.sql("INSERT INTO kept VALUES (1)", database="wa_data")
    docker("restart", container.name)
    container.wait_ready()
    container.sql("INSERT INTO kept VALUES (2)", database="wa_data")
    docker("kill", container.name)
    # The environment counts only for an empty volume: a new password there changes nothing.
    second = containers.start(server, {server.password: "other"}, options=mount)
    second.wait_ready()
    assert second.sql("SELECT COUNT(*) FROM kept", database="wa_data") == "2"
    assert second.try_sql("SELECT 1", password="other").returncode != 0


@each
def test_stops_quickly_and_cleanly(server: Server, containers: Engine) -> None:
    container = containers.start(server, {server.password: PASSWORD})
    container.wait_ready()
    # A connection that is open, as the client's are.
    docker("exec", "--detach", container.name, *_sleeping_client(server))
    connections = _CONNECTIONS[server.superuser]
    wait_for("the second client", lambda: container.sql(connections) != "0", READY_SECONDS)
    assert container.inspect("{{.Config.StopSignal}}") in {"", f"SIG{server.stops_with}"}
    started = time.monotonic()
    docker("stop", "--time", "60", container.name)
    assert time.monotonic() - started < 10
    assert container.inspect("{{.State.ExitCode}}") == "0"
    docker("start", container.name)
    container.wait_ready()
    # Without clients SIGTERM does as well, whatever the image's own signal is.
    started = time.monotonic()
    docker("kill", "--signal", "TERM", container.name)
    assert container.wait_end() == 0
    assert time.monotonic() - started < 10


_CONNECTIONS = {
    "root": "SELECT COUNT(*) FROM information_schema.processlist WHERE info = 'SELECT SLEEP(100)'",
    "postgres": "SELECT COUNT(*) FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(100)'",
}


def _sleeping_client(server: Server) -> list[str]:
    if server.superuser == "root":
        return ["sh", "-c", 'MYSQL_PWD="$MYSQL_ROOT_PASSWORD" exec mysql -uroot -e "SELECT SLEEP(100)"']
    return ["psql", "-U", "postgres", "-c", "SELECT pg_sleep(100)"]


@each
def test_another_command_runs_instead(server: Server, containers: Engine) -> None:
    container = containers.start(server, {}, server.dump, "--version")
    assert container.wait_end() == 0
    assert server.dump in container.logs()


def test_mysql_user_reaches_only_its_database(containers: Engine) -> None:
    environment = {
        "MYSQL_ROOT_PASSWORD": "r",
        "MYSQL_DATABASE": "wa_a",
        "MYSQL_USER": "app",
        "MYSQL_PASSWORD": PASSWORD,
    }
    container = containers.start(MARIADB, environment)
    container.wait_ready("r")
    container.sql("CREATE TABLE t (a INT)", user="app", database="wa_a")
    # "_" in the database's name is no wildcard.
    assert container.try_sql("CREATE DATABASE waxa", user="app").returncode != 0
    # As the role that prepares a server for the client does: databases are then the client's to create.
    container.sql("GRANT ALL ON `app\\_%`.* TO app@'%'", password="r")
    container.sql("CREATE DATABASE app_one", user="app")
    assert container.try_sql("CREATE DATABASE other", user="app").returncode != 0


def test_mysql_root_stays_local_when_asked_for(containers: Engine) -> None:
    environment = {"MYSQL_ROOT_HOST": "localhost", "MYSQL_RANDOM_ROOT_PASSWORD": "1"}
    environment |= {"MYSQL_USER": "app", "MYSQL_PASSWORD": "a"}
    container = containers.start(MARIADB, environment)
    wait_for(
        "an answer of mysql",
        lambda: container.running() and container.try_sql("SELECT 1", user="app", password="a").returncode == 0,
        READY_SECONDS,
    )
    generated = container.logs().split("GENERATED ROOT PASSWORD: ")[1].split()[0]
    assert container.try_sql("SELECT 1", password=generated).returncode != 0
    local = docker("exec", "-e", f"MYSQL_PWD={generated}", container.name, "mysql", "-uroot", "-Ne", "SELECT 1")
    assert local.stdout.strip() == "1"


def test_mysql_options_of_the_vendors_compose_file_and_of_mysql_8(containers: Engine, tmp_path: Path) -> None:
    settings = tmp_path / "site.cnf"
    settings.write_text("[mysqld]\nmax_connections = 66\nmysqlx = 0\ncollation_server = utf8mb4_0900_ai_ci\n")
    settings.chmod(0o644)
    container = containers.start(
        MARIADB,
        {"MYSQL_ROOT_PASSWORD": PASSWORD},
        "--default-authentication-plugin=mysql_native_password",
        "--admin-address",
        "127.0.0.1",
        "--wait-timeout=1234",
        options=["--volume", f"{settings}:/etc/mysql/conf.d/site.cnf:ro"],
    )
    container.wait_ready()
    assert container.sql("SELECT @@max_connections, @@global.wait_timeout").split() == ["66", "1234"]
    assert container.sql("SELECT plugin FROM mysql.user WHERE user = 'root' AND host = '%'") == "mysql_native_password"


def test_mysql_unknown_option_is_refused(containers: Engine) -> None:
    container = containers.start(MARIADB, {"MYSQL_ROOT_PASSWORD": "r"}, "--no-such-option=1")
    assert container.wait_end() == 1
    assert "no-such-option" in container.logs()


def test_postgres_user_port_and_init_arguments(containers: Engine) -> None:
    environment = {"POSTGRES_USER": "owner", "POSTGRES_PASSWORD": PASSWORD}
    environment |= {"POSTGRES_INITDB_ARGS": "--data-checksums --auth-local='scram-sha-256'"}
    container = containers.start(POSTGRES, environment, "-p", "3306", "-c", "application_name=two words")

    def sql(statement: str, *login: str) -> subprocess.CompletedProcess[str]:
        query = ["psql", "-p", "3306", *login, "-Atc", statement]
        return docker("exec", "-e", f"PGPASSWORD={PASSWORD}", container.name, *query, check=False)

    # The database is named after the user where POSTGRES_DB is not given.
    owner = ("-h", "127.0.0.1", "-U", "owner", "-d", "owner")
    wait_for(
        "an answer of postgres",
        lambda: container.running() and sql("SELECT 1", *owner).returncode == 0,
        READY_SECONDS,
    )
    assert sql("SHOW data_checksums", *owner).stdout.strip() == "on"
    sql("CREATE ROLE app LOGIN PASSWORD 'a'", *owner)
    app = ("-h", "127.0.0.1", "-U", "app", "-d", "owner")
    # As on PostgreSQL 13, everybody may create tables in "public"; databases only who was granted it.
    assert sql("CREATE TABLE t (a INT)", *app).returncode == 0
    assert sql("CREATE DATABASE wa_app", *app).returncode != 0
    sql("ALTER ROLE app CREATEDB", *owner)
    assert sql("CREATE DATABASE wa_app", *app).returncode == 0
