# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a cluster's databases are dumped and restored, and as whom. No I/O."""

from __future__ import annotations

import typing as t

from ansible_collections.wabiz.onprem.plugins.module_utils._model import database_tls
from ansible_collections.wabiz.onprem.plugins.module_utils._model.database_dump import has_programs, names_of
from ansible_collections.wabiz.onprem.plugins.module_utils._model.topology import SERVICES
from ansible_collections.wabiz.onprem.plugins.module_utils._plans.facts import Facts
from ansible_collections.wabiz.onprem.plugins.module_utils._rules import host_faults
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.findings import Finding, judgement

_ADMINISTRATORS = {"mysql": "root", "postgresql": "postgres"}
# As Debian names them.
_PACKAGES = {"mysql": "default-mysql-client", "postgresql": "postgresql-client"}
_TLS = {"ca_path": "WA_DB_SSL_CA", "certificate_path": "WA_DB_SSL_CERT", "key_path": "WA_DB_SSL_KEY"}
# What the options of the modules are taken from where the programs reach the server over the network.
_NEEDED = ("database_host", "database_user", "database_password")


def place(facts: Facts) -> dict[str, t.Any]:
    """The host, and how the programs reach the server there; without a host where C(refusals) say why.

    The directory of the dumps is the one that the host's own variables name.
    On the host of role database that is the container and the administrator, through the server's own socket.
    """
    servers = facts.topology["groups"].get("database") or []
    host = facts.setting("database_backup_host") or next(iter(servers), "") or _first(facts)
    findings = list(_container(facts, host) if host in servers else _network(facts, host))
    found: dict[str, t.Any] = {"host": "" if findings else host, "container": None, "address": None, "port": None}
    found.update(dict.fromkeys(_TLS), directory=facts.topology["dumps"].get(host, facts.setting("dumps")))
    if host in servers:
        found.update(container=_server(facts), user=_ADMINISTRATORS[facts.setting("database_engine")])
    else:
        names = {"address": "database_host", "port": "database_port", "user": "database_user"}
        found.update({key: facts.setting(name) for key, name in names.items()})
        files = database_tls.files(facts.settings)
        found.update({key: files.get(name) for key, name in _TLS.items()})
    return {**found, "text": [], **judgement(findings)}


def _server(facts: Facts) -> str:
    return f"{facts.topology['cluster']}-database"


def _first(facts: Facts) -> str:
    """The first node host that has the programs; empty where none has."""
    nodes = [host for host, services in facts.topology["services"].items() if set(services) & set(SERVICES)]
    return next((host for host in nodes if _has_programs(facts, host)), "")


def _has_programs(facts: Facts, host: str) -> bool:
    return has_programs(facts.setting("database_engine"), facts.surveys.get(host, {}).get("programs") or {})


def _container(facts: Facts, host: str) -> t.Iterator[Finding]:
    unseen = list(_unseen(facts, host))
    yield from unseen
    there = [one for one in facts.surveys.get(host, {}).get("containers") or [] if one["name"] == _server(facts)]
    if not unseen and not any(one["running"] and one["cluster"] == facts.topology["cluster"] for one in there):
        yield Finding(host, f"container {_server(facts)} does not run.", "Start it, or run site.yml.")
    if facts.setting("database_engine") == "mysql" and facts.setting("database_root_password") is None:
        yield _missing("database_root_password")


def _network(facts: Facts, host: str) -> t.Iterator[Finding]:
    yield from (_missing(name) for name in _NEEDED if facts.setting(name) is None)
    engine = facts.setting("database_engine")
    names = ", ".join(names_of(engine))
    install = f"Install them (Debian: package {_PACKAGES[engine]})"
    if not host:
        problem = f"No node host has the programs that dump and restore databases ({names})."
        yield Finding("", problem, f"{install} on one of them, or name another host with wabiz_database_backup_host.")
        return
    unseen = list(_unseen(facts, host))
    yield from unseen
    if not unseen and not _has_programs(facts, host):
        yield Finding(host, f"lacks programs that dump and restore databases ({names}).", f"{install}.")


def _unseen(facts: Facts, host: str) -> t.Iterator[Finding]:
    if host not in facts.topology["services"]:
        problem = f"names {host}, which is no host of the cluster."
        yield Finding("", problem, "Name one of its hosts.", variable="wabiz_database_backup_host")
    else:
        yield from host_faults.unseen(facts.surveys, [host])


def _missing(name: str) -> Finding:
    return Finding("", "is needed to dump or restore the databases.", "Set it.", variable=f"wabiz_{name}")
