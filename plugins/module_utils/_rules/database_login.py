# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""With which login a node asks the database, against the one that the inventory wants."""

from __future__ import annotations

import typing as t

from ansible_collections.wabiz.onprem.plugins.module_utils._formats.fingerprint import matches
from ansible_collections.wabiz.onprem.plugins.module_utils._model.database_users import other

# The wanted one; the wanted user's with another password; the other one of the pair; a user that is none of the two.
WANTED, OTHER_PASSWORD, OTHER_USER, FOREIGN = "wanted", "other password", "other user", "foreign"


def login(settings: t.Mapping[str, t.Any], has: t.Mapping[str, t.Any]) -> str:
    """C(has) is what host_info says of the container's database. What was not read is not compared."""
    user, password = settings.get("database_user"), settings.get("database_password")
    if user is not None and has["user"] != user:
        return OTHER_USER if has["user"] == other(user) else FOREIGN
    if password is not None and not matches(password, has["password_digest"]):
        return OTHER_PASSWORD
    return WANTED
