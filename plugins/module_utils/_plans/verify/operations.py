# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What verify.yml judges of balancers, and of what operations leave."""

from __future__ import annotations

from dataclasses import replace

from ansible_collections.wabiz.onprem.plugins.module_utils._formats import balancer_statistics
from ansible_collections.wabiz.onprem.plugins.module_utils._model import lock as locks
from ansible_collections.wabiz.onprem.plugins.module_utils._plans.verify.look import Findings, Look
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.drained import left_drained
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.findings import Finding
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.preflight.interrupted_upgrade import migrating
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.preflight.restored import half_restored


def balanced(look: Look) -> Findings:
    """Every balancer answers and sends requests to every webapp of the inventory."""
    for host, path in look.facts.topology["balancer_socket"].items():
        if not path or host not in look.answering:
            continue
        statistics = look.answering[host].get("balancer")
        if not statistics:
            yield Finding(host, "the balancer does not answer.", "Run loadbalancer.yml.")
            continue
        found = balancer_statistics.servers(statistics)
        if not any(server["status"] == "UP" for server in found.values()):
            yield Finding(host, "no webapp is UP at the balancer.", "Check the webapps.")
        for name in (server["name"] for server in look.facts.topology["balanced"]):
            state = found.get(name, {}).get("status", "")
            if state in ("DRAIN", "MAINT"):
                if not look.in_use:
                    yield Finding(
                        host,
                        f"webapp {name} is {state} at the balancer (gets no requests).",
                        "Run site.yml.",
                        fatal=False,
                    )
            elif state != "UP":
                what = f"is {state}" if state else "is missing"
                yield Finding(host, f"webapp {name} {what} at the balancer.", "Check the webapp.", fatal=False)


def lock(look: Look) -> Findings:
    """A lock that has ended was left by a run that was killed."""
    if look.lock.get("error"):
        yield Finding(look.lock["host"], f"the lock: {look.lock['error']}.", "Check the file.", fatal=False)
    elif look.lock and not look.in_use:
        yield Finding(look.lock["host"], f"the {locks.left(look.lock)}.", "Run that playbook again.", fatal=False)


def leftovers(look: Look) -> Findings:
    """What a run that was killed has left; one that is still running is entitled to it."""
    texts = {
        "heartbeat": ("the heartbeat settings are still those of an upgrade.", "upgrade.yml"),
        "upgrade": ("an upgrade was started and not finished.", "upgrade.yml"),
        "secrets": ("a rotation of secrets was not finished.", "rotate_secrets.yml"),
        "rotation": ("a rotation of the database's login was not finished.", "rotate_database_password.yml"),
    }
    for host, survey in look.answering.items():
        unfinished = look.facts.topology["unfinished"][host]
        for what, (problem, playbook) in texts.items():
            if (survey.get("files") or {}).get(unfinished.get(what)) and not look.in_use:
                yield Finding(host, problem, f"Run {playbook} again ({unfinished[what]}).", fatal=False)
        if not look.in_use:
            yield from half_restored(host, unfinished, survey, look.facts.topology["database_server"])
            yield from left_drained(host, look.facts.topology["drained"].get(host, {}), survey)
            for finding in migrating(look.facts.topology["cluster"], {host: survey}):
                yield replace(finding, fatal=False)
