# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a rotation of the database's login stands: what the nodes use, and what the server accepts."""

from __future__ import annotations

import json
import typing as t
from dataclasses import dataclass
from functools import cached_property

from ansible_collections.wabiz.onprem.plugins.module_utils._formats.unfit import Unfit
from ansible_collections.wabiz.onprem.plugins.module_utils._model.database_users import other
from ansible_collections.wabiz.onprem.plugins.module_utils._model.topology import SERVICES
from ansible_collections.wabiz.onprem.plugins.module_utils._plans.facts import Facts
from ansible_collections.wabiz.onprem.plugins.module_utils._rules import host_faults
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.database_login import OTHER_USER, WANTED, login


@dataclass(frozen=True)
class Server:
    """What the database server says. Without an administrator's login only C(accepts) and C(version) are known.

    `accepts` is whether the wanted login works, `exists` whether the wanted user is there, `two_passwords` whether a
    user can have two and `second_password` whether this one has, `other_user` whether the other user of the pair may
    log in, `mighty_owner` a superuser, or one who may create users, that owns databases and is none of the pair,
    `version` what the server says of itself.
    """

    administered: bool = False
    accepts: bool = False
    exists: bool = False
    two_passwords: bool = False
    second_password: bool = False
    other_user: bool = False
    mighty_owner: str = ""
    version: str = ""


@dataclass(frozen=True)
class Situation:
    """The cluster's nodes and its server, against the login that the inventory wants."""

    facts: Facts
    server: Server

    @property
    def user(self) -> str:
        return str(self.facts.setting("database_user"))

    @property
    def other(self) -> str:
        return other(self.user)

    @property
    def asked(self) -> bool:
        """Whether the database was asked, from these hosts; not where a limit leaves one of them out."""
        topology = self.facts.topology
        places = [topology["keeper"], *topology["groups"]["database"]]
        return not any(host_faults.unseen(self.facts.surveys, places))

    @property
    def one_password(self) -> bool:
        """Whether a user has one password, as far as is known: MySQL has two from 8.0.14 on."""
        known = self.engine != "mysql" or self.server.administered
        return known and not self.server.two_passwords

    @property
    def engine(self) -> str:
        return str(self.facts.setting("database_engine"))

    @cached_property
    def logins(self) -> list[tuple[dict[str, t.Any], str]]:
        """Each node's container with its login (_rules/database_login.py), in the order in which nodes are replaced."""
        containers = [item for item in self.facts.observed.containers if item["database"]]
        containers.sort(key=lambda item: SERVICES.index(item["node"]))
        return [(item, login(self.facts.settings, item["database"])) for item in containers]

    @property
    def pending(self) -> list[dict[str, t.Any]]:
        """Containers that do not have the wanted login yet."""
        return [item for item, found in self.logins if found != WANTED]

    @property
    def found(self) -> set[str]:
        """The kinds of login that these have."""
        return {found for _item, found in self.logins} - {WANTED}

    @cached_property
    def noted(self) -> list[str]:
        """The users of a rotation that has begun and not ended; none where its record cannot be read."""
        try:
            return users_of(self.facts.record)
        except Unfit:
            return []

    @property
    def two_users(self) -> bool:
        """Whether the other user of the pair is the cluster's: a node has it, or a rotation has made it."""
        return OTHER_USER in self.found or self.other in self.noted


def users_of(record: str | None) -> list[str]:
    """The users that a rotation's record names; none where there is no record. Raises Unfit."""
    if record is None:
        return []
    try:
        users = json.loads(record)["users"]
    except (ValueError, LookupError, TypeError, RecursionError):
        users = None
    if not isinstance(users, list):
        raise Unfit("is no record of a rotation.", "Remove it, and run this playbook again.")
    return [str(user) for user in users]
