# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fixtures: an HTTPS webapp that follows a script, and modules run as Ansible runs them."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.wabiz.onprem.tests.unit.plugins.certificates import Authority, issue
from ansible_collections.wabiz.onprem.tests.unit.plugins.in_process import execute
from ansible_collections.wabiz.onprem.tests.unit.plugins.scripted_server import ScriptedServer

RunModule = Callable[..., "dict[str, Any]"]


@pytest.fixture(scope="session")
def authority() -> Authority:
    """Return the CA of the scripted webapps."""
    return issue("Test CA", ca=True)


@pytest.fixture(scope="session")
def tls_files(authority: Authority, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Return paths of the CA and of the webapps' certificate with key."""
    folder = tmp_path_factory.mktemp("tls")
    server = issue("localhost", authority, addresses=("127.0.0.1",))
    named = issue("waweb.example.net", authority)
    contents = {"ca": authority.pem, "server": server.key_pem + server.pem, "named": named.key_pem + named.pem}
    paths = {}
    for name, content in contents.items():
        path: Path = folder / f"{name}.pem"
        path.write_text(content)
        paths[name] = str(path)
    return paths


def context_with(path: str) -> ssl.SSLContext:
    """Return a server's TLS context with the certificate and key of one file."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context


@pytest.fixture
def webapp(tls_files: dict[str, str]) -> Iterator[ScriptedServer]:
    """Return a scripted webapp; at the end of the test its script must have been used up."""
    server = ScriptedServer(context_with(tls_files["server"]))
    yield server
    server.stop()
    server.verify()


@pytest.fixture
def second_webapp(tls_files: dict[str, str]) -> Iterator[ScriptedServer]:
    """Return another scripted webapp of the same cluster."""
    server = ScriptedServer(context_with(tls_files["server"]))
    yield server
    server.stop()
    server.verify()


@pytest.fixture
def named_webapp(tls_files: dict[str, str]) -> Iterator[ScriptedServer]:
    """Return a scripted webapp whose certificate names waweb.example.net only."""
    server = ScriptedServer(context_with(tls_files["named"]))
    yield server
    server.stop()
    server.verify()


@pytest.fixture
def run_module(webapp: ScriptedServer, tls_files: dict[str, str]) -> RunModule:
    """Return a function that runs a module against the scripted webapp and returns its result."""

    def run(module_name: str, /, *, check: bool = False, diff: bool = False, **arguments: Any) -> dict[str, Any]:
        connection = {
            "endpoints": [webapp.address],
            "ca_path": tls_files["ca"],
            "retries": 0,
            "retry_delay": 0,
            "timeout": 5,
            "proxy": "",
        }
        return execute(module_name, {**connection, **arguments}, check=check, diff=diff)

    return run
