# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the client says of itself, as results: the single info modules and snapshot_info read with these."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any, Callable, Protocol

from ansible_collections.wabiz.onprem.plugins.module_utils._api.api_module import ApiModule, last_words
from ansible_collections.wabiz.onprem.plugins.module_utils._api.client import Answer
from ansible_collections.wabiz.onprem.plugins.module_utils._api.polling import Outcome, poll
from ansible_collections.wabiz.onprem.plugins.module_utils._api.sessions import health_report
from ansible_collections.wabiz.onprem.plugins.module_utils._formats.nested import dig
from ansible_collections.wabiz.onprem.plugins.module_utils._model import health, stats

MAY_HOLD_SECRETS = frozenset({"env", "db_info"})
STATISTICS = {
    "app": ("/v1/stats/app", ("stats", "app")),
    "db": ("/v1/stats/db", ("stats", "db")),
    "metrics": ("/metrics", ("metrics",)),
    "app_internal": ("/v1/stats/app/internal", ("stats",)),
    "db_internal": ("/v1/stats/db/internal", ("stats",)),
}

Seen = Outcome[tuple[health.Health, Answer]]


def health_once(module: ApiModule, patient: bool = True) -> dict[str, Any]:
    """The health, read once; C(patient=False) repeats nothing. Raises ClientError."""
    found, answer = module.health(patient=patient)
    return {**health_report(found, answer), "polls": 1}


class Missing(Protocol):
    """What is missing of a wanted health: a text, and the same as data."""

    def as_dict(self) -> dict[str, Any]: ...


def health_when(
    module: ApiModule, judge: Callable[[health.Health], Sequence[Missing]], timeout: float, interval: float
) -> tuple[dict[str, Any], str]:
    """The health as soon as C(judge) misses nothing, at the latest after C(timeout) seconds, and what is missing then.

    Raises ClientError for what does not pass by waiting.
    """
    outcome: Seen = poll(
        lambda: module.health(patient=False),
        lambda state: not judge(state[0]),
        timeout=timeout,
        interval=interval,
    )
    found, answer = outcome.found or (health.Health(), None)
    unmet = judge(found) if outcome.found else []
    result = {"polls": outcome.polls, "unmet": [item.as_dict() for item in unmet]}
    if outcome.done and answer is not None:
        return {**health_report(found, answer), **result}, ""
    result |= {"nodes": [node.as_dict() for node in found.nodes], "summary": found.summary()}
    missing = " ".join(str(item) for item in unmet)
    reason = f"After {outcome.seconds:.0f} s the cluster is not as expected. {missing} {last_words(outcome, found)}"
    return result, reason


def support(module: ApiModule, hidden: frozenset[str] = MAY_HOLD_SECRETS) -> dict[str, Any]:
    """What the vendor's support asks for, without the fields of C(hidden). Raises ClientError."""
    answer = module.session.get("/v1/support")
    told = answer.data.get("support")
    expires = stats.earliest_expiry(told)
    left = None if expires is None else (expires - dt.datetime.now(dt.timezone.utc)).days
    nodes = [_described(name, node, hidden) for name, node in sorted(stats.support_nodes(told).items())]
    return {"expires": _iso(expires), "days_left": left, "nodes": nodes, "version": answer.version}


def _described(name: str, node: dict[str, Any], hidden: frozenset[str]) -> dict[str, Any]:
    host, container_id = (None, None) if name == stats.SINGLE else health.split_name(name)
    shown = {key: value for key, value in node.items() if key not in hidden}
    expires = _iso(stats.moment(node.get("expire_timestamp")))
    return {**shown, "name": name, "host": host, "container_id": container_id, "expires": expires}


def _iso(moment: dt.datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def statistics(module: ApiModule, names: Iterable[str]) -> dict[str, Any]:
    """The statistics of these names of STATISTICS. Raises ClientError."""
    result: dict[str, Any] = {"stats": {}, "version": None}
    for name in names:
        path, keys = STATISTICS[name]
        answer = module.session.get(path)
        section = dig(answer.data, *keys)
        result["version"] = answer.version or result["version"]
        result["stats"][name] = stats.by_node(section) if name in ("app", "db") else section
        if name == "db":
            messages = stats.total(section, "db_messages")
            result.update(messages=messages, large_database=(messages or 0) > stats.LARGE_DATABASE)
    return result
