# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a database server will do for a cluster, by what M(wabiz.onprem.database_info) saw of it. No I/O."""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass, replace

from ansible_collections.wabiz.onprem.plugins.module_utils._model.database_accounts import statements
from ansible_collections.wabiz.onprem.plugins.module_utils._model.database_names import created, described, grants
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.findings import Finding

Facts = t.Mapping[str, t.Any]

# The documents ask for a server that is a few milliseconds away.
_FAR_MS = 10
# Connections without TLS by number of coreapps: what the documents say of 8 and of 32 coreapps, and none for none.
_KNOWN = ((0, 0), (8, 700), (32, 1700))
# They name 1200 in place of 700 with TLS.
_WITH_TLS = 1200 / 700
_UNICODE = {"utf8", "utf8mb3", "utf8mb4"}
_NAMES = {"mysql": "MySQL", "postgresql": "PostgreSQL"}


def estimated_connections(coreapps: int, tls: bool) -> int:
    """How many connections a cluster of this size is thought to hold; the documents know three sizes."""
    (low, least), (high, most) = next(
        (pair for pair in zip(_KNOWN, _KNOWN[1:]) if coreapps <= pair[1][0]), (_KNOWN[-2], _KNOWN[-1])
    )
    plain = least + (most - least) * (coreapps - low) / (high - low)
    return round(plain * (_WITH_TLS if tls else 1))


@dataclass(frozen=True)
class Wanted:
    """What a cluster asks of its server; C(connections) is None where they are estimated by the number of coreapps."""

    engine: str
    address: str
    user: str
    prefix: str
    tls: bool
    versions: tuple[str, ...]
    coreapps: int
    connections: int | None = None
    # The collection makes the user and its rights, before the last look.
    administered: bool = False


def database_faults(host: str, report: Facts, wanted: Wanted, last: bool) -> t.Iterator[Finding]:
    """What is wrong with the server, as seen from a host and from a container on it.

    C(last) means that nothing will be looked at later: what could not be is refused then.
    """
    known = [replace(finding, where="") for finding in _faults(host, report["host"], wanted, last)]
    yield from (replace(finding, where=host) for finding in known)
    if report["container"]:
        where = f"a container on {host}"
        seen = _faults(where, report["container"], wanted, last)
        yield from (finding for finding in seen if replace(finding, where="") not in known)
    if report["container_problem"]:
        yield Finding(
            host,
            f"the database server could not be looked at from a container: {report['container_problem']}.",
            "See whether a container of the client's image reaches it.",
            fatal=False,
        )


def _faults(where: str, facts: Facts, wanted: Wanted, last: bool) -> t.Iterator[Finding]:
    made_later = wanted.administered and not last
    if facts["failed_at"]:
        if not (made_later and facts["cause"] == "password"):
            yield _ended(where, facts, wanted)
        return
    if facts["driver"]:
        yield Finding(
            where,
            "login, version, rights and connections of the database server cannot be looked at: Python's "
            f"{facts['driver']} is not installed.",
            "Install it." if last else "A run that changes the cluster installs it and looks before a node is started.",
            fatal=last,
        )
        return
    for judge in (_version, _read_only, *(() if made_later else (_rights,)), _connections, _encoding, _latency):
        yield from judge(where, facts, wanted)


def _ended(where: str, facts: Facts, wanted: Wanted) -> Finding:
    """Why the look at the server did not get to its end."""
    reason, server = str(facts["reason"]).rstrip("."), f"the database server {wanted.address}"
    endings = {
        "files": (
            f"a file for TLS to the database cannot be used: {reason}.",
            "Check wabiz_database_tls_ca, wabiz_database_tls_certificate and wabiz_database_tls_key.",
        ),
        "resolve": (
            f"{server} is not found: {reason}.",
            "Enter the name in DNS, write an address in wabiz_database_host, or give it with wabiz_extra_hosts.",
        ),
        "connect": (
            f"{server} cannot be reached: {reason}.",
            "Check wabiz_database_host, wabiz_database_port and the firewall between them.",
        ),
        "answer": (
            f"{server} does not answer as {_NAMES[wanted.engine]} does: {reason}.",
            "Check wabiz_database_engine and wabiz_database_port, and whether the server lets this host in.",
        ),
        "tls": (
            f"TLS to {server} fails: {reason}.",
            "Check that the server encrypts, that its certificate names wabiz_database_host, and the file in "
            "wabiz_database_tls_ca.",
        ),
        "login": _refused(facts, wanted, server),
    }
    problem, remedy = endings[facts["failed_at"]]
    return Finding(where, problem, remedy)


def _refused(facts: Facts, wanted: Wanted, server: str) -> tuple[str, str]:
    user, cause = wanted.user, facts["cause"]
    # A server without TLS cannot demand it: what it has no rule for is the address.
    if cause == "tls" and not facts["tls_offered"]:
        cause = "address"
    # The server's own words name the address that asks, which differs from host to host.
    causes = {
        "password": (
            f"{server} refuses user {user}: the user does not exist, or the password is wrong.",
            f"Check wabiz_database_user and wabiz_database_password. {_remedy_of_login(wanted, facts)}",
        ),
        "tls": (
            f"{server} demands TLS of user {user}, or a certificate.",
            "Set wabiz_database_tls_ca, and wabiz_database_tls_certificate with its key where it asks for one."
            # Of both it says that no entry of pg_hba.conf fits.
            + (
                " PostgreSQL says the same to an address that it does not let in."
                if wanted.engine == "postgresql"
                else ""
            ),
        ),
        "address": (
            f"{server} does not let user {user} in from here.",
            "Let the hosts' addresses in: in MySQL by the host part of the account, in PostgreSQL in pg_hba.conf.",
        ),
        "connections": (
            f"{server} has no connection left for user {user}.",
            "Raise max_connections, or end what holds them.",
        ),
    }
    other = (
        f"{server} refuses the login of user {user}: {str(facts['reason']).rstrip('.')}.",
        "Check the server's log.",
    )
    return causes.get(cause, other)


