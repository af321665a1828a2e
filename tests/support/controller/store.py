"""The objects, in memory: creation, change, lookup, associations."""

from __future__ import annotations

import copy
import itertools
import uuid
from collections.abc import Collection, Mapping
from typing import Any

from tests.support.controller import credentials, launches, surveys
from tests.support.controller.kinds import COLLECTIONS, LAUNCHED, PROMPTED_PARTS, PROMPTS, UNIFIED, Kind
from tests.support.controller.refused import Refused

Object = dict[str, Any]
ROOT = "/api/v2/"
NOT_FOUND = Refused({"detail": "Not found."}, 404)


class Store:
    """All objects of one controller; ``playbooks`` are those of each project, None for any."""

    def __init__(self, playbooks: Collection[str] | None = None) -> None:
        self._playbooks = playbooks
        self._numbers = itertools.count(1)
        self._objects: dict[str, dict[int, Object]] = {name: {} for name in COLLECTIONS}
        self._parts: dict[tuple[int, str], list[int]] = {}
        self._surveys: dict[int, dict[str, Any]] = {}
        for name, (kind, inputs) in credentials.MANAGED.items():
            self._add("credential_types", name=name, kind=kind, inputs=credentials.managed_inputs(inputs), managed=True)
        self._add("organizations", name="Default")
        self._add("execution_environments", name="AWX EE (latest)", image="awx-ee:latest")
        self._add("users", username="admin")
        for name in ("controlplane", "default"):
            self._add("instance_groups", name=name)

    # --- Reading ------------------------------------------------------------------------------------------------------

    def get(self, collection: str, number: int) -> Object:
        """One object as it is kept. Raises Refused."""
        for name in LAUNCHED if collection == UNIFIED else (collection,):
            if number in self._objects.get(name, {}):
                return self._objects[name][number]
        raise NOT_FOUND

    def named(self, collection: str, text: str) -> Object:
        """One object by its number, or as name++organization. Raises Refused."""
        if text.isdigit():
            return self.get(collection, int(text))
        name, _, organization = text.partition("++")
        for one in self.find(collection, {"name": name}):
            owner = one.get("organization")
            if (self.get("organizations", owner)["name"] if owner else "") == organization:
                return self.get(collection, one["id"])
        raise NOT_FOUND

    def find(self, collection: str, query: Mapping[str, str]) -> list[Object]:
        """The objects that a query selects, as they are shown; keys with ``or__`` are alternatives. Raises Refused."""
        names = LAUNCHED if collection == UNIFIED else (collection,)
        shown = [self.shown(name, one) for name in names for one in self._objects[name].values()]
        known = {"id", "type", "organization"}.union(*(COLLECTIONS[name].fields for name in names))
        both = {key: value for key, value in query.items() if not key.startswith("or__")}
        either = {key.removeprefix("or__"): value for key, value in query.items() if key not in both}
        unknown = (set(both) | set(either)) - known
        if unknown:
            raise Refused({"detail": f"{collection} has no field named {sorted(unknown)}"})
        return [
            one
            for one in shown
            if all(_same(one.get(key), value) for key, value in both.items())
            and (not either or any(_same(one.get(key), value) for key, value in either.items()))
        ]

    def shown(self, collection: str, one: Object) -> Object:
        """An object as the API shows it."""
        kind, url = COLLECTIONS[collection], f"{ROOT}{collection}/{one['id']}/"
        more: dict[str, Any] = {part: f"{url}{part}/" for part in kind.parts}
        more |= {"survey_spec": f"{url}survey_spec/"} if kind.surveyed else {}
        found = copy.deepcopy(one) | {"type": kind.name, "url": url, "related": more, "summary_fields": {}}
        if collection in ("credential_types", "execution_environments"):
            found.setdefault("managed", False)
        elif collection == "projects":
            more["update"] = f"{url}update/"
        elif collection == "credentials":
            found["inputs"] = credentials.shown_inputs(
                one["inputs"], self.get("credential_types", one["credential_type"])
            )
        elif collection == "notification_templates":
            found["notification_configuration"] = credentials.shown_notification(one["notification_configuration"])
        elif collection == "workflow_job_template_nodes" and one["unified_job_template"]:
            target = self._collection(one["unified_job_template"])
            more["unified_job_template"] = f"{ROOT}{target}/{one['unified_job_template']}/"
        elif collection in ("job_templates", "inventory_sources"):
            # Theirs is that of the project or the inventory.
            field = "project" if collection == "job_templates" else "inventory"
            found["organization"] = self.get(kind.points_to[field], one[field])["organization"]
        return found

    def part(self, collection: str, number: int, part: str) -> list[Object]:
        """What is associated with an object, as it is shown. Raises Refused."""
        self.get(collection, number)
        target = COLLECTIONS[collection].parts.get(part)
        if target is None:
            raise NOT_FOUND
        return [self.shown(target, self.get(target, other)) for other in self._parts.get((number, part), [])]

    def survey(self, collection: str, number: int) -> dict[str, Any]:
        """A template's survey, empty if it has none. Raises Refused."""
        self.get(collection, number)
        return self._surveys.get(number, {})

    def everything(self) -> dict[str, Any]:
        """All that is kept, for a comparison."""
        return copy.deepcopy({"objects": self._objects, "parts": self._parts, "surveys": self._surveys})

    # --- Writing ------------------------------------------------------------------------------------------------------

    def create(self, collection: str, data: Mapping[str, Any]) -> Object:
        """Create an object and return it. Raises Refused."""
        kind = COLLECTIONS[collection]
        missing = [name for name in kind.required if data.get(name) in (None, "")]
        if missing:
            raise Refused({name: ["This field is required."] for name in missing})
        blank = copy.deepcopy(dict(kind.fields)) | (
            {"identifier": str(uuid.uuid4())} if "identifier" in kind.fields else {}
        )
        return self._keep(collection, next(self._numbers), self._judged(collection, blank, data))

    def change(self, collection: str, number: int, data: Mapping[str, Any]) -> Object:
        """Change fields of an object and return it. Raises Refused."""
        old = self.get(collection, number)
        if old.get("managed"):
            raise Refused({"detail": "Modifications not allowed for managed credential types"}, 403)
        return self._keep(collection, number, self._judged(collection, old, data))

    def remove(self, collection: str, number: int) -> None:
        """Remove an object and what it is associated with. Raises Refused."""
        self.get(collection, number)
        del self._objects[collection][number]
        self._surveys.pop(number, None)
        self._parts = {
            key: [one for one in ids if one != number] for key, ids in self._parts.items() if key[0] != number
        }

    def set_survey(self, collection: str, number: int, spec: Any) -> None:
        """Set a template's survey. Raises Refused."""
        self.get(collection, number)
        self._surveys[number] = surveys.accepted(spec)

    def remove_survey(self, collection: str, number: int) -> None:
        """Remove a template's survey. Raises Refused."""
        self.get(collection, number)
        self._surveys.pop(number, None)

    def associate(self, collection: str, number: int, part: str, other: int) -> None:
        """Associate an object. Raises Refused."""
        present = self.part(collection, number, part)
        self.get(COLLECTIONS[collection].parts[part], other)
        if collection == "workflow_job_template_nodes" and part.endswith("_nodes"):
            self._refuse_edge(number, part, other)
        elif part == "credentials":
            self._refuse_credential(present, other)
        if part in PROMPTED_PARTS and collection != "job_templates":
            template = self.get(UNIFIED, self.get(collection, number)["unified_job_template"])
            if not template.get(PROMPTS[part]):
                raise Refused({"msg": launches.NOT_ASKED})
        held = self._parts.setdefault((number, part), [])
        held.extend([] if other in held else [other])

    def dissociate(self, collection: str, number: int, part: str, other: int) -> None:
        """Remove an association. Raises Refused."""
        self.part(collection, number, part)
        held = self._parts.get((number, part), [])
        if other in held:
            held.remove(other)

    def approve_at(self, node: int, data: Mapping[str, Any]) -> Object:
        """Make a node of a workflow one that waits for approval, and return its template. Raises Refused."""
        one = self.get("workflow_job_template_nodes", node)
        if one["unified_job_template"] is not None:
            raise Refused({"detail": "the node has a template"}, 409)
        made = self.create("workflow_approval_templates", data)
        one["unified_job_template"] = made["id"]
        return made

    def update_project(self, number: int) -> Object:
        """Note an update of a project, which is done at once, and return it. Raises Refused."""
        project = self.get("projects", number)
        project["scm_revision"] = "1" * 40
        return self._add("project_updates", project=number, status="successful", finished=True, failed=False)

    # --- Judging ------------------------------------------------------------------------------------------------------

    def _add(self, collection: str, **values: Any) -> Object:
        return self._keep(collection, next(self._numbers), copy.deepcopy(dict(COLLECTIONS[collection].fields)) | values)

    def _keep(self, collection: str, number: int, values: Object) -> Object:
        values["id"] = number
        self._objects[collection][number] = values
        return values

    def _collection(self, number: int) -> str:
        return next(name for name, objects in self._objects.items() if number in objects)

    def _judged(self, collection: str, old: Object, data: Mapping[str, Any]) -> Object:
        """The old fields with the given ones; as in AWX others are ignored. Raises Refused."""
        kind = COLLECTIONS[collection]
        # Null for a field that is never null is its default.
        given = {
            name: copy.deepcopy(kind.fields[name] if value is None else value)
            for name, value in data.items()
            if name in kind.fields
        }
        values = copy.deepcopy(old) | given
        for name, allowed in kind.choices.items():
            if values[name] not in allowed:
                raise Refused({name: [f"{values[name]!r} is not a valid choice."]})
        for name, target in kind.points_to.items():
            if values[name] is not None:
                self._refuse_pointer(name, target, values[name])
        self._refuse_twin(collection, kind, values)
        return values | self._by_kind(collection, old, values)

    def _refuse_pointer(self, name: str, target: str, number: Any) -> None:
        try:
            self.get(target, number)
        except Refused as refused:
            raise Refused({name: [f"Invalid pk {number!r} - object does not exist."]}) from refused

    def _refuse_twin(self, collection: str, kind: Kind, values: Object) -> None:
        for other in self._objects[collection].values():
            if other["id"] != values.get("id") and all(other.get(name) == values.get(name) for name in kind.unique):
                raise Refused({"__all__": [f"{kind.name} with this {', '.join(kind.unique)} already exists."]})

    def _by_kind(self, collection: str, old: Object, values: Object) -> Object:
        """What a type's own rules change of its fields. Raises Refused."""
        if collection == "credential_types":
            self._refuse_used_inputs(old, values)
            return credentials.accepted_type(values)
        if collection == "credentials":
            return self._credential(old, values)
        if collection == "notification_templates":
            kind, configuration = values["notification_type"], values["notification_configuration"]
            return {"notification_configuration": credentials.accepted_notification(kind, configuration)}
        if collection == "projects":
            if values["scm_type"] and not values["scm_url"]:
                raise Refused({"scm_url": ["SCM URL is required."]})
        elif collection == "inventory_sources":
            if values["source"] == "scm" and values["source_project"] is None:
                raise Refused({"detail": "Project required for scm type sources."})
        elif collection == "job_templates":
            self._refuse_template(values)
        elif collection in ("schedules", "workflow_job_template_nodes"):
            self._refuse_launch(collection, values)
        return {}

    def _refuse_used_inputs(self, old: Object, values: Object) -> None:
        used = any(one["credential_type"] == values.get("id") for one in self._objects["credentials"].values())
        if used and credentials.accepted_type(values)["inputs"] != old["inputs"]:
            raise Refused({"inputs": ["Modifications to inputs are not allowed for credential types that are in use"]})

    def _credential(self, old: Object, values: Object) -> Object:
        if values["organization"] is None:
            raise Refused({"detail": "Missing 'user', 'team', or 'organization'."})
        kind = self.get("credential_types", values["credential_type"])
        return {"inputs": credentials.accepted_inputs(values["inputs"], old["inputs"], kind)}

    def _refuse_template(self, values: Object) -> None:
        if values["inventory"] is None and not values["ask_inventory_on_launch"]:
            raise Refused({"inventory": ["Job Template must provide 'inventory' or allow prompting for it."]})
        if self._playbooks is not None and values["playbook"] not in self._playbooks:
            raise Refused({"playbook": ["Playbook not found for project."]})

    def _refuse_launch(self, collection: str, values: Object) -> None:
        wrong: dict[str, list[str]] = {}
        if collection == "schedules" and (complaints := launches.wrong_rule(values["rrule"])):
            wrong["rrule"] = complaints
        if values["unified_job_template"] is not None:
            template = self.get(UNIFIED, values["unified_job_template"])
            spec = self._surveys.get(template["id"], {})
            wrong |= launches.wrong_prompts(template, spec, values, complete=collection == "schedules")
        if wrong:
            raise Refused(wrong)

    def _refuse_credential(self, present: list[Object], other: int) -> None:
        """A template takes one credential of each type, but any number of vaults."""
        number = self.get("credentials", other)["credential_type"]
        kind = self.get("credential_types", number)
        if kind["kind"] not in ("ssh", "vault", "cloud", "net", "kubernetes"):
            raise Refused({"error": f"Cannot assign a Credential of kind `{kind['kind']}`."})
        if kind["kind"] != "vault" and any(one["credential_type"] == number for one in present):
            raise Refused({"error": f"Cannot assign multiple {kind['name']} credentials."})

    def _refuse_edge(self, number: int, part: str, other: int) -> None:
        """A node follows another in one way only, and never itself, be it by others."""
        ways = [way for way in ("success_nodes", "failure_nodes", "always_nodes") if way != part]
        if any(other in self._parts.get((number, way), []) for way in ways):
            raise Refused({"Error": "Relationship not allowed."})
        due, seen = [other], set()
        while due:
            one = due.pop()
            if one == number:
                raise Refused({"Error": "Cycle detected."})
            if one not in seen:
                seen.add(one)
                due += [after for way in (part, *ways) for after in self._parts.get((one, way), [])]


def _same(value: Any, text: str) -> bool:
    """Whether a field has the value of a query, where everything is text."""
    return str(value) == text
