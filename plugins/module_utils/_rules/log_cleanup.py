# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether the job that cleans up the client's logs runs, by what it left on a host. No I/O."""

from __future__ import annotations

import typing as t

from ansible_collections.wabiz.onprem.plugins.module_utils._formats.numbers import whole
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.findings import Finding

_DAY = 86400
# Codes with which timeout ends a command.
_TIME_OUT = (124, 137)

Dict = t.Mapping[str, t.Any]


def last_run(job: Dict, survey: Dict) -> dict[str, t.Any] | None:
    """The last run on a host: when it began, its age in days, and what went wrong; None where none is known.

    C(job) is topology's, C(survey) the result of host_info.
    """
    found = (survey.get("records") or {}).get(job["result"]) or {}
    said = found.get("content") or {}
    if not said.get("began"):
        return None
    codes = said.get("codes")
    return {
        "began": str(said["began"]),
        "days": found["age"] // _DAY,
        "failed": {name: whole(code) for name, code in sorted(codes.items()) if code != 0}
        if isinstance(codes, dict)
        else {},
        "problem": str(said.get("problem") or ""),
    }


def failure(run: Dict) -> str:
    """What went wrong in a run, in words; empty where nothing did."""
    parts = [f"{name} ({_meaning(code)})" for name, code in run["failed"].items()]
    return "; ".join([*([run["problem"]] if run["problem"] else []), *parts])


def _meaning(code: int | None) -> str:
    return "did not end in time" if code in _TIME_OUT else f"code {code}"


def faults(host: str, job: Dict, survey: Dict) -> t.Iterator[Finding]:
    """What is wrong with the job of a host; nothing where none is wanted, or it was not looked at."""
    pause, there = job["pause_days"], survey.get("records")
    if pause is None or there is None:
        return
    run, schedule = last_run(job, survey), there.get(job["schedule"])
    late = (pause + 1) * _DAY
    if schedule is None:
        yield Finding(host, "the log cleanup is not scheduled.", "Run site.yml.", fatal=False)
    elif run is None and schedule["age"] > late:
        yield Finding(host, "the log cleanup has never run.", f"Check cron, and {job['schedule']}.", fatal=False)
    elif run is not None and min(there[job["result"]]["age"], schedule["age"]) > late:
        problem = f"the last log cleanup was {run['days']} days ago, at {run['began']}."
        yield Finding(host, problem, f"Check cron, and {job['schedule']}.", fatal=False)
    if run is not None and failure(run):
        problem = f"the log cleanup of {run['began']} failed: {failure(run)}."
        remedy = "Check the disk and the engine; try: docker exec CONTAINER /opt/whatsapp/bin/cleanup.sh"
        yield Finding(host, problem, remedy, fatal=False)
