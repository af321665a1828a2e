"""The containers' environment as data (the documented WA_* variables)."""

import os
import re
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

CONTAINER_ID = re.compile(r"/containers/([0-9a-f]{64})/")
PORTS = (6250, 6251, 6252, 6253)
QUEUE_LIMIT = 100000


class EnvironmentProblem(Exception):
    """A variable is missing or has a value that cannot be used."""


@dataclass(frozen=True)
class Database:
    """How the database server is reached; timeouts in milliseconds, TLS files as container paths ('' = off)."""

    engine: str
    host: str
    port: int
    user: str
    password: str
    prefix: str
    idle_timeout_ms: int
    ssl_ca: str = ""
    ssl_cert: str = ""
    ssl_key: str = ""


@dataclass(frozen=True)
class NodeSettings:
    """A coreapp's or master's environment."""

    database: Database
    multiconnect: bool
    master: bool
    upgrade_only: bool
    exit_on_success: bool
    hostname: str
    ports: tuple[int, int, int, int]
    secret: str
    container_id: str


@dataclass(frozen=True)
class WebSettings:
    """A webapp's environment."""

    database: Database
    multiconnect: bool
    core_host: str
    api_key: str
    jwt_key: str
    secret: str
    names: tuple[str, ...]
    container_id: str


def container_id(mountinfo: Path = Path("/proc/self/mountinfo")) -> str:
    """This container's id, 12 hexadecimal digits; the host name where the kernel does not tell."""
    try:
        found = CONTAINER_ID.search(mountinfo.read_text(encoding="utf-8"))
    except OSError:
        found = None
    return found.group(1)[:12] if found else socket.gethostname()


def _flag(env: Mapping[str, str], name: str) -> bool:
    return env.get(name, "").strip().lower() in {"1", "true", "yes"}


def _database(env: Mapping[str, str]) -> Database:
    engine = env.get("WA_DB_ENGINE", "").upper()
    if engine not in {"MYSQL", "PGSQL"}:
        raise EnvironmentProblem(f"WA_DB_ENGINE must be MYSQL or PGSQL, not {engine!r}")
    missing = [name for name in ("WA_DB_HOSTNAME", "WA_DB_USERNAME") if not env.get(name)]
    if missing:
        raise EnvironmentProblem("not set: " + ", ".join(missing))
    return Database(
        engine=engine,
        host=env["WA_DB_HOSTNAME"],
        port=int(env.get("WA_DB_PORT") or (3306 if engine == "MYSQL" else 5432)),
        user=env["WA_DB_USERNAME"],
        password=env.get("WA_DB_PASSWORD", ""),
        prefix=env.get("WA_DB_NAME_PREFIX", ""),
        idle_timeout_ms=int(env.get("WA_DB_CONNECTION_IDLE_TIMEOUT") or 180000),
        ssl_ca=env.get("WA_DB_SSL_CA", ""),
        ssl_cert=env.get("WA_DB_SSL_CERT", ""),
        ssl_key=env.get("WA_DB_SSL_KEY", ""),
    )


def _ports(text: str) -> tuple[int, int, int, int]:
    parts = [part.strip() for part in text.split(",")] if text.strip() else [str(port) for port in PORTS]
    if len(parts) != len(PORTS) or not all(part.isdigit() for part in parts):
        raise EnvironmentProblem(f"COREAPP_EXTERNAL_PORTS must be four ports with commas, not {text!r}")
    first, second, third, fourth = (int(part) for part in parts)
    return first, second, third, fourth


def queue_limit(env: Mapping[str, str] = os.environ) -> int:
    """How many messages or callbacks of a shard may wait; raises ValueError."""
    return int(env.get("STANDIN_QUEUE_LIMIT") or QUEUE_LIMIT)


def node_settings(env: Mapping[str, str] = os.environ) -> NodeSettings:
    """A coreapp's or master's settings; raises EnvironmentProblem or ValueError."""
    own = container_id()
    return NodeSettings(
        database=_database(env),
        multiconnect=_flag(env, "WA_APP_MULTICONNECT"),
        master=_flag(env, "WA_MASTER_NODE"),
        upgrade_only=_flag(env, "WA_DB_UPGRADE"),
        exit_on_success=env.get("EXIT_ON_SUCCESS", "").upper() != "FALSE",
        hostname=env.get("COREAPP_HOSTNAME") or socket.gethostname(),
        ports=_ports(env.get("COREAPP_EXTERNAL_PORTS", "")),
        secret=env.get("WA_SECRET", ""),
        container_id=own,
    )


def web_settings(env: Mapping[str, str] = os.environ) -> WebSettings:
    """A webapp's settings; raises EnvironmentProblem or ValueError."""
    api_key = env.get("WA_API_KEY", "")
    if api_key and not 12 <= len(api_key) <= 128:
        raise EnvironmentProblem("WA_API_KEY must have 12 to 128 characters")
    names = [env.get("WA_WEB_SERVERNAME", ""), env.get("WEBAPP_HOSTNAME", ""), "localhost", "127.0.0.1"]
    names += [socket.gethostname()]
    return WebSettings(
        database=_database(env),
        multiconnect=_flag(env, "WA_APP_MULTICONNECT"),
        core_host=env.get("WACORE_HOSTNAME") or "wacore",
        api_key=api_key,
        jwt_key=env.get("WA_WEB_JWT_CRYPTO_KEY", ""),
        secret=env.get("WA_SECRET", ""),
        names=tuple(dict.fromkeys(name for name in names if name)),
        container_id=container_id(),
    )
