"""What awx/ is made of: questions by the type of a variable, rows of the declaration, parts of the page."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.wabiz.onprem.plugins.module_utils._settings.declaration import Variable
from ansible_collections.wabiz.onprem.plugins.plugin_utils.declared import declared

from tools.awx import objects, page
from tools.awx.survey import survey
from tools.awx.written import Unsafe, read, write


def variable(kind: str, **more: Any) -> Variable:
    fields = {"name": "wabiz_a_thing", "section": "cluster", "description": "A thing.", "read_by": frozenset(["site"])}
    return Variable(**{**fields, "type": kind, **more})


def question(kind: str, required: bool = False, **more: Any) -> dict[str, Any]:
    one = variable(kind, **more)
    (found,) = survey([one], [one.name] if required else [])["spec"]
    assert (found.pop("variable"), found.pop("question_name")) == ("wabiz_a_thing", "A thing")
    assert found.pop("question_description").startswith("A thing.")
    assert found.pop("required") is required
    return found


OPERATION = "operation"


@pytest.mark.parametrize(
    ("given", "asked"),
    [
        ({"kind": "bool", "default": False}, {"type": "multiplechoice", "choices": "yes\nno"}),
        (
            {"kind": "bool", "default": False, "section": OPERATION},
            {"type": "multiplechoice", "choices": "yes\nno", "default": "no"},
        ),
        ({"kind": "int", "choices": (1, 2)}, {"type": "multiplechoice", "choices": "1\n2"}),
        ({"kind": "int", "range": (0, 9)}, {"type": "integer", "min": 0, "max": 9}),
        (
            {"kind": "int", "range": (0, 9), "default": 3, "section": OPERATION},
            {"type": "integer", "min": 0, "max": 9, "default": 3},
        ),
        ({"kind": "float", "range": (0.5, 9.5)}, {"type": "float", "min": 0, "max": 10}),
        ({"kind": "str", "length": (8, 250)}, {"type": "text", "min": 0, "max": 250}),
        ({"kind": "str", "required": True}, {"type": "text", "min": 1, "max": 4096}),
        ({"kind": "str", "multiline": True}, {"type": "textarea", "min": 0, "max": 4096}),
        (
            {"kind": "list", "pattern": "service"},
            {"type": "multiselect", "choices": "webapp\nmaster\ncoreapp\ndatabase"},
        ),
        ({"kind": "list"}, {"type": "text", "min": 0, "max": 4096}),
    ],
)
def test_a_question_is_of_the_variables_type(given: dict[str, Any], asked: dict[str, Any]) -> None:
    assert question(**given) == asked


def test_what_must_be_answered_has_no_default_and_comes_first() -> None:
    """Or somebody who only presses the button would scale a cluster to the default."""
    shards = declared().variables["wabiz_shards"]
    asked = survey([variable("str"), shards], ["wabiz_shards"])["spec"]
    assert [one["variable"] for one in asked] == ["wabiz_shards", "wabiz_a_thing"]
    assert "default" not in asked[0]


def test_a_question_with_a_default_is_of_what_is_decided_for_each_run() -> None:
    """Its answer hides the inventory's value in each job, those of schedules too."""
    asked = {name: one.default for name, one in declared().variables.items() if one.section == OPERATION}
    kept = {name for name, default in asked.items() if default is not None}
    assert kept == {"wabiz_take_over", "wabiz_drill_target", "wabiz_drill_limit", "wabiz_retire_without_standby"}


@pytest.mark.parametrize("forbidden", [variable("str", secret=True), variable("file", use="read")])
def test_secrets_and_files_of_the_controller_are_not_asked_for(forbidden: Variable) -> None:
    with pytest.raises(ValueError, match="wabiz_a_thing cannot be asked for"):
        survey([forbidden])


def offer(**templates: dict[str, Any]) -> objects.Offer:
    workflows = {"upgrade": {"description": "An upgrade.", "requires": ["wabiz_version"]}}
    return objects.offer({"templates": templates, "workflows": workflows, "files": []}, declared())


def test_a_row_may_not_ask_for_what_its_verb_does_not_read() -> None:
    with pytest.raises(ValueError, match=r"status: status\.yml does not read wabiz_version"):
        objects.templates(offer(status={"description": "", "asks": ["wabiz_version"]}))
    with pytest.raises(TypeError):
        offer(status={"description": "", "ask": []})


def test_a_later_verb_needs_its_row_only() -> None:
    """Variables of section operation that the verb reads are asked for without being named."""
    (template,) = objects.templates(offer(retire={"description": "Removes."}))
    asked = [one["variable"] for one in template["survey_spec"]["spec"]]
    questions = ["wabiz_take_over", "wabiz_retire_without_standby", "wabiz_retire_database"]
    assert (template["playbook"], asked) == ("retire.yml", questions)
    (without,) = objects.templates(offer(ports={"description": "Shows."}))
    assert (without["survey_enabled"], without["survey_spec"]) == (False, {})


def test_the_page_shows_what_the_data_say_and_misses_no_part() -> None:
    names = ("templates", "workflows", "fields")
    text = "".join(f"<!-- {name}: made by python -m tools.awx -->former<!-- end of {name} -->" for name in names)
    made = page.page(text, offer(ports={"description": "Shows.", "schedule": "DTSTART:x RRULE:y", "disabled": True}))
    assert "| `wabiz ports` | Shows. |  | `DTSTART:x RRULE:y`, not enabled |" in made
    assert 'n2["wabiz upgrade, check job"]' in made and "n4 -. failure .-> n6" in made and "former" not in made
    assert page.page(made, offer(ports={"description": "Shows."})) != made
    with pytest.raises(ValueError, match="no part templates"):
        page.page("", offer())


def test_what_awx_evaluates_is_not_evaluated_by_ansible() -> None:
    data = {"a": Unsafe("{{ b }}\nc"), "d": "{{ e }}", "f": True}
    assert "!unsafe |-" in write(data)
    found = read(write(data))
    assert found == data and isinstance(found["a"], Unsafe) and not isinstance(found["d"], Unsafe)
