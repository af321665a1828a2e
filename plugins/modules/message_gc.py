#!/usr/bin/python
# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: message_gc
short_description: Remove old messages from the database of a WhatsApp Business API client
version_added: 0.1.0
description:
  - Starts the garbage collection of messages and waits for it.
  - Most businesses should not do this, as the client cleans up by itself. It is meant for large databases, above all
    before an upgrade. Run it off-peak, once in 24 hours at most, after inbound messages were marked as read.
  - Where the answer to a start is lost (a broken connection, HTTP 502, 503 or 504 of a balancer, HTTP 500) it is not
    started again. The module looks whether the messages become fewer, for up to a minute.
  - The client reports the end through the webhook only. The module watches the number of messages instead, and takes
    the collection as finished when that number no longer falls for two intervals.
extends_documentation_fragment:
  - wabiz.onprem.connection
  - wabiz.onprem.authentication
  - wabiz.onprem.waiting
  - wabiz.onprem.attributes
  - wabiz.onprem.attributes.action_group
attributes:
  check_mode:
    support: full
  diff_mode:
    support: none
    details: How many messages will be removed is not known beforehand.
  idempotent:
    support: partial
    details: With O(only_above) a second run does nothing on a small database, with O(stamp_path) within 24 hours.
options:
  only_above:
    description:
      - Do nothing when the database holds this number of messages or fewer.
      - The vendor calls a database large above 2000000.
    type: int
    default: 0
  max_runs:
    description:
      - How often the collection is started at most while the number of messages falls and is above O(only_above).
      - Above 10000000 messages several runs may be needed.
    type: int
    default: 1
  stamp_path:
    description:
      - File, on the host that runs the module, that keeps the time of the last run. Nothing is done before it is 24
        hours old. A start that the client has refused does not count.
    type: path
  last_run:
    description:
      - When the collection was started last, as V(2026-01-08T02:00:00+00:00), instead of O(stamp_path) for who keeps it
        elsewhere. An empty text is never.
    type: str
  window:
    description: Off-peak time of the host that runs the module, as V(01:30-05:00). Outside of it the module refuses.
    type: str
  force:
    description: Run although the last run was less than 24 hours ago, or outside of O(window).
    type: bool
    default: false
  wait_timeout:
    description: Seconds to wait at most for all runs together. With V(0) the collection is only started, once.
    default: 3600.0
  wait_interval:
    description:
      - Seconds between two queries of the number of messages, which costs much on a large database. It is asked sooner
        where it is answered fast, after 100 times as long as the answer took, and 10 s at least.
    default: 60.0
author:
  - wabiz.onprem contributors (@wabiz-onprem)
