"""AWX's own rules: what it offers as a playbook, which surveys and answers it takes, what a job gets of a credential.

Written from its behaviour; no code of AWX is in it, and none is needed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from jinja2 import StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

from tests.support.gate import passes
from tests.support.paths import ROOT
from tools.awx.project import TOP, archive
from tools.awx.written import read

# AWX knows no other name of import_playbook.
_PLAYBOOK = re.compile(r"\s*-?\s*(hosts|include|import_playbook):")
_SKIPPED = {"roles", "tasks", "group_vars", "host_vars"}
_ANSWERS: dict[str, Any] = {
    **dict.fromkeys(("text", "textarea", "password", "multiplechoice"), str),
    "multiselect": list,
    "integer": int,
    "float": (float, int),
}
_DEFAULTS = {**dict.fromkeys(_ANSWERS, str), "integer": int, "float": float}
_LENGTHS = ("text", "textarea", "password")
_NUMBERS = ("integer", "float")
_CHOICES = ("multiplechoice", "multiselect")
_NAME = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")


def unpacked(tarball: Path, place: Path) -> Path:
    """The project in a new directory, as AWX has it when it has unpacked the archive."""
    archive(ROOT / "awx", tarball, place / "project.tar.gz")
    # Debian 12's Python has no filters for archives yet.
    passes("tar", "--extract", "--file", "project.tar.gz", directory=place)
    return place / TOP


def playbooks(project: Path) -> set[str]:
    """What the drop-down shows: YAML files with a line that looks like a play, relative to the project."""
    return {
        str(path.relative_to(project))
        for path in project.rglob("*")
        if path.suffix in (".yml", ".yaml") and _is_looked_at(path.relative_to(project).parts) and _looks_like_one(path)
    }


def _is_looked_at(parts: tuple[str, ...]) -> bool:
    return not any(part in _SKIPPED or part.startswith(".") for part in parts[:-1])


def _looks_like_one(path: Path) -> bool:
    lines = path.read_text(encoding="utf-8").splitlines()
    return any(map(_PLAYBOOK.match, lines)) or any(line.startswith("$ANSIBLE_VAULT;") for line in lines[:1])


def survey_faults(survey: Mapping[str, Any]) -> Iterator[str]:
    """Why AWX would not take a survey."""
    if not all(
        isinstance(survey.get(key), kind) for key, kind in (("name", str), ("description", str), ("spec", list))
    ):
        yield "name, description or spec is missing"
    elif not survey["spec"]:
        yield "no question"
    else:
        names = [question.get("variable") for question in survey["spec"]]
        yield from (f"{name} is asked twice" for name in set(names) if names.count(name) > 1)
        for question in survey["spec"]:
            yield from (f"{question.get('variable')}: {fault}" for fault in _question_faults(question))


def _question_faults(question: Mapping[str, Any]) -> Iterator[str]:
    fields = {"type": str, "question_name": str, "variable": str, "required": bool}
    wrong = [key for key, kind in fields.items() if not isinstance(question.get(key), kind)]
    if wrong:
        yield f"{', '.join(wrong)} is missing or of another type"
        return
    kind, default = question["type"], question.get("default", "")
    if kind not in _ANSWERS:
        yield f"no type {kind}"
        return
    if default != "" and (not isinstance(default, _DEFAULTS[kind]) or isinstance(default, bool)):
        yield f"a default of type {type(default).__name__}"
    if any(isinstance(question.get(limit), bool | float | str) for limit in ("min", "max")):
        yield "a limit that is no integer"
    if kind in _CHOICES:
        choices = _choices(question)
        given = str(default).splitlines()
        if not choices or (kind == "multiplechoice" and len(given) > 1) or not set(given) <= set(choices):
            yield "no choices, or a default that is none of them"
    elif default != "":
        yield from answer_faults(question, default)


def _choices(question: Mapping[str, Any]) -> list[str]:
    choices = question.get("choices", [])
    return [one for one in choices.splitlines() if one.strip()] if isinstance(choices, str) else choices


def answer_faults(question: Mapping[str, Any], answer: Any) -> Iterator[str]:
    """Why AWX would not start a job with this answer."""
    kind = question["type"]
    if not isinstance(answer, _ANSWERS[kind]) or isinstance(answer, bool):
        yield f"{answer!r} is of another type"
    elif kind in _LENGTHS or kind in _NUMBERS:
        size = len(answer) if kind in _LENGTHS else answer
        least, most = question.get("min"), question.get("max")
        if (least not in ("", None) and size < least) or (most not in ("", None) and size > most):
            yield f"{answer!r} is too small or too large"
    elif not set([answer] if kind == "multiplechoice" else answer) <= set(_choices(question)):
        yield f"{answer!r} is none of the choices"


class _Filenames(dict[str, str]):
    """What `tower.filename` is: one name for each file."""

    def __getattr__(self, name: str) -> str:
        return self[name]


def injected(kind: Mapping[str, Any], answers: Mapping[str, str], directory: Path) -> dict[str, str]:
    """The extra variables that a job gets of a credential, whose blank fields are undefined, and its files."""
    return _rendered(kind, {name: value for name, value in answers.items() if value}, directory, {})


def injector_faults(kind: Mapping[str, Any], directory: Path) -> Iterator[str]:
    """Why AWX would not take a credential type: names, or a field that a template names and that does not exist."""
    ids = [field["id"] for field in kind["inputs"]["fields"]]
    yield from (f"{name} is no name" for name in [*ids, *kind["injectors"]["extra_vars"]] if not _NAME.fullmatch(name))
    yield from (f"{name} is there twice" for name in set(ids) if ids.count(name) > 1)
    for field in kind["inputs"]["fields"]:
        if set(field) - {"id", "type", "label", "help_text", "secret", "multiline"} or field["type"] != "string":
            yield f"{field['id']} has an unknown part"
    _rendered(kind, dict.fromkeys(ids, "EXAMPLE"), directory, {"undefined": StrictUndefined})


def _rendered(
    kind: Mapping[str, Any], fields: Mapping[str, str], directory: Path, options: Mapping[str, Any]
) -> dict[str, str]:
    environment = ImmutableSandboxedEnvironment(**options)
    names = _Filenames()
    for key, template in kind["injectors"].get("file", {}).items():
        file = directory / key.partition(".")[2]
        file.write_text(environment.from_string(template).render(fields), encoding="utf-8")
        file.chmod(0o600)
        names[file.name] = str(file)
    namespace = {**fields, "tower": {"filename": names}, "awx": {"filename": names}}
    extra_vars = kind["injectors"]["extra_vars"]
    return {name: environment.from_string(template).render(namespace) for name, template in extra_vars.items()}


def objects(project: Path) -> dict[str, Any]:
    """All data of objects/ below a project, by the name of the list."""
    found: dict[str, Any] = {}
    for file in sorted((project / "objects").glob("*.yml")):
        found |= read(file.read_text(encoding="utf-8"))
    return found
