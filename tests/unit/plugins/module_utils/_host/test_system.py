# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a host says that it is: files as the distributions ship them, shortened."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.wabiz.onprem.plugins.module_utils._host.system import system

DEBIAN = 'PRETTY_NAME="Debian GNU/Linux 13 (trixie)"\nNAME="Debian GNU/Linux"\nVERSION_ID="13"\nID=debian\n'
UBUNTU = 'NAME="Ubuntu"\nVERSION_ID="24.04"\nID=ubuntu\nID_LIKE=debian\n'
ROCKY = 'NAME="Rocky Linux"\nID="rocky"\nID_LIKE="rhel centos fedora"\nVERSION_ID="9.4"\n# a comment\n'
SID = 'PRETTY_NAME="Debian GNU/Linux forky/sid"\nID=debian\n'


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (DEBIAN, {"id": "debian", "version": "13", "family": "debian"}),
        (UBUNTU, {"id": "ubuntu", "version": "24.04", "family": "debian"}),
        (ROCKY, {"id": "rocky", "version": "9.4", "family": "redhat"}),
        (SID, {"id": "debian", "version": "", "family": "debian"}),
        ("ID=alpine\n", {"id": "alpine", "version": "", "family": ""}),
        ('ID="no end', {"id": "", "version": "", "family": ""}),
        ("", {"id": "", "version": "", "family": ""}),
    ],
)
def test_what_a_system_says_of_itself(tmp_path: Path, text: str, expected: dict[str, str]) -> None:
    file = tmp_path / "os-release"
    file.write_text(text, encoding="utf-8")
    assert system((str(tmp_path / "none"), str(file))) == expected
