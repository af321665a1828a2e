"""A network namespace of this machine on a bridge, without a route to anywhere else.

It needs root and the program `ip`.
"""

from __future__ import annotations

import ipaddress
import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from lab.docker import inspect
from lab.network import placed, service_address
from lab.settings import Settings
from tests.support.waiting import wait_for

NAME = "wabiz-offline"
# The other end of its cable, on the bridge; the kernel accepts 15 letters.
CABLE = "wabiz-off0"
_FILES = Path("/etc/netns") / NAME


@contextmanager
def on_lab(lab: Settings) -> Iterator[Callable[..., list[str]]]:
    """Give a function that turns a command line into one that runs where only the lab and this machine's bridge are."""
    (network,) = inspect("network", [lab.name])
    bridge = network["Options"].get("com.docker.network.bridge.name") or f"br-{network['Id'][:12]}"
    taken = {entry["IPv4Address"].partition("/")[0] for entry in network["Containers"].values()}
    subnet = placed(lab).subnet
    # Docker hands out the first free ones.
    free = next(str(one) for one in reversed(list(subnet.hosts())) if str(one) not in taken)
    interface = ipaddress.IPv4Interface(f"{free}/{subnet.prefixlen}")
    with joined(bridge, interface, service_address(subnet, "dns")) as command:
        yield command


@contextmanager
def joined(bridge: str, interface: ipaddress.IPv4Interface, resolver: str) -> Iterator[Callable[..., list[str]]]:
    """The same on any bridge; whatever still runs in the namespace afterwards is killed."""
    removed()
    try:
        _FILES.mkdir(parents=True)
        (_FILES / "resolv.conf").write_text(f"nameserver {resolver}\n", encoding="utf-8")
        _ip("netns", "add", NAME)
        _ip("link", "add", CABLE, "type", "veth", "peer", "name", "eth0", "netns", NAME)
        _ip("link", "set", CABLE, "master", bridge, "up")
        _ip("-n", NAME, "address", "add", str(interface), "dev", "eth0")
        for name in ("lo", "eth0"):
            _ip("-n", NAME, "link", "set", name, "up")
        yield lambda *command: ["ip", "netns", "exec", NAME, *command]
    finally:
        removed()


def removed() -> None:
    """Remove the namespace; does nothing where there is none."""
    if NAME in _ip("netns", "list").split():
        # Shared SSH connections outlive the run that has opened them.
        for process in _ip("netns", "pids", NAME).split():
            os.kill(int(process), signal.SIGKILL)
        wait_for("the end of its processes", lambda: not _ip("netns", "pids", NAME).split(), 30)
        _ip("netns", "delete", NAME)
    subprocess.run(["ip", "link", "delete", CABLE], capture_output=True, check=False)
    (_FILES / "resolv.conf").unlink(missing_ok=True)
    for directory in (_FILES, _FILES.parent):
        if directory.exists() and not any(directory.iterdir()):
            directory.rmdir()


def _ip(*arguments: str) -> str:
    done = subprocess.run(["ip", *arguments], capture_output=True, encoding="utf-8", timeout=60, check=False)
    assert done.returncode == 0, f"ip {' '.join(arguments)}: {done.stderr}"
    return done.stdout
