# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How the client's API is reached by playbooks and roles."""

from __future__ import annotations

import typing as t

Settings = t.Mapping[str, t.Any]


def access(settings: Settings, topology: Settings) -> dict[str, t.Any]:
    """Where the API's modules run, whether as root there, and their options; null counts as not set.

    C(authority) says where the CA certificate of the webapps themselves is: with C(wabiz_api_endpoints) the file that
    C(wabiz_api_ca_path) names is that of what is in front of them. C(unknown) says what is missing for a question about
    the health of the cluster, and is empty where nothing is.
    """
    given = settings.get("api_delegate_to")
    endpoints = settings.get("api_endpoints") or topology["endpoints"]
    kept = {"path": f"{settings['directory']}/webapp-ca.pem", "host": topology["keeper"], "become": True}
    reached = {"host": given or topology["keeper"], "become": given is None}
    of_webapps = settings.get("api_ca_path") and not settings.get("api_endpoints")
    return {
        **reached,
        "authority": {"path": settings["api_ca_path"], **reached} if of_webapps else kept,
        "options": {
            "endpoints": endpoints,
            # Without it, where role node keeps the certificate that the webapps have made for themselves.
            "ca_path": settings.get("api_ca_path") or kept["path"],
            "server_hostname": settings.get("api_server_hostname"),
            "proxy": settings.get("api_proxy"),
            # While it is rotated webapps have different ones; the login opens the same on all of them.
            "api_key": None if topology.get("playbook") == "rotate_secrets" else settings.get("api_key"),
            "username": "admin",
            "password": settings.get("admin_password"),
        },
        "unknown": "; ".join(_unknown(endpoints, settings.get("api_key"))),
    }


def _unknown(endpoints: t.Sequence[str], api_key: str | None) -> t.Iterator[str]:
    if not endpoints:
        yield (
            "no webapp is known: name the inventory's group of the webapps in wabiz_groups, or set wabiz_api_endpoints"
        )
    if not api_key:
        yield "wabiz_api_key is not set"
