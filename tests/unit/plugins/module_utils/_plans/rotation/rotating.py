# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A server, nodes and the record as they are during a rotation, and a run that walks the plan's steps one by one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from unittest import mock

from ansible_collections.wabiz.onprem.plugins.module_utils._formats import fingerprint
from ansible_collections.wabiz.onprem.plugins.module_utils._model.database_users import other
from ansible_collections.wabiz.onprem.plugins.module_utils._plans.facts import Facts
from ansible_collections.wabiz.onprem.plugins.module_utils._plans.rotation.plan import plan

SERVICES = {"web1": "webapp", "web2": "webapp", "master1": "master", "core1": "coreapp", "core2": "coreapp"}
NODES = [
    {"host": host, "service": service, "name": f"wabiz-{service}-1", "address": host}
    for host, service in SERVICES.items()
]
Login = tuple[str, str]


@cache
def quick_digest(password: str) -> str:
    """A fingerprint that is judged without delay."""
    with mock.patch.object(fingerprint, "ITERATIONS", 1):
        return fingerprint.digest(password, b"salt")


@dataclass
class User:
    """A user of the server: its passwords (the second one may be none), whether it may log in and has rights."""

    first: str
    second: str | None = None
    enabled: bool = True
    rights: bool = True

    def accepts(self, password: str) -> bool:
        return self.enabled and password in (self.first, self.second)


@dataclass
class World:
    """What outlives a run that is killed. ``engine`` is mysql or postgresql, ``two_passwords`` is MySQL 8.0.14's."""

    engine: str
    two_passwords: bool
    users: dict[str, User]
    nodes: dict[str, Login | None]
    record: str | None = None
    administered: bool = True

    def works(self, login: Login) -> bool:
        """Whether a node serves with this login: the server accepts it, and it has its rights."""
        user = self.users.get(login[0])
        return user is not None and user.accepts(login[1]) and user.rights

    def whole(self) -> bool:
        """Whether each node that runs has a login that works."""
        return all(self.works(login) for login in self.nodes.values() if login)

    def facts(self, wanted: Login) -> Facts:
        user = self.users.get(wanted[0])
        second = self.users.get(other(wanted[0]))
        says = {
            "administered": self.administered,
            "accepts": user is not None and user.accepts(wanted[1]),
        }
        if self.administered:
            says |= {
                "exists": user is not None,
                "two_passwords": self.two_passwords,
                "second_password": user is not None and user.second is not None,
                "other_user": second is not None and second.enabled,
            }
        return Facts(
            topology={"cluster": "wabiz", "nodes": NODES, "keeper": "web1", "groups": {"database": []}},
            settings={
                "database_engine": self.engine,
                "database_user": wanted[0],
                "database_password": wanted[1],
                "database_prefix": "wabiz_",
            },
            surveys={host: {"engine": {"running": True}, "containers": self._containers(host)} for host in SERVICES},
            snapshot={},
            today="2026-01-01",
            record=self.record,
            database=says,
        )

    def _containers(self, host: str) -> list[dict[str, Any]]:
        login = self.nodes[host]
        if login is None:
            return []
        service = SERVICES[host]
        has = {"user": login[0], "password_digest": quick_digest(login[1])}
        return [{"name": f"wabiz-{service}-1", "id": host, "cluster": "wabiz", "node": service, "database": has}]


def new_world(kind: str, login: Login) -> World:
    """A cluster whose nodes have this login; ``kind`` is mysql, mariadb or postgresql."""
    engine = "postgresql" if kind == "postgresql" else "mysql"
    return World(engine, kind == "mysql", {login[0]: User(login[1])}, dict.fromkeys(SERVICES, login))


@dataclass
class Run:
    """One run of the playbook; ``steps`` stops after each change, where it may be killed."""

    world: World
    wanted: Login
    refusals: list[str] = field(default_factory=list)

    def steps(self) -> Iterator[str]:
        first = plan(self.world.facts(self.wanted))
        self.refusals = first["refusals"]
        if self.refusals or not first["needed"]:
            return
        self.world.record = json.dumps(first["record"])
        yield "record"
        yield from self._begin(first["begin"])
        for host, login in self.world.nodes.items():
            if login != self.wanted:
                self.world.nodes[host] = None
                yield f"{host} removed"
                self.world.nodes[host] = self.wanted
                yield f"{host} runs"
        last = plan(self.world.facts(self.wanted))
        assert (last["pending"], last["refusals"]) == (0, [])
        yield from self._end(last["end"])
        self.world.record = None
        yield "no record"

    def _begin(self, how: str) -> Iterator[str]:
        name, password = self.wanted
        users = self.world.users
        if how == "password":
            users[name].second, users[name].first = users[name].first, password
            yield "second password"
        elif how == "user":
            # As the modules do: the user first, and what it may in further statements.
            users.setdefault(name, User(password, rights=False)).first = password
            yield "user"
            users[name].rights = True
            yield "rights"
            users[name].enabled = True
            yield "enabled"

    def _end(self, kinds: list[str]) -> Iterator[str]:
        name, password = self.wanted
        if "password" in kinds:
            self.world.users[name].first = password
            yield "first password"
            self.world.users[name].second = None
            yield "no second password"
        if "user" in kinds:
            self.world.users[other(name)].enabled = False
            yield "other user"
