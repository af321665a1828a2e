# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Work done as if in a container: in its network, with its name servers and its /etc/hosts, by our own Python."""

from __future__ import annotations

import ctypes
import os
import tempfile
import typing as t
from pathlib import Path

from ansible_collections.wabiz.onprem.plugins.module_utils._host.in_time import NoAnswer, in_time

_NEW_MOUNTS = 0x00020000  # CLONE_NEWNS
_NETWORK = 0x40000000  # CLONE_NEWNET
_BIND, _PRIVATE = 0x1000, 0x4000 | 0x40000  # MS_BIND; MS_REC | MS_PRIVATE
_CACHE = "/run/nscd/socket"


class NamespaceError(Exception):
    """The container's network cannot be entered, or there was no answer from it; the text says why."""


def within(pid: int, work: t.Callable[[], t.Any], limit: float) -> t.Any:
    """What C(work) returns, decoded from JSON, in the network of process C(pid). Raises NamespaceError.

    It runs in a child, which is killed after C(limit) seconds. The host's own namespaces stay as they are.
    """
    with tempfile.TemporaryDirectory() as folder:

        def inside() -> t.Any:
            _enter(pid, Path(folder))
            return work()

        try:
            return in_time(inside, limit)
        except NoAnswer as error:
            raise NamespaceError(str(error)) from error


def enter_network(pid: int) -> None:
    """Join the network of a process, for good. Raises OSError."""
    libc = ctypes.CDLL(None, use_errno=True)
    with Path("/proc", str(pid), "ns", "net").open("rb") as network:
        _checked(libc.setns(network.fileno(), _NETWORK), "setns")


def _enter(pid: int, folder: Path) -> None:
    """Join the network, and see the container's files of name resolution in place of the host's. Raises OSError."""
    libc = ctypes.CDLL(None, use_errno=True)
    # The file system as that process sees it.
    seen = Path("/proc", str(pid), "root", "etc")
    texts = {f"/etc/{name}": (seen / name).read_bytes() for name in ("resolv.conf", "hosts")}
    # Other sources, such as systemd-resolved, answer for the host.
    texts["/etc/nsswitch.conf"] = b"hosts: files dns\n"
    enter_network(pid)
    _checked(libc.unshare(_NEW_MOUNTS), "unshare")
    _checked(libc.mount(b"none", b"/", None, ctypes.c_ulong(_PRIVATE), None), "mount")
    for number, (path, text) in enumerate(texts.items()):
        source = folder / str(number)
        source.write_bytes(text)
        _cover(libc, path, str(source))
    _cover(libc, _CACHE, os.devnull)


def _cover(libc: ctypes.CDLL, path: str, source: str) -> None:
    target = os.path.realpath(path)
    if Path(target).exists():
        flags = ctypes.c_ulong(_BIND)
        _checked(libc.mount(source.encode(), target.encode(), None, flags, None), f"mount {path}")


def _checked(code: int, what: str) -> None:
    if code != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
