"""The project for AWX: what its drop-down shows, and that AWX takes every object, survey and credential."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.wabiz.onprem.plugins.module_utils._settings.conversion import convert
from ansible_collections.wabiz.onprem.plugins.plugin_utils.credential import with_credential
from ansible_collections.wabiz.onprem.plugins.plugin_utils.declared import declared

from tests.support import awx
from tests.support.gate import passes
from tests.support.paths import LAB_INVENTORY, ROOT

TREE = ROOT / "awx"
OBJECTS = awx.objects(TREE)
# The module of awx.awx that makes the objects of a list.
MODULES = {
    "controller_organizations": "organization",
    "controller_execution_environments": "execution_environment",
    "controller_credential_types": "credential_type",
    "controller_credentials": "credential",
    "controller_notifications": "notification_template",
    "controller_projects": "project",
    "controller_inventories": "inventory",
    "controller_inventory_sources": "inventory_source",
    "controller_templates": "job_template",
    "controller_workflows": "workflow_job_template",
    "controller_schedules": "schedule",
}
NODE = "workflow_job_template_node"
NODES = "simplified_workflow_nodes"
(CREDENTIAL,) = OBJECTS["controller_credential_types"]
TEMPLATES = {one["name"]: one for one in OBJECTS["controller_templates"]}
SURVEYED = [
    one for kind in ("templates", "workflows") for one in OBJECTS[f"controller_{kind}"] if one["survey_enabled"]
]
QUESTIONS = [(one["name"], question) for one in SURVEYED for question in one["survey_spec"]["spec"]]


@pytest.fixture(scope="module")
def project(artifact: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The archive as AWX unpacks it."""
    return awx.unpacked(artifact, tmp_path_factory.mktemp("awx"))


def test_everything_generated_is_up_to_date() -> None:
    passes("python", "-m", "tools.awx", "--check", environment={"PYTHONPATH": str(ROOT / "collections")})


def test_the_drop_down_shows_the_verbs_and_nothing_else(project: Path) -> None:
    verbs = {path.name for path in (ROOT / "playbooks").glob("*.yml")}
    assert "internal/settings.yml" in awx.playbooks(ROOT / "playbooks"), "the rule finds what has hosts"
    assert awx.playbooks(project) == verbs == {one["playbook"] for one in TEMPLATES.values()}


def test_its_wrappers_run_the_tarball_in_it(project: Path, tmp_path: Path) -> None:
    """Installed as AWX does, from the directory of the project; what the tarball needs, this environment has."""
    required = yaml.safe_load((project / "collections" / "requirements.yml").read_text(encoding="utf-8"))["collections"]
    ours = tmp_path / "requirements.yml"
    ours.write_text(yaml.safe_dump({"collections": required[:1]}), encoding="utf-8")
    collections = {"ANSIBLE_COLLECTIONS_PATH": str(tmp_path)}
    install: list[str | Path] = [
        "ansible-galaxy",
        "collection",
        "install",
        "--offline",
        "--no-deps",
        "--requirements-file",
        ours,
    ]
    passes(*install, "--collections-path", tmp_path, directory=project, environment=collections)
    needed = yaml.safe_load((ROOT / "galaxy.yml").read_text(encoding="utf-8"))["dependencies"]
    assert {one["name"]: one["version"] for one in required[1:]} == needed
    verbs = sorted(awx.playbooks(project))
    check: list[str | Path] = ["ansible-playbook", "--syntax-check", "-i", LAB_INVENTORY]
    assert passes(*check, *verbs, directory=project, environment=collections).count("playbook: ") == len(verbs)


@pytest.fixture(scope="module")
def options() -> dict[str, dict[str, Any]]:
    """What ansible-doc says of the options of each module of awx.awx."""
    output = passes("ansible-doc", "--json", *(f"awx.awx.{module}" for module in [*MODULES.values(), NODE]))
    found = json.loads(output[output.index("{") :])
    return {name.rpartition(".")[2]: one["doc"]["options"] for name, one in found.items()}


