# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where backups are kept, and from and to which hosts their files go. No I/O."""

from __future__ import annotations

import typing as t

from ansible_collections.wabiz.onprem.plugins.module_utils._model.topology import SERVICES
from ansible_collections.wabiz.onprem.plugins.module_utils._plans import table
from ansible_collections.wabiz.onprem.plugins.module_utils._plans.facts import Facts
from ansible_collections.wabiz.onprem.plugins.module_utils._rules import media_faults
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.findings import Finding, judgement, noted
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.room import megabytes

_BACKUPS = ("backup", "created", "cluster", "version", "shards", "size", "parts")


def keeper(facts: Facts) -> str:
    """The host that keeps the backups."""
    return str(facts.setting("backup_host") or facts.topology["keeper"])


def target(facts: Facts) -> str:
    """That host and the directory."""
    return f"{keeper(facts)}:{facts.setting('backups')}"


def node_hosts(facts: Facts) -> list[str]:
    """The hosts that run nodes."""
    return [host for host, services in facts.topology["services"].items() if set(services) & set(SERVICES)]


def sharing(facts: Facts) -> str:
    """The host on which shared media are read and written: the one that keeps the backups where it has them too."""
    hosts = node_hosts(facts)
    seen = [host for host in hosts if "engine" in facts.surveys.get(host, {})]
    return next(iter([host for host in seen if host == keeper(facts)] + seen), next(iter(hosts), ""))


def shared_media(facts: Facts) -> str:
    """The directory of the media that all nodes share; empty where each host has a volume."""
    return str(facts.setting("media_path") or "")


def absent_share(facts: Facts) -> t.Iterator[Finding]:
    """Why shared media cannot be read or written: nothing would be there, or the run would wait for ever."""
    host = sharing(facts) if shared_media(facts) else ""
    yield from media_faults.silent(host, facts.surveys.get(host, {}))
    yield from media_faults.unmounted(host, facts.surveys.get(host, {}))


def running(facts: Facts) -> bool:
    """Whether a node of the cluster runs on a host that was seen."""
    return any(container["running"] for container in facts.observed.containers)


def without_openssl(facts: Facts, hosts: t.Iterable[str]) -> t.Iterator[Finding]:
    """Hosts on which nothing can be encrypted or decrypted; what was not asked for is not judged."""
    for host in dict.fromkeys(hosts):
        if (facts.surveys.get(host, {}).get("programs") or {}).get("openssl") is False:
            yield Finding(host, "lacks the program openssl, which encrypts the files.", "Install package openssl.")


def unreadable(facts: Facts) -> t.Iterator[Finding]:
    """Why it is not known which backups there are."""
    if "backups" not in facts.backups:
        reason = str(facts.backups.get("msg") or "no reason given").rstrip(".")
        yield Finding(
            keeper(facts),
            f"the backups cannot be looked at: {reason[:1].lower()}{reason[1:]}.",
            "Check wabiz_backup_host, wabiz_backup_path and the connection.",
        )
    for line in facts.backups.get("lost") or []:
        yield Finding(keeper(facts), f"{line[:1].lower()}{line[1:]}", fatal=False)


def listed(facts: Facts) -> list[str]:
    """The backups that are there, as a table."""
    rows = [
        {
            "backup": one["name"],
            "created": one["created"],
            "cluster": one["cluster"],
            "version": one["version"],
            "shards": one["shards"],
            "size": megabytes(one["size"]),
            "parts": ", ".join(one["parts"]),
        }
        for one in facts.backups.get("backups") or []
    ]
    return table.render(_BACKUPS, rows) if rows else [f"There is no backup in {target(facts)}."]


def told(findings: t.Sequence[Finding], lines: t.Sequence[str]) -> dict[str, t.Any]:
    """The part of a plan that people read."""
    judged = judgement(findings)
    return {"text": [*lines, *noted(judged)], **judged}
