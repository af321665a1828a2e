# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A process that accepts connections in a container's network, and tells each who it is."""

from __future__ import annotations

import os
import selectors
import socket
import time
import typing as t

from ansible_collections.wabiz.onprem.plugins.module_utils._host.namespace import NamespaceError, enter_network

# How often it looks whether the container is still there, in seconds.
_PAUSE = 0.5
_QUEUE = 128


def start(pid: int, ports: t.Sequence[int], greeting: str, lifetime: float) -> None:
    """Leave a process behind that listens in the network of process C(pid). Raises NamespaceError where it cannot.

    It ends with process C(pid), and after C(lifetime) seconds at the latest: nothing has to end it.
    """
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        _detached(pid, ports, greeting, lifetime, writer)
    os.close(writer)
    os.waitpid(child, 0)
    with os.fdopen(reader, "rb") as pipe:
        said = pipe.read().decode()
    if said != "ready":
        raise NamespaceError(said or "the process that listens has ended")


def _detached(pid: int, ports: t.Sequence[int], greeting: str, lifetime: float, writer: int) -> t.NoReturn:
    """Never returns: what the parent would do at its end is the parent's."""
    try:
        os.setsid()
        if os.fork():
            os._exit(0)
        # By its own directory, as its number may be given to another process.
        process = os.open(f"/proc/{pid}", os.O_RDONLY | os.O_DIRECTORY)
        try:
            enter_network(pid)
            sockets = [_listening(port) for port in dict.fromkeys(ports)]
            os.write(writer, b"ready")
        except OSError as error:
            os.write(writer, (error.strerror or str(error)).encode())
            os._exit(0)
        os.close(writer)
        _release()
        _serve(sockets, greeting.encode(), lambda: _is_there(process), time.monotonic() + lifetime)
    finally:
        os._exit(0)


def _release() -> None:
    """Nothing waits for the end of what this process could still write."""
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in range(3):
        os.dup2(nothing, stream)


def _is_there(process: int) -> bool:
    try:
        os.close(os.open("stat", os.O_RDONLY, dir_fd=process))
    except OSError:
        return False
    return True


def _listening(port: int) -> socket.socket:
    """On every address, of both families where the network has them."""
    if socket.has_dualstack_ipv6():
        try:
            return socket.create_server(("", port), family=socket.AF_INET6, backlog=_QUEUE, dualstack_ipv6=True)
        except OSError:
            # This network may have no IPv6.
            pass
    return socket.create_server(("", port), backlog=_QUEUE)


def _serve(sockets: list[socket.socket], greeting: bytes, wanted: t.Callable[[], bool], end: float) -> None:
    with selectors.DefaultSelector() as ready:
        for one in sockets:
            one.setblocking(False)
            ready.register(one, selectors.EVENT_READ)
        while wanted() and time.monotonic() < end:
            for key, _events in ready.select(_PAUSE):
                _greet(t.cast(socket.socket, key.fileobj), greeting)


def _greet(listening: socket.socket, greeting: bytes) -> None:
    try:
        connection, _peer = listening.accept()
        with connection:
            connection.sendall(greeting)
    except OSError:
        # Whoever connected has gone.
        return
