# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The connections that an inventory needs, as whoever sets up its firewalls wants them."""

from __future__ import annotations

import typing as t

from ansible_collections.wabiz.onprem.plugins.module_utils._formats.numbers import ranges
from ansible_collections.wabiz.onprem.plugins.module_utils._plans.facts import Facts
from ansible_collections.wabiz.onprem.plugins.module_utils._plans.table import render

_FURTHER = "published by wabiz_container_options"
_PURPOSES = {"webapp": "API", "master": "nodes among each other", "coreapp": "nodes among each other"}
# What the client's documents name, all TCP.
_WHATSAPP = {
    "g.whatsapp.net": [443, 5222],
    "v.whatsapp.net, mmg.whatsapp.net, graph.whatsapp.com, graph.facebook.com": [443],
}
_SHARES = {"nfs": [2049], "nfs4": [2049], "cifs": [445], "smb3": [445]}
_NAMED = 8

Row = dict[str, t.Any]


def plan(facts: Facts) -> dict[str, t.Any]:
    """C(rows), each with C(source) and C(destination) (lists), C(ports), C(protocol) and C(purpose); and their text.

    Hosts are named as in the inventory, C(addresses) says under which names or addresses the others know them, and
    C(published) of a row on which address a destination publishes the ports, where it is not on all.
    """
    rows = [{**row, "protocol": "tcp"} for row in _rows(facts)]
    cells = [
        {
            "source": _shown(row["source"]),
            "destination": _shown([_placed(host, row["published"]) for host in row["destination"]]),
            "port": ranges(row["ports"]),
            "purpose": row["purpose"],
        }
        for row in rows
    ]
    return {
        "cluster": facts.topology["cluster"],
        "addresses": facts.topology["addresses"],
        "rows": rows,
        "text": render(("source", "destination", "port", "purpose"), cells),
    }


def _rows(facts: Facts) -> t.Iterator[Row]:
    topology = facts.topology
    hosts, groups = list(topology["services"]), topology["groups"]
    nodes = list(dict.fromkeys(node["host"] for node in topology["nodes"]))
    for port in sorted(set(facts.ssh.values())):
        yield _row(["controller"], [host for host in hosts if facts.ssh.get(host) == port], [port], "Ansible over SSH")
    for service, purpose in _PURPOSES.items():
        callers = [*nodes, *(_callers(facts) if service == "webapp" else [])]
        for places, ports in _alike(_of(topology, service)):
            yield _row(callers, places, ports, purpose, topology["published"])
    for places, ports in _alike(topology["nodes"], "further"):
        yield _row(["users of these ports"], places, ports, _FURTHER)
    yield from _api(topology)
    server = facts.setting("database_host")
    if server and nodes:
        own = {entry["host"]: entry["published"] for entry in topology["own_database"]}
        yield _row(nodes, list(own) or [server], [facts.setting("database_port")], "database", own)
    for share, fstype in _shares(topology, nodes):
        using = [host for host in nodes if _share(topology, host) == (share, fstype)]
        place = share.lstrip("/").partition("/")[0] if share.startswith("//") else share.rpartition(":")[0]
        yield _row(using, [place or share], _SHARES.get(fstype, []), "shared media")
    client = [host for host in nodes if host in {*groups["master"], *groups["coreapp"]}]
    for place, ports in _WHATSAPP.items() if client else ():
        yield _row(client, place.split(", "), ports, "WhatsApp")
    registry = str(facts.setting("registry_host") or "")
    if registry and nodes:
        name, _colon, number = registry.rpartition(":")
        given = bool(name) and number.isdecimal()
        yield _row(nodes, [name if given else registry], [int(number) if given else 443], "images")


def _callers(facts: Facts) -> list[str]:
    """Who asks the webapps in addition to the nodes: the balancers, and the host of the API modules."""
    asking = str(facts.setting("api_delegate_to") or "")
    return [
        *facts.topology["groups"]["loadbalancer"],
        *(["controller" if asking == "localhost" else asking] * bool(asking)),
    ]


def _shares(topology: t.Mapping[str, t.Any], nodes: t.Iterable[str]) -> list[tuple[str, str]]:
    """What the hosts of nodes mount for the media, and the types; hosts may have different ones."""
    return [share for share in dict.fromkeys(_share(topology, host) for host in nodes) if share[0]]


def _share(topology: t.Mapping[str, t.Any], host: str) -> tuple[str, str]:
    settings = topology["media_settings"][host]
    return str(settings.get("media_source") or ""), str(settings.get("media_fstype") or "")


def _row(
    source: list[str],
    destination: list[str],
    ports: list[int],
    purpose: str,
    published: t.Mapping[str, str] | None = None,
) -> Row:
    """A host that is source and destination reaches itself: its containers use its published ports."""
    return {
        "source": list(dict.fromkeys(source)),
        "destination": list(dict.fromkeys(destination)),
        "published": {host: place for host, place in (published or {}).items() if host in destination and place},
        "ports": ports,
        "purpose": purpose,
    }


def _of(topology: t.Mapping[str, t.Any], service: str) -> list[Row]:
    return [node for node in topology["nodes"] if node["service"] == service]


def _alike(nodes: t.Iterable[Row], which: str = "ports") -> t.Iterator[tuple[list[str], list[int]]]:
    """The hosts of the nodes, those with the same ports together; none of those without any."""
    by_host: dict[str, list[int]] = {}
    for node in nodes:
        if node[which]:
            by_host.setdefault(node["host"], []).extend(node[which])
    for ports in dict.fromkeys(tuple(sorted(found)) for found in by_host.values()):
        yield [host for host, found in by_host.items() if tuple(sorted(found)) == ports], list(ports)


def _api(topology: t.Mapping[str, t.Any]) -> t.Iterator[Row]:
    """Whoever uses the API asks the balancers, where there are any."""
    users = ["users of the API"]
    by_port: dict[int, list[str]] = {}
    for balancer in topology["balancers"]:
        by_port.setdefault(balancer["port"], []).append(balancer["host"])
    for port, hosts in by_port.items():
        yield _row(users, hosts, [port], "API, balanced")
    if not by_port:
        for hosts, ports in _alike(_of(topology, "webapp")):
            yield _row(users, hosts, ports, "API", topology["published"])


def _placed(host: str, published: t.Mapping[str, str]) -> str:
    return f"{host} ({published[host]})" if host in published else host


def _shown(names: list[str]) -> str:
    """Not more than fits into a table; the file has all of them."""
    return ", ".join(names) if len(names) <= _NAMED else f"{', '.join(names[:_NAMED])} and {len(names) - _NAMED} more"
