# Copyright: (c) 2026, wabiz.onprem contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What database_info tells of servers that answer as a test says, and of a container's network."""

from __future__ import annotations

import json
import os
import socket
import socketserver
import ssl
import struct
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from ansible_collections.wabiz.onprem.plugins.module_utils._host import database_login
from ansible_collections.wabiz.onprem.plugins.module_utils._host.namespace import NamespaceError, within
from ansible_collections.wabiz.onprem.tests.unit.plugins.certificates import issue
from ansible_collections.wabiz.onprem.tests.unit.plugins.in_process import execute
from ansible_collections.wabiz.onprem.tests.unit.plugins.scripted_engine import ScriptedEngine

GIVEN = {"host": "localhost", "user": "wabiz", "password": "canary-1", "prefix": "wabiz_", "timeout": 2}
ENCRYPTS = 0x0800


def greeting(version: bytes = b"8.0.33", capabilities: int = 0xF7FF | ENCRYPTS) -> bytes:
    body = b"\x0a" + version + b"\0" + struct.pack("<I8sBH", 7, b"saltsalt", 0, capabilities) + b"\x2d" + bytes(20)
    return len(body).to_bytes(3, "little") + b"\0" + body


@contextmanager
def serving(talk: Callable[[socket.socket], None]) -> Iterator[int]:
    """A server that talks to each that connects, and its port."""

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            try:
                talk(self.request)
            except OSError:
                # The one who connected does not want to go on.
                return

    with socketserver.ThreadingTCPServer(("localhost", 0), Handler) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, args=[0.05], daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


@pytest.fixture(autouse=True)
def no_driver(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database_login, "DRIVERS", {"mysql": "no_such_driver", "postgresql": "no_such_driver"})


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """The CA of a server, and the server's certificate with its key."""
    ca = issue("Database CA", ca=True)
    own = issue("localhost", ca)
    (tmp_path / "ca.pem").write_text(ca.pem, encoding="ascii")
    (tmp_path / "server.pem").write_text(own.pem + own.key_pem, encoding="ascii")
    return tmp_path


def encrypting(files: Path, connection: socket.socket) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(files / "server.pem")
    with context.wrap_socket(connection, server_side=True):
        pass


def seen(engine: str, port: int, **more: Any) -> dict[str, Any]:
    result = execute("database_info", {**GIVEN, "engine": engine, "port": port, **more})
    assert result["changed"] is False
    assert "canary-1" not in json.dumps(result)
    found: dict[str, Any] = result["host"]
    return found


def test_a_mysql_server_names_its_version_before_the_login() -> None:
    with serving(lambda connection: connection.sendall(greeting(b"5.5.5-10.11.6-MariaDB"))) as port:
        found = seen("mysql", port)
    assert found["version"] == "10.11.6-MariaDB"
    assert found["tls_offered"] is True
    assert found["driver"] == "no_such_driver"
    assert found["failed_at"] == ""
    assert found["latency_ms"] is not None


def test_a_server_that_does_not_encrypt_is_found_where_tls_is_wanted(files: Path) -> None:
    plain = greeting(capabilities=0xF7FF & ~ENCRYPTS)
    with serving(lambda connection: connection.sendall(plain)) as port:
        assert seen("mysql", port)["tls_offered"] is False
        found = seen("mysql", port, tls=True, ca_path=str(files / "ca.pem"))
    assert (found["failed_at"], found["reason"]) == ("tls", "it does not encrypt")


@pytest.mark.parametrize("engine", ["mysql", "postgresql"])
def test_the_certificate_is_verified(engine: str, files: Path) -> None:
    def talk(connection: socket.socket) -> None:
        if engine == "mysql":
            connection.sendall(greeting())
            request = connection.recv(36)
            assert len(request) == 36
        else:
            assert connection.recv(8) == struct.pack("!ii", 8, 80877103)
            connection.sendall(b"S")
        encrypting(files, connection)

    other = files / "other.pem"
    other.write_text(issue("Another CA", ca=True).pem, encoding="ascii")
    with serving(talk) as port:
        good = seen(engine, port, tls=True, ca_path=str(files / "ca.pem"))
        unknown = seen(engine, port, tls=True, ca_path=str(other))
        wrong_name = seen(engine, port, tls=True, ca_path=str(files / "ca.pem"), host="127.0.0.1")
    assert good["failed_at"] == ""
    assert good["certificate_until"].endswith("GMT")
    assert (unknown["failed_at"], wrong_name["failed_at"]) == ("tls", "tls")
    assert "certificate" in unknown["reason"]
    assert "127.0.0.1" in wrong_name["reason"]


