"""Whether AWX would keep an object as it is given, and would associate another one with it."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from tests.support.controller import credentials, launches
from tests.support.controller.kinds import COLLECTIONS, PROMPTED_PARTS, PROMPTS, UNIFIED, Kind
from tests.support.controller.refused import Refused

if TYPE_CHECKING:
    from tests.support.controller.store import Object, Store

_WAYS = ("success_nodes", "failure_nodes", "always_nodes")


def values(store: Store, collection: str, old: Object, data: Mapping[str, Any]) -> Object:
    """Return the old fields with the given ones; as in AWX, what a type does not have is ignored. Raises Refused."""
    kind = COLLECTIONS[collection]
    # Null for a field that is never null is its default.
    given = {
        name: copy.deepcopy(kind.fields[name] if value is None else value)
        for name, value in data.items()
        if name in kind.fields
    }
    found = copy.deepcopy(old) | given
    for name, allowed in kind.choices.items():
        if found[name] not in allowed:
            raise Refused({name: [f"{found[name]!r} is not a valid choice."]})
    for name, target in kind.points_to.items():
        if found[name] is not None:
            _refuse_pointer(store, name, target, found[name])
    _refuse_twin(store, collection, kind, found)
    return found | _by_kind(store, collection, old, found)


def association(store: Store, collection: str, number: int, part: str, other: int) -> None:
    """Raise Refused where an object does not take another one as such a part."""
    if part in _WAYS:
        _refuse_edge(store, number, part, other)
    elif part == "credentials":
        _refuse_credential(store, store.held(number, part), other)
    if part in PROMPTED_PARTS and collection != "job_templates":
        template = store.get(UNIFIED, store.get(collection, number)["unified_job_template"])
        if not template.get(PROMPTS[part]):
            raise Refused({"msg": launches.NOT_ASKED})


def _refuse_pointer(store: Store, name: str, target: str, number: Any) -> None:
    try:
        store.get(target, number)
    except Refused as refused:
        raise Refused({name: [f"Invalid pk {number!r} - object does not exist."]}) from refused


def _refuse_twin(store: Store, collection: str, kind: Kind, found: Object) -> None:
    for other in store.all(collection):
        if other["id"] != found.get("id") and all(other.get(name) == found.get(name) for name in kind.unique):
            raise Refused({"__all__": [f"{kind.name} with this {', '.join(kind.unique)} already exists."]})


def _by_kind(store: Store, collection: str, old: Object, found: Object) -> Object:
    """What a type's own rules change of its fields. Raises Refused."""
    if collection == "credential_types":
        return _type_of_credential(store, old, found)
    if collection == "credentials":
        return _credential(store, old, found)
    if collection == "notification_templates":
        kind, configuration = found["notification_type"], found["notification_configuration"]
        return {"notification_configuration": credentials.accepted_notification(kind, configuration)}
    if collection == "projects":
        if found["scm_type"] and not found["scm_url"]:
            raise Refused({"scm_url": ["SCM URL is required."]})
    elif collection == "inventory_sources":
        if found["source"] == "scm" and found["source_project"] is None:
            raise Refused({"detail": "Project required for scm type sources."})
    elif collection == "job_templates":
        _refuse_template(store, found)
    elif collection in ("schedules", "workflow_job_template_nodes"):
        _refuse_launch(store, collection, found)
    return {}


def _type_of_credential(store: Store, old: Object, found: Object) -> Object:
    kept = credentials.accepted_type(found)
    used = any(one["credential_type"] == found.get("id") for one in store.all("credentials"))
    if used and kept["inputs"] != old["inputs"]:
        raise Refused({"inputs": ["Modifications to inputs are not allowed for credential types that are in use"]})
    return kept


def _credential(store: Store, old: Object, found: Object) -> Object:
    if found["organization"] is None:
        raise Refused({"detail": "Missing 'user', 'team', or 'organization'."})
    kind = store.get("credential_types", found["credential_type"])
    return {"inputs": credentials.accepted_inputs(found["inputs"], old["inputs"], kind)}


def _refuse_template(store: Store, found: Object) -> None:
    if found["inventory"] is None and not found["ask_inventory_on_launch"]:
        raise Refused({"inventory": ["Job Template must provide 'inventory' or allow prompting for it."]})
    if store.playbooks is not None and found["playbook"] not in store.playbooks:
        raise Refused({"playbook": ["Playbook not found for project."]})


def _refuse_launch(store: Store, collection: str, found: Object) -> None:
    wrong: dict[str, list[str]] = {}
    if collection == "schedules" and (complaints := launches.wrong_rule(found["rrule"])):
        wrong["rrule"] = complaints
    if found["unified_job_template"] is not None:
        template = store.get(UNIFIED, found["unified_job_template"])
        spec = store.survey(UNIFIED, template["id"])
        wrong |= launches.wrong_prompts(template, spec, found, complete=collection == "schedules")
    if wrong:
        raise Refused(wrong)


def _refuse_credential(store: Store, present: list[int], other: int) -> None:
    """A template takes one credential of each type, but any number of vaults."""
    number = store.get("credentials", other)["credential_type"]
    kind = store.get("credential_types", number)
    if kind["kind"] not in ("ssh", "vault", "cloud", "net", "kubernetes"):
        raise Refused({"error": f"Cannot assign a Credential of kind `{kind['kind']}`."})
    others = [store.get("credentials", one)["credential_type"] for one in present if one != other]
    if kind["kind"] != "vault" and number in others:
        raise Refused({"error": f"Cannot assign multiple {kind['name']} credentials."})


def _refuse_edge(store: Store, number: int, part: str, other: int) -> None:
    """A node follows another in one way only, and never itself, be it by others."""
    if any(other in store.held(number, way) for way in _WAYS if way != part):
        raise Refused({"Error": "Relationship not allowed."})
    due, seen = [other], set()
    while due:
        one = due.pop()
        if one == number:
            raise Refused({"Error": "Cycle detected."})
        if one not in seen:
            seen.add(one)
            due += [after for way in _WAYS for after in store.held(one, way)]
