# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Judges the settings of all hosts together, and says who runs what."""

from __future__ import annotations

import datetime as dt
import typing as t
from collections import ChainMap
from collections.abc import Mapping

from ansible.plugins.action import ActionBase
from ansible_collections.wabiz.onprem.plugins.module_utils._model.database_names import word_of
from ansible_collections.wabiz.onprem.plugins.module_utils._model.inventory import Inventory
from ansible_collections.wabiz.onprem.plugins.module_utils._model.membership import joined
from ansible_collections.wabiz.onprem.plugins.module_utils._plans.digests import digests
from ansible_collections.wabiz.onprem.plugins.module_utils._plans.due import what_follows
from ansible_collections.wabiz.onprem.plugins.module_utils._plans.topology import topology
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.findings import (
    Finding,
    merged,
    refusal,
    texts,
)
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.media_probe import probe_faults
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.preflight.containers import no_webapp
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.preflight.groups import left_out, without_keeper
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.preflight.interrupted_upgrade import (
    migrating,
    unfinished,
)
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.preflight.locks import elsewhere
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.preflight.stages import (
    database_findings,
    host_findings,
    image_findings,
    inventory_findings,
    role_findings,
)
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.reachability import reachability_faults
from ansible_collections.wabiz.onprem.plugins.module_utils._settings.declaration import Variable, role_alone
from ansible_collections.wabiz.onprem.plugins.plugin_utils.declared import declared
from ansible_collections.wabiz.onprem.plugins.plugin_utils.edition import edition
from ansible_collections.wabiz.onprem.plugins.plugin_utils.holder import holder, run_of
from ansible_collections.wabiz.onprem.plugins.plugin_utils.host_settings import (
    cluster_groups,
    host_settings,
    renamed_groups,
)
from ansible_collections.wabiz.onprem.plugins.plugin_utils.named_hosts import differing

_STAGES = ["topology", "inventory", "hosts", "images", "database", "reachability", "media"]


