# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: cause
short_description: The error for which a run ends
version_added: 0.1.0
author: wabiz.onprem contributors (@wabiz-onprem)
description:
  - Finds the first host whose task has failed. An error that an earlier rescue has handled does not count.
options:
  _input:
    description: C(ansible_failed_result) of each host; empty where there is none.
    type: list
    elements: dict
    required: true
  tasks:
    description: The name of the failed task of each host, in the same order.
    type: list
    elements: str
    required: true
  handled:
    description: The result of each host after which the run went on, in the same order; empty where there is none.
    type: list
    elements: dict
    required: true
"""

EXAMPLES = r"""
why: "{{ [ansible_failed_result] | wabiz.onprem.cause([ansible_failed_task.name], [{}]) }}"
"""

RETURN = r"""
_value:
  description: Name of the task and message; empty if no task has failed.
  type: str
"""

import typing as t

Result = t.Mapping[str, t.Any]


def cause(results: t.Sequence[Result], tasks: t.Sequence[str], handled: t.Sequence[Result]) -> str:
    """Task and message of the first error that was not handled."""
    found = ((task, result) for result, task, known in zip(results, tasks, handled) if result and result != known)
    return next((f"{task}: {_message(result)}" for task, result in found), "")


def _message(result: Result) -> str:
    """Of a loop only the results of its items contain it."""
    items = result.get("results", [result])
    return next((str(item.get("msg") or "failed") for item in items if item.get("failed")), "failed")


class FilterModule:
    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"cause": cause}
