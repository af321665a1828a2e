# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What speaks against a dump of databases, and against a restore; for whoever does it. No I/O."""

from __future__ import annotations

import typing as t

from ansible_collections.wabiz.onprem.plugins.module_utils._model.database_accounts import acting_as
from ansible_collections.wabiz.onprem.plugins.module_utils._model.database_dump import Manifest, release
from ansible_collections.wabiz.onprem.plugins.module_utils._model.database_names import belongs, described, grants
from ansible_collections.wabiz.onprem.plugins.module_utils._model.database_users import other
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.findings import Finding
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.room import no_room

_NAMES = {"mysql": "MySQL", "mariadb": "MariaDB", "postgresql": "PostgreSQL"}
Look = t.Mapping[str, t.Any]


def size(look: Look) -> int:
    """Bytes of all databases."""
    return sum(database["bytes"] for database in look["databases"])


def before_dump(host: str, look: Look, prefix: str, directory: str, free: int) -> t.Iterator[Finding]:
    """C(look) is how the server was found, C(free) the bytes in C(directory) of the host."""
    if not look["databases"]:
        yield Finding(host, f"the server has no {described(prefix)}.", "Check the prefix and the server.")
    yield from _too_old(host, look)
    yield from _rights(host, look, "dump", prefix)
    # What is packed is smaller; how much is known afterwards only.
    yield from no_room(host, "A dump of the databases", size(look), free, directory)


def before_restore(host: str, look: Look, manifest: Manifest, prefix: str, user: str = "") -> t.Iterator[Finding]:
    """Whether the server can take the dump that C(manifest) describes, now; C(user) is the client's, where known."""
    server = look["server"]
    dumped = f"{_NAMES.get(manifest['kind'], manifest['kind'])} {manifest['version']}"
    present = f"{_NAMES.get(server['kind'], server['kind'])} {server['version']}"
    if manifest["prefix"] != prefix:
        problem = f"the dump holds {described(manifest['prefix'])}, and {described(prefix)} were asked for."
        yield Finding(host, problem, "Choose another dump.")
    elif strangers := [name for name in manifest["databases"] if not belongs(name, prefix)]:
        problem = f"the dump holds {', '.join(strangers)}, which the client does not create; it would be replaced."
        yield Finding(host, problem, "Choose another dump.")
    if server["kind"] != manifest["kind"]:
        yield Finding(host, f"the dump is of {dumped}, the server is {present}.", "Restore it on a server of its kind.")
        return
    if release(server["kind"], server["version"]) < release(server["kind"], manifest["version"]):
        problem = f"the dump is of {dumped}, and the server, {present}, is older."
        yield Finding(host, problem, "Restore it on a server of that release or a later one.")
    yield from _too_old(host, look)
    yield from _rights(host, look, "restore", prefix)
    if not look["may_create"]:
        problem = "the user may drop the databases and not create them again."
        yield Finding(host, problem, "Give it the right to create databases (CREATEDB).")
    if look["roles"]:
        yield from _roles(host, look, manifest["owners"], user)
    used = [one for one in look["databases"] if one["sessions"] and one["name"] in manifest["databases"]]
    for one in used:
        count = f"{one['sessions']} session{'s use' if one['sessions'] > 1 else ' uses'}"
        yield Finding(host, f"{count} database {one['name']}.", "Stop what is connected to it.")


def _rights(host: str, look: Look, purpose: str, prefix: str) -> t.Iterator[Finding]:
    """MySQL: the client needs fewer rights than the programs do, and a user may have been given no others."""
    lacking = look["missing_rights"].get(purpose)
    if lacking:
        yield Finding(
            host,
            f"the database user lacks rights for a {purpose} of the databases: {', '.join(lacking)}.",
            "As an administrator: "
            + " ".join(f"GRANT ALL PRIVILEGES ON `{own}`.* TO the user's account;" for own in grants(prefix))
            + " On *.* where the server has partial_revokes.",
        )


def _roles(host: str, look: Look, owners: t.Sequence[str], user: str) -> t.Iterator[Finding]:
    """PostgreSQL: the roles of the dump are there, and the client's user may use what it holds.

    After a rotation the databases are still those of the other user of the pair.
    """
    owner = _owner_beside(owners, user)
    lacking = [role for role in owners if role not in look["roles"]]
    others = [role for role in lacking if role != owner]
    if others:
        problem = f"the server has no role {', '.join(others)}, which owns databases of the dump or has rights there."
        yield Finding(host, problem, "Create it first (CREATE ROLE).")
    if owner and (owner in lacking or [user, owner] not in look["members"]):
        yield Finding(
            host,
            f"the databases of the dump belong to role {owner}, and user {user} would have no right to them.",
            f"As an administrator: {' '.join(acting_as(user, owner, owner not in lacking))}",
        )


def _owner_beside(owners: t.Sequence[str], user: str) -> str:
    """The role that owns the databases where it is not the client's user; empty where that cannot be told."""
    if not user or user in owners:
        return ""
    return other(user) if other(user) in owners else owners[0] if len(owners) == 1 else ""


def _too_old(host: str, look: Look) -> t.Iterator[Finding]:
    """PostgreSQL's programs refuse a server that is newer than they are."""
    server = look["server"]
    programs, there = (release(server["kind"], version) for version in (look["program"], server["version"]))
    if server["kind"] == "postgresql" and programs and programs < there:
        yield Finding(
            host,
            f"pg_dump {look['program']} is older than the server, PostgreSQL {server['version']}.",
            "Install the programs of that release.",
        )