"""

EXAMPLES = r"""
- name: Clean up a large database before an upgrade
  wabiz.onprem.message_gc:
    endpoints: [https://web1.example.net:9090]
    ca_path: /etc/wabiz/ca.pem
    username: admin
    password: "{{ vault_admin_password }}"
    only_above: 2000000
    max_runs: 3
    stamp_path: /var/lib/wabiz/message_gc
    window: 01:00-05:00

- name: Start one collection in a quiet hour and do not wait for its end
  wabiz.onprem.message_gc:
    endpoints: [https://web1.example.net:9090]
    ca_path: /etc/wabiz/ca.pem
    username: admin
    password: "{{ vault_admin_password }}"
    stamp_path: /var/lib/wabiz/message_gc
    window: 01:00-05:00
    wait_timeout: 0
"""

RETURN = r"""
runs:
  description: How often the collection was started.
  returned: success, and where the client has refused a start
  type: int
  sample: 1
nodes:
  description: What each node answered to the last start; empty where the answer was lost and the messages become fewer.
  returned: when the collection was started
  type: dict
  sample: {"app1:0123456789ab": "processing"}
messages_before:
  description: Number of messages before; null where the client does not report it.
  returned: success
  type: int
  sample: 2500000
messages_after:
  description: Number of messages after the last run; null where it was not waited for.
  returned: when the collection was started
  type: int
  sample: 120000
skipped_reason:
  description: Why nothing was done.
  returned: when nothing was done
  type: str
"""

import datetime as dt
import re
import time
from pathlib import Path
from typing import Any

from ansible_collections.wabiz.onprem.plugins.module_utils._api.api_module import ApiModule, WaitFailed
from ansible_collections.wabiz.onprem.plugins.module_utils._api.client import Answer
from ansible_collections.wabiz.onprem.plugins.module_utils._api.errors import (
    ClientError,
    OutcomeUnknown,
    Refusal,
)
from ansible_collections.wabiz.onprem.plugins.module_utils._formats.nested import dig
from ansible_collections.wabiz.onprem.plugins.module_utils._host.private_file import write_private
from ansible_collections.wabiz.onprem.plugins.module_utils._model import stats

PATH = "/v1/services/message/gc"
DAY = dt.timedelta(hours=24)
STEADY_LOOKS = 3
# Seconds between two queries at least, and how much longer than a query the pause after it is.
SHORTEST = 10.0
PAUSE = 100

LOST = (
    "The collection may be running: watch the number of messages (wabiz.onprem.stats_info) and the coreapps' logs"
    " before it is started again. With stamp_path a run within 24 hours needs force."
)


def collect(module: ApiModule) -> dict[str, Any]:
    """Run the collection as often as allowed and needed."""
    given = module.params
    path = None if given["stamp_path"] is None else Path(given["stamp_path"])
    noted = read(path) if path else given["last_run"]
    now = dt.datetime.now(dt.timezone.utc)
    try:
        result = look(module, moment(noted), now)
    except ClientError as error:
        error.result = {"runs": 0}
        raise
    if not result["changed"] or module.check_mode:
        return result
    if path:
        stamp(path, now.isoformat())
    try:
        return {**result, **repeat(module, result["messages_before"])}
    except ClientError as error:
        if path and error.result.get("runs") == 0:
            stamp(path, noted or "")
        raise


def look(module: ApiModule, last: dt.datetime | None, now: dt.datetime) -> dict[str, Any]:
    """Tell whether the collection is to be started, C(last) being the time of the last run. Raises ClientError."""
    given = module.params
    before = count(module)
    nothing: dict[str, Any] = {"changed": False, "runs": 0, "messages_before": before}
    if before is not None and before <= given["only_above"]:
        return {**nothing, "skipped_reason": f"{before} messages are not more than {given['only_above']}"}
    # A clock may have been set since.
    if last is not None and abs(now - last) < DAY and not given["force"]:
        return {**nothing, "skipped_reason": f"the last run was at {last.isoformat(timespec='seconds')}"}
    check_window(given["window"], dt.datetime.now().time(), given["force"])
    return {**nothing, "changed": True, "runs": 1}


def repeat(module: ApiModule, before: int | None) -> dict[str, Any]:
    """Start the collection until the database is small enough, no longer falls, or the allowed runs are over."""
    given = module.params
    deadline = time.monotonic() + given["wait_timeout"]
    runs, last = 0, before
    while True:
        nodes = start(module, last, runs)
        runs += 1
        if given["wait_timeout"] <= 0 or last is None:
            return {"runs": runs, "nodes": nodes, "messages_after": None}
        left = wait(module, deadline, runs)
        if runs >= given["max_runs"] or left <= given["only_above"] or left >= last:
            return {"runs": runs, "nodes": nodes, "messages_after": left}
        last = left


def start(module: ApiModule, before: int | None, runs: int) -> dict[str, str]:
    """Start one collection and return what each node answered; a node that fails is an error.

    A second start puts a load on the database that the vendor warns of, so it is not made where the answer is lost.
    """

    def look() -> str | None:
        now = count(module)
        fewer = now is not None and before is not None and now < before
        return None if fewer else f"the database holds {'an unknown number of' if now is None else now} messages."

    try:
        answer = module.session.call("PUT", PATH, repeatable=False)
    except OutcomeUnknown as unknown:
        module.read_back(unknown, look, LOST)
        return {}
    except ClientError as error:
        error.result = {"changed": runs > 0, "runs": runs}
        raise
    found = dig(answer.data, "services", "message", "gc")
    found = found if isinstance(found, dict) else {}
    nodes = {"single instance": found} if "status" in found else found
    statuses = {name: str(dig(node, "status")) for name, node in nodes.items()}
    failed = [name for name, status in statuses.items() if status not in ("processing", "complete")]
    if failed:
        raise ClientError(
            f"the collection failed on {', '.join(failed)}",
            endpoint=f"PUT {PATH}",
            host=answer.host,
            remedy="Check the logs of these nodes.",
        )
    return statuses


def ended(looks: list[int | None]) -> bool:
    """Whether the number no longer falls; a cluster that works gets new messages meanwhile. None tells nothing."""
    numbers = [look for look in looks if look is not None]
    if not numbers:
        return len(looks) >= STEADY_LOOKS
    last = numbers[-STEADY_LOOKS:]
    return len(last) == STEADY_LOOKS and last == sorted(last)


def wait(module: ApiModule, deadline: float, runs: int) -> int:
    """Return the number of messages when it has not fallen for some looks."""
    looks: list[int | None] = []
    spent = 0.0
    while not ended(looks):
        left = deadline - time.monotonic()
        if left <= 0:
            seconds = f"{module.params['wait_timeout']:.0f} s"
            text = f"The collection is still running after {seconds}; it continues in the client."
            raise WaitFailed(text, {"changed": True, "runs": runs})
        time.sleep(min(module.params["wait_interval"], max(SHORTEST, PAUSE * spent), left))
        began = time.monotonic()
        looks.append(count(module))
        spent = time.monotonic() - began
    return looks[-1] or 0


def count(module: ApiModule) -> int | None:
    """Return the number of messages in the database, or None where the client does not report it."""
    answer: Answer = module.session.get("/v1/stats/db")
    return stats.total(dig(answer.data, "stats", "db"), "db_messages")


def read(path: Path) -> str:
    """Return what the file with the time of the last run says; one that is not there, or not readable, says nothing."""
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, ValueError):
        return ""


def moment(text: str | None) -> dt.datetime | None:
    """Return a noted time, which is in UTC where it does not say otherwise; None for what is none."""
    try:
        found = dt.datetime.fromisoformat((text or "").strip())
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=dt.timezone.utc)


def stamp(path: Path, text: str) -> None:
    """Keep the time of this run, before it is made: better one too few than one too many."""
    try:
        write_private(path, f"{text.strip()}\n")
    except OSError as error:
        raise Refusal(f"{path} cannot be written: {error.strerror}", remedy="Check directory and owner.") from error


def check_window(window: str | None, now: dt.time, force: bool) -> None:
    """Refuse outside of the off-peak time, which may pass midnight."""
    if window is None:
        return
    match = re.fullmatch(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)", window)
    if match is None:
        raise Refusal(f"window '{window}' has the wrong form", remedy="Write it as 01:30-05:00.")
    hour, minute, end_hour, end_minute = map(int, match.groups())
    first, last = dt.time(hour, minute), dt.time(end_hour, end_minute)
    inside = first <= now < last if first <= last else now >= first or now < last
    if not inside and not force:
        raise Refusal(
            f"it is {now:%H:%M}, outside of {window}", remedy="Wait for that time; force=true overrules this."
        )


def main() -> None:
    """Run the module."""
    ApiModule(
        {
            "only_above": {"type": "int", "default": 0},
            "max_runs": {"type": "int", "default": 1},
            "stamp_path": {"type": "path"},
            "last_run": {"type": "str"},
            "window": {"type": "str"},
            "force": {"type": "bool", "default": False},
            "wait_timeout": {"type": "float", "default": 3600.0},
            "wait_interval": {"type": "float", "default": 60.0},
        },
        mutually_exclusive=[("stamp_path", "last_run")],
    ).run(collect)


if __name__ == "__main__":
    main()
