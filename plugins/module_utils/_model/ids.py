# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ids of containers and networks, by whose first digits the client and Docker's own lists name them."""

from __future__ import annotations

_DIGITS = 12


def short(identity: str) -> str:
    """Return the digits by which a container or a network is known."""
    return identity[:_DIGITS]
