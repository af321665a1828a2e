# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of what the planning filters are told about a cluster."""

from __future__ import annotations


class ModuleDocFragment:
    """Inventory, hosts, health, shards and settings."""

    DOCUMENTATION = r"""
options:
  _input:
    description: Result of M(wabiz.onprem.preflight).
    type: dict
    required: true
  reports:
    description: Results of M(wabiz.onprem.host_info), by host.
    type: dict
    required: true
  health:
    description: Result of M(wabiz.onprem.health_info), a failed one as well.
    type: dict
    required: true
  shards:
    description: The number of shards now.
    type: int
  settings:
    description: The application settings.
    type: dict
"""
