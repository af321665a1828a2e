"""Every job template, as AWX starts it: its own project, answers of a survey, secrets of a credential."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.lab.hosts import shell
from tests.lab.inventories import variant
from tests.lab.play import SECRETS
from tests.lab.traces import leaks
from tests.support import awx
from tests.support.canary import Canaries
from tests.support.paths import BUILD, ROOT
from tests.support.playbook import PlaybookRun
from tests.support.processes import ProcessWatch
from tests.support.runner import run_with_runner
from tests.support.variables import LAB_VARIABLES
from tools.awx.written import Unsafe, write

pytestmark = pytest.mark.drill

OBJECTS = awx.objects(ROOT / "awx")
(CREDENTIAL,) = OBJECTS["controller_credential_types"]
TEMPLATES = {one["name"]: one for one in OBJECTS["controller_templates"]}
# All others find nothing to do.
CHANGING = {
    *("wabiz failover_drill", "wabiz uninstall", "wabiz backup", "wabiz database_backup", "wabiz collect_logs"),
    "wabiz media_gc",
}
REQUIRED = {"wabiz_version": LAB_VARIABLES["wabiz_version"], "wabiz_shards": "1"}
BACKUP = Canaries(["wabiz_backup_password"])
FIELDS = {**SECRETS.values, **BACKUP.values}
# The user who connects must be able to write there.
LOGS = "/var/tmp/kept-logs"
# What each hands on to later jobs.
ARTEFACTS = {
    "wabiz site": "onprem_plan",
    "wabiz upgrade": "onprem_plan",
    "wabiz multiconnect": "onprem_plan",
    "wabiz status": "onprem_status",
    "wabiz verify": "onprem_verification",
    "wabiz verify_after": "onprem_verification",
}


@pytest.fixture(scope="module")
def project(artifact: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return awx.unpacked(artifact, tmp_path_factory.mktemp("awx"))


@pytest.fixture(scope="module")
def inventory() -> Iterator[Path]:
    """The lab's without any secret; archives of logs stay on a host, as an execution environment keeps no files."""
    target = variant("awx", lambda _groups: None)
    file = target / "group_vars" / "all" / "cluster.yml"
    kept = {name: value for name, value in LAB_VARIABLES.items() if name not in SECRETS.values}
    logs = {"wabiz_logs_host": "web1", "wabiz_logs_directory": LOGS}
    file.write_text(yaml.safe_dump({**kept, **logs}), encoding="utf-8")
    yield target
    shell("web1", f"rm -rf {LOGS}")


def answers(template: dict[str, Any]) -> dict[str, Any]:
    """What AWX hands over where somebody answers only what must be answered: text that may be blank, and defaults."""
    given: dict[str, Any] = {}
    for question in template["survey_spec"].get("spec", []):
        if question["required"]:
            given[question["variable"]] = REQUIRED[question["variable"]]
        elif "default" in question:
            given[question["variable"]] = question["default"]
        # The verification after a change has the inventory's version and number where no workflow hands them over.
        elif question["type"] == "text" and question["variable"] not in REQUIRED:
            given[question["variable"]] = ""
    return given


def launch(
    name: str, job_type: str, fields: dict[str, str], project: Path, inventory: Path, tmp_path: Path
) -> tuple[PlaybookRun, Path]:
    """Start a job template as AWX does; its artifacts are searched for secrets."""
    template = TEMPLATES[name]
    injected = awx.injected(CREDENTIAL, fields, tmp_path)
    file = tmp_path / "credential.yml"
    file.write_text(write({key: Unsafe(value) for key, value in injected.items()}), encoding="utf-8")
    file.chmod(0o600)
    run_name = f"{name} {job_type}".replace(" ", "_")
    with ProcessWatch() as watch:
        run = run_with_runner(
            template["playbook"],
            run_name,
            {**answers(template), "awx_job_id": 43, "awx_user_name": "anna"},
            arguments=["--diff", "-e", f"@{file}", *(["--check"] if job_type == "check" else [])],
            inventory=inventory,
            project=project,
            collections=BUILD / "installed",
        )
    artifacts = BUILD / "runner" / run_name / "artifacts"
    assert leaks(watch, run.output, [SECRETS, BACKUP]) == {}
    assert [*SECRETS.leaks_below(artifacts), *BACKUP.leaks_below(artifacts)] == []
    return run, artifacts


def artefacts(artifacts: Path) -> dict[str, Any]:
    """What a job hands on to later jobs of a workflow."""
    events = [json.loads(file.read_text(encoding="utf-8")) for file in artifacts.glob("*/job_events/*.json")]
    (end,) = (event for event in events if event.get("event") == "playbook_on_stats")
    found: dict[str, Any] = end["event_data"].get("artifact_data") or {}
    return found


@pytest.mark.parametrize("job_type", ["check", "run"])
@pytest.mark.parametrize("name", TEMPLATES)
def test_every_job_template_succeeds(
    cluster: None, installed: Path, project: Path, inventory: Path, tmp_path: Path, name: str, job_type: str
) -> None:
    run, artifacts = launch(name, job_type, FIELDS, project, inventory, tmp_path)
    run.succeeded()
    if name not in CHANGING:
        assert run.changed == set()
    handed = artefacts(artifacts)
    if name in ARTEFACTS:
        assert handed[ARTEFACTS[name]]["text"]
    assert all(key.startswith("onprem_") and len(json.dumps(value)) <= 12000 for key, value in handed.items())


def test_a_job_that_fails_says_what_and_where(
    cluster: None, installed: Path, project: Path, inventory: Path, tmp_path: Path
) -> None:
    """A field that is filled in neither in AWX nor in the inventory."""
    blank = {**FIELDS, "wabiz_database_password": ""}
    run, _artifacts = launch("wabiz site", "run", blank, project, inventory, tmp_path)
    run.failed()
    assert run.changed == set()
    assert any("wabiz_database_password" in one["msg"] and "is not set" in one["msg"] for one in run.failures)
