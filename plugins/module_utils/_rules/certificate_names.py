# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a certificate is valid for a name. No I/O."""

from __future__ import annotations

import typing as t

from ansible_collections.wabiz.onprem.plugins.module_utils._formats.addresses import canonical, is_address


def valid_for(names: t.Iterable[str], wanted: str) -> bool:
    """Tell whether one of a certificate's names is the wanted name or address; C(*) is one whole part of a name."""
    if is_address(wanted):
        return canonical(wanted) in names
    plain = wanted.lower().rstrip(".")
    rest = plain.partition(".")[2]
    return any(name.lower() == plain or (rest and name.lower() == f"*.{rest}") for name in names)
