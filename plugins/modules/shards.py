#!/usr/bin/python
# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: shards
short_description: Set the number of shards of a WhatsApp Business API cluster
version_added: 0.1.0
description:
  - Sets how many coreapps are connected to WhatsApp at the same time, and waits until each shard is served.
  - All coreapps restart by themselves, which costs 45 to 60 seconds without service. Where the wanted number is
    connected already, as after a loss of coreapps, the module waits until it has seen the restart, or for 45 seconds.
  - Where the answer is lost (a broken connection, HTTP 502, 503 or 504 of a balancer, HTTP 500) the change is not asked
    for again. The number is read instead, for up to a minute; where it is the wanted one the module continues.
  - After HTTP 429 or error code 1015 it is not asked for again either, as each request may extend the waiting time.
  - Nothing is sent while something speaks against the change. All reasons are named in one message.
  - For more shards start the coreapps first; for fewer set the shards first and remove the surplus afterwards.
extends_documentation_fragment:
  - wabiz.onprem.connection
  - wabiz.onprem.authentication
  - wabiz.onprem.waiting
  - wabiz.onprem.attributes
  - wabiz.onprem.attributes.action_group
attributes:
  check_mode:
    support: full
    details: The reasons against the change are looked for in check mode as well.
  diff_mode:
    support: full
  idempotent:
    support: full
    details: A run that finds the number set already still waits until each shard is served.
options:
  shards:
    description: The number of shards.
    type: int
    choices: [1, 2, 4, 8, 16, 32]
    required: true
  cc:
    description: Country code of the registered number, digits only.
    type: str
    required: true
  phone_number:
    description: The registered number without country code, digits only.
    type: str
    required: true
  cert:
    description:
      - Verified-name certificate, base64. Required from version 2.45 on, and before that when the number was registered
        7 days ago or earlier.
      - A wrong one logs the client off until the call is repeated with the right one; an expired one endangers the
        account.
    type: str
  pin:
    description: PIN of two-step verification, 6 digits, where the account has it.
    type: str
  force:
    description:
      - Continue although nodes have errors, not every shard is served now, or the age of the registration is not known.
      - Nodes that have an error before the change may have it afterwards; no other may.
      - Too few running coreapps, and a certificate that the version requires, are never overruled.
    type: bool
    default: false
  attempts:
    description: How often the call is made while the client answers that it is temporarily unavailable (HTTP 403).
    type: int
    default: 5
  wait_timeout:
    description: Seconds to wait at most until each shard is served. With V(0) it is read once.
seealso:
  - module: wabiz.onprem.shards_info
author:
  - wabiz.onprem contributors (@wabiz-onprem)
