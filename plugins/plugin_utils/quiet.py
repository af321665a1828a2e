# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""For action plugins whose modules are given secrets, or answer with secrets that the plugin removes itself."""

from __future__ import annotations

import typing as t
from contextlib import contextmanager

from ansible.plugins.action import ActionBase
from ansible.plugins.connection import ConnectionBase


def execute_quietly(action: ActionBase, task_vars: dict[str, t.Any] | None, **options: t.Any) -> dict[str, t.Any]:
    """Execute a module of which neither the host's journal nor C(-vvv) says anything; the task's result is not hidden.

    `options` are those of _execute_module(). The result is the module's own: what it holds is the caller's to remove.
    """
    # The documented variable for it, read by every release of ansible-core for each execution. A module would note
    # its options, environments of containers included, in the journal or syslog of the host.
    silent = {**(task_vars or {}), "ansible_no_target_syslog": True}
    with quiet(action._connection):
        result: dict[str, t.Any] = action._execute_module(task_vars=silent, **options)
    return result


@contextmanager
def quiet(connection: ConnectionBase) -> t.Iterator[None]:
    """Keep the connection from printing at C(-vvv) what a module answers."""
    context = connection._play_context
    before = context.no_log
    context.no_log = True
    try:
        yield
    finally:
        context.no_log = before
