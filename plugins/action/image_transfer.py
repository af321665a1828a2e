# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Brings a large file from a host to the controller, or from the controller to a host, by the connection's own means.

M(ansible.builtin.fetch) holds a whole file in memory where it becomes another user, and M(ansible.builtin.copy) keeps
a second copy on the host meanwhile.
"""

from __future__ import annotations

import hashlib
import shutil
import threading
import typing as t
from contextlib import contextmanager
from pathlib import Path

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.room import megabytes
from ansible_collections.wabiz.onprem.plugins.plugin_utils import workplace

_CHUNK = 1 << 20
# Seconds between two lines about one file.
_PROGRESS = 10.0


class ActionModule(ActionBase):
    _supports_check_mode = True
    _requires_connection = True

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        result = super().run(tmp, task_vars)
        self._variables = task_vars or {}
        args = self.validate_argument_spec(
            {
                "state": {"choices": ["fetched", "sent", "removed"], "required": True},
                "cluster": {"type": "str", "required": True},
                "path": {"type": "path"},
                "directory": {"type": "path"},
                "file": {"type": "str"},
                "sha256": {"type": "str"},
            },
            required_if=[("state", "fetched", ["path", "file"]), ("state", "sent", ["path", "file", "sha256"])],
        )[1]
        if args["file"] and Path(args["file"]).name != args["file"]:
            raise AnsibleActionFail("file is a name without a path.")
        if self._task.check_mode:
            return {**result, "changed": True}
        try:
            if args["state"] == "removed":
                return {**result, "changed": workplace.removed(args["cluster"])}
            folder = Path(args["directory"]) if args["directory"] else workplace.made(args["cluster"])
            act = self._fetched if args["state"] == "fetched" else self._sent
            return {**result, **act(args, folder / args["file"])}
        except OSError as error:
            raise AnsibleActionFail(f"On the controller: {error}") from error

    def _fetched(self, args: dict[str, t.Any], local: Path) -> dict[str, t.Any]:
        there = self._stat(args["path"])
        if not there:
            raise AnsibleActionFail(f"{args['path']} is not there, or whoever connects must not read it.")
        found = {"sha256": there["checksum"], "bytes": there["size"]}
        if args["sha256"] and args["sha256"] != there["checksum"]:
            raise AnsibleActionFail(f"{args['path']} is damaged: its SHA-256 is not {args['sha256']}.")
        if local.is_file() and _sha256(local) == there["checksum"]:
            return {"changed": False, **found}
        free = shutil.disk_usage(local.parent).free
        if free < there["size"]:
            raise AnsibleActionFail(
                f"{local.parent} on the controller has {megabytes(free)} free, {megabytes(there['size'])} are needed."
            )
        part = local.with_name(f"{local.name}.part")
        try:
            with self._progress(part, there["size"]):
                self._connection.fetch_file(args["path"], str(part))
            if _sha256(part) != there["checksum"]:
                raise AnsibleActionFail(f"{args['path']} did not arrive as it is on the host. Run again.")
            part.replace(local)
        finally:
            part.unlink(missing_ok=True)
        return {"changed": True, **found}

    def _sent(self, args: dict[str, t.Any], local: Path) -> dict[str, t.Any]:
        found = {"sha256": args["sha256"], "bytes": local.stat().st_size}
        if _sha256(local) != args["sha256"]:
            raise AnsibleActionFail(
                f"{local} on the controller is damaged: its SHA-256 is not {args['sha256']}. Save the images again."
            )
        if self._stat(args["path"]).get("checksum") == args["sha256"]:
            return {"changed": False, **found}
        self._say(f"sending {megabytes(found['bytes'])}")
        self._connection.put_file(str(local), args["path"])
        if self._stat(args["path"]).get("checksum") != args["sha256"]:
            self._execute_module(
                module_name="ansible.builtin.file",
                module_args={"path": args["path"], "state": "absent"},
                task_vars=self._variables,
            )
            raise AnsibleActionFail(f"{args['path']} did not arrive as it is on the controller; removed. Run again.")
        return {"changed": True, **found}

    def _stat(self, path: str) -> dict[str, t.Any]:
        """Size and SHA-256 of a file on the host; empty where it is not there."""
        asked = {"path": path, "checksum_algorithm": "sha256", "get_mime": False, "get_attributes": False}
        told = self._execute_module(module_name="ansible.builtin.stat", module_args=asked, task_vars=self._variables)
        if told.get("failed") or told.get("unreachable"):
            raise AnsibleActionFail(f"{path} cannot be looked at: {told.get('msg', 'no message')}")
        found = told["stat"]
        return dict(found) if found["exists"] and found.get("checksum") else {}

    @contextmanager
    def _progress(self, path: Path, whole: int) -> t.Iterator[None]:
        """Say from time to time how much of a file has arrived."""
        over = threading.Event()

        def watch() -> None:
            while not over.wait(_PROGRESS):
                size = path.stat().st_size if path.exists() else 0
                self._say(f"{megabytes(size)} of {megabytes(whole)} have arrived")

        self._say(f"fetching {megabytes(whole)}")
        thread = threading.Thread(target=watch, daemon=True)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()

    def _say(self, text: str) -> None:
        host = self._task.delegate_to or self._variables.get("inventory_hostname", "")
        self._display.display(f"{host}: {text}")


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()