@pytest.mark.parametrize(
    ("code", "said", "cause"),
    [
        (1130, b"Host '10.0.0.1' is not allowed to connect to this MySQL server", "address"),
        (1040, b"Too many connections", "connections"),
        (1053, b"Server shutdown in progress", ""),
    ],
)
def test_a_host_that_is_not_let_in_hears_why(code: int, said: bytes, cause: str) -> None:
    """In place of its greeting, before there is a login."""
    body = b"\xff" + struct.pack("<H", code) + said
    with serving(lambda connection: connection.sendall(len(body).to_bytes(3, "little") + b"\0" + body)) as port:
        found = seen("mysql", port)
    assert (found["failed_at"], found["cause"]) == ("login", cause)
    assert said.decode() in found["reason"]


@pytest.mark.parametrize("engine", ["mysql", "postgresql"])
@pytest.mark.parametrize("said", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"", b"\0\0\0\0", b"\x05\0\0\0\x0a8.0"])
def test_something_else_than_the_server_is_named(engine: str, said: bytes) -> None:
    with serving(lambda connection: connection.sendall(said)) as port:
        found = seen(engine, port)
    assert found["failed_at"] == "answer"
    assert found["reason"]


def test_the_certificate_is_verified_as_the_client_does_it(monkeypatch: pytest.MonkeyPatch, files: Path) -> None:
    """From Python 3.13 on its own default refuses a certificate that does not name the key of its CA."""
    default = ssl.create_default_context

    def strict(*given: Any, **options: Any) -> ssl.SSLContext:
        made = default(*given, **options)
        made.verify_flags |= ssl.VERIFY_X509_STRICT
        return made

    def refuse(**_options: Any) -> None:
        raise DriverError(1045, "Access denied")

    def talk(connection: socket.socket) -> None:
        connection.sendall(greeting())
        connection.recv(36)
        encrypting(files, connection)

    monkeypatch.setattr(ssl, "create_default_context", strict)
    given = driver(monkeypatch, refuse)
    with serving(talk) as port:
        assert seen("mysql", port, tls=True, ca_path=str(files / "ca.pem"))["failed_at"] == "login"
    assert not given["ssl"].verify_flags & ssl.VERIFY_X509_STRICT
    assert (given["ssl"].verify_mode, given["ssl"].check_hostname) == (ssl.CERT_REQUIRED, True)


def test_a_port_on_which_nothing_listens_and_a_name_that_is_not_known() -> None:
    with socket.create_server(("localhost", 0)) as unused:
        port = unused.getsockname()[1]
    assert seen("mysql", port)["failed_at"] == "connect"
    found = seen("mysql", port, host="database.invalid")
    assert (found["failed_at"], found["addresses"]) == ("resolve", [])


def test_a_file_that_is_missing_is_found_before_anything_is_asked(files: Path) -> None:
    found = seen("mysql", 1, tls=True, ca_path=str(files / "none.pem"))
    assert found["failed_at"] == "files"


# --- after the login --------------------------------------------------------------------------------------------------


class DriverError(Exception):
    """As a driver raises it."""


def driver(monkeypatch: pytest.MonkeyPatch, connect: Callable[..., Any]) -> dict[str, Any]:
    """Install a driver for both engines, and return what it is going to be given."""
    given: dict[str, Any] = {}
    module: Any = ModuleType("scripted_driver")

    def noting(**options: Any) -> Any:
        given.update(options)
        return connect(**options)

    module.Error, module.connect, module.VERSION = DriverError, noting, (1, 1, 0, "final")
    monkeypatch.setitem(sys.modules, "scripted_driver", module)
    monkeypatch.setattr(database_login, "DRIVERS", dict.fromkeys(("mysql", "postgresql"), "scripted_driver"))
    return given


