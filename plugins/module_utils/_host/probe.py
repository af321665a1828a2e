# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files that containers write into their media and read from them, as the client would: by a shell in the container."""

from __future__ import annotations

import subprocess
import typing as t
from pathlib import Path

from ansible_collections.wabiz.onprem.plugins.module_utils._host.engine import EngineError
from ansible_collections.wabiz.onprem.plugins.module_utils._host.mounts import mounted_in
from ansible_collections.wabiz.onprem.plugins.module_utils._host.program import ask
from ansible_collections.wabiz.onprem.plugins.module_utils._host.running import process_of
from ansible_collections.wabiz.onprem.plugins.module_utils._model.docker_command import docker
from ansible_collections.wabiz.onprem.plugins.module_utils._model.media import PLACE

PREFIX = ".wabiz-probe-"
_ENFORCED = Path("/sys/fs/selinux/enforce")
# Removes the file when it is too old; ends soon after another has removed it. It begins before the file is written.
_REMOVE = """
cd -- "$1" || exit 0
passed=0
while [ "$passed" -lt "$3" ] && { [ "$passed" -lt "$5" ] || [ -e "$2" ]; }; do
  sleep "$4"
  passed=$((passed + $4))
done
rm -f -- "$2"
"""
# Seconds between two looks whether it is still there, and until the first of them.
_PAUSE, _GRACE = 5, 30
# The first line clears what containers have left that were stopped meanwhile.
_WRITE = """
cd -- "$1" || exit 10
find . -maxdepth 1 -name '.wabiz-probe-*' -mmin +30 -delete 2> /dev/null
printf 'user %s\\n' "$(id -u)"
printf 'directory %s\\n' "$(stat -c '%u %a' .)"
printf '%s\\n' "$2" > "$2" || exit 11
printf 'file %s\\n' "$(stat -c %u "$2")"
"""
# A file that another host has just written may be seen a moment later.
_READ = """
cd -- "$1" || exit 10
shift
for patience in 1 1 0; do
  said= lacking=
  for file in "$@"; do
    line=
    if [ ! -e "$file" ]; then state=missing
    elif ! { read -r line < "$file"; } 2> /dev/null || [ "$line" != "$file" ]; then state=unreadable
    else state=seen; fi
    [ "$state" = seen ] || lacking=1
    said="$said$state $file
"
  done
  [ "$lacking" ] && [ "$patience" -gt 0 ] || break
  sleep "$patience"
done
printf '%s' "$said"
"""
# By exit code; every other one is of the engine.
_KINDS = {0: "", 10: "directory", 11: "write"}
_CLEAR = 'cd -- "$1" && rm -f -- "$2"'


def enforced() -> bool:
    """Whether the host's SELinux refuses what its rules do not allow."""
    try:
        return _ENFORCED.read_text(encoding="ascii").strip() == "1"
    except OSError:
        return False


class Shell:
    """A shell in containers of one engine; each command has a time-out."""

    def __init__(self, socket: str, timeout: float) -> None:
        self._socket, self._timeout = socket, timeout

    def write(self, container: str, file: str, lifetime: int) -> dict[str, t.Any]:
        """Write a file, which the container itself removes after C(lifetime) seconds if none else does.

        C(problem) is empty where it was written, else C(reason) says why not. C(user) is who writes, C(owner) whose the
        file is then, C(directory) owner and mode of the directory, C(mount) what is mounted there.
        """
        found: dict[str, t.Any] = {"name": container, "file": file, "mount": self._mount(container)}
        self._run(container, _REMOVE, file, *map(str, (lifetime, _PAUSE, _GRACE)), background=True)
        problem, reason, lines = self._run(container, _WRITE, file)
        said = dict(line.split(" ", 1) for line in lines if " " in line)
        return {
            **found,
            "problem": problem,
            "reason": reason,
            "user": said.get("user", ""),
            "directory": said.get("directory", ""),
            "owner": said.get("file", ""),
        }

    def read(self, container: str, files: t.Sequence[str]) -> dict[str, t.Any]:
        """C(expected) are the files, C(missing) and C(unreadable) those of them that are not as they were written."""
        problem, reason, lines = self._run(container, _READ, *files)
        states = [line.partition(" ")[::2] for line in lines]
        return {
            "expected": list(files),
            "missing": [file for state, file in states if state == "missing"],
            "unreadable": [file for state, file in states if state == "unreadable"],
            "read_problem": problem,
            "read_reason": reason,
        }

    def clear(self, container: str, file: str) -> None:
        """Remove a file; where that fails its container does it later."""
        self._run(container, _CLEAR, file)

    def _mount(self, container: str) -> dict[str, str]:
        try:
            return mounted_in(process_of(container, self._socket), PLACE)
        except EngineError:
            return {}

    def _run(self, container: str, script: str, *words: str, background: bool = False) -> tuple[str, str, list[str]]:
        """What kind of problem there was, in which words, and the lines that were printed."""
        detached = ["--detach"] if background else []
        inside = ["sh", "-c", script, "sh", PLACE, *words]
        try:
            done = ask(docker("exec", *detached, container, *inside, socket=self._socket), self._timeout)
        except subprocess.TimeoutExpired:
            return "silent", f"no answer within {self._timeout:g} s", []
        except (OSError, ValueError) as error:
            return "engine", str(error), []
        problem = _KINDS.get(done.returncode, "engine")
        said = [*done.stderr.strip().splitlines(), f"exit code {done.returncode}"]
        # The last of its own lines.
        return problem, said[max(len(said) - 2, 0)] if problem else "", done.stdout.splitlines()
