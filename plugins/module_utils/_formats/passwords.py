# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The client's rules for user names and passwords. Pure functions."""

from __future__ import annotations

import re
import string

from ansible_collections.wabiz.onprem.plugins.module_utils._formats.unfit import Unfit

_SPECIAL = frozenset("!\"#$%&'()*+,-./:;<=>?@[]^_`{|}~\\")


# What a header can carry: printable ASCII, without a space at either end.
_HEADER_VALUE = re.compile(r"[!-~](?:[ -~]*[!-~])?")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def check_secret(option: str, value: str, *, header: bool = False) -> None:
    """Raise Unfit, which names the option and not the value, for a secret that cannot be meant or cannot be sent."""
    if value.endswith(("\n", "\r")):
        raise Unfit(
            f"{option} ends with a line break.",
            "Take it off. In YAML a value written with | ends with one, with |- it does not.",
        )
    if _CONTROL.search(value):
        raise Unfit(f"{option} holds a line break or another control character.", "Take it out.")
    if any("\ud800" <= char <= "\udfff" for char in value):
        raise Unfit(f"{option} is not text in UTF-8.", "Check the encoding of the file that it comes from.")
    if header and not _HEADER_VALUE.fullmatch(value):
        raise Unfit(
            f"{option} holds a character that a header cannot carry.",
            "It consists of letters, digits and other printable ASCII characters, with no space at its ends.",
        )


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
    """Raise Unfit for a password that the client would not accept."""
    faults = password_faults(password)
    if faults:
        raise Unfit(f"the new password does not have {', '.join(faults)}.", "Choose another one.")


def check_username(username: str) -> None:
    """Raise Unfit for a user name that the client would not accept, or that Basic authentication cannot carry."""
    if not 4 <= len(username) <= 32:
        raise Unfit(f"the user name '{username}' does not have 4 to 32 characters.", "Choose another one.")
    if ":" in username:
        raise Unfit(
            f"the user name '{username}' holds a colon.", "A login with it is not possible; choose another one."
        )