def _remedy_of_login(wanted: Wanted, facts: Facts) -> str:
    if wanted.administered:
        return "The password of a user that exists is changed only with wabiz_allow_database_change: true."
    tls = " MySQL says the same to a user who has to use TLS and does not." if wanted.engine == "mysql" else ""
    sql = " ".join(statements(wanted.engine, wanted.user, wanted.prefix, facts["version"]))
    return f"If there is no such user, an administrator of the server makes it: {sql}{tls}"


def _version(where: str, facts: Facts, wanted: Wanted) -> t.Iterator[Finding]:
    found = re.match(r"(\d+)(?:\.\d+)?", facts["version"])
    # "10.11" and "10": a release of MySQL has two numbers, one of PostgreSQL has one.
    if found and not {found[0], found[1]} & set(wanted.versions):
        yield Finding(
            where,
            f"the database server {wanted.address} is {facts['product']} {found[0]}; accepted are "
            f"{', '.join(wanted.versions)}.",
            "Use a server of such a version, or add this one to wabiz_database_versions if the client accepts it.",
        )


def _read_only(where: str, facts: Facts, wanted: Wanted) -> t.Iterator[Finding]:
    if facts["read_only"]:
        yield Finding(
            where,
            f"the database server {wanted.address} is read-only for user {wanted.user}, as a replica is.",
            "Write the primary server's name in wabiz_database_host, or let it be written to: read_only in MySQL, "
            "default_transaction_read_only in PostgreSQL.",
        )


def _rights(where: str, facts: Facts, wanted: Wanted) -> t.Iterator[Finding]:
    by_name = facts["missing_by_name"]
    if by_name:
        lacking = dict.fromkeys(right for rights in by_name.values() for right in rights)
        yield Finding(
            where,
            f"user {wanted.user} may not create and use {' and '.join(by_name)}: it lacks {', '.join(lacking)}.",
            _remedy_of_rights(facts, wanted),
        )
    elif facts["missing_rights"]:
        # An administrator may have made them, or given rights on exactly those that the client is known to create.
        enough = wanted.engine == "mysql" or bool(facts["databases"])
        remedy = _remedy_of_rights(facts, wanted)
        yield Finding(
            where,
            f"user {wanted.user} may not create {'further ' if enough else ''}{described(wanted.prefix)}: it lacks "
            f"{', '.join(facts['missing_rights'])}.",
            f"A later version of the client may want another one. {remedy}" if enough else remedy,
            fatal=not enough,
        )


def _remedy_of_rights(facts: Facts, wanted: Wanted) -> str:
    if wanted.engine == "postgresql":
        return f'As an administrator: ALTER ROLE "{wanted.user}" CREATEDB;'
    if not facts["patterns"]:
        by_name = " ".join(_grant(name) for name in created(wanted.prefix))
        return (
            "The server has partial_revokes, and takes a pattern of names in a GRANT for a name. As an administrator "
            f"grant the rights by name: {by_name}"
        )
    return f"As an administrator: {' '.join(map(_grant, grants(wanted.prefix)))}"


def _grant(name: str) -> str:
    return f"GRANT ALL PRIVILEGES ON `{name}`.* TO the user's account;"


def _connections(where: str, facts: Facts, wanted: Wanted) -> t.Iterator[Finding]:
    needed = wanted.connections
    estimate = "" if needed else f" (an estimate for {wanted.coreapps} coreapps{' with TLS' if wanted.tls else ''})"
    needed = needed or estimated_connections(wanted.coreapps, wanted.tls)
    if facts["max_connections"] < needed:
        yield Finding(
            where,
            f"the database server {wanted.address} allows user {wanted.user} {facts['max_connections']} connections; "
            f"the cluster needs {needed}{estimate}.",
            "Raise max_connections, or the user's own limit; or say in wabiz_database_connections what is enough.",
        )


def _encoding(where: str, facts: Facts, wanted: Wanted) -> t.Iterator[Finding]:
    encoding = str(facts["encoding"])
    if encoding.lower() not in _UNICODE:
        yield Finding(
            where,
            f"new databases on {wanted.address} have the encoding {encoding}, which cannot hold every message.",
            "Use UTF8 in template1." if wanted.engine == "postgresql" else "Set character_set_server to utf8mb4.",
            # The client may name one when it creates a database in MySQL.
            fatal=wanted.engine == "postgresql",
        )


def _latency(where: str, facts: Facts, wanted: Wanted) -> t.Iterator[Finding]:
    taken = facts["latency_ms"]
    if taken is not None and taken > _FAR_MS:
        yield Finding(
            where,
            f"the database server {wanted.address} answers after {taken:.0f} ms; the client's documents ask for a few.",
            "Use a server in the same network.",
            fatal=False,
        )
