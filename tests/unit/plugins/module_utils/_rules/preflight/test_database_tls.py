# Copyright: (c) 2026, wabiz.onprem contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""TLS to the database: what goes together, which files there must be, and what the containers get."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.wabiz.onprem.plugins.module_utils._model.database_tls import environment, files, volumes
from ansible_collections.wabiz.onprem.plugins.module_utils._model.inventory import Inventory
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.preflight.database_tls import database_tls, tls_files
from ansible_collections.wabiz.onprem.plugins.module_utils._settings.derived import derive

CA, CERTIFICATE, KEY = "/etc/ssl/ca.pem", "/etc/ssl/client.pem", "/etc/ssl/client.key"


def cluster(*, own: bool = False, **given: Any) -> Inventory:
    """One host of a node, and with C(own) a host on which role database runs the server."""
    groups = {"webapp": ["web1"], "master": [], "coreapp": [], "database": ["db1"] if own else []}
    names = {"directory": "/etc/wabiz/wabiz", "log_cleanup_file": "/etc/cron.d/wabiz-wabiz"}
    values = {**names, "database_tls": True, **given}
    hosts = ["web1", *groups["database"]]
    return Inventory(groups, {host: dict(values) for host in hosts}, groups)


def told(inventory: Inventory) -> list[str]:
    return [str(finding) for finding in database_tls(inventory)]


def test_a_ca_alone_means_tls() -> None:
    given = {"database_tls": None, "database_tls_ca": CA, "database_port": 1}
    assert derive(given, "web1", None)["database_tls"] is True
    assert derive({**given, "database_tls_ca": None}, "web1", None)["database_tls"] is False
    assert derive({**given, "database_tls": False}, "web1", None)["database_tls"] is False


def test_without_tls_nothing_is_given_to_containers() -> None:
    settings = {"directory": "/etc/wabiz/wabiz", "database_tls": False, "database_tls_ca": CA}
    assert (files(settings), environment(settings), volumes(settings)) == ({}, {}, [])


def test_the_files_of_a_site() -> None:
    settings = cluster(database_tls_ca=CA, database_tls_certificate=CERTIFICATE, database_tls_key=KEY).variables["web1"]
    assert environment(settings)["WA_DB_SSL_KEY"] == "/opt/database-tls/key.pem"
    assert volumes(settings) == [
        f"{CA}:/opt/database-tls/ca.pem:ro",
        f"{CERTIFICATE}:/opt/database-tls/cert.pem:ro",
        f"{KEY}:/opt/database-tls/key.pem:ro",
    ]


def test_the_ca_of_the_roles_own_server() -> None:
    inventory = cluster(own=True)
    assert volumes(inventory.variables["web1"]) == ["/etc/wabiz/wabiz/database-ca.pem:/opt/database-tls/ca.pem:ro"]
    assert told(inventory) == []
    assert inventory.self_made("db1") == {"database": "/etc/wabiz/wabiz/database-tls/server.pem"}
    assert inventory.self_made("web1") == {}


@pytest.mark.parametrize(
    ("own", "given", "variable"),
    [
        (False, {}, "wabiz_database_tls_ca"),
        (False, {"database_tls_ca": CA, "database_tls_certificate": CERTIFICATE}, "wabiz_database_tls_key"),
        (False, {"database_tls_ca": CA, "database_tls_key": KEY}, "wabiz_database_tls_certificate"),
        (True, {"database_tls_ca": CA, "database_tls_server_certificate": "/s.pem"}, "wabiz_database_tls_server_key"),
        # By the role's own CA it would not be verified.
        (
            True,
            {"database_tls_server_certificate": "/s.pem", "database_tls_server_key": "/s.key"},
            "wabiz_database_tls_ca",
        ),
    ],
)
def test_what_is_missing_is_named(own: bool, given: dict[str, Any], variable: str) -> None:
    found = told(cluster(own=own, **given))
    assert found
    assert all(variable in line for line in found)


def test_a_file_that_is_not_on_the_host_is_refused() -> None:
    inventory = cluster(database_tls_ca=CA, database_tls_certificate=CERTIFICATE, database_tls_key=KEY)
    assert set(inventory.tls_files("web1").values()) == {CA, CERTIFICATE, KEY}
    assert {CA, CERTIFICATE, KEY} <= set(inventory.files("web1"))
    (finding,) = tls_files(inventory, "web1", {"files": {CA: True, CERTIFICATE: False, KEY: True}})
    assert (finding.variable, finding.where) == ("wabiz_database_tls_certificate", "web1")
    # A host that was not asked, as in a run of another playbook.
    assert list(tls_files(inventory, "web1", {"files": {}})) == []
