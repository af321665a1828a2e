"""Callback plugin: counts the executions on each host and lists the changed resources, as JSON.

Enabled by tests.support.playbook. The file named by WABIZ_TASK_CENSUS receives, when the run ends::

    {"hosts": {"core1": {"executions": 9, "actions": {"ansible.builtin.file": 2}, "changed": ["file /etc/wabiz"]}},
     "stats": {"core1": {"ok": 9, "changed": 1, "failures": 0, "unreachable": 0, "skipped": 3, "rescued": 0}},
     "failures": [{"host": "core1", "task": "...", "msg": "..."}]}

An execution is one task result that was not skipped, on the host to which it was delegated, if it was. A loop counts
once for each item, a retried task once for each try; includes and actions that run only on the controller do not
count. An action that returns ``resources`` (a list of ``{"kind", "name", "state"}``) counts once for each, since it
runs one module for each; state ``same`` is no change. Files that wabiz.onprem.cluster_files has removed are listed by
path.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from pathlib import Path
from typing import Any

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
    name: task_census
    type: aggregate
    short_description: counts task executions by host and names changed resources
    description: Writes what ran and what changed on each host to the file named by E(WABIZ_TASK_CENSUS).
"""

_INCLUDES = ("include_tasks", "include_role", "import_tasks", "import_role", "include", "meta")
# These run on no host.
_CONTROLLER = {
    *(
        f"ansible.builtin.{name}"
        for name in ("add_host", "assert", "debug", "fail", "group_by", "set_fact", "set_stats")
    ),
    *(f"wabiz.onprem.{name}" for name in ("plan", "preflight", "settings")),
}
_FILES = "wabiz.onprem.cluster_files"
# The argument that names the resource of a task; the first one given counts.
_SUBJECTS = ("path", "dest", "name", "volume_name")


class CallbackModule(CallbackBase):
    """Collects in memory; writes once, at the end of the run."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "task_census"
    CALLBACK_NEEDS_ENABLED = True

    def __init__(self) -> None:
        super().__init__()
        self._actions: dict[str, Counter[str]] = {}
        self._changed: dict[str, set[str]] = {}
        self._failures: list[dict[str, str]] = []

    def _record(self, result: Any) -> None:
        data = result.result
        fields = result.task_fields
        action = str(fields.get("action", ""))
        if action.rpartition(".")[2] in _INCLUDES:
            return
        # A delegated task counts for the host on which it runs.
        host = str(fields.get("delegate_to") or result.host.get_name())
        if action in _CONTROLLER:
            return
        resources = data.get("resources")
        owned = isinstance(resources, list) and all(isinstance(item, dict) and "state" in item for item in resources)
        self._actions.setdefault(host, Counter())[action] += max(1, len(resources)) if owned else 1
        if not data.get("changed"):
            return
        if owned:
            names = {f"{item['kind']} {item['name']}" for item in resources if item["state"] != "same"}
        elif action == _FILES:
            names = {f"file {path}" for path in data.get("removed", [])}
        else:
            names = {_subject(action, fields)}
        self._changed.setdefault(host, set()).update(names)

    def _record_task(self, result: Any) -> None:
        # A loop first reports each item; its final result is not another execution.
        if not (result.task.loop and "results" in result.result):
            self._record(result)

    def _record_failure(self, result: Any) -> None:
        message = str(result.result.get("msg", ""))
        self._failures.append({"host": result.host.get_name(), "task": result.task_name, "msg": message})

    def v2_runner_on_ok(self, result: Any) -> None:
        self._record_task(result)

    def v2_runner_on_failed(self, result: Any, ignore_errors: bool = False) -> None:
        self._record_task(result)
        if not ignore_errors:
            self._record_failure(result)

    def v2_runner_on_unreachable(self, result: Any) -> None:
        self._record_failure(result)

    def v2_runner_item_on_ok(self, result: Any) -> None:
        self._record(result)

    def v2_runner_item_on_failed(self, result: Any) -> None:
        self._record(result)

    def v2_runner_retry(self, result: Any) -> None:
        self._record(result)

    def v2_playbook_on_stats(self, stats: Any) -> None:
        """Write the census if a file is named."""
        target = os.environ.get("WABIZ_TASK_CENSUS")
        if not target:
            return
        hosts = {
            host: {
                "executions": self._actions.get(host, Counter()).total(),
                "actions": dict(self._actions.get(host, Counter())),
                "changed": sorted(self._changed.get(host, set())),
            }
            for host in stats.processed
        }
        census = {
            "hosts": hosts,
            "stats": {host: stats.summarize(host) for host in stats.processed},
            "failures": self._failures,
        }
        Path(target).write_text(json.dumps(census, indent=2), encoding="utf-8")


def _subject(action: str, fields: dict[str, Any]) -> str:
    """Name the resource of a task without any of its other arguments: they may be secret."""
    arguments = fields.get("args") or {}
    subject = next((arguments[key] for key in _SUBJECTS if arguments.get(key)), None) or fields.get("name", "")
    text = " ".join(map(str, subject)) if isinstance(subject, list) else str(subject)
    return f"{action.rpartition('.')[2]} {text}".strip()
