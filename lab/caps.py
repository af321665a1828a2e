# SPDX-License-Identifier: GPL-3.0-or-later
"""Capabilities for a host container: those that this machine can give, which may be fewer than --privileged needs."""

from __future__ import annotations

from pathlib import Path

# In the order of the kernel's numbers; newer ones than AUDIT_READ are not known to every engine and not needed.
# fmt: off
NAMES = (
    "CHOWN", "DAC_OVERRIDE", "DAC_READ_SEARCH", "FOWNER", "FSETID", "KILL", "SETGID", "SETUID", "SETPCAP",
    "LINUX_IMMUTABLE", "NET_BIND_SERVICE", "NET_BROADCAST", "NET_ADMIN", "NET_RAW", "IPC_LOCK", "IPC_OWNER",
    "SYS_MODULE", "SYS_RAWIO", "SYS_CHROOT", "SYS_PTRACE", "SYS_PACCT", "SYS_ADMIN", "SYS_BOOT", "SYS_NICE",
    "SYS_RESOURCE", "SYS_TIME", "SYS_TTY_CONFIG", "MKNOD", "LEASE", "AUDIT_WRITE", "AUDIT_CONTROL", "SETFCAP",
    "MAC_OVERRIDE", "MAC_ADMIN", "SYSLOG", "WAKE_ALARM", "BLOCK_SUSPEND", "AUDIT_READ",
)
# fmt: on
NEEDED = ("SYS_ADMIN", "NET_ADMIN", "SYS_PTRACE", "NET_RAW")  # without these no engine runs in a container


def bounding_set(status: str) -> list[str]:
    """Names of the capabilities in the bounding set of a /proc/PID/status text."""
    mask = next(int(line.split()[1], 16) for line in status.splitlines() if line.startswith("CapBnd:"))
    return [name for bit, name in enumerate(NAMES) if mask >> bit & 1]


def available() -> list[str]:
    """The capabilities that this machine can give to a container."""
    return bounding_set(Path("/proc/self/status").read_text(encoding="utf-8"))
