"""Every module says what it does, shows how, and names what it supports; what pages name is there."""

from __future__ import annotations

import json
import re
from functools import cache
from typing import Any

import pytest
import yaml

from tests.support.examples import tasks_of
from tests.support.gate import passes
from tests.support.paths import CORES, ROOT

MODULES = sorted(path.stem for path in (ROOT / "plugins" / "modules").glob("*.py"))


@cache
def documentation() -> dict[str, dict[str, Any]]:
    """Return the documentation of all modules from ansible-doc, with their fragments."""
    output = passes("ansible-doc", "--json", *(f"wabiz.onprem.{name}" for name in MODULES))
    return {name.rpartition(".")[2]: entry for name, entry in json.loads(output[output.index("{") :]).items()}


@pytest.mark.parametrize("core", CORES)
def test_metadata_dump_is_clean(core: str) -> None:
    """Both ansible-cores read the whole documentation of the collection without errors or warnings."""
    if not CORES[core].exists():
        pytest.skip(f"no environment for the {core} ansible-core: it needs a newer Python than this machine has")
    output = passes(CORES[core] / "ansible-doc", "--metadata-dump", "wabiz.onprem")
    begin = output.index("{\n")
    found, _end = json.JSONDecoder().raw_decode(output, begin)
    assert {f"wabiz.onprem.{name}" for name in MODULES} <= set(found["all"]["module"])
    assert not [entry for kind in found["all"].values() for entry in kind.values() if "error" in entry]
    # ansible-core 2.21 warns about a part of its own.
    warnings = [line for line in output.splitlines() if "[WARNING]" in line and "_protomatter" not in line]
    assert not warnings


@pytest.mark.parametrize("module", MODULES)
def test_documents_its_attributes(module: str) -> None:
    attributes = documentation()[module]["doc"]["attributes"]
    assert {"check_mode", "diff_mode", "idempotent"} <= set(attributes)
    vague = [name for name, row in attributes.items() if row["support"] == "partial" and not row.get("details")]
    assert not vague, "partial support without details"


@pytest.mark.parametrize("module", MODULES)
def test_examples_use_the_module_by_its_full_name(module: str) -> None:
    tasks = tasks_of(documentation()[module]["examples"])
    assert any(f"wabiz.onprem.{module}" in task for task in tasks)
    assert all(task.get("name") for task in tasks)


@pytest.mark.parametrize("module", MODULES)
def test_documents_what_it_returns(module: str) -> None:
    assert documentation()[module]["return"]


def test_the_action_group_matches_the_modules() -> None:
    runtime = yaml.safe_load((ROOT / "meta" / "runtime.yml").read_text(encoding="utf-8"))
    members = {name.rpartition(".")[2] for name in runtime["action_groups"]["api"]}
    claimed = {
        module
        for module, entry in documentation().items()
        if "wabiz.onprem.api" in entry["doc"]["attributes"].get("action_group", {}).get("membership", [])
    }
    assert members == claimed


def test_the_reference_of_variables_is_up_to_date() -> None:
    passes("python", "tools/reference.py", "--check")


def test_the_page_of_the_architecture_names_files_that_exist() -> None:
    """The page writes paths as its readers need them: from the root, the rooms, or the playbooks' own directory."""
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    places = [
        ROOT / name for name in (".", "docs", "playbooks", "playbooks/internal", "plugins", "plugins/module_utils")
    ]
    named = set(re.findall(r"`([\w/.-]+\.(?:py|yml|j2|md))`", text))
    assert len(named) > 50
    assert sorted(name for name in named if not any((place / name).is_file() for place in places)) == []
