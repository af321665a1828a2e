# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The engine of a host, which modules, community.docker and Docker's command are all told. No I/O."""

from __future__ import annotations

SOCKET = "/var/run/docker.sock"


def docker_host(socket: str = SOCKET) -> str:
    """The socket as Docker's command and community.docker take it."""
    return f"unix://{socket}"


def docker(*words: str, socket: str = SOCKET, program: str = "docker") -> list[str]:
    """Docker's command. Without --host it would ask the engine of DOCKER_HOST or of a context of the user's."""
    return [program, "--host", docker_host(socket), *words]
