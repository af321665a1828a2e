"""The stand-in for AWX's controller API: the modules of awx.awx make their objects in it, and find them again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.controller import Controller
from tests.support.controller.refused import HIDDEN, Refused
from tests.support.controller.store import Store
from tests.support.controller.surveys import accepted
from tests.support.playbook import LOCALLY, PlaybookRun, run_playbook

pytestmark = pytest.mark.slow

PLAY = Path(__file__).with_name("controller_objects.yml")


def run(controller: Controller, *arguments: str) -> PlaybookRun:
    """Run the play against the stand-in."""
    where: dict[str, Any] = {"inventory": "localhost,", "extra_vars": LOCALLY, "environment": controller.environment}
    return run_playbook(PLAY, arguments=arguments, **where)


@pytest.fixture(scope="module")
def controller() -> Iterator[Controller]:
    """The stand-in, with all objects of the play."""
    with Controller(playbooks=["upgrade.yml", "verify.yml"]) as found:
        run(found).succeeded()
        yield found


@pytest.mark.drill
def test_a_second_run_changes_nothing(controller: Controller) -> None:
    before = controller.store.everything()
    assert run(controller).succeeded().changed == set()
    assert controller.store.everything() == before
    assert controller.open_tokens == 0


def test_references_are_the_objects_themselves(controller: Controller) -> None:
    template = controller.objects("job_templates")["Upgrade"]
    project = controller.objects("projects")["Playbooks"]
    assert template["project"] == project["id"]
    assert template["organization"] == project["organization"] == controller.objects("organizations")["Messaging"]["id"]


def test_a_workflow_has_its_edges_and_its_approval(controller: Controller) -> None:
    nodes = controller.objects("workflow_job_template_nodes")
    edges = {
        (name, way, after["identifier"])
        for name, node in nodes.items()
        for way in ("success_nodes", "failure_nodes", "always_nodes")
        for after in controller.store.part("workflow_job_template_nodes", node["id"], way)
    }
    assert edges == {
        ("plan", "success_nodes", "approval"),
        ("plan", "failure_nodes", "look"),
        ("approval", "success_nodes", "look"),
    }
    assert nodes["plan"]["job_type"] == "check"
    approval = controller.store.get("unified_job_templates", nodes["approval"]["unified_job_template"])
    assert (approval["name"], approval["timeout"]) == ("Approve the plan", 3600)


def test_a_secret_is_kept_and_never_shown(controller: Controller) -> None:
    shown = controller.objects("credentials")["Secrets of the cluster"]
    assert shown["inputs"] == {"api_key": HIDDEN}
    assert controller.store.get("credentials", shown["id"])["inputs"] == {"api_key": "Canary-of-an-input"}


def test_a_change_by_hand_is_repaired(controller: Controller) -> None:
    number = controller.objects("schedules")["Every night"]["id"]
    controller.store.change("schedules", number, {"enabled": True, "extra_data": {"wabiz_shards": 5}})
    run_again = run(controller, "--start-at-task", "A schedule").succeeded()
    assert run_again.changed == {("localhost", "schedule Every night")}
    assert controller.objects("schedules")["Every night"]["extra_data"] == {"wabiz_shards": 2}


def test_check_mode_sends_nothing_that_changes() -> None:
    with Controller() as controller:
        # Later tasks need what earlier ones only predicted.
        run(controller, "--check").failed()
        assert controller.changes == []


def test_without_a_password_nothing_is_shown() -> None:
    with Controller() as controller:
        assert controller.answer("GET", "/api/v2/organizations/", {}, "")[0] == 401
        assert controller.answer("POST", "/api/v2/tokens/", {}, "Basic d3Jvbmc6d3Jvbmc=")[0] == 401
        assert controller.answer("GET", "/api/v2/ping/", {}, "")[0] == 200


@pytest.fixture
def store() -> Store:
    """Objects with a template that leaves only its job type to the launch."""
    found = Store(playbooks=["verify.yml"])
    found.create("projects", {"name": "p", "organization": number(found, "organizations", "Default")})
    found.create("inventories", {"name": "i", "organization": number(found, "organizations", "Default")})
    found.create("job_templates", template(found))
    found.create("workflow_job_templates", {"name": "w"})
    return found


def number(store: Store, collection: str, name: str) -> int:
    """The number of an object."""
    (one,) = store.find(collection, {"name": name})
    return int(one["id"])


def template(store: Store, **more: Any) -> dict[str, Any]:
    """What a job template needs."""
    pointers = {"project": number(store, "projects", "p"), "inventory": number(store, "inventories", "i")}
    return {"name": "verify", "playbook": "verify.yml", "ask_job_type_on_launch": True, **pointers, **more}


# --- Lookups ----------------------------------------------------------------------------------------------------------


def test_an_object_is_found_by_its_number_and_by_its_named_url(store: Store) -> None:
    one = number(store, "job_templates", "verify")
    assert store.named("job_templates", str(one))["id"] == one
    assert store.named("job_templates", "verify++Default")["id"] == one
    assert [found["id"] for found in store.find("job_templates", {"or__id": str(one), "or__name": "other"})] == [one]


def test_what_is_not_there_or_has_no_such_field_is_said(store: Store) -> None:
    for text in ("10000", "verify++Other", "other++Default"):
        with pytest.raises(Refused) as error:
            store.named("job_templates", text)
        assert error.value.status == 404
    with pytest.raises(Refused, match="colour"):
        store.find("job_templates", {"colour": "red"})


# --- What it refuses --------------------------------------------------------------------------------------------------


def node(store: Store, **more: Any) -> dict[str, Any]:
    """A node that starts the template."""
    pointers = {
        "workflow_job_template": number(store, "workflow_job_templates", "w"),
        "unified_job_template": number(store, "unified_job_templates", "verify"),
    }
    return {**pointers, **more}


def refused(store: Store, collection: str, data: dict[str, Any]) -> set[str]:
    """The fields that a creation is refused for."""
    with pytest.raises(Refused) as error:
        store.create(collection, data)
    assert error.value.status == 400
    return set(error.value.body)


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"playbook": "site.yml"}, "playbook"),
        ({"inventory": None}, "inventory"),
        ({"project": 10_000}, "project"),
        ({"job_type": "scan"}, "job_type"),
        ({"name": ""}, "name"),
        ({"name": "verify"}, "__all__"),
    ],
)
def test_a_template_that_awx_would_refuse(store: Store, more: dict[str, Any], field: str) -> None:
    assert refused(store, "job_templates", template(store, **{"name": "another", **more})) == {field}


def test_a_prompt_that_the_template_does_not_ask_for(store: Store) -> None:
    assert refused(store, "workflow_job_template_nodes", node(store, limit="web1")) == {"limit"}
    assert refused(store, "workflow_job_template_nodes", node(store, extra_data={"a": 1})) == {"extra_data"}
    assert store.create("workflow_job_template_nodes", node(store, job_type="check"))["job_type"] == "check"


def test_a_workflow_that_ends_where_it_began(store: Store) -> None:
    first, second = (store.create("workflow_job_template_nodes", node(store))["id"] for _ in range(2))
    store.associate("workflow_job_template_nodes", first, "success_nodes", second)
    for one, way, other in ((second, "failure_nodes", first), (first, "always_nodes", second)):
        with pytest.raises(Refused):
            store.associate("workflow_job_template_nodes", one, way, other)


@pytest.mark.parametrize(
    "rrule",
    [
        "",
        "RRULE:FREQ=DAILY;INTERVAL=1",
        "DTSTART:20260101T030000 RRULE:FREQ=DAILY;INTERVAL=1",
        "DTSTART:20260101T030000Z",
        "DTSTART:20260101T030000Z RRULE:FREQ=DAILY",
        "DTSTART:20260101T030000Z RRULE:FREQ=SECONDLY;INTERVAL=1",
        "DTSTART:20260101T030000Z RRULE:FREQ=MONTHLY;INTERVAL=1;BYDAY=1MO",
        "DTSTART:20260101T030000Z RRULE:FREQ=DAILY;INTERVAL=1;COUNT=1000",
    ],
)
def test_a_schedule_that_awx_would_refuse(store: Store, rrule: str) -> None:
    job = number(store, "unified_job_templates", "verify")
    assert refused(store, "schedules", {"name": "s", "unified_job_template": job, "rrule": rrule}) == {"rrule"}


@pytest.mark.parametrize(
    ("inputs", "injectors", "part"),
    [
        ({"fields": [{"id": "a b", "label": "A"}]}, {}, "inputs"),
        ({"fields": [{"id": "a"}]}, {}, "inputs"),
        ({"fields": [{"id": "a", "label": "A"}] * 2}, {}, "inputs"),
        ({"fields": [{"id": "a", "label": "A", "type": "integer"}]}, {}, "inputs"),
        ({"fields": [{"id": "a", "label": "A", "type": "boolean", "secret": True}]}, {}, "inputs"),
        ({"fields": [], "required": ["a"]}, {}, "inputs"),
        ({}, {"extra_vars": {"x": "{{ a }}"}}, "injectors"),
        ({}, {"env": {"x y": "z"}}, "injectors"),
        ({}, {"extra_vars": {"x": "{{ tower.filename.a }}"}, "file": {"template.b": "text"}}, "injectors"),
        ({}, {"file": {"template": "one", "template.b": "two"}}, "injectors"),
        ({}, {"extra_vars": {"x": "{{ ''.__class__.__mro__ }}"}}, "injectors"),
    ],
)
def test_a_credential_type_that_awx_would_refuse(
    store: Store, inputs: dict[str, Any], injectors: dict[str, Any], part: str
) -> None:
    given = {"name": "t", "kind": "cloud", "inputs": inputs, "injectors": injectors}
    assert refused(store, "credential_types", given) == {part}


def test_the_inputs_of_a_type_in_use_are_not_changed(store: Store) -> None:
    inputs = {"fields": [{"id": "a", "label": "A", "secret": True}]}
    kind = store.create("credential_types", {"name": "t", "kind": "cloud", "inputs": inputs})["id"]
    owner = number(store, "organizations", "Default")
    store.create("credentials", {"name": "c", "organization": owner, "credential_type": kind, "inputs": {"a": "x"}})
    with pytest.raises(Refused):
        store.change("credential_types", kind, {"inputs": {"fields": [{"id": "b", "label": "B"}]}})


QUESTION = {"variable": "v", "type": "text", "question_name": "V", "required": False}


@pytest.mark.parametrize(
    "spec",
    [
        [],
        ["v"],
        [{**QUESTION, "type": "boolean"}],
        [{**QUESTION, "required": "no"}],
        [{**QUESTION, "question_name": None}],
        [QUESTION, QUESTION],
        [{**QUESTION, "type": "integer", "default": "1"}],
        [{**QUESTION, "min": "0"}],
        [{**QUESTION, "type": "multiplechoice"}],
        [{**QUESTION, "type": "multiplechoice", "choices": ["yes", "no"], "default": "true"}],
        [{**QUESTION, "type": "multiplechoice", "choices": ["yes", "no"], "default": "yes\nno"}],
    ],
)
def test_a_survey_that_awx_would_refuse(spec: list[Any]) -> None:
    with pytest.raises(Refused):
        accepted({"name": "s", "description": "", "spec": spec})


def test_blank_lines_of_choices_are_dropped() -> None:
    question = {**QUESTION, "type": "multiplechoice", "choices": "yes\n\nno\n", "default": ""}
    kept = accepted({"name": "s", "description": "", "spec": [question]})
    assert kept["spec"][0]["choices"] == "yes\nno"
