# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The client's rules for user names and passwords. Pure functions."""

from __future__ import annotations

import string

from ansible_collections.wabiz.onprem.plugins.module_utils.errors import Refusal

_SPECIAL = frozenset("!\"#$%&'()*+,-./:;<=>?@[]^_`{|}~\\")


def password_faults(password: str) -> list[str]:
    """Return the rules that a password breaks, never the password itself."""
    rules = (
        (8 <= len(password) <= 64, "8 to 64 characters"),
        (any(char in string.digits for char in password), "a digit"),
        (any(char in string.ascii_uppercase for char in password), "an upper-case letter"),
        (any(char in string.ascii_lowercase for char in password), "a lower-case letter"),
        (any(char in _SPECIAL for char in password), "a special character"),
    )
    return [rule for holds, rule in rules if not holds]


def check_password(password: str) -> None:
    """Raise Refusal for a password that the client would not accept."""
    faults = password_faults(password)
    if faults:
        raise Refusal(f"the new password does not have {', '.join(faults)}", remedy="Choose another one.")


def check_username(username: str) -> None:
    """Raise Refusal for a user name that the client would not accept, or that Basic authentication cannot carry."""
    if not 4 <= len(username) <= 32:
        raise Refusal(f"the user name '{username}' does not have 4 to 32 characters", remedy="Choose another one.")
    if ":" in username:
        raise Refusal(
            f"the user name '{username}' holds a colon", remedy="Nobody could log in with it; choose another one."
        )
