# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the authentication options that all API modules share."""

from __future__ import annotations


class ModuleDocFragment:
    """Authentication options."""

    DOCUMENTATION = r"""
options:
  api_key:
    description:
      - The webapps' C(WA_API_KEY).
      - It opens health, statistics and metrics only, there even before the first login. Preferred where it suffices.
    type: str
  token:
    description:
      - Token of an earlier login, for example by M(wabiz.onprem.token). It is valid for 7 days.
      - Preferred over O(username) and O(password).
    type: str
  username:
    description:
      - User to log in with. Nearly all calls need the account V(admin).
      - The module logs in at most once, and logs out at its end.
    type: str
  password:
    description: Password of O(username).
    type: str
"""
