# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where backups are kept, and from and to which hosts their files go. No I/O."""

from __future__ import annotations

import typing as t

from ansible_collections.wabiz.onprem.plugins.module_utils._model.media import media_volume, volume_is_shared
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
    hosts = [host for host in hosts if facts.topology["media"].get(host)] or hosts
    seen = [host for host in hosts if "engine" in facts.surveys.get(host, {})]
    return next(iter([host for host in seen if host == keeper(facts)] + seen), next(iter(hosts), ""))


def shared_media(facts: Facts) -> str:
    """The directory of the media that nodes share, as that host has it; empty where each host has a volume."""
    return str(next(iter(facts.topology["media"].get(sharing(facts)) or []), ""))


def volume_of_all(facts: Facts) -> str:
    """The host on which the volume of the media is read and written that is a share; empty where each has its own.

    Docker mounts such a volume as long as a container uses it.
    """
    if shared_media(facts):
        return ""
    sharing_hosts = [host for host in node_hosts(facts) if _is_share(facts, host)]
    using = [host for host in sharing_hosts if _uses_volume(facts, host)]
    return next(iter([host for host in using if host == keeper(facts)] + using + sharing_hosts), "")


def own_volumes(facts: Facts) -> list[str]:
    """The hosts whose media are in a volume that no other host has."""
    alone = [host for host in node_hosts(facts) if not facts.topology["media"].get(host)]
    return [] if volume_of_all(facts) else alone


def _is_share(facts: Facts, host: str) -> bool:
    settings = facts.topology["media_settings"][host]
    if "media_volume" not in settings:
        return False
    name = media_volume(settings, facts.surveys.get(host, {}))
    volumes = facts.surveys.get(host, {}).get("volumes") or []
    return any(volume_is_shared(one) for one in volumes if one["name"] == name)


def _uses_volume(facts: Facts, host: str) -> bool:
    """Whether a node that runs there uses it."""
    name = media_volume(facts.topology["media_settings"][host], facts.surveys[host])
    cluster = facts.topology["cluster"]
    containers = facts.surveys[host].get("containers") or []
    return any(one["running"] and one["cluster"] == cluster and name in one["volumes"] for one in containers)


def unused_volume(facts: Facts) -> t.Iterator[Finding]:
    """The volume is a share that is mounted nowhere: an empty directory would be read, or be written to."""
    host = volume_of_all(facts)
    if host and not _uses_volume(facts, host):
        problem = "no node runs that uses the volume of the media, and Docker mounts a share as long as one does."
        yield Finding(host, problem, "Run site.yml before.")


def absent_share(facts: Facts) -> t.Iterator[Finding]:
    """Why shared media cannot be read or written: nothing would be there, or the run would wait for ever."""
    host = sharing(facts) if shared_media(facts) else ""
    yield from media_faults.silent(host, facts.surveys.get(host, {}))
    unmounted = list(media_faults.unmounted(host, facts.surveys.get(host, {})))
    yield from unmounted or media_faults.missing(host, facts.surveys.get(host, {}))
    yield from unused_volume(facts)


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
