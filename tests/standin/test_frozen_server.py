"""A PostgreSQL server that freezes in the middle of its work costs an error, not a thread."""

import socket
import struct
import threading

import psycopg2
import pytest
import sqlalchemy

from standin.common.environment import Database
from standin.store import engine

PARAMETERS = {"server_version": "13.8", "client_encoding": "UTF8", "standard_conforming_strings": "on"}


def _message(kind: bytes, body: bytes) -> bytes:
    return kind + struct.pack("!I", len(body) + 4) + body


def _welcome() -> bytes:
    parameters = (name.encode() + b"\0" + value.encode() + b"\0" for name, value in PARAMETERS.items())
    said = b"".join(_message(b"S", one) for one in parameters)
    return _message(b"R", struct.pack("!I", 0)) + said + _message(b"Z", b"I")


@pytest.fixture
def port() -> int:
    """Of a server that lets everybody in and answers nothing that it is asked."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            client, _ = listener.accept()
            kept.append(client)
            if client.recv(1024)[4:8] == struct.pack("!I", 80877103):  # would the server like TLS
                client.sendall(b"N")
                client.recv(1024)
            client.sendall(_welcome())

    kept: list[socket.socket] = []
    threading.Thread(target=serve, daemon=True).start()
    found: int = listener.getsockname()[1]
    return found


def test_a_query_without_an_answer(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """It fails after the time limit, and the thread is free again."""
    monkeypatch.setattr(engine, "TIMEOUT", 1)
    made = engine.connect(Database("PGSQL", "127.0.0.1", port, "u", "p", "", 180000), "x")
    failures: list[Exception] = []

    def work() -> None:
        try:
            with made.connect() as connection:
                connection.execute(sqlalchemy.text("SELECT 1"))
        except sqlalchemy.exc.DBAPIError as error:
            failures.append(error)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    thread.join(20)
    psycopg2.extensions.set_wait_callback(None)
    assert not thread.is_alive()
    assert "does not answer" in str(failures[0])
