"""The import of awx/ into AWX: the play with awx.awx, run twice against the stand-in for AWX's controller API.

What AWX itself checks in the data is in the gates of awx/; here it is whether the objects come to be, once and for all.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support import awx
from tests.support.controller import Controller
from tests.support.controller.store import Store
from tests.support.paths import ROOT
from tests.support.playbook import LOCALLY, PlaybookRun, run_playbook

TREE = ROOT / "awx"
PLAY = TREE / "tasks" / "import.yml"

# Two imports ask hundreds of times.
pytestmark = pytest.mark.drill

# The objects of infra.aap_configuration by the collection of the API that holds them.
COLLECTIONS = {
    "controller_organizations": "organizations",
    "controller_execution_environments": "execution_environments",
    "controller_credential_types": "credential_types",
    "controller_credentials": "credentials",
    "controller_notifications": "notification_templates",
    "controller_projects": "projects",
    "controller_inventories": "inventories",
    "controller_inventory_sources": "inventory_sources",
    "controller_templates": "job_templates",
    "controller_workflows": "workflow_job_templates",
    "controller_schedules": "schedules",
}


def run(controller: Controller) -> PlaybookRun:
    """Run the import against the stand-in; it must succeed."""
    return run_playbook(
        PLAY, inventory="localhost,", extra_vars=LOCALLY, environment=controller.environment, timeout=3600
    ).succeeded()


@pytest.fixture(scope="module")
def controller() -> Iterator[Controller]:
    """The stand-in with all objects; its project has the playbooks that are in the tree."""
    playbooks = {path.name for path in TREE.glob("*.yml") if "import_playbook" in path.read_text(encoding="utf-8")}
    with Controller(playbooks) as found:
        run(found)
        yield found


def test_every_object_is_made(controller: Controller) -> None:
    wanted = {name: len(awx.objects(TREE)[name]) for name in COLLECTIONS}
    brought_along = Store()
    made = {
        name: len(controller.store.find(collection, {})) - len(brought_along.find(collection, {}))
        for name, collection in COLLECTIONS.items()
    }
    assert made == wanted
    assert all(made.values())


def test_workflows_have_all_their_nodes(controller: Controller) -> None:
    rows = awx.objects(TREE)["controller_workflows"]
    workflows = controller.objects("workflow_job_templates")
    for row in rows:
        nodes = controller.store.find(
            "workflow_job_template_nodes", {"workflow_job_template": str(workflows[row["name"]]["id"])}
        )
        by_name = {node["identifier"]: node for node in nodes}
        assert set(by_name) == {node["identifier"] for node in row["simplified_workflow_nodes"]}
        assert all(node["unified_job_template"] for node in nodes)
        for node in row["simplified_workflow_nodes"]:
            for way in ("success_nodes", "failure_nodes", "always_nodes"):
                after = controller.store.part("workflow_job_template_nodes", by_name[node["identifier"]]["id"], way)
                assert {one["identifier"] for one in after} == set(node.get(way, []))


def test_a_second_run_changes_nothing(controller: Controller) -> None:
    before = controller.store.everything()
    assert run(controller).changed == set()
    assert controller.store.everything() == before
    assert controller.open_tokens == 0
