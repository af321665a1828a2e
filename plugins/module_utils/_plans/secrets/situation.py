# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a rotation of the client's secrets stands: what its nodes have, and what the client says. No I/O."""

from __future__ import annotations

import json
import typing as t
from dataclasses import dataclass
from functools import cached_property

from ansible_collections.wabiz.onprem.plugins.module_utils._formats.unfit import Unfit
from ansible_collections.wabiz.onprem.plugins.module_utils._model.topology import SERVICES
from ansible_collections.wabiz.onprem.plugins.module_utils._plans.facts import Facts
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.node_secrets import OWNERS, differing

# These are changed on all nodes at once.
AT_ONCE = ("jwt_key", "secret")
# Of the admin's password: the wanted one is set, or another one that was given, or neither, or it cannot be asked.
SAME, OTHER, REFUSED, UNKNOWN = "same", "other", "refused", "unknown"
_UNAUTHORIZED = 401


@dataclass(frozen=True)
class Situation:
    """The cluster's nodes and client, against the secrets that the inventory wants."""

    facts: Facts

    @cached_property
    def containers(self) -> list[dict[str, t.Any]]:
        """The nodes' containers in the order in which they are replaced."""
        found = [item for item in self.facts.observed.containers if item.get("secrets")]
        return sorted(found, key=lambda item: SERVICES.index(item["node"]))

    @cached_property
    def pending(self) -> dict[str, list[dict[str, t.Any]]]:
        """By secret, the containers that have another one than the inventory; secrets that all have are left out."""
        differ = {id(item): differing(self.facts.settings, item) for item in self.containers}
        found = {name: [item for item in self.containers if name in differ[id(item)]] for name in OWNERS}
        return {name: items for name, items in found.items() if items}

    @property
    def changing(self) -> list[dict[str, t.Any]]:
        """The containers that have any other secret than the inventory."""
        return list({id(item): item for items in self.pending.values() for item in items}.values())

    @property
    def interrupting(self) -> list[str]:
        """The secrets for which the service is interrupted."""
        return [name for name in AT_ONCE if name in self.pending]

    @property
    def rolled(self) -> list[dict[str, t.Any]]:
        """Containers that are replaced one by one."""
        return [] if self.interrupting else self.pending.get("api_key", [])

    @property
    def admin(self) -> str:
        """How it is with the admin's password."""
        told = self.facts.secrets.get("admin") or {}
        if "password_changed" in told:
            return OTHER if told["password_changed"] else SAME
        return REFUSED if (told.get("error") or {}).get("status") == _UNAUTHORIZED else UNKNOWN

    @property
    def webapps(self) -> list[str]:
        """The webapps that present another certificate than the wanted one; none where none is wanted."""
        return [
            f"{one['item']['host']}/{one['item']['name']}" for one in self._presented if one.get("restart_required")
        ]

    @property
    def offered(self) -> dict[str, list[str]]:
        """By address of a webapp that is to present the wanted certificate, the names that are in it."""
        addresses = {f"{node['host']}/{node['name']}": node["address"] for node in self.facts.topology["nodes"]}
        wanted = (one for one in self._presented if one.get("restart_required"))
        return {addresses[f"{one['item']['host']}/{one['item']['name']}"]: one["names"] for one in wanted}

    @property
    def untrusted(self) -> str:
        """Why modules and balancers would not accept the wanted certificate; empty where they would."""
        return next((str(one["untrusted"]) for one in self._presented if one.get("untrusted")), "")

    @property
    def unseen(self) -> bool:
        """Whether the client answers, and no webapp can be looked at: they would be restarted in each run."""
        compared = [one for one in self._presented if "restart_required" in one]
        return self.admin in (SAME, OTHER) and bool(compared) and all(one.get("unseen") for one in compared)

    @property
    def webhook_ca(self) -> bool:
        """Whether the client is to be given other CA certificates for the webhook's server."""
        return bool((self.facts.secrets.get("webhook_ca") or {}).get("restart_required"))

    @property
    def faults(self) -> list[tuple[str, str]]:
        """Why certificates cannot be looked at or given to the client: the variable, and what was said."""
        # With failed_when: false a failure is known by its message.
        told = [
            (name, str(one["msg"]))
            for name, one in self._looked_at
            if one.get("msg") and not {"restart_required", "missing_library"} & one.keys()
        ]
        return list(dict.fromkeys(told))

    @property
    def lacking(self) -> str:
        """The Python library without which no certificate can be looked at; empty where it is there."""
        return next(
            (str(one["missing_library"]) for _variable, one in self._looked_at if one.get("missing_library")), ""
        )

    @property
    def certificate(self) -> bool:
        """Whether the client is to be given the webapps' certificate; one that does not answer takes none.

        Also where an earlier run has given it another one, which webapps may not present before their next start.
        """
        due = bool(self.webapps) or ("webapp" in self.noted and self.compared)
        return due and self.admin != UNKNOWN

    @property
    def compared(self) -> bool:
        """Whether the inventory has a certificate for the webapps that can be compared with theirs."""
        return any("restart_required" in one for one in self._presented)

    @property
    def begun(self) -> bool:
        """Whether an earlier run has begun the interruption; in its middle the client need not answer."""
        return bool(self.interrupting) and self.facts.record is not None

    @property
    def coreapps(self) -> bool:
        """Whether coreapps are restarted, now or since an earlier run has not come that far."""
        return self.webhook_ca or "coreapp" in self.noted

    @cached_property
    def noted(self) -> list[str]:
        """The services whose nodes an earlier run wanted to restart; none where its record cannot be read."""
        try:
            return services_of(self.facts.record)
        except Unfit:
            return []

    @property
    def needed(self) -> bool:
        """Whether there is anything to do."""
        changes = self.pending or self.webapps or self.webhook_ca or self.admin == OTHER
        return bool(changes or self.facts.record is not None)

    @property
    def _looked_at(self) -> list[tuple[str, t.Mapping[str, t.Any]]]:
        """What was said of each certificate, with its variable."""
        webhook_ca: t.Mapping[str, t.Any] = self.facts.secrets.get("webhook_ca") or {}
        return [*(("wabiz_webapp_certificate", one) for one in self._presented), ("wabiz_webhook_ca", webhook_ca)]

    @property
    def _presented(self) -> t.Sequence[t.Mapping[str, t.Any]]:
        return t.cast("t.Sequence[t.Mapping[str, t.Any]]", self.facts.secrets.get("webapps") or [])


def services_of(record: str | None) -> list[str]:
    """The services that a record says are to be restarted; none where there is no record. Raises Unfit."""
    if record is None:
        return []
    try:
        services = json.loads(record)["restart"]
    except (ValueError, LookupError, TypeError, RecursionError):
        services = None
    if not isinstance(services, list):
        raise Unfit("is no record of a rotation of secrets.", "Remove it, and run this playbook again.")
    return [str(service) for service in services]
