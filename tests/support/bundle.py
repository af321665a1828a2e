"""The offline bundle as an operator has it: made by `make bundle`, installed by the commands of its own README."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.support.gate import passes
from tests.support.paths import SYSTEM_PATH

_COMMANDS = re.compile(r"^```\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LIMIT = 1800.0
# An address that no network has: without a route to it the kernel says so at once.
OUTSIDE = "python3 -c 'import socket; socket.create_connection((\"192.0.2.1\", 443), 5)'"


def make(target: Path, **variables: str | Path) -> str:
    """Run `make bundle` with the environment as it is, and return what it says."""
    given = [f"{name}={value}" for name, value in {"BUNDLE": target, **variables}.items()]
    return passes("make", "--old-file=.venv/.ready", "bundle", *given, timeout=LIMIT)


def commands(bundle: Path) -> list[list[str]]:
    """The commands of the bundle's README by block: the five that install it, then what it shows besides."""
    text = (bundle / "README.md").read_text(encoding="utf-8")
    return [block.splitlines() for block in _COMMANDS.findall(text)]


@dataclass(frozen=True)
class Controller:
    """A user with a new home directory, with the machine's own programs and the Python that made the bundle.

    ``network`` turns a command line into one that runs in another network.
    """

    home: Path
    network: Callable[..., list[str]]

    def run(
        self, bundle: Path, line: str, environment: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run a line of a shell in the bundle's directory."""
        return subprocess.run(
            self.network("sh", "-c", line),
            cwd=bundle,
            env={
                "HOME": str(self.home),
                "PATH": f"{sys.base_prefix}/bin:{SYSTEM_PATH}",
                "LANG": os.environ.get("LANG", "C.UTF-8"),
                "ANSIBLE_NOCOLOR": "1",
                **(environment or {}),
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            timeout=LIMIT,
            check=False,
        )

    def succeeds(self, bundle: Path, line: str) -> str:
        """Run a line and return its output; AssertionError with the end of it when it fails."""
        done = self.run(bundle, line)
        assert done.returncode == 0, f"{line}: exit status {done.returncode}\n{done.stdout[-6000:]}"
        return done.stdout

    def install(self, bundle: Path) -> None:
        """Run the commands that install the bundle: all of the first block but the last one."""
        for line in commands(bundle)[0][:-1]:
            self.succeeds(bundle, line)