def test_every_key_is_an_option_of_its_module(options: dict[str, dict[str, Any]]) -> None:
    site = {key for key in OBJECTS if key.startswith("onprem_")}
    assert set(OBJECTS) == set(MODULES) | site
    for name, module in MODULES.items():
        for one in OBJECTS[name]:
            assert set(one) - {NODES} <= set(options[module]), one["name"]
    for workflow in OBJECTS["controller_workflows"]:
        assert all(set(node) <= set(options[NODE]) for node in workflow[NODES])


def test_the_import_play_hands_over_every_key() -> None:
    (play,) = yaml.safe_load((TREE / "tasks" / "import.yml").read_text(encoding="utf-8"))
    handed: dict[str, set[str]] = {}
    for task in play["tasks"]:
        (module,) = (key for key in task if key.startswith("awx.awx."))
        handed.setdefault(module.removeprefix("awx.awx."), set()).update(task[module])
    for name, module in MODULES.items():
        assert handed[module] == {key for one in OBJECTS[name] for key in one} - {NODES}
    nodes = {key for workflow in OBJECTS["controller_workflows"] for node in workflow[NODES] for key in node}
    assert handed[NODE] == nodes | {"workflow_job_template", "organization"}
    assert [f"../objects/{path.name}" for path in sorted((TREE / "objects").glob("*.yml"))] == sorted(
        play["vars_files"]
    )


@pytest.mark.parametrize("surveyed", SURVEYED, ids=lambda one: one["name"])
def test_awx_takes_the_survey(surveyed: dict[str, Any]) -> None:
    assert list(awx.survey_faults(surveyed["survey_spec"])) == []


@pytest.mark.parametrize(
    ("name", "question"), QUESTIONS, ids=lambda one: one if isinstance(one, str) else one["variable"]
)
def test_a_question_is_of_an_operator_and_its_answers_are_settings(name: str, question: dict[str, Any]) -> None:
    """Never a secret; read by the verb; and what AWX takes as an answer the collection converts."""
    variable = declared().variables[question["variable"]]
    assert not variable.secret and variable.type != "file"
    if name in TEMPLATES:
        assert Path(TEMPLATES[name]["playbook"]).stem in variable.read_by
    choices = question.get("choices", "").splitlines()
    answers: list[Any] = [[one] for one in choices] if question["type"] == "multiselect" else list(choices)
    if question["type"] in ("integer", "float"):
        answers += [question[limit] for limit in ("min", "max") if question[limit] is not None]
    if "default" in question:
        answers.append(question["default"])
        assert convert(variable, question["default"]) == variable.default
    for answer in answers:
        assert list(awx.answer_faults(question, answer)) == []
        assert convert(variable, answer) is not None
    if question["type"] == "text" and not question["required"]:
        assert list(awx.answer_faults(question, "")) == []


def test_rules_refuse_what_awx_refuses() -> None:
    """Or the tests above would prove nothing."""
    good = {"type": "text", "question_name": "a", "variable": "a", "required": False}
    for change in (
        {"type": "boolean"},
        {"required": "no"},
        {"type": "integer", "default": "3"},
        {"type": "integer", "default": 3, "max": 2},
        {"min": 0.5},
        {"type": "multiplechoice"},
        {"type": "multiplechoice", "choices": "yes\nno", "default": "maybe"},
        {"type": "multiplechoice", "choices": "yes\nno", "default": "yes\nno"},
    ):
        assert list(awx.survey_faults({"name": "", "description": "", "spec": [{**good, **change}]})), change
    assert list(awx.survey_faults({"name": "", "description": "", "spec": [good, good]}))
    assert list(awx.survey_faults({"name": "", "description": "", "spec": []})) and list(awx.survey_faults({}))
    assert not list(awx.survey_faults({"name": "", "description": "", "spec": [good]}))


def test_the_credential_has_every_secret_and_awx_takes_it(tmp_path: Path) -> None:
    assert list(awx.injector_faults(CREDENTIAL, tmp_path)) == []
    fields = {field["id"]: field for field in CREDENTIAL["inputs"]["fields"]}
    secrets = {name for name, variable in declared().variables.items() if variable.secret}
    assert set(fields) == secrets | {"wabiz_restore_file"}
    assert "required" not in CREDENTIAL["inputs"]
    assert all(field["secret"] for field in fields.values())


