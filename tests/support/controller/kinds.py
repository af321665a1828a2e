"""The types of objects: their fields with AWX's defaults, what they point to, and what can be associated with them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Kind:
    """One type.

    ``fields`` are the writable ones with their defaults, ``required`` has to be given at creation, ``points_to`` and
    ``parts`` (associations) name collections, and no two objects have all values of ``unique`` in common.
    """

    name: str
    fields: Mapping[str, Any]
    required: tuple[str, ...] = ("name",)
    points_to: Mapping[str, str] = field(default_factory=dict)
    parts: Mapping[str, str] = field(default_factory=dict)
    unique: tuple[str, ...] = ("name", "organization")
    choices: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    surveyed: bool = False


def _plain(*, blank: str = "", off: str = "", null: str = "", **others: Any) -> dict[str, Any]:
    """Fields by their default: an empty text, false, null, or the given one."""
    found: dict[str, Any] = dict.fromkeys(blank.split(), "")
    return found | dict.fromkeys(off.split(), False) | dict.fromkeys(null.split()) | others


def _named(*, blank: str = "", off: str = "", null: str = "", **others: Any) -> dict[str, Any]:
    return _plain(blank=f"name description {blank}", off=off, null=null, **others)


# What a template may leave to its launch, with the switch that says so.
PROMPTED_PARTS = {name: name for name in ("credentials", "labels", "instance_groups")}
_PROMPTED_POINTERS = {"inventory": "inventories", "execution_environment": "execution_environments"}
_PROMPTED = (
    "inventory execution_environment scm_branch job_type job_tags skip_tags limit diff_mode verbosity forks"
    " job_slice_count timeout"
)
_SWITCHES = {"job_tags": "ask_tags_on_launch", "credentials": "ask_credential_on_launch"}
PROMPTS = {name: _SWITCHES.get(name, f"ask_{name}_on_launch") for name in [*_PROMPTED.split(), *PROMPTED_PARTS]}
_ASKED_BY_WORKFLOWS = ("inventory", "scm_branch", "limit", "labels", "job_tags", "skip_tags")

_TOLD = {f"notification_templates_{event}": "notification_templates" for event in ("started", "success", "error")}
_APPROVALS = {"notification_templates_approvals": "notification_templates"}
_ORGANIZATION = {"organization": "organizations"}

COLLECTIONS = {
    "organizations": Kind(
        "organization",
        _named(null="custom_virtualenv default_environment", max_hosts=0),
        points_to={"default_environment": "execution_environments"},
        parts=_TOLD | _APPROVALS | {"instance_groups": "instance_groups", "galaxy_credentials": "credentials"},
        unique=("name",),
    ),
    "projects": Kind(
        "project",
        _named(
            blank="local_path scm_type scm_url scm_branch scm_refspec",
            off="scm_clean scm_track_submodules scm_delete_on_update scm_update_on_launch allow_override",
            null="organization credential custom_virtualenv default_environment signature_validation_credential",
            scm_update_cache_timeout=0,
            timeout=0,
        ),
        points_to=_ORGANIZATION
        | {"default_environment": "execution_environments"}
        | dict.fromkeys(("credential", "signature_validation_credential"), "credentials"),
        parts=_TOLD,
        choices={"scm_type": ("", "git", "svn", "insights", "archive")},
    ),
    "inventories": Kind(
        "inventory",
        _named(blank="kind variables", null="organization host_filter", off="prevent_instance_group_fallback"),
        required=("name", "organization"),
        points_to=_ORGANIZATION,
        parts={"instance_groups": "instance_groups", "input_inventories": "inventories"},
        choices={"kind": ("", "smart", "constructed")},
    ),
    "hosts": Kind(
        "host",
        _named(blank="instance_id variables", null="inventory", enabled=True),
        required=("name", "inventory"),
        points_to={"inventory": "inventories"},
        unique=("name", "inventory"),
    ),
    "inventory_sources": Kind(
        "inventory_source",
        _named(
            blank="source source_path source_vars scm_branch enabled_var enabled_value host_filter limit",
            off="overwrite overwrite_vars update_on_launch",
            null="inventory credential execution_environment source_project custom_virtualenv",
            timeout=0,
            verbosity=1,
            update_cache_timeout=0,
        ),
        required=("name", "inventory"),
        points_to=_PROMPTED_POINTERS | {"credential": "credentials", "source_project": "projects"},
        parts=_TOLD,
        unique=("name", "inventory"),
    ),
    "credential_types": Kind(
        "credential_type",
        _named(blank="kind", inputs={}, injectors={}),
        required=("name", "kind"),
        unique=("name", "kind"),
    ),
    "credentials": Kind(
        "credential",
        _named(null="organization credential_type", inputs={}),
        required=("name", "credential_type"),
        points_to=_ORGANIZATION | {"credential_type": "credential_types"},
        unique=("name", "credential_type", "organization"),
    ),
    "execution_environments": Kind(
        "execution_environment",
        _named(blank="image pull", null="organization credential"),
        required=("name", "image"),
        points_to=_ORGANIZATION | {"credential": "credentials"},
        unique=("name",),
        choices={"pull": ("", "always", "missing", "never")},
    ),
    "notification_templates": Kind(
        "notification_template",
        _named(
            blank="notification_type",
            null="organization",
            notification_configuration={},
            messages=dict.fromkeys(("started", "success", "error", "workflow_approval")),
        ),
        required=("name", "organization", "notification_type"),
        points_to=_ORGANIZATION,
    ),
    "job_templates": Kind(
        "job_template",
        _named(
            blank="playbook scm_branch limit extra_vars job_tags skip_tags start_at_task host_config_key"
            " webhook_service",
            off="force_handlers use_fact_cache survey_enabled become_enabled diff_mode allow_simultaneous"
            " prevent_instance_group_fallback ask_variables_on_launch " + " ".join(PROMPTS.values()),
            null="inventory project execution_environment custom_virtualenv webhook_credential",
            job_type="run",
            forks=0,
            verbosity=0,
            timeout=0,
            job_slice_count=1,
        ),
        required=("name", "project", "playbook"),
        points_to=_PROMPTED_POINTERS | {"project": "projects", "webhook_credential": "credentials"},
        parts=_TOLD | PROMPTED_PARTS,
        choices={"job_type": ("run", "check"), "webhook_service": ("", "github", "gitlab")},
        surveyed=True,
    ),
    "workflow_job_templates": Kind(
        "workflow_job_template",
        _named(
            blank="extra_vars webhook_service",
            off="survey_enabled allow_simultaneous ask_variables_on_launch "
            + " ".join(PROMPTS[name] for name in _ASKED_BY_WORKFLOWS),
            null="organization inventory limit scm_branch job_tags skip_tags webhook_credential",
        ),
        points_to=_ORGANIZATION | {"inventory": "inventories", "webhook_credential": "credentials"},
        parts=_TOLD | _APPROVALS | {"labels": "labels"},
        choices={"webhook_service": ("", "github", "gitlab")},
        surveyed=True,
    ),
    "workflow_job_template_nodes": Kind(
        "workflow_job_template_node",
        _plain(
            blank="identifier",
            off="all_parents_must_converge",
            null=f"workflow_job_template unified_job_template {_PROMPTED}",
            extra_data={},
        ),
        required=("workflow_job_template",),
        points_to=_PROMPTED_POINTERS
        | {"workflow_job_template": "workflow_job_templates", "unified_job_template": "unified_job_templates"},
        parts=PROMPTED_PARTS
        | {f"{outcome}_nodes": "workflow_job_template_nodes" for outcome in ("success", "failure", "always")},
        unique=("identifier", "workflow_job_template"),
    ),
    # Made by their nodes alone.
    "workflow_approval_templates": Kind("workflow_approval_template", _named(timeout=0), unique=("id",)),
    "schedules": Kind(
        "schedule",
        _named(blank="rrule", null=f"unified_job_template {_PROMPTED}", extra_data={}, enabled=True),
        required=("name", "rrule", "unified_job_template"),
        points_to=_PROMPTED_POINTERS | {"unified_job_template": "unified_job_templates"},
        parts=PROMPTED_PARTS,
        unique=("name", "unified_job_template"),
    ),
    "labels": Kind(
        "label",
        _plain(blank="name", null="organization"),
        required=("name", "organization"),
        points_to=_ORGANIZATION,
    ),
    "instance_groups": Kind("instance_group", _plain(blank="name"), unique=("name",)),
    "users": Kind("user", _plain(blank="username"), required=("username",), unique=("username",)),
    "project_updates": Kind("project_update", _plain(blank="status scm_revision", null="project"), required=()),
}
# The collection in which AWX shows everything that can be launched.
UNIFIED = "unified_job_templates"
LAUNCHED = ("projects", "inventory_sources", "job_templates", "workflow_job_templates", "workflow_approval_templates")
