# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who runs a playbook, in the words that another operator understands."""

from __future__ import annotations

import datetime as dt
import getpass
import hashlib
import os
import re
import socket
import typing as t
from pathlib import Path


def holder(variables: t.Mapping[str, t.Any]) -> str:
    """User and job where AWX or AAP runs it, else user, machine and process; and the time.

    Two runs of one user differ, and so do two playbooks that one run imports.
    """
    now = dt.datetime.now(dt.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    for prefix in ("awx", "tower"):
        user, job = variables.get(f"{prefix}_user_name"), variables.get(f"{prefix}_job_id")
        if job:
            return f"{user or 'a schedule'}, AWX job {job}, run of {now}"
    # Action plugins run in a child of ansible-playbook.
    return f"{_user()}@{socket.gethostname()}, process {os.getppid()} of {_processes()}, run of {now}"


def run_of(text: str) -> str:
    """The part of a host's holder that all hosts of the run have, up to a comma; empty for another text."""
    found = re.search(r"AWX job [^,\s]+,|@\S+, process \d+ of [^\s,]*,", text)
    return found[0] if found else ""


def has_ended(text: str) -> bool:
    """Whether a holder is a run on this machine whose process is not there any more."""
    found = re.search(r"@(\S+), process (\d+) of (\S*), run of ", text)
    if found is None or not found[3] or (found[1], found[3]) != (socket.gethostname(), _processes()):
        return False
    try:
        os.kill(int(found[2]), 0)
    except ProcessLookupError:
        return True
    except OSError:  # it belongs to another user
        pass
    return False


def _processes() -> str:
    """A short name of the machine's boot and the numbers of its processes, which containers have their own of.

    Empty where the system does not show it; then nothing is known of the processes of others.
    """
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        return hashlib.sha256(f"{boot} {Path('/proc/self/ns/pid').readlink()}".encode()).hexdigest()[:6]
    except OSError:
        return ""


def _user() -> str:
    try:
        return os.environ.get("SUDO_USER") or getpass.getuser()
    except (KeyError, OSError):  # an execution environment's user may have no name
        return f"user {os.getuid()}"
