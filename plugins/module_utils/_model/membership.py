# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which hosts have a service where a role is used in a user's own play. No I/O."""

from __future__ import annotations

import typing as t


def joined(groups: t.Mapping[str, list[str]], role: str, host: str, played: t.Sequence[str]) -> dict[str, list[str]]:
    """The groups with the hosts of a play (C(played)) that uses a role, as C(host) of the play sees them.

    The host itself has the service. So have all hosts of the play where the inventory names none, else those that it
    names in no group of the cluster: a play may use the role on some of its hosts only.
    """
    named = {name for hosts in groups.values() for name in hosts}
    there = list(groups.get(role, []))
    new = [name for name in played if name not in there and (name == host or not there or name not in named)]
    return {**groups, role: there + new}
