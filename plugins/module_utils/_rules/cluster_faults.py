# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What may be wrong with a cluster, by what its API says; worded once for all who ask, with playbooks or without."""

from __future__ import annotations

import typing as t

from ansible_collections.wabiz.onprem.plugins.module_utils._rules.findings import Finding

START_CLUSTER = "Start webapps, masters and coreapps with WA_APP_MULTICONNECT=1, and no single-instance container."
REGISTER = "Register the phone number."
SECOND_CLUSTER = "A second cluster on this number would get it banned; find it first."


def single_instance() -> Finding:
    """A client that shares nothing with others."""
    return Finding("", "This is a single instance, not a cluster.", START_CLUSTER)


def registration_unknown(reason: str) -> Finding:
    """As long as the primary master is not ready."""
    return Finding(
        "",
        f"The API does not report whether a number is registered: {reason.rstrip('.')}.",
        "It may still be starting; if that does not change, check the masters' logs.",
    )


def unregistered(fatal: bool = True) -> Finding:
    """Without a number no shard is served."""
    return Finding("", "No phone number is registered.", REGISTER, fatal=fatal)


def connected_for(connected: int, shards: int) -> t.Iterator[Finding]:
    """Each shard is served by one coreapp."""
    if connected != shards:
        remedy = SECOND_CLUSTER if connected > shards else "Wait until a failover or restart is over."
        yield Finding("", f"{connected} coreapps are connected for {shards} shards.", remedy)


def no_standby() -> Finding:
    """As many coreapps as shards."""
    problem = "There is no standby: a coreapp that fails takes its shard out of service."
    return Finding("", problem, "Add a coreapp to survive the loss of one.", fatal=False)


def many_masters() -> Finding:
    """Only one of them works at a time."""
    return Finding("", "More than three masters have no benefit.", "Remove some.", fatal=False)
