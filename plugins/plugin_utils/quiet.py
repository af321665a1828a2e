# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""For action plugins whose modules answer with secrets that the plugin removes itself."""

from __future__ import annotations

import typing as t
from contextlib import contextmanager

from ansible.plugins.connection import ConnectionBase


@contextmanager
def quiet(connection: ConnectionBase) -> t.Iterator[None]:
    """Keep the connection from printing at C(-vvv) what a module answers; the task's result is not hidden."""
    context = connection._play_context
    before = context.no_log
    context.no_log = True
    try:
        yield
    finally:
        context.no_log = before
