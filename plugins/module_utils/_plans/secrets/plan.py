# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plan of a rotation of the client's secrets: what is changed while the cluster serves, and what interrupts it."""

from __future__ import annotations

import typing as t

from ansible_collections.wabiz.onprem.plugins.module_utils._plans import table
from ansible_collections.wabiz.onprem.plugins.module_utils._plans.facts import Facts
from ansible_collections.wabiz.onprem.plugins.module_utils._plans.secrets.checks import findings
from ansible_collections.wabiz.onprem.plugins.module_utils._plans.secrets.situation import OTHER, Situation
from ansible_collections.wabiz.onprem.plugins.module_utils._rules import capacity
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.findings import judgement

COLUMNS = ("step", "what", "where", "outage")
NOTHING = "Nothing to do: nodes and client have the secrets of the inventory."
_NONE = "none"


def plan(facts: Facts) -> dict[str, t.Any]:
    """The plan as data, by what was found at this moment; `text` is its rendering.

    `interrupting` are the secrets that are changed on all nodes at once, `services` those that are stopped for it.
    `admin`, `certificate` and `webhook_ca` say what the client is given first; `restart` are the services whose nodes
    are restarted one by one afterwards, as far as they were not replaced; `record` is for the next run.
    """
    found = Situation(facts)
    steps = list(_steps(found)) if found.needed else []
    restart = [*(["webapp"] if found.certificate else []), *(["coreapp"] if found.coreapps else [])]
    result: dict[str, t.Any] = {
        "needed": found.needed,
        "interrupting": found.interrupting,
        "services": _stopped(found),
        "admin": found.admin == OTHER,
        "certificate": found.certificate,
        "webhook_ca": found.webhook_ca,
        "restart": restart,
        "record": {"restart": restart},
        "pending": {name: [item["name"] for item in items] for name, items in found.pending.items()},
        "steps": [{"step": number, **step} for number, step in enumerate(steps, 1)],
        **judgement(findings(found)),
    }
    return {**result, "text": render(result)}


def _stopped(found: Situation) -> list[str]:
    """The services that are stopped, in the order in which they are started again."""
    if not found.interrupting:
        return []
    return ["master", "coreapp", "webapp"] if "secret" in found.interrupting else ["webapp"]


def _steps(found: Situation) -> t.Iterator[dict[str, str]]:
    if found.admin == OTHER:
        yield _step("change the password of admin", "the client", _NONE)
    if found.certificate:
        yield _step("upload the certificate of the webapps", "the client", _NONE)
    if found.webhook_ca:
        yield _step("upload the CA of the webhook's server", "the client", _NONE)
    yield from _interruption(found)
    for item in found.rolled:
        yield _step(f"replace {item['name']}", item["host"], _NONE)
    replaced = {f"{item['host']}/{item['name']}" for item in found.rolled}
    for name in () if found.interrupting else found.webapps:
        if name not in replaced:
            yield _step(f"restart {name}", "one after another", _NONE)
    if found.coreapps:
        low, high = _failover(found)
        yield _step("restart all coreapps", "one after another", f"one shard at a time, {low} to {high} s")


def _interruption(found: Situation) -> t.Iterator[dict[str, str]]:
    if not found.interrupting:
        return
    names = {"jwt_key": "the key that signs tokens", "secret": "the key between webapps and coreapps"}
    what = " and ".join(names[name] for name in found.interrupting)
    services = ", ".join(f"{service}s" for service in _stopped(found))
    low, high = capacity.RESTART_SECONDS
    outage = f"all shards and the API, {low} to {high} s or more" if "secret" in found.interrupting else "the API"
    yield _step(f"change {what}: all {services} at once", "all hosts", outage)
    if "jwt_key" in found.interrupting:
        yield _step("all tokens end", "every user of the API logs in again", _NONE)


def _failover(found: Situation) -> tuple[int, int]:
    observed = found.facts.observed
    return capacity.failover_seconds(len(observed.machines["master"]), observed.heartbeat, observed.unhealthy)


def _step(what: str, where: str, outage: str) -> dict[str, str]:
    return {"what": what, "where": where, "without service": outage}


# --- how it is shown ------------------------------------------------------------------------------------------------


def render(found: t.Mapping[str, t.Any]) -> list[str]:
    """The plan as lines of text."""
    rows = [{**step, "outage": step["without service"]} for step in found["steps"]]
    lines = table.render(COLUMNS, rows) if rows else [NOTHING]
    lines += [f"Warning: {text}" for text in found["warnings"]]
    return [*lines, *(f"Refused: {text}" for text in found["refusals"])]
