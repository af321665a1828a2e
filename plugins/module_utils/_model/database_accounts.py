# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Users of the client on a database server, and their rights on the databases of one prefix. No I/O."""

from __future__ import annotations

import hashlib
import re
import typing as t

from ansible_collections.wabiz.onprem.plugins.module_utils._model.database_names import (
    belongs,
    created,
    grants,
)

# What the vendor's files ask for; MySQL loads it no more by itself from this version on.
_VENDORS_PLUGIN, _WITHOUT_IT = "mysql_native_password", (8, 4)
_SALT_LENGTH = 20
PLACEHOLDER = "<password>"


def mysql_account(
    server: t.Mapping[str, t.Any],
    name: str,
    password: str,
    prefix: str,
    host: str = "%",
    demands: t.Sequence[t.Mapping[str, str]] = (),
) -> dict[str, t.Any]:
    """What M(community.mysql.mysql_user) is given for a user: authentication, and rights on the prefix alone.

    C(demands) are rows of mysql.user: C(name), and how it has to encrypt (C(type), C(cipher), C(issuer), C(subject)).
    It stays so, which the module does only where it is told; a new user gets it from the other one of the rotation.

    C(server) is the result of M(community.mysql.mysql_info) with its C(version) and C(server_engine). The module's
    C(password) means mysql_native_password, on MariaDB too. A salt that is always the same makes the hash comparable.
    """
    number = (int(server["version"]["major"]), int(server["version"]["minor"]))
    native = server["server_engine"] == "MariaDB" or number < _WITHOUT_IT
    salt = hashlib.sha256(f"{prefix} {name}@{host}".encode()).hexdigest()[:_SALT_LENGTH]
    return {
        "password": password if native else None,
        "plugin": None if native else "caching_sha2_password",
        "plugin_auth_string": None if native else password,
        "salt": None if native else salt,
        "priv": {f"{name}.*": "ALL" for name in grants(prefix)},
        "tls_requires": _tls(next((row for row in demands if row["name"] == name), next(iter(demands), {}))),
    }


def _tls(demanded: t.Mapping[str, str]) -> dict[str, str | None] | None:
    """What a user has to use, as the module names it."""
    kind = demanded.get("type") or ""
    if kind == "SPECIFIED":
        return {key.upper(): demanded[key] for key in ("cipher", "issuer", "subject") if demanded[key]}
    return {{"ANY": "SSL"}.get(kind, kind): None} if kind else None


def own_databases(names: t.Iterable[str], prefix: str, others: t.Iterable[str]) -> list[str]:
    """The client's databases of a prefix, without those on which others have rights by a longer one.

    C(others) is in MySQL's notation. Another prefix may begin with this one, and its databases may have the same user.
    Without a prefix a right of others on one of the very databases counts too: two installations may claim them.
    """
    begin = [prefix] if prefix else created(prefix)
    longer = [
        _expression(one) for one in others if _plain(one).startswith(tuple(begin)) and _plain(one) != f"{prefix}%"
    ]
    return sorted(name for name in names if belongs(name, prefix) and not any(one.fullmatch(name) for one in longer))


def own_users(
    names: t.Iterable[str], prefix: str, rights: t.Iterable[t.Mapping[str, str]], administrator: str | None = None
) -> list[str]:
    """The users that are one installation's alone, and may go with it.

    C(rights) has for a C(name) each C(place), a database or MySQL's notation for some: whoever has rights on others
    than the prefix's is another's too. The administrator who does this stays.
    """
    own = {_plain(name) for name in grants(prefix)}
    wider = {
        right["name"]
        for right in rights
        if _plain(right["place"]) not in own and not belongs(_plain(right["place"]), prefix)
    }
    return [name for name in names if name not in wider and name != administrator]


def _plain(right: str) -> str:
    return re.sub(r"\\(.)", r"\1", right)


def _expression(right: str) -> re.Pattern[str]:
    """What a name in a GRANT stands for: % any text, _ any character, both themselves behind a backslash."""
    parts = re.findall(r"\\.|.", right)
    return re.compile("".join({"%": ".*", "_": "."}.get(part, re.escape(part[-1])) for part in parts))


def statements(engine: str, name: str, prefix: str, version: str = "") -> list[str]:
    """The SQL with which an administrator makes the client's user; PLACEHOLDER stands where the password belongs.

    C(engine) is mysql or postgresql, C(version) what the server says of itself, where it was heard. Names are of the
    forms that the settings allow, so that none needs an escape.
    """
    if engine == "mysql":
        return [
            f"CREATE USER '{name}'@'%' {identified(version)} '{PLACEHOLDER}';",
            *(f"GRANT ALL PRIVILEGES ON `{own}`.* TO '{name}'@'%';" for own in grants(prefix)),
        ]
    # Rights on names that do not exist yet are unknown to PostgreSQL.
    return [f"CREATE ROLE \"{name}\" LOGIN CREATEDB PASSWORD '{PLACEHOLDER}';"]


def identified(version: str) -> str:
    """How MySQL is told a password that the client can use; a server of that version may have another default."""
    plugin = "" if _other_plugin(version) else f" WITH {_VENDORS_PLUGIN}"
    return f"IDENTIFIED{plugin} BY"


def acting_as(user: str, owner: str, exists: bool) -> list[str]:
    """The SQL by which a user of PostgreSQL uses, and makes, databases that are those of C(owner)."""
    # Who acts as it may create databases only where the owner may.
    created = [] if exists else [f'CREATE ROLE "{owner}" CREATEDB;']
    return [*created, f'GRANT "{owner}" TO "{user}";', f'ALTER ROLE "{user}" SET ROLE TO "{owner}";']


def _other_plugin(version: str) -> bool:
    """Whether the server does not know the vendor's plugin, or not by these words, as MariaDB."""
    numbers = re.match(r"(\d+)\.(\d+)", version)
    newer = numbers is not None and (int(numbers[1]), int(numbers[2])) >= _WITHOUT_IT
    return newer or "mariadb" in version.lower()
