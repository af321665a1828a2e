# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The labels that everything of ours carries, on every container, network and volume."""

from __future__ import annotations

CLUSTER = "org.wabiz.cluster"
NODE = "org.wabiz.node"
VERSION = "org.wabiz.version"
# A digest of the options that a site has added; none where it has added none.
OPTIONS = "org.wabiz.options"


def whose(owner: str, ours: str) -> str:
    """Whose something is, as the end of a sentence; C(owner) is its label, empty where it has none."""
    if owner:
        return f"belongs to cluster {owner}, not to {ours}"
    return f"was not created by this collection: it has no label {CLUSTER}"
