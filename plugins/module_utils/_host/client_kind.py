# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which process of the WhatsApp client a container runs, whatever its image is called."""

from __future__ import annotations

import typing as t

# The vendor's scripts; an absolute path is required since version 2.43.
_PROGRAMS = ("/opt/whatsapp/bin/", "launch_within_docker.sh", "wait_on_mysql.sh", "wait_on_postgres.sh")
# The vendor's monitoring containers know the nodes by WA_*_ENDPOINT and have none of these.
_DATABASE = ("WA_DB_ENGINE", "WA_DB_HOSTNAME", "WA_DB_NAME_PREFIX")


def client_kind(env: t.Mapping[str, str], command: t.Iterable[str]) -> str:
    """Empty for what is no client, else C(single), C(multi) (high availability, multiconnect) or C(dbupgrade).

    `command` is everything that is executed: entry point, command and arguments.
    """
    started = any(program in word for word in command for program in _PROGRAMS)
    if not started and not any(env.get(name) for name in _DATABASE):
        return ""
    if is_true(env.get("WA_DB_UPGRADE", "")):
        return "dbupgrade"
    return "multi" if is_true(env.get("WA_APP_MULTICONNECT", "")) else "single"


def is_true(value: str) -> bool:
    return value.strip().lower() in ("1", "true", "yes", "on")