class Connection:
    """Answers each statement by its beginning."""

    autocommit = False

    def __init__(self, answers: dict[str, list[tuple[Any, ...]]]) -> None:
        self.answers, self.closed = {"SET ": [], "START ": [], "SELECT 1": [(1,)], **answers}, False
        self.rows: list[tuple[Any, ...]] = []
        self.statements: list[str] = []

    def cursor(self) -> Connection:
        return self

    def __enter__(self) -> Connection:
        return self

    def __exit__(self, *_error: object) -> None:
        return None

    def execute(self, statement: str, _values: Any = None) -> None:
        self.statements.append(statement)
        found = [rows for begin, rows in self.answers.items() if statement.startswith(begin)]
        if not found:
            raise DriverError(1064, f"not expected: {statement}")
        self.rows = found[-1]

    def fetchall(self) -> list[tuple[Any, ...]]:
        return self.rows

    def close(self) -> None:
        self.closed = True


def test_what_mysql_tells(monkeypatch: pytest.MonkeyPatch) -> None:
    connection = Connection(
        {
            "SELECT VERSION()": [("8.0.33", 1200, 400, "utf8mb4")],
            "SELECT CURRENT_ROLE()": [("`client`@`%`",)],
            "SHOW GRANTS FOR CURRENT_USER() USING `client`@`%`": [
                ("GRANT ALL PRIVILEGES ON `wabiz\\_%`.* TO `w`@`%`",)
            ],
            "SELECT schema_name": [("mysql",), ("wabiz_waent",), ("wabiz_two_waent",), ("waweb",), ("wallet",)],
            "SHOW GLOBAL VARIABLES WHERE Variable_name IN ('read_only', 'innodb_read_only', ": [("read_only", "OFF")],
        }
    )
    given = driver(monkeypatch, lambda **_options: connection)
    with serving(lambda peer: peer.sendall(greeting())) as port:
        found = seen("mysql", port)
    assert given["ssl_disabled"] is True
    assert found["product"] == "MySQL"
    # In mode ANSI_QUOTES the rights would be shown in other quotes; outside of a transaction a proxy may ask a replica.
    assert connection.statements[:2] == ["SET SESSION sql_mode = ''", "START TRANSACTION"]
    # The account's own limit is lower than the server's.
    assert found["max_connections"] == 400
    assert (found["missing_rights"], found["missing_by_name"]) == ([], {})
    # Those of another prefix that begins alike, and of others, are not the cluster's.
    assert (found["databases"], found["unprefixed"]) == (["wabiz_waent"], ["waweb"])
    assert found["read_only"] is False
    assert connection.closed


@pytest.mark.parametrize(
    "modes",
    [
        [("innodb_read_only", "OFF"), ("read_only", "ON")],
        [("innodb_read_only", "ON"), ("read_only", "OFF")],
        # MariaDB 12.
        [("read_only", "NO_LOCK")],
    ],
)
def test_a_replica_of_mysql_is_read_only(monkeypatch: pytest.MonkeyPatch, modes: list[tuple[Any, ...]]) -> None:
    answers: dict[str, list[tuple[Any, ...]]] = {
        "SELECT VERSION()": [("8.0.33", 1200, 0, "utf8mb4")],
        "SHOW": [],
        "SHOW GLOBAL VARIABLES": modes,
        "SELECT schema_name": [],
    }
    driver(monkeypatch, lambda **_options: Connection(answers))
    with serving(lambda peer: peer.sendall(greeting())) as port:
        assert seen("mysql", port)["read_only"] is True


@pytest.mark.parametrize(("value", "missing"), [("OFF", 0), ("ON", 8)])
def test_mysql_may_take_a_pattern_for_a_name(monkeypatch: pytest.MonkeyPatch, value: str, missing: int) -> None:
    answers: dict[str, list[tuple[Any, ...]]] = {
        "SELECT VERSION()": [("8.0.33", 1200, 0, "utf8mb4")],
        "SHOW GRANTS": [("GRANT ALL PRIVILEGES ON `wabiz\\_%`.* TO `w`@`%`",)],
        "SELECT schema_name": [],
        "SHOW GLOBAL VARIABLES": [("partial_revokes", value), ("read_only", "OFF")],
    }
    driver(monkeypatch, lambda **_options: Connection(answers))
    with serving(lambda peer: peer.sendall(greeting())) as port:
        found = seen("mysql", port)
    assert (found["patterns"], len(found["missing_rights"])) == (value == "OFF", missing)


