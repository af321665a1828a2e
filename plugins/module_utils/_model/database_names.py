# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which databases of a server are one installation's, by its prefix. No I/O.

Whatever lists, dumps, drops or grants asks here. The prefix may be empty, as the vendor's files set none. Every name
begins with an empty one, so exact names count then. A prefix that was not read (None) is an error, not an empty one.
"""

from __future__ import annotations

import re

# What the client creates behind its prefix.
CREATED = ("waent", "waweb")
# How a site writes that there is no prefix: a blank value means that it is not given.
NO_PREFIX = "none"


def prefix_of(word: str) -> str:
    """The prefix that a site's word means."""
    return "" if word == NO_PREFIX else word


def word_of(prefix: str) -> str:
    """The word with which a site says it."""
    return prefix or NO_PREFIX


def described(prefix: str) -> str:
    """The installation's databases, for a sentence."""
    return f"databases of prefix {prefix}" if prefix else f"databases without a prefix ({' and '.join(CREATED)})"


def created(prefix: str) -> list[str]:
    """The databases that the client is known to create."""
    return [prefix + name for name in CREATED]


def expression(prefix: str) -> str:
    """A regular expression for the name of each database that may be the client's.

    With a prefix also those that a later version may create; a prefix that begins alike has one more _.
    """
    return "|".join(CREATED) if prefix == "" else re.escape(prefix) + "wa[a-z0-9]*"


def belongs(database: str, prefix: str) -> bool:
    """Whether a database of that name is the installation's."""
    return re.fullmatch(expression(prefix), database) is not None


def grants(prefix: str) -> list[str]:
    """What the installation's user has rights on, as MySQL's GRANT writes it; a plain _ would be any character."""
    return list(CREATED) if prefix == "" else [prefix.replace("_", r"\_") + "%"]
