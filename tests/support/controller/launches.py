"""What may be said of a launch beforehand, in a schedule or in a workflow's node, and when a schedule is due."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from tests.support.controller import surveys
from tests.support.controller.kinds import PROMPTED_PARTS, PROMPTS

NOT_ASKED = "Field is not configured to prompt on launch."
_START = re.compile(r"DTSTART(;TZID=[A-Za-z_]+/[A-Za-z_/]+:[0-9]{8}T[0-9]{6}|:[0-9]{8}T[0-9]{6}Z)(?=\s|$)")
_RULE = re.compile(r"(?:EX|R)RULE:(\S*)")


def wrong_rule(rrule: str) -> list[str]:
    """Why AWX does not accept a schedule's rule; iCalendar's syntax beyond that is not checked."""
    found = []
    if rrule.count("DTSTART") != 1 or not _START.search(rrule):
        found.append("one DTSTART is required, with a time zone: DTSTART:YYYYMMDDTHHMMSSZ or DTSTART;TZID=...")
    rules = _RULE.findall(rrule)
    if not rules:
        found.append("at least one RRULE is required")
    for rule in rules:
        parts = dict(part.partition("=")[::2] for part in rule.split(";"))
        if "INTERVAL" not in parts:
            found.append(f"INTERVAL required: {rule}")
        if parts.get("FREQ") not in ("MINUTELY", "HOURLY", "DAILY", "WEEKLY", "MONTHLY", "YEARLY"):
            found.append(f"FREQ is not supported: {rule}")
        if re.search("[0-9]", parts.get("BYDAY", "")):
            found.append(f"BYDAY with a number is not supported: {rule}")
        if {"COUNT", "UNTIL"} <= set(parts) or int(parts.get("COUNT", 0)) > 999:
            found.append(f"COUNT with UNTIL, or above 999, is not supported: {rule}")
    return found


def wrong_prompts(
    template: Mapping[str, Any], spec: Mapping[str, Any], given: Mapping[str, Any], *, complete: bool
) -> dict[str, list[str]]:
    """Why a template does not accept what is given for its launch, by field.

    ``spec`` is its survey, empty if it has none; ``complete`` if no answer may be missing.
    """
    found = {
        name: [NOT_ASKED]
        for name, switch in PROMPTS.items()
        if name not in PROMPTED_PARTS
        and given.get(name) not in (None, "", template.get(name))
        and not template.get(switch)
    }
    answers = given.get("extra_data") or {}
    asked = spec if template.get("survey_enabled") and spec else {"spec": []}
    others = set(answers) - {question["variable"] for question in asked["spec"]}
    if others and not template.get("ask_variables_on_launch"):
        found["extra_data"] = [f"Variables {', '.join(sorted(others))} are not allowed on launch."]
    wrong = surveys.wrong_answers(asked, answers, complete=complete)
    return found | ({"variables_needed_to_start": wrong} if wrong else {})
