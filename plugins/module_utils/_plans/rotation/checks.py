# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What speaks against a rotation of the database's login."""

from __future__ import annotations

import typing as t

from ansible_collections.wabiz.onprem.plugins.module_utils._plans import rotations
from ansible_collections.wabiz.onprem.plugins.module_utils._plans.rotation.situation import Situation, users_of
from ansible_collections.wabiz.onprem.plugins.module_utils._rules import host_faults
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.database_login import OTHER_PASSWORD, OTHER_USER
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.findings import Finding

Findings = t.Iterator[Finding]


def findings(found: Situation) -> Findings:
    """The old login is ended by what all hosts say, and each server has its own limits."""
    yield from rotations.findings(found.facts, found.pending, "rotation.json", users_of)
    yield from host_faults.unusable(found.facts.surveys, _servers(found.facts.topology))
    if found.asked:
        yield from _logins(found)


def _servers(topology: t.Mapping[str, t.Any]) -> list[str]:
    """The hosts of role database's own server that run no node; the others are looked at as nodes' hosts."""
    return [host for host in topology["groups"]["database"] if host not in {one["host"] for one in topology["nodes"]}]


def _logins(found: Situation) -> Findings:
    """By what the server says."""
    yield from _passwords(found)
    yield from _owner(found)
    yield from _unknown_login(found)


def _passwords(found: Situation) -> Findings:
    """Two passwords are as many as there can be at a time."""
    third = found.server.second_password and not found.server.accepts and OTHER_PASSWORD in found.found
    if third or {OTHER_PASSWORD, OTHER_USER} <= found.found:
        yield Finding(
            "",
            "A rotation to another password has begun and has not ended.",
            "Set that password again and run this playbook; then rotate to the new one.",
            variable="wabiz_database_password",
        )
    elif OTHER_PASSWORD in found.found and not found.server.accepts:
        yield from _same_user(found)


def _same_user(found: Situation) -> Findings:
    """The nodes have the wanted user, with another password."""
    if found.one_password:
        yield Finding(
            "",
            f"is {found.user}, which the nodes have too, and on this server a user has one password.",
            f"Set it to {found.other}, together with the new password.",
            variable="wabiz_database_user",
        )
    elif found.server.administered and not found.server.exists:
        problem = f"The server has no user {found.user}@%, so this user is of another's making."
        yield Finding("", problem, f"Set wabiz_database_user to {found.other}, together with the new password.")


def _owner(found: Situation) -> Findings:
    """In PostgreSQL a further user acts as the owner of the databases, with all that this one may do."""
    owner = found.server.mighty_owner
    if found.pending and found.two_users and owner:
        yield Finding(
            "",
            f"Databases of the prefix belong to {owner}, who may do more on the server than use them, and user "
            f"{found.user} would be made a member of it.",
            "As an administrator give each of them to the user that the nodes have: "
            f'ALTER DATABASE ... OWNER TO "{found.other}";',
        )


def _unknown_login(found: Situation) -> Findings:
    """Without an administrator's login the server's own administrator makes the login known."""
    if found.pending and not (found.server.administered or found.server.accepts):
        yield Finding(
            "",
            f"The database does not accept user {found.user} with wabiz_database_password yet.",
            "Have its administrator run the statements of this plan, and run this playbook again.",
        )
