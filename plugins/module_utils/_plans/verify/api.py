# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What verify.yml judges by what the API says."""

from __future__ import annotations

from dataclasses import replace

from ansible_collections.wabiz.onprem.plugins.module_utils._model.health import from_report
from ansible_collections.wabiz.onprem.plugins.module_utils._plans.verify.look import CLUSTER, Findings, Look
from ansible_collections.wabiz.onprem.plugins.module_utils._rules import inventory_faults
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.expectation import Expectation, evaluate
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.findings import Finding


def health(look: Look) -> Findings:
    """The gate of all playbooks: one primary master, every node there, no errors, each shard served."""
    said = look.facts.health
    if not said.get("nodes"):
        yield _of_all(inventory_faults.silent(str(said.get("msg") or "it lists no node")))
        return
    counts = look.facts.topology["counts"]
    wanted = Expectation(
        masters=counts["master"],
        coreapps=counts["coreapp"],
        shards=look.facts.setting("shards") if look.facts.shards is None else look.facts.shards,
        max_errors=len(look.cluster.ghosts) if look.whole else 0,
    )
    for unmet in evaluate(from_report(said), wanted):
        yield replace(unmet, where=CLUSTER, problem=f"{unmet.where}: {unmet.problem}")


def _of_all(finding: Finding) -> Finding:
    """A finding without a place, with one."""
    return replace(finding, where=CLUSTER, problem=finding.problem[:1].lower() + finding.problem[1:])


def roles(look: Look) -> Findings:
    """Every master and coreapp that runs is a node of the cluster, by its container."""
    said = look.facts.health.get("nodes") or []
    known = {node["container_id"] for node in said}
    for node, container in look.nodes:
        if said and container.get("running") and node["service"] != "webapp" and container["id"] not in known:
            yield Finding(
                node["host"],
                f"{node['name']} runs, but is not in the health of the cluster.",
                f"See: docker logs {node['name']}; check that it uses the same database.",
            )


def others(look: Look) -> Findings:
    """Nodes that the cluster names and no host runs."""
    if not look.whole:
        return
    yield from map(_of_all, inventory_faults.foreign(look.cluster.foreign))
    if look.cluster.ghosts:
        yield Finding(
            CLUSTER,
            f"removed nodes are still listed: {', '.join(look.cluster.ghosts)}.",
            "They disappear after some minutes.",
            fatal=False,
        )


def registration(look: Look) -> Findings:
    """A number is registered, and the cluster has as many shards as the inventory wants."""
    registered, wanted = look.cluster.summary.get("registered"), look.facts.setting("shards")
    if registered is False:
        yield _of_all(inventory_faults.unregistered(fatal=False))
    if look.facts.shards is not None and wanted and look.facts.shards != wanted:
        yield Finding(
            CLUSTER, f"has {look.facts.shards} shards, wabiz_shards is {wanted}.", "Run multiconnect.yml.", fatal=False
        )


def webapps(look: Look) -> Findings:
    """Each webapp by itself serves requests."""
    for webapp in look.facts.snapshot.get("webapps") or []:
        if not webapp["ok"]:
            yield Finding(
                webapp["endpoint"],
                f"the webapp does not serve requests: {webapp['error'].rstrip('.')}.",
                "Check its container and its database.",
            )


def certificates(look: Look) -> Findings:
    """The webapps' certificates last."""
    for webapp in look.facts.snapshot.get("webapps") or []:
        if webapp["certificate_until"]:
            left = look.days_until(webapp["certificate_until"])
            yield from look.ends(webapp["endpoint"], "its certificate", left, "Give the webapps a new certificate.")


def expiry(look: Look) -> Findings:
    """This version of the client lasts."""
    left = look.facts.support.get("days_left")
    if left is not None:
        yield from look.ends(CLUSTER, "this version of the client", left, "Run upgrade.yml with a newer version.")


def unknown(look: Look) -> Findings:
    """What the API did not report was not checked."""
    parts = look.facts.snapshot.get("problems") or {}
    for part, reason in parts.items():
        # That the health cannot be read is a finding of its own.
        if part != "health":
            yield Finding(CLUSTER, f"{part}: {reason.rstrip('.')}.", "This was not checked.", fatal=False)
