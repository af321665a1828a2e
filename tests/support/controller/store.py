"""The objects, in memory: creation, change, lookup, associations."""

from __future__ import annotations

import copy
import itertools
import uuid
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from tests.support.controller import credentials, judge, surveys
from tests.support.controller.kinds import COLLECTIONS, LAUNCHED, UNIFIED
from tests.support.controller.refused import Refused

Object = dict[str, Any]
ROOT = "/api/v2/"
NOT_FOUND = Refused({"detail": "Not found."}, 404)


class Store:
    """All objects of one controller; ``playbooks`` are those of each project, None for any."""

    def __init__(self, playbooks: Collection[str] | None = None) -> None:
        self.playbooks = playbooks
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
        return [self.shown(target, self.get(target, other)) for other in self.held(number, part)]

    def held(self, number: int, part: str) -> list[int]:
        """The numbers of what is associated with an object."""
        return list(self._parts.get((number, part), []))

    def all(self, collection: str) -> Iterable[Object]:
        """Every object of a type as it is kept."""
        return self._objects[collection].values()

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
        return self._keep(collection, next(self._numbers), judge.values(self, collection, blank, data))

    def change(self, collection: str, number: int, data: Mapping[str, Any]) -> Object:
        """Change fields of an object and return it. Raises Refused."""
        old = self.get(collection, number)
        if old.get("managed"):
            raise Refused({"detail": "Modifications not allowed for managed credential types"}, 403)
        return self._keep(collection, number, judge.values(self, collection, old, data))

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
        self.part(collection, number, part)
        self.get(COLLECTIONS[collection].parts[part], other)
        judge.association(self, collection, number, part, other)
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

    def _add(self, collection: str, **values: Any) -> Object:
        return self._keep(collection, next(self._numbers), copy.deepcopy(dict(COLLECTIONS[collection].fields)) | values)

    def _keep(self, collection: str, number: int, values: Object) -> Object:
        values["id"] = number
        self._objects[collection][number] = values
        return values

    def _collection(self, number: int) -> str:
        return next(name for name, objects in self._objects.items() if number in objects)


def _same(value: Any, text: str) -> bool:
    """Whether a field has the value of a query, where everything is text."""
    return str(value) == text