@pytest.mark.parametrize(
    ("prefix", "granted", "missing", "by_name"),
    [
        # An administrator has made both, and given rights on exactly these.
        ("wabiz_", ("wabiz\\_waent", "wabiz\\_waweb"), 8, []),
        ("wabiz_", ("wabiz\\_waent",), 8, ["wabiz_waweb"]),
        ("", ("waent", "waweb"), 0, []),
        ("", ("waent", "wabiz\\_%"), 0, ["waweb"]),
        ("", ("%",), 0, []),
    ],
)
def test_rights_by_name_are_rights(
    monkeypatch: pytest.MonkeyPatch, prefix: str, granted: tuple[str, ...], missing: int, by_name: list[str]
) -> None:
    answers: dict[str, list[tuple[Any, ...]]] = {
        "SELECT VERSION()": [("8.0.33", 1200, 0, "utf8mb4")],
        "SHOW GRANTS": [(f"GRANT ALL PRIVILEGES ON `{name}`.* TO `w`@`%`",) for name in granted],
        "SELECT schema_name": [("wallet",), ("waent",), ("other_waent",)],
        "SHOW GLOBAL VARIABLES": [("partial_revokes", "OFF")],
    }
    driver(monkeypatch, lambda **_options: Connection(answers))
    with serving(lambda peer: peer.sendall(greeting())) as port:
        found = seen("mysql", port, prefix=prefix)
    assert (len(found["missing_rights"]), list(found["missing_by_name"])) == (missing, by_name)
    assert found["databases"] == ([] if prefix else ["waent"])


def test_a_standby_of_postgresql_is_read_only(monkeypatch: pytest.MonkeyPatch) -> None:
    answers: dict[str, list[tuple[Any, ...]]] = {
        "/*NO LOAD BALANCE*/ SELECT current_setting": [("13.16", "on", "UTF8", True, 97)],
        "SELECT datname": [("postgres",), ("wallet",), ("waent",), ("wabiz_waent",)],
    }
    driver(monkeypatch, lambda **_options: Connection(answers))
    with serving(lambda peer: peer.sendall(b"N")) as port:
        assert seen("postgresql", port)["read_only"] is True
        assert seen("postgresql", port)["databases"] == ["wabiz_waent"]
        assert seen("postgresql", port, prefix="")["databases"] == ["waent"]


@pytest.mark.parametrize(("version", "options"), [((0, 9, 3, None), set()), ((1, 0, 2, "final"), {"ssl_disabled"})])
def test_each_edition_of_the_driver_gets_what_it_knows(
    monkeypatch: pytest.MonkeyPatch, version: tuple[Any, ...], options: set[str]
) -> None:
    """Debian 11 has 0.9.3. A password is bytes: PyMySQL would take text for Latin-1."""

    def refuse(**_options: Any) -> None:
        raise DriverError(1045, "Access denied")

    given = driver(monkeypatch, refuse)
    sys.modules["scripted_driver"].VERSION = version  # type: ignore[attr-defined]
    with serving(lambda peer: peer.sendall(greeting())) as port:
        assert seen("mysql", port, password="пароль é")["cause"] == "password"
    assert {"ssl_disabled"} & given.keys() == options
    assert given["password"] == "пароль é".encode()


def test_what_postgresql_tells(monkeypatch: pytest.MonkeyPatch, files: Path) -> None:
    connection = Connection(
        {
            "/*NO LOAD BALANCE*/ SELECT current_setting": [("13.16 (Debian)", "off", "UTF8", False, 97)],
            "SELECT datname": [("wabiz_waweb",)],
        }
    )
    given = driver(monkeypatch, lambda **_options: connection)

    def talk(peer: socket.socket) -> None:
        peer.recv(8)
        peer.sendall(b"S")
        encrypting(files, peer)

    with serving(talk) as port:
        found = seen("postgresql", port, tls=True, ca_path=str(files / "ca.pem"))
    assert (given["sslmode"], given["sslrootcert"]) == ("verify-full", str(files / "ca.pem"))
    # PgBouncer and other poolers refuse a login with options, and would hand a setting of the session on to others.
    assert "options" not in given
    assert connection.statements[0] == "SET LOCAL statement_timeout = 2000"
    assert connection.autocommit is False
    assert (found["missing_rights"], found["max_connections"]) == (["CREATEDB"], 97)
    assert (found["read_only"], found["databases"]) == (False, ["wabiz_waweb"])


