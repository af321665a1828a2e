# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether containers on this host can look a name up: they ask DNS, and do not see the host's /etc/hosts."""

from __future__ import annotations

import ipaddress
import json
import subprocess
import typing as t
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from ansible_collections.wabiz.onprem.plugins.module_utils._host.program import ask
from ansible_collections.wabiz.onprem.plugins.module_utils._model.unchecked import is_unchecked, unchecked

HOSTS = "/etc/hosts"
RESOLVER = "/etc/resolv.conf"
DAEMON = "/etc/docker/daemon.json"
# Where systemd-resolved listens; it answers from /etc/hosts as well, and Docker's containers ask the servers behind it.
_STUBS = {"127.0.0.53", "127.0.0.54"}
_NOT_FOUND = 2  # exit code of getent
_AT_ONCE = 32


class _NoAnswer(Exception):
    """DNS could not be asked; the text says why."""


def check_names(names: t.Sequence[str], timeout: float) -> dict[str, str]:
    """Empty text for each name that containers can look up, else the reason. Each question has C(timeout) seconds."""
    asked = list(dict.fromkeys(names))
    if not asked or _all_good(asked, timeout):
        return dict.fromkeys(asked, "")
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        reasons = dict(zip(asked, pool.map(lambda name: _reason(name, timeout), asked)))
    return {name: _for_containers(reason) for name, reason in reasons.items()}


def _for_containers(reason: str) -> str:
    """The reason, where containers ask the servers that the host asks."""
    if not reason or is_unchecked(reason) or not _docker_has_servers():
        return reason
    return unchecked(f"Docker has name servers of its own ({DAEMON}); by those of the host it {reason}")


def _docker_has_servers() -> bool:
    try:
        settings = json.loads(Path(DAEMON).read_bytes())
    except (OSError, ValueError, RecursionError):
        return False
    return isinstance(settings, dict) and bool(settings.get("dns"))


def _all_good(names: list[str], timeout: float) -> bool:
    """One question for all of them, as nearly always nothing is wrong."""
    if _STUBS & _servers() and set(map(_plain, names)) & _in_hosts():
        return False
    try:
        addresses = _ask_dns(names, timeout)
    except _NoAnswer:
        return False
    return bool(addresses) and not any(_is_loopback(address) for address in addresses)


def _reason(name: str, timeout: float) -> str:
    local = _plain(name) in _in_hosts()
    if local and _STUBS & _servers():
        return unchecked(f"it is in {HOSTS}, from which systemd-resolved answers like DNS, but not for containers")
    try:
        addresses = _ask_dns([name], timeout)
    except _NoAnswer as error:
        return unchecked(f"{error}{f'; it is in {HOSTS}, which containers do not see' if local else ''}")
    if not addresses:
        return f"is known only to the host's {HOSTS}, which containers do not see" if local else "is not known to DNS"
    loopback = [address for address in addresses if _is_loopback(address)]
    return f"has the address {loopback[0]}, which within a container is the container itself" if loopback else ""


def _ask_dns(names: list[str], timeout: float) -> list[str]:
    """All addresses, or none where one of the names has none. Raises _NoAnswer."""
    try:
        done = ask(["getent", "-s", "dns", "ahosts", *names], timeout)
    except subprocess.TimeoutExpired:
        raise _NoAnswer(f"DNS gave no answer within {timeout:g} s") from None
    except (OSError, ValueError) as error:
        raise _NoAnswer(f"getent: {error}") from error
    if done.returncode not in (0, _NOT_FOUND):
        said = (done.stderr.strip() or f"exit code {done.returncode}").splitlines()[0]
        raise _NoAnswer(f"getent: {said}")
    lines = done.stdout.splitlines()
    return [line.split()[0] for line in lines if line.strip()] if done.returncode == 0 else []


def _is_loopback(address: str) -> bool:
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    mapped = getattr(found, "ipv4_mapped", None)
    return (mapped or found).is_loopback or found.is_unspecified


def _plain(name: str) -> str:
    return name.rstrip(".").lower()


def _in_hosts() -> set[str]:
    """Every name in /etc/hosts."""
    return {_plain(name) for words in _lines(HOSTS) for name in words[1:]}


def _servers() -> set[str]:
    """The name servers that this host asks."""
    return {words[1] for words in _lines(RESOLVER) if words[0] == "nameserver" and len(words) > 1}


def _lines(path: str) -> list[list[str]]:
    """The words of each line without its comment; a file that cannot be read has none."""
    try:
        text = Path(path).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return []
    return [words for line in text.splitlines() if (words := line.partition("#")[0].split())]
