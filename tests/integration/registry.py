# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A registry that asks for a login, beside a stand-in cluster."""

from __future__ import annotations

from pathlib import Path

from ansible_collections.wabiz.onprem.tests.unit.plugins.certificates import issue

from lab import images
from tests.integration.server import Server
from tests.standin.cluster import LABEL, Cluster, docker
from tests.support import htpasswd
from tests.support.waiting import wait_for


def start_registry(cluster: Cluster, server: Server, name: str, login: tuple[str, str], directory: Path) -> None:
    """Start a registry under this name, which the server trusts; it is removed with the cluster."""
    user, password = login
    authority = issue("Registry CA", ca=True)
    own = issue(name, authority)
    (directory / "registry.pem").write_text(own.pem, encoding="utf-8")
    (directory / "registry.key").write_text(own.key_pem, encoding="utf-8")
    users = Path(htpasswd.FILE)
    (directory / users.name).write_text(
        htpasswd.line(user, server.run(*htpasswd.HASHING, stdin=password)), encoding="utf-8"
    )
    environment = {"REGISTRY_HTTP_ADDR": ":443", **htpasswd.ENVIRONMENT}
    docker(
        *("run", "-d", "--name", cluster.container("registry"), "--label", f"{LABEL}={cluster.run}"),
        *("--network", cluster.run, "--network-alias", name),
        *("--volume", f"{directory}:/etc/lab:ro", "--volume", f"{directory}:{users.parent}:ro"),
        *(f"--env={key}={value}" for key, value in environment.items()),
        images.ensure("registry"),
    )
    trusted = f"/etc/docker/certs.d/{name}/ca.crt"
    server.write(trusted, authority.pem)
    ask = ["curl", "--silent", "--cacert", trusted, "--output", "/dev/null", f"https://{name}/v2/"]
    wait_for("the registry", lambda: answers(cluster, ask), 30)


def answers(cluster: Cluster, ask: list[str]) -> bool:
    """Tell whether the server reaches it; docker returns nothing where the command has failed."""
    return docker("exec", cluster.container("server"), *ask, "--write-out", "%{http_code}", check=False) == "401"
