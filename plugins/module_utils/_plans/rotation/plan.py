# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plan of a rotation of the database's login: the new one works, the nodes get it, the old one ends."""

from __future__ import annotations

import typing as t

from ansible_collections.wabiz.onprem.plugins.module_utils._plans import table
from ansible_collections.wabiz.onprem.plugins.module_utils._plans.facts import Facts
from ansible_collections.wabiz.onprem.plugins.module_utils._plans.rotation import sql
from ansible_collections.wabiz.onprem.plugins.module_utils._plans.rotation.checks import findings
from ansible_collections.wabiz.onprem.plugins.module_utils._plans.rotation.situation import Server, Situation
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.findings import judgement

COLUMNS = ("step", "what", "where")
NOTHING = "Nothing to do: every node has the database login of the inventory."
# What is done at the server: a second password for the wanted user, or another user.
PASSWORD, USER = "password", "user"


def plan(facts: Facts) -> dict[str, t.Any]:
    """The plan as data, by what was found at this moment; `text` is its rendering.

    `begin` is how the wanted login is made to work beside the old one, `end` what is ended when no node needs it any
    more, `pending` how many nodes still do. Without an administrator's login both are empty, and `sql` has the
    statements for whoever has one.
    """
    found = Situation(facts, Server(**facts.database))
    judged = judgement(findings(found))
    needed = bool(found.pending or facts.record is not None)
    steps = [*_beginning(found), *_replacements(found), *_ending(found)] if needed and found.asked else []
    result: dict[str, t.Any] = {
        "needed": needed,
        "user": found.user,
        "other": found.other,
        "nodes": len(found.logins),
        "pending": len(found.pending),
        "begin": _begin(found),
        "end": _end(found) if needed else [],
        "record": {"users": sorted({found.user, found.other} if found.two_users else {found.user})},
        "sql": _sql(found) if needed and found.asked and not found.server.administered else {},
        "steps": [{"step": number, **step} for number, step in enumerate(steps, 1)],
        **judged,
    }
    return {**result, "text": render(result)}


def _begin(found: Situation) -> str:
    """A second password is given once: given twice it would replace the first one, which nodes still use."""
    if not (found.pending and found.server.administered):
        return ""
    if found.two_users:
        return USER
    return "" if found.server.accepts else PASSWORD


def _end(found: Situation) -> list[str]:
    """The other user's login is only ended where it is known to be the cluster's."""
    if not found.server.administered:
        return []
    ends = {
        PASSWORD: found.server.second_password or _begin(found) == PASSWORD,
        USER: found.two_users and found.server.other_user,
    }
    return [kind for kind, due in ends.items() if due]


def _beginning(found: Situation) -> t.Iterator[dict[str, str]]:
    if not found.pending or (found.server.accepts and not _begin(found)):
        return
    beside = f"user {found.user} beside {found.other}" if found.two_users else f"user {found.user} two passwords"
    what = f"let {beside} log in" if found.two_users else f"give {beside}, the old and the new one"
    yield _step(what, _server(found))


def _replacements(found: Situation) -> t.Iterator[dict[str, str]]:
    for container in found.pending:
        yield _step(f"replace {container['name']}", container["host"])


def _ending(found: Situation) -> t.Iterator[dict[str, str]]:
    whats = {
        PASSWORD: f"end the old password of user {found.user}",
        USER: f"end the login of user {found.other}",
    }
    kinds = _end(found) if found.server.administered else [USER if found.two_users else PASSWORD]
    for kind in kinds:
        yield _step(whats[kind], _server(found))


def _server(found: Situation) -> str:
    return "the database" if found.server.administered else "the database, by its administrator"


def _step(what: str, where: str) -> dict[str, str]:
    return {"what": what, "where": where}


def _sql(found: Situation) -> dict[str, list[str]]:
    prefix = str(found.facts.setting("database_prefix"))
    due = found.pending and not found.server.accepts
    return {
        "begin": sql.beginning(found.engine, found.user, prefix, found.two_users, found.server.version) if due else [],
        "end": sql.ending(found.engine, found.user, found.two_users),
    }


# --- how it is shown ------------------------------------------------------------------------------------------------


def render(found: t.Mapping[str, t.Any]) -> list[str]:
    """The plan as lines of text."""
    if not found["needed"]:
        return [NOTHING]
    head = f"Database login: user {found['user']}; {found['pending']} of {found['nodes']} nodes have another login."
    lines = [head, "", *table.render(COLUMNS, found["steps"])]
    titles = {"begin": "before a node is replaced", "end": "after the last node"}
    for when, statements in found["sql"].items():
        if statements:
            lines += ["", f"Statements for the administrator of the database, {titles[when]}:"]
            lines += [f"    {statement}" for statement in statements]
    lines += [f"Warning: {text}" for text in found["warnings"]]
    return [*lines, *(f"Refused: {text}" for text in found["refusals"])]
