"""A reader of a page of docs/, who runs its commands unchanged, one after the other."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass, field

from tests.support.canary import Canaries
from tests.support.guide import commands
from tests.support.paths import BIN, BUILD, ROOT

# Seconds; the longest commands replace a whole cluster.
LIMIT = 1200


@dataclass
class Walk:
    """A page, what is still to be run of it, and what its reader has in the environment."""

    page: str
    secrets: Canaries
    environment: dict[str, str] = field(default_factory=dict)
    ahead: list[str] = field(init=False)

    def __post_init__(self) -> None:
        self.ahead = commands(self.page)

    def run(self, words: str, *, fails: bool = False) -> str:
        """Run the next command of the page, which has these words, and return its output without a secret in it."""
        command = self.ahead.pop(0)
        assert words in command
        return self.do(command, fails=fails)

    def do(self, command: str, *, fails: bool = False) -> str:
        """Run a command as the reader does, and return its output without a secret in it."""
        own = {
            "PATH": f"{BIN}:{os.environ['PATH']}",
            "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"),
            "ANSIBLE_NOCOLOR": "1",
        }
        done = subprocess.run(
            ["sh", "-c", command],
            cwd=BUILD,
            env={**os.environ, **own, **self.environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            timeout=LIMIT,
            check=False,
        )
        assert self.secrets.leaks(done.stdout) == []
        assert (done.returncode != 0) is fails, f"{command}\n{done.stdout[-6000:]}"
        return done.stdout
