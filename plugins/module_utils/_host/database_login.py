# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A login to a database server and what it tells then, through a driver that may not be installed."""

from __future__ import annotations

import importlib
import statistics
import time
import typing as t
from dataclasses import dataclass

from ansible_collections.wabiz.onprem.plugins.module_utils._formats.mysql_grants import missing_rights
from ansible_collections.wabiz.onprem.plugins.module_utils._host.database_handshake import Trust
from ansible_collections.wabiz.onprem.plugins.module_utils._model.database_names import belongs, created

DRIVERS = {"mysql": "pymysql", "postgresql": "psycopg2"}
_ROUNDS = 5
_MYSQL_MODES = ("read_only", "innodb_read_only", "partial_revokes")

# Why a login fails, by the servers' own numbers.
_MYSQL_CAUSES = {
    1045: "password", 1698: "password", 1130: "address", 1129: "address", 1040: "connections", 1203: "connections",
    1226: "connections", 3159: "tls", 4031: "password", 3118: "password",
}  # fmt: skip
# PostgreSQL's drivers give no code for a refused login: its words, in the order in which they are looked for.
_POSTGRESQL_CAUSES = {
    "password authentication failed": "password",
    "no password supplied": "password",
    # Before what names the role: a role has a limit of its own.
    "too many connections": "connections",
    "remaining connection slots": "connections",
    "sorry": "connections",
    'role "': "password",
    "SSL off": "tls",
    "no encryption": "tls",
    "requires a valid client certificate": "tls",
    "pg_hba.conf": "address",
}


class NoDriver(Exception):
    """The driver, or what it needs, cannot be imported; the text says which."""


class LoginRefused(Exception):
    """The server refuses the login; C(cause) is password, tls, address, connections, or empty for anything else."""

    def __init__(self, cause: str, text: str) -> None:
        super().__init__(text)
        self.cause = cause


@dataclass
class Login:
    """Who logs in where; without C(trust) the connection is not encrypted. C(timeout) is in seconds."""

    engine: str
    host: str
    port: int
    user: str
    password: str
    trust: Trust | None
    timeout: float


def refused(code: int, text: str) -> LoginRefused:
    """The refusal that MySQL names by this number. MariaDB has none of its own for a connection without TLS."""
    return LoginRefused("tls" if "insecure transport" in text else _MYSQL_CAUSES.get(code, ""), text)


def look(login: Login, prefix: str) -> dict[str, t.Any]:
    """What the server tells this user. Raises NoDriver, LoginRefused."""
    name = DRIVERS[login.engine]
    try:
        driver = importlib.import_module(name)
    except ImportError as error:
        raise NoDriver(name) from error
    opened, facts = (_mysql, _mysql_facts) if login.engine == "mysql" else (_postgresql, _postgresql_facts)
    connection = opened(driver, login)
    try:
        with connection.cursor() as cursor:
            for statement in _first(login):
                cursor.execute(statement)
            return {"latency_ms": _latency(cursor), **facts(cursor, prefix)}
    except driver.Error as error:
        raise LoginRefused("", _words(error)) from error
    finally:
        connection.close()


def _first(login: Login) -> tuple[str, ...]:
    """The first statements of a session."""
    if login.engine == "mysql":
        # In mode ANSI_QUOTES a server would show rights in other quotes. What is asked outside of a transaction a proxy
        # may ask a replica.
        return "SET SESSION sql_mode = ''", "START TRANSACTION"
    # Not among the options of the login, which poolers refuse; and for this transaction alone, as those that give a
    # session to others would hand it on.
    return (f"SET LOCAL statement_timeout = {int(login.timeout * 1000)}",)


def _mysql(driver: t.Any, login: Login) -> t.Any:
    # Before 1.0 PyMySQL has no such option, and encrypts only when it is told to.
    tls: dict[str, t.Any] = {"ssl_disabled": True} if driver.VERSION[0] >= 1 else {}
    if login.trust:
        tls = {"ssl": login.trust.context()}
    limits = dict.fromkeys(("connect_timeout", "read_timeout", "write_timeout"), login.timeout)
    # As bytes: PyMySQL takes text for Latin-1, the client and community.mysql write UTF-8.
    who = {"host": login.host, "port": login.port, "user": login.user, "password": login.password.encode()}
    try:
        return driver.connect(**who, **limits, **tls)
    except driver.Error as error:
        raise refused(error.args[0] if error.args else 0, _words(error)) from error
    except RuntimeError as error:
        # A password of MySQL 8 on a connection without TLS is encrypted by another library.
        raise NoDriver("cryptography") from error


