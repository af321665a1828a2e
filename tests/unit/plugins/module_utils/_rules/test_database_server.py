# Copyright: (c) 2026, wabiz.onprem contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One finding for each thing that is wrong with a database server, and none for what is right."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.database_server import (
    Wanted,
    database_faults,
    estimated_connections,
)
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.findings import Finding, merged
from hypothesis import given
from hypothesis import strategies as st

GOOD: dict[str, Any] = {
    "addresses": ["10.0.0.9"],
    "failed_at": "",
    "reason": "",
    "cause": "",
    "driver": "",
    "latency_ms": 0.4,
    "tls_offered": True,
    "certificate_until": "",
    "version": "13.16 (Debian 13.16-0+deb11u1)",
    "product": "PostgreSQL",
    "max_connections": 1197,
    "encoding": "UTF8",
    "read_only": False,
    "missing_rights": [],
    "missing_by_name": {},
    "patterns": True,
    "databases": [],
    "unprefixed": [],
}
WANTED = Wanted("postgresql", "db1:5432", "wabiz", "wabiz_", True, ("11", "12", "13"), 3)
MYSQL = Wanted("mysql", "db1:3306", "wabiz", "wabiz_", False, ("5.7", "8.0"), 3)
MYSQL_GOOD = {**GOOD, "version": "8.0.33", "product": "MySQL", "encoding": "utf8mb4"}


def report(facts: dict[str, Any], container: dict[str, Any] | None = None, problem: str = "") -> dict[str, Any]:
    return {"host": facts, "container": container or {}, "container_problem": problem}


def found(facts: dict[str, Any], wanted: Wanted = WANTED, *, last: bool = True) -> list[Finding]:
    return list(database_faults("core1", report(facts), wanted, last))


def test_nothing_is_wrong_with_a_good_server() -> None:
    assert found(GOOD) == []
    assert found(MYSQL_GOOD, MYSQL) == []
    assert list(database_faults("core1", report(GOOD, GOOD), WANTED, last=True)) == []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"failed_at": "files", "reason": "/x: No such file"}, "file for TLS"),
        ({"failed_at": "resolve", "reason": "Name or service not known"}, "is not found"),
        ({"failed_at": "connect", "reason": "Connection refused"}, "cannot be reached: Connection refused"),
        ({"failed_at": "answer", "reason": "no answer in time"}, "does not answer as PostgreSQL does"),
        ({"failed_at": "tls", "reason": "it does not encrypt"}, "TLS to the database server db1:5432 fails"),
        ({"failed_at": "login", "cause": "password"}, "refuses user wabiz"),
        ({"failed_at": "login", "cause": "tls"}, "demands TLS"),
        ({"failed_at": "login", "cause": "tls", "tls_offered": False}, "does not let user wabiz in"),
        ({"failed_at": "login", "cause": "address"}, "does not let user wabiz in"),
        ({"failed_at": "login", "cause": "connections"}, "has no connection left"),
        ({"failed_at": "login", "reason": "of the moon"}, "of the moon"),
        ({"driver": "psycopg2"}, "psycopg2 is not installed"),
        ({"version": "16.2"}, "is PostgreSQL 16.2; accepted are 11, 12, 13"),
        ({"read_only": True}, "is read-only for user wabiz, as a replica is"),
        ({"missing_rights": ["CREATEDB"]}, "it lacks CREATEDB"),
        ({"max_connections": 100}, "100 connections; the cluster needs 450 (an estimate for 3 coreapps with TLS)"),
        ({"encoding": "SQL_ASCII"}, "encoding SQL_ASCII"),
    ],
)
def test_each_fault_is_one_refusal(change: dict[str, Any], words: str) -> None:
    (finding,) = found({**GOOD, **change})
    assert words in str(finding)
    assert finding.fatal
    assert finding.remedy
    assert finding.where == "core1"


def test_postgresql_does_not_say_whether_tls_or_the_address_is_wrong() -> None:
    (finding,) = found({**GOOD, "failed_at": "login", "cause": "tls"})
    assert "to an address that it does not let in" in str(finding)
    (finding,) = found({**MYSQL_GOOD, "failed_at": "login", "cause": "tls"}, MYSQL)
    assert "address" not in str(finding)


@pytest.mark.parametrize(
    ("facts", "wanted"),
    [
        ({**GOOD, "latency_ms": 31.0}, WANTED),
        # The databases are there already.
        ({**GOOD, "missing_rights": ["CREATEDB"], "databases": ["wabiz_waent"]}, WANTED),
        # An administrator has given rights on exactly what the client creates, which is enough for it.
        ({**MYSQL_GOOD, "missing_rights": ["SELECT", "CREATE"]}, MYSQL),
        ({**MYSQL_GOOD, "encoding": "latin1"}, MYSQL),
    ],
)
def test_what_may_do_is_a_warning(facts: dict[str, Any], wanted: Wanted) -> None:
    assert [finding.fatal for finding in found(facts, wanted)] == [False]


