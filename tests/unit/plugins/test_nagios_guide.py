# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The script of docs/verify.md for Nagios: its exit code is the state, whatever else the line says."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.wabiz.onprem.tests.unit.plugins.module_utils._plans.verify.test_plan import judged, set_in

from tests.support import guide

# Ends as verify.yml does: with the result where there is one, and with an error where something is critical.
VERIFY = """#!/bin/sh
for word; do case "$word" in wabiz_verify_file=*) file=${word#wabiz_verify_file=} ;; esac; done
[ "$RESULT" ] || exit 4
printf %s "$RESULT" > "$file"
exit 2
"""


def checked(folder: Path, result: str) -> tuple[int, str]:
    """Run the script as it is written, with a verification that has this result; return its exit code and its line."""
    (script,) = guide.blocks("verify.md", "sh")
    program = folder / "bin" / "ansible-playbook"
    program.parent.mkdir()
    program.write_text(VERIFY, encoding="utf-8")
    program.chmod(0o755)
    (folder / "tmp").mkdir()
    path = f"{program.parent}:{os.environ['PATH']}"
    done = subprocess.run(
        ["/bin/sh", "-c", script],
        env={**os.environ, "PATH": path, "RESULT": result, "TMPDIR": str(folder / "tmp")},
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    assert not [*(folder / "tmp").iterdir()]
    return done.returncode, done.stdout


def critical(reason: str) -> dict[str, Any]:
    """What verify.yml says of a cluster whose API does not answer for this reason."""
    return judged(set_in("snapshot", "health", value={"msg": reason}))


@pytest.mark.parametrize("reason", ["HTTP 200 OK from a proxy", "the balancer says WABIZ OK - all is well"])
def test_a_critical_line_that_quotes_another_state_is_critical(tmp_path: Path, reason: str) -> None:
    found = critical(reason)
    assert found["state"] == "CRITICAL" and " OK " in found["line"]
    assert checked(tmp_path, json.dumps(found)) == (2, f"{found['line']}\n")


@pytest.mark.parametrize(("state", "code"), [("OK", 0), ("WARNING", 1), ("CRITICAL", 2), ("NEW", 3)])
def test_each_state_has_its_exit_code(tmp_path: Path, state: str, code: int) -> None:
    line = f"WABIZ {state} - CRITICAL and WARNING and OK are words | critical=0 warning=0"
    assert checked(tmp_path, json.dumps({"line": line})) == (code, f"{line}\n")


def test_a_playbook_that_did_not_finish_is_unknown(tmp_path: Path) -> None:
    code, line = checked(tmp_path, "")
    assert (code, line) == (3, "WABIZ UNKNOWN - the playbook did not finish\n")
