# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What may be wrong with a host, by what M(wabiz.onprem.host_info) says of it; worded once for all who ask."""

from __future__ import annotations

import typing as t

from ansible_collections.wabiz.onprem.plugins.module_utils._rules.findings import Finding

Report = t.Mapping[str, t.Any]


def unreachable(host: str, report: Report) -> Finding:
    """The host gave no report; C(report) holds why."""
    said = (str(report.get("msg") or "").strip() or "no answer").splitlines()[0]
    reason = said.removeprefix("Task failed: ").rstrip(".")
    return Finding(host, f"is unreachable: {reason}.", "Fix the connection or exclude the host.")


def left_out(host: str, fatal: bool = True) -> Finding:
    """The host was not inspected."""
    return Finding(host, "was not inspected.", "Run without --limit.", fatal=fatal)


def engine_stopped(host: str, report: Report) -> Finding:
    """Docker is there, or should be, and does not answer."""
    reason = str(report["engine"].get("error") or "no reason given").rstrip(".")
    return Finding(host, f"the Docker engine does not answer: {reason}.", "Start it: run site.yml.")


def unseen(surveys: t.Mapping[str, Report], hosts: t.Iterable[str]) -> t.Iterator[Finding]:
    """The hosts without a report."""
    for host in hosts:
        if host not in surveys:
            yield left_out(host)
        elif "engine" not in surveys[host]:
            yield unreachable(host, surveys[host])


def unknown(surveys: t.Mapping[str, Report], hosts: t.Iterable[str]) -> list[str]:
    """The hosts of which it is not known what they run; one without Docker runs nothing."""
    engines = {host: surveys.get(host, {}).get("engine") for host in hosts}
    return [host for host, engine in engines.items() if not engine or (not engine["running"] and engine["present"])]


def unusable(surveys: t.Mapping[str, Report], hosts: t.Iterable[str]) -> t.Iterator[Finding]:
    """The hosts without a report, and those whose engine does not answer."""
    for host in hosts:
        yield from unseen(surveys, [host])
        engine = surveys.get(host, {}).get("engine")
        if engine and not engine["running"]:
            yield engine_stopped(host, surveys[host])


def stopped_services(report: Report) -> list[str]:
    """The services that must run and do not."""
    return [name for name, runs in (report.get("services") or {}).items() if not runs]


def unlisted(host: str, report: Report) -> t.Iterator[Finding]:
    """What could not be read was not judged: a second client or another database may be among it."""
    for kind, reason in (report.get("problems") or {}).items():
        yield Finding(host, f"the engine's {kind} cannot be listed: {reason}.", "Check the engine: docker info")


def database_unreachable(host: str, report: Report) -> t.Iterator[Finding]:
    """The host does not reach a database server of others."""
    for address, error in (report.get("connections") or {}).items():
        if error:
            yield Finding(
                host,
                f"cannot reach the database at {address}: {error}.",
                "Check wabiz_database_host, wabiz_database_port and the firewall between them.",
            )


def little_room(
    host: str, free: float, purpose: str, limit: tuple[str, float], scarce: float = 1
) -> t.Iterator[Finding]:
    """Bytes that are free are fewer than the limit (a variable and its GB), or than C(scarce) times as much."""
    variable, least = limit
    gigabytes = free / 1e9
    if gigabytes < scarce * least:
        yield Finding(
            host,
            f"has {gigabytes:.1f} GB free {purpose}.",
            f"Free disk space: {variable} requires {least:g} GB.",
            fatal=gigabytes < least,
        )