def test_what_cannot_be_looked_at_yet_is_a_warning() -> None:
    assert [finding.fatal for finding in found({**GOOD, "driver": "psycopg2"}, last=False)] == [False]


def test_the_user_that_the_collection_will_make_is_not_missed_yet() -> None:
    wanted = Wanted(**{**WANTED.__dict__, "administered": True})
    refused = {**GOOD, "failed_at": "login", "cause": "password"}
    assert found(refused, wanted, last=False) == []
    assert found({**GOOD, "missing_rights": ["CREATEDB"]}, wanted, last=False) == []
    (finding,) = found(refused, wanted, last=True)
    assert "wabiz_allow_database_change: true" in finding.remedy


@pytest.mark.parametrize(
    ("wanted", "sql"),
    [
        (WANTED, "CREATE ROLE \"wabiz\" LOGIN CREATEDB PASSWORD '<password>';"),
        (MYSQL, "GRANT ALL PRIVILEGES ON `wabiz\\_%`.* TO 'wabiz'@'%';"),
    ],
)
def test_an_administrator_is_told_how_to_make_the_user(wanted: Wanted, sql: str) -> None:
    (finding,) = found({**GOOD, "failed_at": "login", "cause": "password"}, wanted)
    assert sql in finding.remedy


def test_a_grant_that_would_be_of_no_use_is_not_proposed() -> None:
    lacking = {**MYSQL_GOOD, "missing_rights": ["SELECT"], "missing_by_name": {"wabiz_waweb": ["SELECT", "CREATE"]}}
    (finding,) = found(lacking, MYSQL)
    assert finding.fatal
    assert "may not create and use wabiz_waweb: it lacks SELECT, CREATE." in str(finding)
    assert "GRANT ALL PRIVILEGES ON `wabiz\\_%`.*" in finding.remedy
    (finding,) = found({**lacking, "patterns": False}, MYSQL)
    assert "partial_revokes" in finding.remedy
    assert "GRANT ALL PRIVILEGES ON `wabiz_waent`.*" in finding.remedy
    assert "%" not in finding.remedy


def test_without_a_prefix_rights_are_proposed_by_name() -> None:
    plain = replace(MYSQL, prefix="")
    (finding,) = found({**MYSQL_GOOD, "missing_by_name": {"waent": ["DROP"], "waweb": ["DROP"]}}, plain)
    assert "may not create and use waent and waweb: it lacks DROP." in str(finding)
    assert "ON `waent`.* TO" in finding.remedy and "ON `waweb`.* TO" in finding.remedy
    assert "%" not in finding.remedy


def test_what_a_site_says_of_connections_counts() -> None:
    wanted = Wanted(**{**WANTED.__dict__, "connections": 80})
    assert found({**GOOD, "max_connections": 80}, wanted) == []
    (finding,) = found({**GOOD, "max_connections": 79}, wanted)
    assert "estimate" not in str(finding)


def test_the_same_fault_seen_from_host_and_container_is_told_once() -> None:
    bad = {**GOOD, "version": "16.2"}
    assert len(list(database_faults("core1", report(bad, bad), WANTED, last=True))) == 1
    # Latency differs, but each is told of its own place.
    alone = {**GOOD, "failed_at": "resolve", "reason": "Name or service not known"}
    (finding,) = database_faults("core1", report(GOOD, alone), WANTED, last=True)
    assert finding.where == "a container on core1"
    assert finding.fatal


def test_a_container_that_cannot_be_entered_is_a_warning() -> None:
    (finding,) = database_faults("core1", report(GOOD, None, "setns: not permitted"), WANTED, last=True)
    assert "setns" in str(finding)
    assert not finding.fatal


def test_faults_of_several_hosts_are_one_line() -> None:
    refused = {**GOOD, "failed_at": "login", "cause": "password"}
    # The server names the address that asks.
    hosts = [report({**refused, "reason": f"denied for 10.0.0.{number}"}) for number in (1, 2)]
    findings = [
        one for number, seen in enumerate(hosts) for one in database_faults(f"h{number}", seen, WANTED, last=True)
    ]
    assert [finding.where for finding in merged(findings)] == ["h0, h1"]


def test_the_documents_three_figures() -> None:
    assert estimated_connections(8, tls=False) == 700
    assert estimated_connections(8, tls=True) == 1200
    assert estimated_connections(32, tls=False) == 1700


@given(st.integers(0, 200), st.booleans())
def test_more_coreapps_and_tls_need_more(coreapps: int, tls: bool) -> None:
    assert estimated_connections(coreapps, tls) <= estimated_connections(coreapps + 1, tls)
    assert estimated_connections(coreapps, tls=False) <= estimated_connections(coreapps, tls=True)
