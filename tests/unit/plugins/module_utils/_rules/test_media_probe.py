# Copyright: (c) 2026, wabiz.onprem contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Why a container cannot write, who does not see whom, and that every disagreement is found."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.findings import Finding
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.media_probe import probe_faults
from hypothesis import given
from hypothesis import strategies as st

NFS = {"fstype": "nfs4", "source": "nas:/wa", "device": "0:42"}
DISK = {"fstype": "ext4", "source": "/dev/vda1", "device": "8:1"}
Reports = dict[str, dict[str, Any]]


def entry(name: str, **values: Any) -> dict[str, Any]:
    base = {"name": name, "file": f"f-{name}", "problem": "", "reason": "", "user": "0", "owner": "0"}
    seen = {"directory": "0 755", "mount": NFS, "expected": [], "missing": [], "unreadable": []}
    return {**base, **seen, "read_problem": "", "read_reason": "", **values}


def cluster(stores: dict[str, int], share: int = 0) -> Reports:
    """One container on each host, whose media are in a store; that with the number C(share) is on NFS."""
    return {
        host: {
            "selinux": False,
            "containers": [
                entry(
                    host,
                    mount=NFS if store == share else DISK,
                    expected=[f"f-{other}" for other in stores],
                    missing=[f"f-{other}" for other, theirs in stores.items() if theirs != store],
                )
            ],
        }
        for host, store in stores.items()
    }


def only(reports: Reports) -> Finding:
    (found,) = probe_faults(reports)
    return found


def refused(reason: str, selinux: bool = False, problem: str = "write", **values: Any) -> str:
    one = entry("web", problem=problem, reason=reason, **values)
    return str(only({"web1": {"selinux": selinux, "containers": [one]}}))


DENIED = "sh: 5: cannot create .wabiz-probe-1: Permission denied"


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (
            refused(DENIED, directory="65534 755"),
            "does not let root write (root_squash), the directory belongs to user 65534",
        ),
        (refused(DENIED, selinux=True, mount=DISK), "SELinux may refuse it"),
        (refused(DENIED, user="33", mount=DISK), "belongs to user 0 and has mode 755. Let user 33 write there."),
        (refused(DENIED, user="33"), "Let user 33 write there."),
        (refused("sh: 5: cannot create x: Read-only file system"), "Export the share for reading and writing"),
        (refused("sh: 5: cannot create x: No space left on device"), "the share is full"),
        (refused("sh: 5: cannot create x: Disk quota exceeded"), "the share is full"),
        (refused("sh: 1: cd: Stale file handle", problem="directory"), "Mount the share again"),
        (refused("no answer within 15 s", problem="silent"), "Check the server of the share (nas:/wa)"),
        (
            refused("Container x is not running", problem="engine", directory="", mount={}),
            "See that the container runs",
        ),
    ],
)
def test_why_a_container_cannot_write(said: str, words: str) -> None:
    assert said.startswith("web1: web cannot write to its media (/usr/local/wamedia): ")
    assert words in said


def test_a_container_that_writes_and_hangs_when_it_reads() -> None:
    one = entry("web", read_problem="silent", read_reason="no answer within 15 s")
    assert "web1: web cannot read its media" in str(only({"web1": {"containers": [one]}}))


def test_containers_of_a_host_with_one_reason_are_one_finding() -> None:
    full = {"problem": "write", "reason": "sh: 5: cannot create x: No space left on device"}
    reports = {host: {"containers": [entry("master", **full), entry("core", **full)]} for host in ("a", "b")}
    found = list(probe_faults(reports))
    assert [(one.where, one.problem.partition(" cannot")[0]) for one in found] == [
        ("a", "master, core"),
        ("b", "master, core"),
    ]


def test_hosts_that_agree() -> None:
    assert list(probe_faults({})) == []
    assert list(probe_faults(cluster({"a": 0, "b": 0, "c": 0}))) == []


def test_the_host_without_the_share_is_named_although_it_is_as_many_as_the_other() -> None:
    found = only(cluster({"local": 1, "shared": 0}))
    assert (found.where, found.fatal) == ("local", True)
    assert "ext4 /dev/vda1 here, nfs4 nas:/wa there" in found.problem


def test_hosts_that_share_another_one_are_one_finding() -> None:
    found = only(cluster({"a": 0, "b": 0, "c": 0, "d": 1, "e": 1}))
    assert found.where == "d, e"


def test_a_host_that_cannot_write_is_missed_by_none() -> None:
    reports = cluster({"a": 0, "b": 0})
    reports["b"]["containers"][0] |= {"problem": "write", "reason": "x: Read-only file system"}
    reports["a"]["containers"][0]["missing"] = ["f-b"]
    assert only(reports).where == "b"


def test_a_file_that_one_of_several_does_not_see() -> None:
    reports = cluster({"a": 0, "b": 0, "c": 0})
    reports["a"]["containers"][0]["missing"] = ["f-c"]
    found = only(reports)
    assert str(found).startswith("a: a does not see the files of c on c, though others do.")


@given(st.lists(st.integers(0, 3), min_size=1, max_size=8))
def test_each_store_but_one_is_a_finding_and_names_its_hosts(stores: list[int]) -> None:
    placed = {f"h{number}": store for number, store in enumerate(stores)}
    found = list(probe_faults(cluster(placed)))
    assert len(found) == len(set(stores)) - 1
    named = [set(one.where.split(", ")) for one in found]
    others = [{host for host, theirs in placed.items() if theirs == store} for store in set(stores)]
    assert all(hosts in others for hosts in named)
    # What is on the share is the share.
    assert 0 not in stores or not any(placed[host] == 0 for hosts in named for host in hosts)