class ActionModule(ActionBase):
    _supports_check_mode = True
    _requires_connection = False

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        result = super().run(tmp, task_vars)
        args = self.validate_argument_spec(
            {
                "reader": {"type": "str", "required": True},
                "stage": {"choices": _STAGES, "default": "inventory"},
                "allow_version_change": {"type": "bool", "default": False},
                "reports": {"type": "dict", "default": {}},
                "refuse": {"type": "bool", "default": True},
                "last": {"type": "bool", "default": False},
            }
        )[1]
        variables = task_vars or {}
        role = role_alone(args["reader"])
        inventory, findings = self._inventory(variables, args["reader"], role)
        # Whether an image is too old to upgrade to is for the plan of the upgrade to say.
        today = "" if args["reader"] == "upgrade" else dt.datetime.now(dt.timezone.utc).date().isoformat()
        if args["stage"] == "hosts":
            played = variables["ansible_play_hosts_all"]
            reports = args["reports"] or self._reports(variables, inventory, played)
            # A role that is used alone copies nothing from other hosts.
            others = {} if role else self._reports(variables, inventory, inventory.hosts)
            rotation = args["reader"] == "rotate_database_password"
            renewal = args["reader"] == "rotate_secrets"
            findings = host_findings(inventory, reports, args["allow_version_change"], today, others, rotation, renewal)
            if args["reader"] != "preflight":
                findings += elsewhere(inventory, reports, fatal=not self._task.check_mode)
            upgrades = args["reader"] == "upgrade"
            # It runs on the first coreapp's host.
            first = next((node.host for node in inventory.nodes("coreapp")), "")
            findings += migrating(inventory.name, reports, (first, inventory.value("version")) if upgrades else None)
            findings += () if upgrades else unfinished(inventory, reports)
            if args["reader"] == "register":
                findings += no_webapp(inventory, reports)
        elif args["stage"] == "images":
            findings = image_findings(inventory, args["reports"], today)
        elif args["stage"] == "database":
            surveys = self._reports(variables, inventory, inventory.hosts)
            findings = database_findings(inventory, args["reports"], args["last"], surveys)
        elif args["stage"] == "reachability":
            findings = list(reachability_faults(args["reports"]))
        elif args["stage"] == "media":
            findings = list(probe_faults(args["reports"]))
        elif role:
            findings += role_findings(inventory)
        else:
            findings += inventory_findings(inventory, whole=args["stage"] == "inventory")
            findings += differing(inventory, declared().read_by(args["reader"]), variables["hostvars"])
            findings += left_out(inventory, variables["ansible_play_hosts_all"], args["reader"])
            # With the whole inventory the number of webapps is judged as well.
            findings += without_keeper(inventory, args["reader"]) if args["stage"] == "topology" else ()
        # A run that checks twice, the second time with the lock, says each thing once.
        before = variables.get("_wabiz_judged") or {}
        told = [str(finding) for finding in merged(findings) if not finding.fatal]
        result["warnings"] = [warning for warning in told if warning not in before.get("told", [])]
        message = refusal(findings)
        if args["stage"] == "database" and not args["refuse"]:
            return {**result, "refusal": message, "changed": False}
        if args["stage"] in ("images", "database", "reachability", "media"):
            fatal = texts(findings, fatal=True)
            return {**result, "failed": bool(fatal), "msg": "\n".join(fatal), "changed": False}
        if message and args["refuse"]:
            return {**result, "failed": True, "msg": message}
        result["changed"] = False
        if args["stage"] == "hosts" and role:
            return {**result, "told": told, "refusal": message}
        if args["stage"] == "hosts":
            # Preflight by itself changes nothing, and looks at the hosts as they are.
            needs_lock = not (self._holds(variables) or self._task.check_mode or args["reader"] == "preflight")
            judged = what_follows(
                inventory,
                reports,
                args["reader"],
                message,
                needs_lock,
                lambda host: digests(inventory, host, declared(), edition()),
                # That of a playbook before this one in the same run too: no host leaves its groups.
                before.get("due"),
            )
            return {**result, "told": told, **judged}
        purpose, who = args["reader"], holder(variables)
        if role:
            # Hosts of one play that uses a role are kept apart by the lock.
            purpose, who = f"role {role}", f"{who}, host {variables['inventory_hostname']}"
        return {**result, **topology(inventory), "playbook": purpose, "holder": who, "run": run_of(who)}

    def _holds(self, variables: dict[str, t.Any]) -> bool:
        """Whether this playbook has taken the lock, and not one before it in the same run."""
        taken = (variables.get("_wabiz_locked") or {}).get("holder")
        return bool(taken) and taken == (variables.get("_wabiz_topology") or {}).get("holder")

    def _reports(self, task_vars: dict[str, t.Any], inventory: Inventory, asked: list[str]) -> dict[str, t.Any]:
        """What hosts of the cluster said of themselves."""
        return {
            host: task_vars["hostvars"][host].get("_wabiz_survey") or {} for host in inventory.hosts if host in asked
        }

    def _inventory(self, task_vars: dict[str, t.Any], reader: str, role: str) -> tuple[Inventory, list[Finding]]:
        hostvars, all_groups = task_vars["hostvars"], task_vars["groups"]
        template = self._templar.template
        renamed = renamed_groups(task_vars.get("wabiz_groups"), template)
        groups = cluster_groups(renamed, all_groups)
        played = list(task_vars["ansible_play_hosts_all"])
        if role:
            groups = joined(groups, role, task_vars["inventory_hostname"], played)
        wanted = [variable for variable in declared().read_by(reader) if not variable.deferred]
        findings: list[Finding] = []
        variables: dict[str, dict[str, t.Any]] = {}
        for host in dict.fromkeys(host for hosts in groups.values() for host in hosts):
            published = hostvars[host].get("_wabiz")
            # A role that is used alone finds what another one has read on the host.
            if isinstance(published, Mapping) and published.get("reader") == reader:
                variables[host] = dict(published)
                findings += [Finding(**finding) for finding in published["findings"]]
            else:
                # Excluded by --limit, or no host of the play: it is not changed, but it counts.
                known = ChainMap(hostvars[host], self._of_the_cluster(task_vars, wanted) if role else {})
                settings = host_settings(host, known, wanted, lambda value: value)
                variables[host] = settings.values
                findings += settings.findings
        everywhere = {group: list(hosts) for group, hosts in all_groups.items()}
        same = {variable.key: not variable.secret for variable in wanted if variable.same}
        # What was given and is wrong is not missing as well.
        faulty = frozenset(finding.variable for finding in findings)
        required = tuple(variable.key for variable in declared().required_by(reader) if variable.name not in faulty)
        first = played[0] if role else ""
        return Inventory(groups, variables, everywhere, same, required, faulty, renamed, first), findings

    def _of_the_cluster(self, task_vars: dict[str, t.Any], wanted: list[Variable]) -> dict[str, t.Any]:
        """What this host says of the whole cluster: variables of a user's own play are in no other host's hostvars."""
        own = task_vars["_wabiz"]
        known = {one.name: own[one.key] for one in wanted if one.same and own.get(one.key) is not None}
        if "wabiz_database_prefix" in known:
            # It is read again, and a blank one would not be given.
            known["wabiz_database_prefix"] = word_of(known["wabiz_database_prefix"])
        return known
