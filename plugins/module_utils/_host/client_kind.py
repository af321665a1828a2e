# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which process of the WhatsApp client a container runs, whatever its image is called."""

from __future__ import annotations

import typing as t

from ansible_collections.wabiz.onprem.plugins.module_utils._host.database_tools import runs_database_tool

# The vendor's scripts; an absolute path is required since version 2.43.
_PROGRAMS = ("/opt/whatsapp/bin/", "launch_within_docker.sh", "wait_on_mysql.sh", "wait_on_postgres.sh")
# The vendor's monitoring containers know the nodes by WA_*_ENDPOINT and have none of these.
_DATABASE = ("WA_DB_ENGINE", "WA_DB_HOSTNAME", "WA_DB_NAME_PREFIX")


def client_kind(env: t.Mapping[str, str], commands: t.Collection[t.Sequence[str]]) -> str:
    """Empty for what is no client, else C(single), C(multi) (high availability, multiconnect) or C(dbupgrade).

    Each of `commands` is all that is executed, entry point, command and arguments, in one of the engine's ways to tell.
    """
    started = any(program in word for command in commands for word in command for program in _PROGRAMS)
    # A database or its backup may share a file of variables with the client.
    if not started and (not any(_value(env, name) for name in _DATABASE) or any(map(runs_database_tool, commands))):
        return ""
    if _is_true(env, "WA_DB_UPGRADE"):
        return "dbupgrade"
    return "multi" if _is_true(env, "WA_APP_MULTICONNECT") else "single"


def _value(env: t.Mapping[str, str], name: str) -> str:
    """Without quotation marks, which docker --env-file keeps."""
    return env.get(name, "").strip().strip("\"'").strip()


def _is_true(env: t.Mapping[str, str], name: str) -> bool:
    return _value(env, name).lower() in ("1", "true", "yes", "on")
