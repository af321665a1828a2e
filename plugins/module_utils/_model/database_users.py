# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The two names of a cluster's database user: where a user has one password, a rotation changes between them."""

from __future__ import annotations

_SECOND = "_b"


def first(user: str) -> str:
    """The one of the two that owns what the cluster has in the database."""
    return user.removesuffix(_SECOND) or user


def other(user: str) -> str:
    """The one that a rotation changes to."""
    return f"{user}{_SECOND}" if user == first(user) else first(user)
