# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One thing that is wrong, and many of them in one message. No I/O."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong: where, what, and what to do about it."""

    where: str
    problem: str
    remedy: str
    fatal: bool = True
    variable: str = ""

    def __str__(self) -> str:
        variable = f", variable {self.variable}" if self.variable else ""
        return f"{self.where}{variable}: {self.problem} {self.remedy}"


def merged(findings: list[Finding]) -> list[Finding]:
    """The same finding of several hosts as one, so that a message names each problem once."""
    places: dict[Finding, list[str]] = {}
    for finding in findings:
        places.setdefault(replace(finding, where=""), []).append(finding.where)
    return [replace(finding, where=", ".join(dict.fromkeys(where))) for finding, where in places.items()]


def refusal(findings: list[Finding]) -> str:
    """The message of a run that ends because of these findings; empty where none of them is fatal."""
    fatal = [str(finding) for finding in merged(findings) if finding.fatal]
    return (
        "\n".join([f"{len(fatal)} finding(s); nothing was changed.", *(f"- {line}" for line in fatal)]) if fatal else ""
    )