"""

EXAMPLES = r"""
- name: Serve the number with two coreapps
  wabiz.onprem.shards:
    endpoints: [https://web1.example.net:9090]
    ca_path: /etc/wabiz/ca.pem
    username: admin
    password: "{{ vault_admin_password }}"
    shards: 2
    cc: "49"
    phone_number: "15112345678"
    cert: "{{ vault_certificate }}"
"""

RETURN = r"""
shards:
  description: Number of shards at the end of the run (in check mode, as it would be).
  returned: success
  type: int
  sample: 2
previous_shards:
  description: Number of shards before.
  returned: success
  type: int
  sample: 1
objections:
  description: What spoke against the change and was overruled by O(force).
  returned: when the number differs
  type: list
  elements: str
waited:
  description: Seconds until each shard was served.
  returned: success, not in check mode
  type: float
  sample: 48.2
summary:
  description: Summary of the cluster's health at the end, as in M(wabiz.onprem.health_info).
  returned: success, not in check mode
  type: dict
"""

import datetime as dt
import time
from typing import Any

from ansible_collections.wabiz.onprem.plugins.module_utils._api.api_module import (
    WAIT_ARGUMENTS,
    ApiModule,
    WaitFailed,
    last_words,
)
from ansible_collections.wabiz.onprem.plugins.module_utils._api.client import Answer
from ansible_collections.wabiz.onprem.plugins.module_utils._api.errors import (
    ApiError,
    OutcomeUnknown,
    Refusal,
    Throttled,
)
from ansible_collections.wabiz.onprem.plugins.module_utils._api.polling import poll
from ansible_collections.wabiz.onprem.plugins.module_utils._model import stats
from ansible_collections.wabiz.onprem.plugins.module_utils._model.health import Health
from ansible_collections.wabiz.onprem.plugins.module_utils._rules import sharding
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.cluster_faults import no_standby

PATH = "/v1/account/shards"
ACCESS_DENIED = 1005

LOST = (
    "Check wabiz.onprem.shards_info and the health. Once it is certain that no change is under way run the module"
    " again; it sends nothing where the number is set already."
)


def set_shards(module: ApiModule) -> dict[str, Any]:
    """Bring the cluster to the wanted number of shards."""
    module.check_number()
    given = module.params
    current, answer = module.shards()
    health = module.health()[0]
    differs = current != given["shards"]
    registered = age(module, answer) if differs else None
    plan = sharding.Plan(current, given["shards"], bool(given["cert"]), answer.version, registered)
    result: dict[str, Any] = {"shards": plan.wanted, "previous_shards": current}
    if differs:
        found = sharding.objections(plan, health)
        standing = [item for item in found if not (item.forceable and given["force"])]
        if standing:
            raise Refusal(f"{plan.wanted} shards are not set: {' '.join(str(item) for item in standing)}")
        if len(health.coreapps) == plan.wanted:
            module.warn(str(no_standby()))
        change = module.difference({"shards": current}, {"shards": plan.wanted})
        result.update(changed=True, objections=[item.reason for item in found], **change)
        if not module.check_mode:
            send(module, plan)
    if module.check_mode:
        return result
    return {**result, **wait(module, plan, health, result)}


def age(module: ApiModule, answer: Answer) -> float | None:
    """Return the days since the registration, where it matters and the client reports it."""
    if module.params["cert"] or answer.version is None:
        return None
    try:
        support = module.session.get("/v1/support").data.get("support")
    except ApiError:
        return None
    return stats.registration_age_days(support, dt.datetime.now(dt.timezone.utc))


def send(module: ApiModule, plan: sharding.Plan) -> None:
    """Make the call, again while the client is temporarily unavailable, but not where access is denied or throttled."""
    given = module.params
    names = ["cc", "phone_number", "pin"]
    if sharding.send_certificate(plan.version):
        names.append("cert")
    payload = {"shards": plan.wanted, **{name: given[name] for name in names if given[name]}}
    for left in reversed(range(max(1, given["attempts"]))):
        try:
            module.session.call("POST", PATH, payload)
            return
        except OutcomeUnknown as unknown:
            module.read_back(unknown, lambda: missed(module, plan), LOST)
            return
        except Throttled:
            raise
        except ApiError as error:
            if error.status != 403 or ACCESS_DENIED in error.codes or not left:
                raise
        time.sleep(given["wait_interval"])


def missed(module: ApiModule, plan: sharding.Plan) -> str | None:
    """Say how many shards are set, or None where it is the wanted number."""
    found = module.shards(patient=False)[0]
    return None if found == plan.wanted else f"{found} shards are set, not {plan.wanted}."


def wait(module: ApiModule, plan: sharding.Plan, before: Health, result: dict[str, Any]) -> dict[str, Any]:
    """Wait until each shard is served."""
    begun, arrival = time.monotonic(), sharding.Arrival(plan, before)

    def accept(health: Health) -> bool:
        # After a change all coreapps have to come back; otherwise the failed ones are no matter of this module.
        if "changed" in result:
            return arrival.seen(health, time.monotonic() - begun)
        return len(health.connected_coreapps) == plan.wanted

    outcome = poll(
        lambda: module.health(patient=False)[0],
        accept,
        timeout=module.params["wait_timeout"],
        interval=module.params["wait_interval"],
    )
    if outcome.done and outcome.found is not None:
        return {"waited": round(outcome.seconds, 1), "summary": outcome.found.summary()}
    raise WaitFailed(
        f"{plan.wanted} shards are set, but after {outcome.seconds:.0f} s not each is served by a connected coreapp."
        f" {last_words(outcome, outcome.found)} Check the coreapps' logs; with a wrong cert the client is logged"
        " off: run the module again with the right one.",
        result,
    )


def main() -> None:
    """Run the module."""
    arguments: dict[str, dict[str, Any]] = {
        **WAIT_ARGUMENTS,
        "shards": {"type": "int", "choices": list(sharding.ALLOWED), "required": True},
        "cc": {"type": "str", "required": True},
        "phone_number": {"type": "str", "required": True},
        "cert": {"type": "str", "no_log": True},
        "pin": {"type": "str", "no_log": True},
        "force": {"type": "bool", "default": False},
        "attempts": {"type": "int", "default": 5},
    }
    ApiModule(arguments).run(set_shards)


if __name__ == "__main__":
    main()