def test_a_blank_credential_hides_nothing(tmp_path: Path) -> None:
    inventory = dict.fromkeys((field["id"] for field in CREDENTIAL["inputs"]["fields"]), "of the inventory")
    handed = awx.injected(CREDENTIAL, dict.fromkeys(inventory, ""), tmp_path)
    assert {name: with_credential({**inventory, **handed})[name] for name in inventory} == inventory


@pytest.mark.parametrize("value", ["plain", "{{ 7 * 7 }}", "a'b\"c\\d%$ <e>&", "line 1\nline 2\n", "äöü ✓"])
def test_each_field_arrives_as_it_was_typed_and_alone(tmp_path: Path, value: str) -> None:
    for field in CREDENTIAL["inputs"]["fields"]:
        found = with_credential(awx.injected(CREDENTIAL, {field["id"]: value}, tmp_path))
        given = {name: one for name, one in found.items() if name.startswith("wabiz_")}
        if field["id"] == "wabiz_restore_file":
            (file,) = given.values()
            assert (set(given), Path(file).read_text(encoding="utf-8")) == ({field["id"]}, value)
        else:
            assert given == {field["id"]: value}


def test_no_template_runs_twice_at_once_or_in_slices() -> None:
    assert all(not one["allow_simultaneous"] and one["job_slice_count"] == 1 for one in TEMPLATES.values())
    assert not any(one["allow_simultaneous"] for one in OBJECTS["controller_workflows"])


def test_schedules_run_templates_that_need_no_answer() -> None:
    for schedule in OBJECTS["controller_schedules"]:
        questions = TEMPLATES[schedule["unified_job_template"]]["survey_spec"].get("spec", [])
        assert not any(question["required"] for question in questions)
        begin, rule = schedule["rrule"].split(" ")
        assert begin.startswith("DTSTART:") and begin.endswith("Z")
        assert rule.startswith("RRULE:FREQ=") and ";INTERVAL=" in rule


@pytest.mark.parametrize("workflow", OBJECTS["controller_workflows"], ids=lambda one: one["name"])
def test_a_workflow_changes_nothing_before_its_approval(workflow: dict[str, Any]) -> None:
    nodes = {node["identifier"]: node for node in workflow[NODES]}
    then = {
        name: [*node["success_nodes"], *node["failure_nodes"], *node["always_nodes"]] for name, node in nodes.items()
    }
    assert all(len(following) == len(set(following)) for following in then.values()), "AWX refuses this"
    assert {one for following in then.values() for one in following} <= set(nodes)
    jobs = {
        name: TEMPLATES[node["unified_job_template"]] for name, node in nodes.items() if "unified_job_template" in node
    }
    order, name = [], workflow[NODES][0]["identifier"]
    while name:
        order.append(name)
        name = next(iter(nodes[name]["success_nodes"]), "")
    approval = next(position for position, one in enumerate(order) if one not in jobs)
    before = order[:approval]
    verb = jobs[order[approval + 1]]["playbook"]
    assert [jobs[one]["playbook"] for one in before] == ["verify.yml", "backup.yml", verb]
    assert nodes[before[-1]]["job_type"] == "check" and "job_type" not in nodes[order[approval + 1]]
    assert [jobs[one]["playbook"] for one in order[approval + 2 :]] == ["verify.yml"]
    logs = {name for name, job in jobs.items() if job["playbook"] == "collect_logs.yml"}
    assert all(set(nodes[one]["failure_nodes"]) == logs for one in order if one in jobs)
    # What it is asked for reaches the job that plans and the one that acts.
    asked = {question["variable"] for question in workflow["survey_spec"]["spec"]}
    assert asked == {
        question["variable"] for question in TEMPLATES[f"wabiz {verb.removesuffix('.yml')}"]["survey_spec"]["spec"]
    }
