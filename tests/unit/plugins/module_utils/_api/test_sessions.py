# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a session tells its module to keep out of all output."""

from __future__ import annotations

from ansible_collections.wabiz.onprem.plugins.module_utils._api.sessions import open_session


def test_the_passwords_in_addresses_are_remembered() -> None:
    remembered: set[str] = set()
    given = {
        "endpoints": ["https://web1.example.net:9090"],
        "proxy": "http://me:canary%2Fproxy@proxy.example.net:3128",
        "retries": 0,
        "retry_delay": 0.0,
    }
    open_session(given, remembered.add)
    assert remembered == {"canary%2Fproxy", "canary/proxy"}
