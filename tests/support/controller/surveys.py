"""What AWX accepts as a survey, and as answers to one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.support.controller.refused import HIDDEN, Refused

TYPES: dict[str, type | tuple[type, ...]] = {
    "text": str,
    "textarea": str,
    "password": str,
    "integer": int,
    "float": (float, int),
    "multiplechoice": str,
    "multiselect": (str, list),
}
_CHOSEN = ("multiplechoice", "multiselect")
_QUESTION = {"type": str, "question_name": str, "variable": str, "required": bool}


def accepted(spec: Any) -> dict[str, Any]:
    """Return a survey as AWX keeps it. Raises Refused."""
    for name, kind in {"name": str, "description": str, "spec": list}.items():
        if not isinstance(spec.get(name), kind):
            raise Refused({"error": f"field {name!r} is missing from the survey spec, or is no {kind.__name__}"})
    if not spec["spec"]:
        raise Refused({"error": "'spec' has no items"})
    seen: set[str] = set()
    for number, question in enumerate(spec["spec"]):
        complaint = _complaint(question, seen)
        if complaint:
            raise Refused({"error": f"survey question {number}: {complaint}"})
        seen.add(question["variable"])
    return {"name": spec["name"], "description": spec["description"], "spec": [_kept(one) for one in spec["spec"]]}


def wrong_answers(spec: Mapping[str, Any], answers: Mapping[str, Any], *, complete: bool) -> list[str]:
    """What is wrong with answers; ``complete`` if required questions without a default have to be answered."""
    found = []
    for question in spec["spec"]:
        name = question["variable"]
        if name not in answers:
            if complete and question["required"] and question.get("default", "") in ("", None):
                found.append(f"{name!r} needs an answer")
        elif not isinstance(answers[name], TYPES[question["type"]]):
            found.append(f"the answer to {name!r} is no {question['type']}")
        elif question["type"] == "multiplechoice" and answers[name] not in lines(question["choices"]):
            found.append(f"the answer to {name!r} is none of its choices")
    return found


def lines(choices: str | list[str]) -> list[str]:
    """Choices, which are a list or lines of text, without blank ones."""
    given = choices.splitlines() if isinstance(choices, str) else choices
    return [one for one in given if one.strip()]


def _complaint(question: Any, seen: set[str]) -> str:
    if not isinstance(question, dict):
        return "is no object"
    for name, kind in _QUESTION.items():
        if not isinstance(question.get(name), kind):
            return f"{name!r} is missing, or is no {kind.__name__}"
    if question["variable"] in seen:
        return f"variable {question['variable']!r} is there twice"
    if question["type"] not in TYPES:
        return f"{question['type']!r} is none of {', '.join(TYPES)}"
    for name in ("min", "max"):
        if not isinstance(question.get(name), int | None):
            return f"{name!r} is no integer"
    default = question.get("default", "")
    if default != "" and not isinstance(default, TYPES[question["type"]]):
        return f"default {default!r} is of another type"
    return _wrong_choices(question, default) if question["type"] in _CHOSEN else ""


def _wrong_choices(question: Mapping[str, Any], default: str | list[str]) -> str:
    if "choices" not in question:
        return "has no choices"
    wanted = lines(default)
    if question["type"] == "multiplechoice" and len(wanted) > 1:
        return "has more than one default"
    return "" if set(wanted) <= set(lines(question["choices"])) else f"default {default!r} is none of the choices"


def _kept(question: Mapping[str, Any]) -> dict[str, Any]:
    """A question without the blank lines of its choices and their default; the default of a password is hidden."""
    if question["type"] == "password" and question.get("default"):
        return {**question, "default": HIDDEN}
    if question["type"] not in _CHOSEN:
        return dict(question)
    texts = {name: question[name] for name in ("choices", "default") if isinstance(question.get(name), str)}
    return {**question, **{name: "\n".join(lines(text)) for name, text in texts.items()}}