def _postgresql(driver: t.Any, login: Login) -> t.Any:
    tls: dict[str, str] = {"sslmode": "disable"}
    if login.trust:
        names = {"sslrootcert": login.trust.ca, "sslcert": login.trust.certificate, "sslkey": login.trust.key}
        tls = {"sslmode": "verify-full", **{option: path for option, path in names.items() if path}}
    try:
        return driver.connect(
            host=login.host,
            port=login.port,
            user=login.user,
            password=login.password,
            dbname="postgres",
            connect_timeout=max(2, int(login.timeout)),
            **tls,
        )
    except driver.Error as error:
        words = _words(error)
        cause = next((cause for part, cause in _POSTGRESQL_CAUSES.items() if part in words), "")
        raise LoginRefused(cause, words) from error


def _words(error: Exception) -> str:
    """The last thing that the driver or the server says, in one line."""
    text = str(error.args[-1] if error.args else error).strip() or type(error).__name__
    return " ".join(text.split())


def _latency(cursor: t.Any) -> float:
    """Milliseconds of a round trip; the median, as the first one may wait for a cache or an ARP entry."""
    taken = []
    for _round in range(_ROUNDS):
        begin = time.monotonic()
        cursor.execute("SELECT 1")
        cursor.fetchall()
        taken.append(time.monotonic() - begin)
    return round(statistics.median(taken) * 1000, 2)


def _rows(cursor: t.Any, statement: str, *values: t.Any) -> list[tuple[t.Any, ...]]:
    cursor.execute(statement, values or None)
    return list(cursor.fetchall())


def _mysql_facts(cursor: t.Any, prefix: str) -> dict[str, t.Any]:
    ((version, server, own, encoding),) = _rows(
        cursor, "SELECT VERSION(), @@global.max_connections, @@session.max_user_connections, @@character_set_server"
    )
    # Not every release knows all of them. The second is that of a reader of Aurora.
    modes = _rows(cursor, f"SHOW GLOBAL VARIABLES WHERE Variable_name IN {_MYSQL_MODES}")
    on = {str(name) for name, value in modes if value != "OFF"}
    patterns = "partial_revokes" not in on
    grants = [str(row[0]) for row in _rows(cursor, f"SHOW GRANTS{_with_roles(cursor)}")]
    # SHOW DATABASES may be a right that the user has not (skip_show_database).
    databases = [str(row[0]) for row in _rows(cursor, "SELECT schema_name FROM information_schema.schemata")]
    return {
        "version": str(version),
        "product": "MariaDB" if "mariadb" in str(version).lower() else "MySQL",
        "max_connections": min(int(server), int(own) or int(server)),
        "encoding": str(encoding),
        "read_only": bool(on & {"read_only", "innodb_read_only"}),
        **_mysql_rights(grants, prefix, patterns),
        "patterns": patterns,
        **_own(databases, prefix),
    }


def _mysql_rights(grants: list[str], prefix: str, patterns: bool) -> dict[str, t.Any]:
    """What the user lacks on the databases of the prefix, and on those that the client is known to create."""
    by_name = {name: missing_rights(grants, name, patterns) for name in created(prefix)}
    anywhere = missing_rights(grants, f"{prefix}1", patterns) if prefix else []
    return {
        "missing_rights": anywhere,
        "missing_by_name": {name: lacking for name, lacking in by_name.items() if lacking},
    }


def _own(databases: t.Iterable[str], prefix: str) -> dict[str, list[str]]:
    """The databases of the prefix, and those of an installation without one."""
    names = sorted(databases)
    return {
        key: [name for name in names if belongs(name, own)] for key, own in (("databases", prefix), ("unprefixed", ""))
    }


def _with_roles(cursor: t.Any) -> str:
    """What MySQL 8 needs to show the rights of the roles in force; older servers have no roles."""
    try:
        ((role,),) = _rows(cursor, "SELECT CURRENT_ROLE()")
    except Exception:  # the driver's, which this does not know
        return ""
    # It is quoted as the statement needs it; MariaDB shows the rights of its role anyway.
    return f" FOR CURRENT_USER() USING {role}" if role and role != "NONE" and role.startswith("`") else ""


def _postgresql_facts(cursor: t.Any, prefix: str) -> dict[str, t.Any]:
    ((version, locked, encoding, creates, allowed),) = _rows(
        cursor,
        # Of a standby transactions are read-only, whatever is set. Pgpool may ask one, unless it is told not to.
        "/*NO LOAD BALANCE*/ SELECT current_setting('server_version'), current_setting('transaction_read_only'),"
        " (SELECT pg_encoding_to_char(encoding) FROM pg_database WHERE datname = 'template1'),"
        " (SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user),"
        " least(current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int,"
        " (SELECT nullif(rolconnlimit, -1) FROM pg_roles WHERE rolname = session_user))",
    )
    databases = [str(row[0]) for row in _rows(cursor, "SELECT datname FROM pg_database")]
    return {
        "version": str(version),
        "product": "PostgreSQL",
        "max_connections": int(allowed),
        "encoding": str(encoding),
        "read_only": locked == "on",
        "missing_rights": [] if creates else ["CREATEDB"],
        "missing_by_name": {},
        "patterns": False,
        **_own(databases, prefix),
    }
