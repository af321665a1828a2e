# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who has to reach whom before a node is started, and which ports something has to listen on for that time. No I/O."""

from __future__ import annotations

import typing as t

from ansible_collections.wabiz.onprem.plugins.module_utils._model.container_options import merged, published_ports
from ansible_collections.wabiz.onprem.plugins.module_utils._model.topology import CONTAINER_PORTS

Dict = t.Mapping[str, t.Any]

# By what a container looks up names.
_NAMES = ("dns_servers", "dns_search_domains", "dns_opts", "etc_hosts")


def unheld_ports(topology: Dict, host: str, survey: Dict, waiting: str) -> list[list[int]]:
    """The ports of the host's nodes that nothing holds, each with the port of the container that it will lead to.

    C(waiting) is the container that is going to publish them: one that an interrupted run has left holds nothing.
    """
    running = [container for container in survey["containers"] if container["running"]]
    left = {port for container in running if container["name"] == waiting for port in container["ports"]}
    published = {port for container in running if container["name"] != waiting for port in container["ports"]}
    held = published | ({*survey["ports_taken"]} - left)
    return [
        [port, inner]
        for node in topology["nodes"]
        if node["host"] == host
        for port, inner in zip(node["ports"], CONTAINER_PORTS[node["service"]])
        if port not in held
    ]


def waiting_options(settings: Dict, services: t.Iterable[str], unheld: t.Iterable[t.Sequence[int]]) -> dict[str, t.Any]:
    """Options of the container that waits, as the host's nodes have them: names are found and ports published alike.

    One container waits for all nodes of a host, so what any of their services is told of names it is told too.
    C(unheld) are the pairs of unheld_ports().
    """
    given = [settings.get(key) or {} for key in ("container_options", *map("{}_container_options".format, services))]
    found = merged({"dns_servers": settings["dns_servers"], "etc_hosts": settings["extra_hosts"]}, *given)
    names = {key: found[key] for key in _NAMES if found.get(key)}
    return {**names, "published_ports": published_ports(settings["published_address"], unheld)}


def peers(topology: Dict, host: str, listening: t.Mapping[str, t.Sequence[int]]) -> list[dict[str, t.Any]]:
    """What the nodes of a host have to reach, as M(wabiz.onprem.reachability_info) takes it.

    C(listening) are the ports by host on which M(wabiz.onprem.port_listener) answers with the host's name. Nodes of one
    host reach each other by its published ports too. A database server that the cluster runs itself is among them.
    """
    several = sum(node["host"] == host for node in topology["nodes"]) > 1
    found = [
        {
            "host": node["host"],
            "address": node["address"],
            "port": port,
            "greeting": node["host"] if port in listening.get(node["host"], ()) else "",
            "listens": port in listening.get(node["host"], ()),
        }
        for node in topology["nodes"]
        if several or node["host"] != host
        for port in node["ports"]
    ]
    # Role database waits until it answers.
    servers = [{key: one[key] for key in ("host", "address", "port")} for one in topology["own_database"]]
    return [*found, *({**server, "greeting": "", "listens": True} for server in servers)]
