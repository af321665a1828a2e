# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The statements for the administrator of a server where the collection is none. They hold no password."""

from __future__ import annotations

from ansible_collections.wabiz.onprem.plugins.module_utils._model.database_accounts import (
    acting_as,
    identified,
)
from ansible_collections.wabiz.onprem.plugins.module_utils._model.database_names import grants
from ansible_collections.wabiz.onprem.plugins.module_utils._model.database_users import first, other

NEW = "'<new password>'"


def beginning(engine: str, user: str, prefix: str, two_users: bool, version: str) -> list[str]:
    """After these the old login and the new one work. They may be run twice, but for the first one of two passwords.

    C(version) is what the server says of itself. A user that gets a second password keeps its plugin.
    """
    if engine == "postgresql":
        return _role(user)
    if not two_users:
        return [f"ALTER USER {_account(user)} IDENTIFIED BY {NEW} RETAIN CURRENT PASSWORD;"]
    return [
        f"CREATE USER IF NOT EXISTS {_account(user)} {identified(version)} {NEW};",
        f"ALTER USER {_account(user)} {identified(version)} {NEW} ACCOUNT UNLOCK;",
        *(f"GRANT ALL PRIVILEGES ON `{name}`.* TO {_account(user)};" for name in grants(prefix)),
    ]


def ending(engine: str, user: str, two_users: bool) -> list[str]:
    """After these the old login works no more."""
    if engine == "postgresql":
        return [f'ALTER ROLE "{other(user)}" NOLOGIN;']
    if two_users:
        return [f"ALTER USER {_account(other(user))} ACCOUNT LOCK;"]
    return [f"ALTER USER {_account(user)} IDENTIFIED BY {NEW};", f"ALTER USER {_account(user)} DISCARD OLD PASSWORD;"]


def _account(user: str) -> str:
    return f"'{user}'@'%'"


def _role(user: str) -> list[str]:
    """What either user creates belongs to the first one, unless the cluster began with the other."""
    owner = first(user)
    if user == owner:
        return [
            f'CREATE ROLE "{user}"; -- unless it exists',
            f'-- only where "{other(user)}" owns the databases: {" ".join(acting_as(user, other(user), exists=True))}',
            f'ALTER ROLE "{user}" LOGIN PASSWORD {NEW};',
        ]
    return [
        f'CREATE ROLE "{user}"; -- unless it exists',
        *acting_as(user, owner, exists=True),
        f'ALTER ROLE "{user}" LOGIN PASSWORD {NEW};',
    ]
