"""Surveys out of the declaration, by the rules of AWX: no booleans, no secrets, and limits as integers."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from typing import Any

from ansible_collections.wabiz.onprem.plugins.module_utils._settings.declaration import Variable
from ansible_collections.wabiz.onprem.plugins.module_utils._settings.patterns import PATTERNS

Question = dict[str, Any]

_ALTERNATIVES = re.compile(r"\w+(\|\w+)+")
# What nobody keeps in an inventory: there the default may be the answer.
_EACH_RUN = "operation"


def survey(asked: Iterable[Variable], required: Iterable[str] = ()) -> dict[str, Any]:
    """A survey with a question for each variable, those that must be answered first.

    Raises ValueError for a variable that no survey may ask for.
    """
    must = set(required)
    questions = [_question(variable, variable.name in must) for variable in asked]
    return {
        "name": "",
        "description": "",
        "spec": sorted(questions, key=lambda question: not question["required"]),
    }


def _question(variable: Variable, required: bool) -> Question:
    if variable.secret or variable.type == "file":
        raise ValueError(f"{variable.name} cannot be asked for: it is a secret or a file on the controller")
    return {
        "variable": variable.name,
        "question_name": label(variable),
        "question_description": _described(variable),
        "required": required,
        **_typed(variable, required),
    }


def label(variable: Variable) -> str:
    """The variable's name as people read it."""
    return variable.key.replace("_", " ").capitalize()


def _described(variable: Variable) -> str:
    """What it means, the form of an answer, and what holds without one."""
    form = f" Form: {PATTERNS[variable.pattern].meaning}." if variable.pattern and not _choices(variable) else ""
    return f"{variable.description}{form} ({variable.name})"


def _choices(variable: Variable) -> list[str]:
    if variable.type == "bool":
        return ["yes", "no"]
    if variable.choices:
        return [str(choice) for choice in variable.choices]
    expression = PATTERNS[variable.pattern].expression if variable.pattern else ""
    return expression.split("|") if _ALTERNATIVES.fullmatch(expression) else []


def _typed(variable: Variable, required: bool) -> Question:
    """Type, limits, choices; and the default where it may be one."""
    choices = _choices(variable)
    default = None if required or variable.section != _EACH_RUN else variable.default
    if choices:
        kind = "multiselect" if variable.type == "list" else "multiplechoice"
        shown = ("no", "yes")[default] if isinstance(default, bool) else default
        return {"type": kind, "choices": "\n".join(choices), **_with(default, str(shown))}
    if variable.type in ("int", "float"):
        least, most = variable.range or (None, None)
        limits = {
            "min": None if least is None else math.floor(least),
            "max": None if most is None else math.ceil(most),
        }
        return {"type": {"int": "integer", "float": "float"}[variable.type], **limits, **_with(default, default)}
    kind = "textarea" if variable.multiline or variable.type == "dict" else "text"
    # A smallest length would refuse a blank answer.
    return {"type": kind, "min": int(required), "max": variable.length[1], **_with(default, default)}


def _with(default: Any, answer: Any) -> Question:
    return {} if default is None else {"default": answer}
