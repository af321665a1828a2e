# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the waiting options."""

from __future__ import annotations


class ModuleDocFragment:
    """Waiting options."""

    DOCUMENTATION = r"""
options:
  wait_timeout:
    description: Seconds to wait at most. With V(0) the state is read once.
    type: float
    default: 300.0
  wait_interval:
    description: Seconds between two queries.
    type: float
    default: 5.0
"""