@pytest.mark.parametrize(
    ("engine", "error", "cause"),
    [
        ("mysql", (1045, "Access denied for user 'wabiz'@'10.0.0.1' (using password: YES)"), "password"),
        ("mysql", (3159, "Connections using insecure transport are prohibited"), "tls"),
        ("mysql", (1040, "Too many connections"), "connections"),
        ("mysql", (2013, "Lost connection"), ""),
        ("postgresql", ('FATAL:  password authentication failed for user "wabiz"\n',), "password"),
        ("postgresql", ('FATAL:  no pg_hba.conf entry for host "1", user "w", database "p", SSL off\n',), "tls"),
        ("postgresql", ('FATAL:  no pg_hba.conf entry for host "1", user "w", database "p", SSL on\n',), "address"),
        ("postgresql", ('FATAL:  pg_hba.conf rejects connection for host "1", user "w", SSL on\n',), "address"),
        ("postgresql", ("FATAL:  sorry, too many clients already\n",), "connections"),
        ("postgresql", ('FATAL:  too many connections for role "wabiz"\n',), "connections"),
        ("postgresql", ('FATAL:  role "wabiz" is not permitted to log in\n',), "password"),
        ("postgresql", ("FATAL:  the database system is starting up\n",), ""),
    ],
)
def test_why_a_login_is_refused(
    monkeypatch: pytest.MonkeyPatch, engine: str, error: tuple[Any, ...], cause: str
) -> None:
    def refuse(**_options: Any) -> None:
        raise DriverError(*error)

    driver(monkeypatch, refuse)

    def talk(peer: socket.socket) -> None:
        peer.sendall(greeting() if engine == "mysql" else b"N")
        peer.recv(8)

    with serving(talk) as port:
        found = seen(engine, port)
    assert (found["failed_at"], found["cause"]) == ("login", cause)
    assert "\n" not in found["reason"]


def test_what_the_driver_needs_in_addition_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(**_options: Any) -> None:
        raise RuntimeError("'cryptography' package is required")

    driver(monkeypatch, refuse)
    with serving(lambda peer: peer.sendall(greeting())) as port:
        assert seen("mysql", port)["driver"] == "cryptography"


# --- from a container -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ((200, {"State": {"Running": False, "ExitCode": 127}}), "exit code 127"),
        ((404, {"message": "No such container: waiting"}), "No such container"),
    ],
)
def test_a_container_that_does_not_run_is_told(tmp_path: Path, answer: tuple[int, Any], words: str) -> None:
    engine = ScriptedEngine()
    engine.answers["/containers/waiting/json"] = answer
    options = {**GIVEN, "engine": "mysql", "port": 1, "container": "waiting"}
    with engine.listening(tmp_path / "docker.sock") as path:
        result = execute("database_info", {**options, "socket": str(path)})
    assert words in result["container_problem"]
    assert result["container"] == {}


@pytest.fixture
def elsewhere() -> Iterator[int]:
    """A process in a network of its own; its number on this machine."""
    if os.geteuid() != 0:
        pytest.skip("root alone can enter a network")
    with subprocess.Popen(
        ["unshare", "--net", "sh", "-c", "echo ready; exec sleep 600"], stdout=subprocess.PIPE
    ) as made:
        assert made.stdout is not None
        if made.stdout.readline() != b"ready\n":
            pytest.skip("this machine makes no networks")
        yield made.pid
        made.kill()


def test_the_work_is_done_in_the_other_network(elsewhere: int) -> None:
    mine = Path("/proc/self/net/dev").read_text(encoding="ascii")
    sources = Path("/etc/nsswitch.conf").read_text(encoding="utf-8")

    def work() -> list[str]:
        return [Path(path).read_text(encoding="utf-8") for path in ("/proc/self/net/dev", "/etc/nsswitch.conf")]

    theirs, names = within(elsewhere, work, 60)
    # Only the loopback, and the names of files and DNS.
    assert [line.split(":")[0].strip() for line in theirs.splitlines()[2:]] == ["lo"]
    assert names == "hosts: files dns\n"
    assert Path("/proc/self/net/dev").read_text(encoding="ascii").split(":")[0] == mine.split(":")[0]
    assert Path("/etc/nsswitch.conf").read_text(encoding="utf-8") == sources


def test_what_goes_wrong_there_is_told(elsewhere: int) -> None:
    with pytest.raises(NamespaceError, match="by zero"):
        within(elsewhere, lambda: 1 // 0, 60)
    with pytest.raises(NamespaceError, match="no answer within"):
        within(elsewhere, lambda: threading.Event().wait(30), 0.5)
    with pytest.raises(NamespaceError, match="No such file"):
        within(2**22 + 1, lambda: None, 60)
