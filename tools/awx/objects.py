"""The objects of AWX as data, in the form of infra.aap_configuration and of the modules of awx.awx."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ansible_collections.wabiz.onprem.plugins.module_utils._settings.declaration import Declaration, Variable

from tools.awx import credential
from tools.awx.survey import survey

Object = dict[str, Any]

# Names that more than one object says. What differs by site is in awx/objects/site.yml.
ORGANIZATION = "{{ onprem_organization }}"
SECRETS = "WhatsApp Business API secrets"
PREFIX = "wabiz "
_EACH_RUN = "operation"
_NOTIFIED = "{{ controller_notifications | map(attribute='name') | list }}"
# Seconds that a failed workflow waits for somebody who has looked at it; then it is failed too.
_LOOK = 86400


@dataclass(frozen=True)
class Row:
    """A job template or a workflow of meta/awx.yml."""

    name: str
    description: str
    verb: str
    asks: tuple[str, ...] = ()
    requires: tuple[str, ...] = ()
    schedule: str = ""
    disabled: bool = False


@dataclass(frozen=True)
class Offer:
    """All of meta/awx.yml, with the declaration of the variables."""

    declaration: Declaration
    templates: tuple[Row, ...]
    workflows: tuple[Row, ...]
    files: tuple[str, ...]


def offer(said: dict[str, Any], declaration: Declaration) -> Offer:
    """Return meta/awx.yml, typed. Raises TypeError for a field that does not exist."""
    rows = {kind: tuple(_row(name, one) for name, one in said[kind].items()) for kind in ("templates", "workflows")}
    return Offer(declaration, files=tuple(said["files"]), **rows)


def _row(name: str, said: dict[str, Any]) -> Row:
    lists = {key: tuple(value) for key, value in said.items() if isinstance(value, list)}
    return Row(**{"name": name, "verb": name, **said, **lists})


def asked(row: Row, declaration: Declaration) -> list[Variable]:
    """What a template asks for, in the order of the declaration. Raises ValueError for what its verb does not read."""
    named = {*row.asks, *row.requires}
    readable = declaration.read_by(row.verb)
    unread = named - {variable.name for variable in readable}
    if unread:
        raise ValueError(f"{row.name}: {row.verb}.yml does not read {', '.join(sorted(unread))}")
    return [
        variable
        for variable in readable
        if variable.name in named or (variable.section == _EACH_RUN and variable.type != "file" and not variable.secret)
    ]


def credential_types(given: Offer) -> list[Object]:
    """The one credential type of ours."""
    every = given.declaration.variables.values()
    held = [variable for variable in every if variable.secret or variable.name in given.files]
    return [
        {
            "name": SECRETS,
            "description": "Secrets of a cluster; every field may be blank.",
            "kind": "cloud",
            "inputs": credential.inputs(held),
            "injectors": credential.injectors(held),
        }
    ]


def templates(given: Offer) -> list[Object]:
    """A job template for each row."""
    return [
        {
            "name": f"{PREFIX}{row.name}",
            "description": row.description,
            "organization": ORGANIZATION,
            "project": "{{ onprem_project }}",
            "playbook": f"{row.verb}.yml",
            "inventory": "{{ onprem_inventory }}",
            "credentials": "{{ onprem_credentials }}",
            "execution_environment": "{{ onprem_environment }}",
            "job_type": "run",
            "diff_mode": True,
            # A slice would take a part of the hosts for the whole cluster.
            "job_slice_count": 1,
            "allow_simultaneous": False,
            **{f"ask_{prompt}_on_launch": True for prompt in ("job_type", "limit", "verbosity")},
            **_surveyed(row, given.declaration),
            "notification_templates_error": _NOTIFIED,
        }
        for row in given.templates
    ]


def _surveyed(row: Row, declaration: Declaration) -> Object:
    questions = asked(row, declaration)
    return {"survey_enabled": bool(questions), "survey_spec": survey(questions, row.requires) if questions else {}}


def schedules(given: Offer) -> list[Object]:
    """A schedule for each row that has one."""
    return [
        {
            "name": f"{PREFIX}{row.name}",
            "description": row.description,
            "organization": ORGANIZATION,
            "unified_job_template": f"{PREFIX}{row.name}",
            "rrule": row.schedule,
            "enabled": not row.disabled,
        }
        for row in given.templates
        if row.schedule
    ]


def workflows(given: Offer) -> list[Object]:
    """Each workflow with its nodes."""
    return [
        {
            "name": f"{PREFIX}{row.name} with approval",
            "description": row.description,
            "organization": ORGANIZATION,
            "allow_simultaneous": False,
            **_surveyed(row, given.declaration),
            "notification_templates_approvals": _NOTIFIED,
            "notification_templates_error": _NOTIFIED,
            "simplified_workflow_nodes": list(nodes(row)),
        }
        for row in given.workflows
    ]


def nodes(row: Row) -> Iterator[Object]:
    """One after another; a job that fails has the logs collected, and somebody has to look at them."""
    steps = [
        ("verify before", _job("verify")),
        ("backup", _job("backup")),
        ("plan", {**_job(row.name), "job_type": "check"}),
        ("approve", _approval(f"Approve the plan of {row.name}", 0)),
        (row.name, _job(row.name)),
        ("verify after", _job("verify_after")),
    ]
    names = [name for name, _node in steps]
    for (name, node), then in zip(steps, [*names[1:], ""], strict=True):
        yield _node(name, node, success=then, failure="collect logs" if "unified_job_template" in node else "")
    # A failure that is handled counts as success in AWX: so somebody denies it, or it expires.
    yield _node("collect logs", _job("collect_logs"), always="look")
    yield _node("look", _approval(f"{row.name} failed: look at the logs, then deny", _LOOK))


def _job(template: str) -> Object:
    return {"unified_job_template": f"{PREFIX}{template}", "lookup_organization": ORGANIZATION}


def _approval(question: str, timeout: int) -> Object:
    return {"approval_node": {"name": question, "timeout": timeout}}


def _node(name: str, node: Object, **then: str) -> Object:
    """A node and who comes after it; AWX takes no node that comes after another in two ways."""
    ways = ("success", "failure", "always")
    return {"identifier": name, **node, **{f"{way}_nodes": [then[way]] if then.get(way) else [] for way in ways}}
