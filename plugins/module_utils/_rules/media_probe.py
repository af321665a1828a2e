# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether all containers have the same media, by what M(wabiz.onprem.media_probe) found on each host. No I/O."""

from __future__ import annotations

import typing as t

from ansible_collections.wabiz.onprem.plugins.module_utils._model.media import PLACE, is_shared
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.findings import Finding

Report = t.Mapping[str, t.Any]
# Host and container.
Node = tuple[str, str]
Nodes = dict[Node, Report]

_ROOT = "0"


def probe_faults(reports: t.Mapping[str, Report]) -> t.Iterator[Finding]:
    """A finding for each container that cannot write or read, and for each group of them with media of its own."""
    nodes: Nodes = {
        (host, one["name"]): one for host, report in reports.items() for one in report.get("containers") or []
    }
    yield from _refused(nodes, {host for host, report in reports.items() if report.get("selinux")})
    writing = {node: one for node, one in nodes.items() if not one["problem"] and not one.get("read_problem")}
    yield from _apart(writing)
    yield from _unreadable(writing)


# --- what one container cannot do -------------------------------------------------------------------------------------


def _refused(nodes: Nodes, enforcing: t.Collection[str]) -> t.Iterator[Finding]:
    """One finding for all containers of a host that cannot do the same for the same reason."""
    names: dict[tuple[str, str, str], list[str]] = {}
    for (host, name), one in nodes.items():
        if one["problem"]:
            said = str(one["reason"])
            said = (said.rpartition(": ")[2] if one["problem"] == "write" else said).rstrip(".")
            why, remedy = _why(one, said.lower(), host in enforcing)
            problem = f"cannot write to its media ({PLACE}): {said}{f'; {why}' if why else ''}."
        elif one.get("read_problem"):
            problem, remedy = f"cannot read its media ({PLACE}): {one['read_reason']}.", _remedy_of_silence(one)
        else:
            continue
        names.setdefault((host, problem, remedy), []).append(name)
    for (host, problem, remedy), found in names.items():
        yield Finding(host, f"{', '.join(found)} {problem}", remedy)


def _why(one: Report, said: str, selinux: bool) -> tuple[str, str]:
    """The cause as far as it can be told, and what helps."""
    owner, _blank, mode = str(one.get("directory") or "").partition(" ")
    belongs = f"the directory belongs to user {owner} and has mode {mode}" if owner else ""
    nfs = str((one.get("mount") or {}).get("fstype", "")).startswith("nfs")
    if one["problem"] == "silent":
        return "", _remedy_of_silence(one)
    if "read-only" in said:
        return "", "Export the share for reading and writing, and mount it so (rw)."
    if "no space" in said or "quota" in said:
        return "the share is full", "Free space there; module media_gc removes media that are no longer used."
    if "stale" in said:
        return "what was mounted is no longer there", "Mount the share again, then restart the container."
    if "denied" in said or "not permitted" in said:
        if one.get("user") == _ROOT and nfs:
            return (
                ", ".join(filter(None, ("the server does not let root write (root_squash)", belongs))),
                "Export it with no_root_squash, or give the directory on the server to the user that root becomes.",
            )
        if selinux:
            return (
                "SELinux may refuse it",
                "Allow it: for NFS setsebool -P virt_use_nfs on, for a directory chcon -Rt container_file_t.",
            )
        return belongs, f"Let user {one.get('user') or _ROOT} write there."
    return belongs, "See that the container runs and that the share answers, then repeat it."


def _remedy_of_silence(one: Report) -> str:
    source = (one.get("mount") or {}).get("source", "")
    return f"Check the server of the share{f' ({source})' if source else ''} and the network to it."


# --- who sees whom ----------------------------------------------------------------------------------------------------


def _apart(nodes: Nodes) -> t.Iterator[Finding]:
    """Containers that do not see what the others write: all but the largest group that sees each other's files."""
    groups = _groups(nodes)
    share = max(groups, key=lambda group: (any(_on_share(nodes[node]) for node in group), len(group)), default=[])
    for group in groups:
        if group is not share:
            yield Finding(
                ", ".join(dict.fromkeys(host for host, _name in group)),
                f"{_names(group)} and {_names(share, hosts=True)} do not see each other's media: "
                f"{_mounts(nodes, group)} here, {_mounts(nodes, share)} there.",
                "Mount the same share on both, then restart the containers that were started without it.",
            )
        writers = {nodes[node]["file"]: node for node in group}
        for host, name in group:
            late = [writers[file] for file in nodes[host, name].get("missing") or () if file in writers]
            if late:
                yield Finding(
                    host,
                    f"{name} does not see the files of {_names(late, hosts=True)}, though others do.",
                    "Check the mount options: caches of a share may hide new files (lookupcache, actimeo).",
                )


def _groups(nodes: Nodes) -> list[list[Node]]:
    """Containers that see each other's files, in the order in which they are named."""
    groups: list[list[Node]] = []
    for node, one in nodes.items():
        joined = [group for group in groups if any(_see_each_other(one, nodes[other]) for other in group)]
        rest = [group for group in groups if group not in joined]
        groups = [*rest, [*(member for group in joined for member in group), node]]
    return groups


def _see_each_other(one: Report, other: Report) -> bool:
    return not {one["file"], other["file"]} & {*(one.get("missing") or ()), *(other.get("missing") or ())}


def _unreadable(nodes: Nodes) -> t.Iterator[Finding]:
    """A file that is there cannot be read: it belongs to a user of another host, for example."""
    writers = {one["file"]: node for node, one in nodes.items()}
    for (host, name), one in nodes.items():
        of = [writers[file] for file in one.get("unreadable") or () if file in writers]
        if of:
            yield Finding(
                host,
                f"{name} sees the files of {_names(of, hosts=True)} and cannot read them.",
                "Check by which users the containers run, and what the server makes of these (squash, idmap).",
            )


def _on_share(one: Report) -> bool:
    return is_shared((one.get("mount") or {}).get("fstype", ""))


def _mounts(nodes: Nodes, group: list[Node]) -> str:
    found = [nodes[node].get("mount") or {} for node in group]
    listed = [f"{one['fstype']} {one['source']}" for one in found if one]
    return ", ".join(dict.fromkeys(listed)) or "an unknown mount"


def _names(group: list[Node], hosts: bool = False) -> str:
    """Containers by name, behind those of other hosts the host."""
    return ", ".join(dict.fromkeys(f"{name} on {host}" if hosts else name for host, name in group))
