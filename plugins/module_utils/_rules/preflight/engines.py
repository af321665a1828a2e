# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which container engines the cluster can be run with."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.wabiz.onprem.plugins.module_utils._model.inventory import Inventory
from ansible_collections.wabiz.onprem.plugins.module_utils._model.topology import needs_engine
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.findings import Finding
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.packages import command_package, lacking, unknown

Numbers = tuple[int, ...]

# The client needs statx, which Docker's seccomp profile permits since the first; the second is what we are made for.
_PERMITTING, _OLDEST = (18, 4), (20, 10)
# Since then the profile answers clone3 in a way in which glibc 2.34 and later go on with the older call.
_CLONE3 = (20, 10, 10)
# The first libseccomp that knows statx; with an older one a profile that permits it has no effect.
_STATX_KNOWN = (2, 3, 3)
_REFUSED = {
    "podman": "has Podman in Docker's place, which this collection does not support.",
    "rootless": "has rootless Docker, which cannot give containers the addresses and ports that the client is told of.",
    "snap": "has Docker as a snap, which sees other directories than the host's and is restarted at every refresh.",
}


def engine(inventory: Inventory, host: str, report: dict[str, t.Any]) -> t.Iterator[Finding]:
    """An engine is there that containers of the client can run on, or none yet."""
    if not needs_engine(inventory.services(host)):
        return
    state = report["engine"]
    kind = state.get("kind", "")
    if kind in _REFUSED:
        yield Finding(
            host,
            _REFUSED[kind],
            "Install Docker Engine on this host in its place, or remove the host from the inventory.",
        )
    elif host in (*inventory.node_hosts, *inventory.groups["database"], *inventory.groups.get("engine", [])):
        runs_client = host in inventory.node_hosts
        yield from _old(host, str(state.get("version") or ""), runs_client)
        yield from _refused_calls(host, state) if runs_client else ()
        yield from _without_command(host, report)
        yield from _unknown_system(host, report, inventory.variables[host])


def _old(host: str, version: str, runs_client: bool) -> t.Iterator[Finding]:
    """A version that is no release of Docker's is not judged."""
    release = _numbers(version) or _OLDEST
    remedy = "Install Docker 20.10 or later."
    if release < _PERMITTING and runs_client:
        problem = f"Docker {version} refuses statx, a system call that the client needs; it is permitted since 18.04."
        yield Finding(host, problem, remedy)
    elif release < _OLDEST:
        yield Finding(host, f"Docker {version} is older than this collection is made for.", remedy, fatal=False)


def _refused_calls(host: str, state: t.Mapping[str, t.Any]) -> t.Iterator[Finding]:
    """What Docker's own profile refuses; distributions have corrected it in older versions, so it is a warning."""
    if state.get("seccomp") not in ("default", "builtin"):
        return
    library, version = str(state.get("libseccomp") or ""), str(state.get("version") or "")
    known = _numbers(library)
    if known and known < _STATX_KNOWN:
        yield Finding(
            host,
            f"libseccomp {library} does not know statx, a system call that the client needs, so Docker refuses it.",
            "Update libseccomp to 2.3.3 or later.",
            fatal=False,
        )
    release = _numbers(version)
    if release and _OLDEST <= release < _CLONE3 and "+dfsg" not in version:
        yield Finding(
            host,
            f"Docker {version} refuses clone3, a system call without which programs of newer images start no thread.",
            "Install Docker 20.10.10 or later, if your distribution has not corrected this version.",
            fatal=False,
        )


def _without_command(host: str, report: dict[str, t.Any]) -> t.Iterator[Finding]:
    """The log cleanup uses the command docker, which role engine installs where its package is known."""
    there = report.get("requirements") or {}
    if report["engine"]["running"] and not there.get("docker", True) and not command_package(report):
        yield Finding(
            host,
            "the engine runs, but there is no command docker, and no package is known that has it.",
            "Install Docker's command-line client, in /usr/bin or /usr/local/bin.",
        )


def _unknown_system(host: str, report: dict[str, t.Any], settings: t.Mapping[str, t.Any]) -> t.Iterator[Finding]:
    """Role engine would ask the package manager for names that are Debian's."""
    if not unknown(report):
        return
    system = report["system"]
    wanted = {f"{kind}_packages": packages for kind, packages in _named(lacking(report, settings)).items()}
    missing = {key: packages for key, packages in wanted.items() if packages and not settings.get(key)}
    if missing:
        there = " and ".join(f"what {', '.join(packages)} is on Debian" for packages in missing.values())
        variables = " and ".join(f"wabiz_{key}" for key in missing)
        yield Finding(
            host,
            f"lacks {there}; its system ({system.get('id') or 'without a name'}) is none whose packages are known.",
            f"Install it first, or name the packages in {variables}.",
        )


def _named(missing: t.Mapping[str, list[str]]) -> dict[str, list[str]]:
    """By the beginning of the variable that names them, the packages that a host lacks."""
    return {"engine": missing["engine"], "host": missing["others"]}


def _numbers(version: str) -> Numbers | None:
    """The leading numbers of a version; None for what is no release."""
    found = re.match(r"[1-9]\d*(\.\d+)+", version)
    return tuple(map(int, found[0].split("."))) if found else None
