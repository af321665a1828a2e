# SPDX-License-Identifier: GPL-3.0-or-later
"""Name, network and state directory of a lab, from the environment."""

from __future__ import annotations

import ipaddress
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from lab.errors import LabError

REPO = Path(__file__).resolve().parent.parent
DEFAULT_NAME = "wabiz-lab"
DEFAULT_SUBNETS = tuple(ipaddress.IPv4Network("10.77.0.0/18").subnets(new_prefix=22))
INNER_NETWORKS = ("172.16.0.0/12", "192.168.0.0/16")  # the address pools of the hosts' own engines
REGISTRY_NAME = "registry.lab.test"
REGISTRY_PORT = 5000
GATEWAY_NAME = "g.whatsapp.net"
MEDIA_PATH = "/srv/wabiz-media-export"
SSH_USER = "ops"


@dataclass(frozen=True)
class Settings:
    """One lab: its name (label and prefix of all its objects), its network and its state directory.

    Where this machine has a route to the subnet already, a new lab takes the first free one of the others.
    """

    name: str
    subnet: ipaddress.IPv4Network
    state: Path
    other_subnets: tuple[ipaddress.IPv4Network, ...] = ()

    @property
    def label(self) -> str:
        """The label of all objects of this lab."""
        return f"wabiz.lab={self.name}"

    def container(self, host: str) -> str:
        """Name of the container of a host or a service."""
        return f"{self.name}-{host}"


def load(environ: Mapping[str, str] = os.environ) -> Settings:
    """Read LAB_NAME and LAB_SUBNET.

    Raises:
        LabError: a value cannot be used.
    """
    name = environ.get("LAB_NAME") or DEFAULT_NAME
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,30}", name):
        raise LabError(f"LAB_NAME={name!r}: use small letters, digits and hyphens, 31 at most")
    directory = "lab" if name == DEFAULT_NAME else f"lab-{name}"
    text = environ.get("LAB_SUBNET")
    first, *others = [given_subnet(text)] if text else DEFAULT_SUBNETS
    return Settings(name=name, subnet=first, state=REPO / "build" / directory, other_subnets=tuple(others))


def given_subnet(text: str) -> ipaddress.IPv4Network:
    """The subnet of LAB_SUBNET.

    Raises:
        LabError: it cannot be used.
    """
    try:
        subnet = ipaddress.IPv4Network(text)
    except ValueError as error:
        raise LabError(f"LAB_SUBNET={text!r}: {error}") from error
    if subnet.prefixlen > 24:
        raise LabError(f"LAB_SUBNET={text}: /24 or larger is needed")
    for inner in INNER_NETWORKS:
        if subnet.overlaps(ipaddress.IPv4Network(inner)):
            raise LabError(f"LAB_SUBNET={text} overlaps {inner}, which the hosts' own engines use")
    return subnet
