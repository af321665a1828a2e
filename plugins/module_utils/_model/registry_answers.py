# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Why a registry gives no image, by the words of the engine that asked it."""

from __future__ import annotations

import re

# The first that is found counts: Docker says "denied, or does not exist" where it was not told which.
_CAUSES = {
    "helper": r"docker-credential-|credentials store error",
    "login": (
        r"unauthorized|no basic auth credentials|(?<!proxy )authentication required|(?<!permission )denied"
        r"|\b403 (client error|forbidden)"
    ),
    "untrusted": r"x509|HTTP response to HTTPS client",
    "missing": r"manifest unknown|name unknown|no matching manifest|: not found|repository does not exist",
}


def cause(said: str) -> str:
    """C(helper), C(login), C(untrusted) or C(missing), which are the same at the next try; empty for anything else."""
    return next((name for name, words in _CAUSES.items() if re.search(words, said, re.IGNORECASE)), "")
