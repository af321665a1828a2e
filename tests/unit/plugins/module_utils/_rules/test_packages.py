# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a host lacks: never an engine beside another one, and nothing that is there already."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.packages import (
    command_package,
    lacking,
    mounting,
)
from hypothesis import given
from hypothesis import strategies as st

SYSTEMS = {
    "bullseye": {"id": "debian", "version": "11", "family": "debian"},
    "bookworm": {"id": "debian", "version": "12", "family": "debian"},
    "trixie": {"id": "debian", "version": "13", "family": "debian"},
    "sid": {"id": "debian", "version": "", "family": "debian"},
    "ubuntu": {"id": "ubuntu", "version": "24.04", "family": "debian"},
    "rocky": {"id": "rocky", "version": "9.4", "family": "redhat"},
    "fedora": {"id": "fedora", "version": "41", "family": "redhat"},
}
NOTHING = {"requests": False, "crontab": False, "docker": False}


def report(system: str, engine: str = "docker", **there: bool) -> dict[str, Any]:
    """A host with an engine of this kind, or none, on which the named requirements are missing."""
    return {
        "engine": {"running": bool(engine), "present": bool(engine), "kind": engine},
        "requirements": {name: there.get(name, True) for name in NOTHING},
        "system": SYSTEMS.get(system, {}),
    }


@pytest.mark.parametrize(
    ("system", "engine", "others", "services"),
    [
        ("bullseye", ["docker.io"], ["python3-requests", "cron"], ["docker", "cron"]),
        ("bookworm", ["docker.io"], ["python3-requests", "cron"], ["docker", "cron"]),
        # Without the second the log cleanup has no command to call.
        ("trixie", ["docker.io", "docker-cli"], ["python3-requests", "cron"], ["docker", "cron"]),
        ("sid", ["docker.io", "docker-cli"], ["python3-requests", "cron"], ["docker", "cron"]),
        ("ubuntu", ["docker.io"], ["python3-requests", "cron"], ["docker", "cron"]),
        ("rocky", ["docker-ce", "docker-ce-cli", "containerd.io"], ["python3-requests", "cronie"], ["docker", "crond"]),
        ("fedora", ["moby-engine", "docker-cli"], ["python3-requests", "cronie"], ["docker", "crond"]),
        # What it does not know, Debian's package manager says.
        ("unknown", ["docker.io"], ["python3-requests", "cron"], ["docker", "cron"]),
    ],
)
def test_a_bare_host(system: str, engine: list[str], others: list[str], services: list[str]) -> None:
    found = lacking(report(system, "", **NOTHING), {})
    assert found == {"engine": engine, "others": others, "services": services}


@pytest.mark.parametrize(
    ("system", "kind", "missing", "installed"),
    [
        ("bookworm", "docker", "requests", ["python3-requests"]),
        ("bookworm", "docker", "crontab", ["cron"]),
        ("rocky", "docker-ce", "crontab", ["cronie"]),
        ("trixie", "docker", "docker", ["docker-cli"]),
        # Debian's client conflicts with that of Docker's packages, which would be removed with its engine.
        ("trixie", "docker-ce", "docker", ["docker-ce-cli"]),
        ("bullseye", "docker-ce", "docker", ["docker-ce-cli"]),
        ("bookworm", "docker", "docker", []),
    ],
)
def test_only_what_is_missing_is_installed(system: str, kind: str, missing: str, installed: list[str]) -> None:
    found = lacking(report(system, kind, **{missing: False}), {})
    assert (found["engine"], found["others"]) == ([], installed)


@pytest.mark.parametrize("system", ["bookworm", "trixie"])
def test_the_engine_comes_from_where_the_hosts_client_is(system: str) -> None:
    """Debian's engine conflicts with Docker's client, which would be removed without a word."""
    there = report(system, "")
    there["engine"]["kind"] = "docker-ce"
    assert lacking(there, {})["engine"] == ["docker-ce", "docker-ce-cli", "containerd.io"]
    assert lacking(there, {"engine_packages": ["docker"]})["engine"] == ["docker"]


@pytest.mark.parametrize(
    ("system", "fstype", "packages"),
    [
        ({"id": "debian", "family": "debian"}, "NFS4", ["nfs-common"]),
        ({"id": "rocky", "family": "redhat"}, "glusterfs", ["glusterfs-fuse"]),
        ({"id": "debian", "family": "debian"}, "ext4", []),
        # Names of packages are not guessed.
        ({"id": "opensuse-leap", "family": ""}, "nfs", []),
        ({"id": "", "family": ""}, "nfs", []),
        # What does not say its system is taken for Debian.
        ({}, "nfs", ["nfs-common"]),
    ],
)
def test_what_mounts_a_share(system: dict[str, str], fstype: str, packages: list[str]) -> None:
    there = {**report("bookworm"), "system": system}
    assert mounting(there, {"media_fstype": fstype, "media_packages": None}) == packages
    assert mounting(there, {"media_fstype": fstype, "media_packages": ["nfs-client"]}) == ["nfs-client"]


def test_a_host_that_lacks_nothing() -> None:
    given = {"engine_packages": ["docker-ce"], "host_packages": ["tree"]}
    assert lacking(report("bookworm"), given) == {"engine": [], "others": [], "services": ["docker", "cron"]}


def test_lists_of_the_site_are_taken_as_they_are() -> None:
    given = {"engine_packages": ["docker-ce"], "host_packages": ["python3-requests", "tree"], "engine_services": ["x"]}
    found = lacking(report("trixie", "", requests=False, docker=False), given)
    assert found == {"engine": ["docker-ce"], "others": ["python3-requests", "tree"], "services": ["x"]}


@given(
    system=st.sampled_from(sorted(SYSTEMS)),
    running=st.booleans(),
    kind=st.sampled_from(["", "docker", "docker-ce", "podman"]),
    missing=st.sets(st.sampled_from(sorted(NOTHING))),
)
def test_no_engine_comes_beside_another_one(system: str, running: bool, kind: str, missing: set[str]) -> None:
    there = report(system, kind, **dict.fromkeys(missing, False))
    there["engine"] = {"running": running, "present": True, "kind": kind}
    found = lacking(there, {"engine_packages": ["docker-ce"]})
    assert found["engine"] == []
    assert not {"docker.io", "docker-ce", "moby-engine", "podman-docker"} & set(found["others"])
    assert bool(found["others"]) == bool(missing - ({"docker"} if not command_package(there) else set()))
