# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is wrong, in the form in which all of it is told. Pure data."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong: where, what, and what to do about it. Both are sentences; behind a place the
    problem begins with a small letter.

    A C(fatal) one ends the run; one that is C(forceable) may be overruled with force.
    """

    where: str
    problem: str
    remedy: str = ""
    fatal: bool = True
    variable: str = ""
    forceable: bool = False

    @property
    def reason(self) -> str:
        """The problem as a part of another sentence."""
        return self.problem.rstrip(".")

    def __str__(self) -> str:
        place = ", ".join(filter(None, (self.where, f"variable {self.variable}" if self.variable else "")))
        overrule = "force=true overrules this." if self.forceable else ""
        text = " ".join(filter(None, (self.problem, self.remedy, overrule)))
        return f"{place}: {text}" if place else text

    def as_dict(self) -> dict[str, str]:
        """For a result that users read."""
        level = "critical" if self.fatal else "warning"
        return {"level": level, "where": self.where, "problem": self.problem, "remedy": self.remedy}


def merged(findings: t.Iterable[Finding]) -> list[Finding]:
    """The same finding of several hosts as one, so that a message names each problem once."""
    places: dict[Finding, list[str]] = {}
    for finding in findings:
        places.setdefault(replace(finding, where=""), []).append(finding.where)
    return [replace(finding, where=", ".join(dict.fromkeys(where))) for finding, where in places.items()]


def texts(findings: t.Iterable[Finding], fatal: bool) -> list[str]:
    """The texts of those that end a run, or of those that do not."""
    return [str(finding) for finding in merged(findings) if finding.fatal is fatal]


def judgement(findings: t.Iterable[Finding]) -> dict[str, list[str]]:
    """The findings as a plan returns them."""
    known = list(findings)
    return {"refusals": texts(known, fatal=True), "warnings": texts(known, fatal=False)}


def noted(judged: t.Mapping[str, t.Sequence[str]]) -> list[str]:
    """What judgement() has found, as lines of a plan."""
    return [*(f"Warning: {one}" for one in judged["warnings"]), *(f"Refused: {one}" for one in judged["refusals"])]


def refusal(findings: t.Iterable[Finding]) -> str:
    """The message of a run that ends because of these findings; empty where none of them is fatal."""
    fatal = texts(findings, fatal=True)
    head = f"{len(fatal)} finding(s); nothing was changed."
    return "\n".join([head, *(f"- {line}" for line in fatal)]) if fatal else ""
