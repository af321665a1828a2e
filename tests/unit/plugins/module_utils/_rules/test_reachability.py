# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is concluded from looks between hosts: each cause is one finding that names both ends."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.findings import Finding, merged
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.reachability import reachability_faults
from hypothesis import given
from hypothesis import strategies as st

PORTS = [6250, 6251, 6252, 6253]
HOSTS = ["core1", "core2", "web1"]


def peer(host: str, port: int, failed_at: str = "", reason: str = "", **more: Any) -> dict[str, Any]:
    found = {"host": host, "address": f"{host}.example", "port": port, "greeting": host, "listens": True}
    return {**found, "addresses": [f"10.0.0.{len(host)}"], "failed_at": failed_at, "reason": reason, **more}


def reports(*faults: dict[str, Any], hosts: list[str] = HOSTS, **more: Any) -> dict[str, dict[str, Any]]:
    """Every host looks at all others; the faults are of all that look at their host, on their port."""
    found = {}
    for host in hosts:
        peers = [peer(other, port, **more) for other in hosts if other != host for port in PORTS]
        for fault in faults:
            peers = [{**fault} if _same(one, fault) else one for one in peers]
        found[host] = {"problem": "", "peers": peers}
    return found


def _same(one: dict[str, Any], other: dict[str, Any]) -> bool:
    return (one["host"], one["port"]) == (other["host"], other["port"])


def judged(found: dict[str, dict[str, Any]]) -> list[Finding]:
    return list(reachability_faults(found))


def test_nothing_is_wrong_where_all_reach_all() -> None:
    assert judged(reports()) == []


def test_a_closed_port_is_one_finding_that_names_both_ends() -> None:
    (finding,) = judged(reports(peer("core2", 6252, "connect", "no answer in time")))
    assert finding.fatal
    assert finding.where == "core1, web1"
    assert "port 6252 of core2 (core2.example, 10.0.0.5) cannot be reached" in finding.problem
    assert "no answer in time" in finding.problem


def test_what_one_host_does_not_reach_is_one_finding_however_much_it_is() -> None:
    found = reports()
    for one in found["web1"]["peers"]:
        one.update(failed_at="connect", reason="Network is unreachable", address=one["host"], addresses=["10.0.0.9"])
    (finding,) = judged(found)
    assert finding.where == "web1"
    words = "ports 6250-6253 of core1 (10.0.0.9), ports 6250-6253 of core2 (10.0.0.9) cannot be reached"
    assert finding.problem.startswith(words)


def test_an_address_that_others_do_not_reach_is_one_finding() -> None:
    faults = [peer("core2", port, "connect", reason) for port in PORTS for reason in ["No route to host"]]
    found = reports(*faults)
    # One of them is told something else.
    found["web1"]["peers"] = [
        {**one, "reason": "no answer in time"} if one["failed_at"] else one for one in found["web1"]["peers"]
    ]
    (finding,) = judged(found)
    assert "ports 6250-6253 of core2" in finding.problem
    assert "No route to host or no answer in time" in finding.problem


def test_a_wrong_name_is_one_finding() -> None:
    faults = [peer("core2", port, "resolve", "Name or service not known", addresses=[]) for port in PORTS]
    (finding,) = judged(reports(*faults))
    assert (finding.where, finding.fatal) == ("core1, web1", True)
    assert "core2.example, the name of core2: Name or service not known." in finding.problem


def test_an_address_of_several_hosts_is_one_finding() -> None:
    faults = [peer("core2", port, "identity", "core1", address="10.0.2.15") for port in PORTS]
    (finding,) = judged(reports(*faults))
    assert "10.0.2.15, the address of core2, leads to another host" in finding.problem
    assert "(core1; ports 6250-6253)" in finding.problem


def test_a_host_that_reaches_nothing_there_is_in_the_same_finding() -> None:
    """An address that each host has for itself: only those of the same service listen on the port."""
    found = reports(*(peer("core2", port, "identity", "core1", address="172.17.0.1") for port in PORTS))
    for one in found["web1"]["peers"]:
        if one["failed_at"]:
            one.update(failed_at="connect", reason="Connection refused")
    (finding,) = judged(found)
    assert finding.where == "core1, web1"
    assert "(core1; ports 6250-6253)" in finding.problem


def test_what_answers_without_a_name_is_another_one() -> None:
    (finding,) = judged(reports(peer("core2", 6250, "identity", "")))
    assert "an unknown one; port 6250" in finding.problem


def test_a_port_that_only_some_reach_is_closed_to_the_others() -> None:
    """Nothing of ours listens on it, but another host has reached what does."""
    found = reports(listens=False)
    found["core1"]["peers"][0].update(failed_at="connect", reason="Connection refused")
    (finding,) = judged(found)
    assert finding.fatal
    assert finding.where == "core1"


def test_a_port_that_none_reach_and_nothing_may_listen_on_is_a_warning() -> None:
    """Outside of --limit nothing may have been started, and what is broken must remain repairable."""
    (finding,) = judged(reports(peer("core2", 6250, "connect", "Connection refused", listens=False), listens=False))
    assert not finding.fatal
    assert "It is not known whether anything listens there." in finding.problem


def test_a_host_from_which_could_not_be_looked_is_a_warning() -> None:
    found = {**reports(), "core3": {"problem": "container wabiz-look does not run (exit code 1)", "peers": []}}
    (finding,) = judged(found)
    assert (finding.where, finding.fatal) == ("core3", False)


FAULTS = st.sampled_from(["", "", "", "resolve", "connect", "identity"])


@st.composite
def any_reports(draw: st.DrawFn) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    listens = {(host, port): draw(st.booleans()) for host in HOSTS for port in PORTS}
    for host in HOSTS:
        peers = [
            peer(other, port, fault, "why" if fault else "", listens=listens[other, port])
            for other in HOSTS
            if other != host
            for port in PORTS
            for fault in [draw(FAULTS)]
        ]
        found[host] = {"problem": "", "peers": peers}
    return found


@given(any_reports())
def test_every_failed_look_is_in_one_finding_and_no_other(found: dict[str, dict[str, Any]]) -> None:
    findings = judged(found)
    failed = {
        (host, one["host"], one["port"], one["failed_at"])
        for host, report in found.items()
        for one in report["peers"]
        if one["failed_at"]
    }
    # None is told twice.
    assert len(merged(findings)) == len(findings)
    # Who looked is in the place, the other end in the problem.
    for host, other, _port, _kind in failed:
        assert any(host in finding.where.split(", ") and other in finding.problem for finding in findings)
    for finding in findings:
        assert set(finding.where.split(", ")) <= {host for host, *_rest in failed}


@given(any_reports())
def test_what_nothing_is_known_to_listen_on_ends_no_run(found: dict[str, dict[str, Any]]) -> None:
    looks = [one for report in found.values() for one in report["peers"]]
    alive = {(one["host"], one["port"]) for one in looks if one["listens"] or not one["failed_at"]}
    certain = any(
        one["failed_at"] in ("resolve", "identity")
        or (one["failed_at"] == "connect" and (one["host"], one["port"]) in alive)
        for one in looks
    )
    assert any(finding.fatal for finding in judged(found)) == certain


@pytest.mark.parametrize("reason", ["no answer in time", "no answer in time."])
def test_a_reason_ends_with_one_full_stop(reason: str) -> None:
    (finding,) = judged(reports(peer("core2", 6250, "connect", reason)))
    assert "time.." not in finding.problem
