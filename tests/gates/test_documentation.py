"""Every module says what it does, shows how, and names what it supports; what pages name is there."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
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


def members(group: str) -> set[str]:
    """The modules of an action group."""
    runtime = yaml.safe_load((ROOT / "meta" / "runtime.yml").read_text(encoding="utf-8"))
    return {name.rpartition(".")[2] for name in runtime["action_groups"][group]}


def uses(found: Any) -> Iterator[tuple[str, set[str]]]:
    """Our modules in tasks, with the options that each task gives."""
    if isinstance(found, list):
        for entry in found:
            yield from uses(entry)
    elif isinstance(found, dict):
        for key, value in found.items():
            name = str(key).removeprefix("wabiz.onprem.")
            if name != key and name in MODULES:
                yield name, set(value or {})
            elif key != "module_defaults":
                yield from uses(value)


def test_tasks_give_what_modules_require_and_nothing_that_they_do_not_know() -> None:
    """ansible-lint does not look at options where one of them is a template."""
    # Plays set defaults for them.
    relieved = {"host_logs"}.union(*map(members, ("api", "database")))
    wrong, seen = [], 0
    for path in sorted(ROOT.glob("playbooks/**/*.yml")) + sorted(ROOT.glob("roles/*/[th]a*/*.yml")):
        for name, given in uses(yaml.safe_load(path.read_text(encoding="utf-8"))):
            options = documentation()[name]["doc"].get("options", {})
            known = {*options, *(alias for one in options.values() for alias in one.get("aliases", []))}
            required = {option for option, one in options.items() if one.get("required")}
            missing = set() if name in relieved else required - given
            wrong += [f"{path.relative_to(ROOT)}: {name}: {option}" for option in sorted(missing | (given - known))]
            seen += 1
    assert seen > 100
    assert not wrong, "\n".join(wrong)


def test_the_action_group_matches_the_modules() -> None:
    claimed = {
        module
        for module, entry in documentation().items()
        if "wabiz.onprem.api" in entry["doc"]["attributes"].get("action_group", {}).get("membership", [])
    }
    assert members("api") == claimed


def test_every_entry_point_of_a_role_is_shown() -> None:
    """With what it requires; internal roles have none that a user may call."""
    roles = sorted(path.parent.parent.name for path in (ROOT / "roles").glob("*/meta/argument_specs.yml"))
    output = passes("ansible-doc", "-t", "role", "--json", *(f"wabiz.onprem.{role}" for role in roles))
    found = json.loads(output[output.index("{") :])
    for role in roles:
        entries = found[f"wabiz.onprem.{role}"]["entry_points"]
        lasting = role in ("engine", "media")
        called = {"main"} if lasting else {"main", "absent"}
        assert set(entries) == called | {f"{name}_variables" for name in called}
        assert all(entry["description"] for entry in entries.values())
        assert all(entries[f"{name}_variables"]["options"] for name in called)
    assert {"node", "rolling"} & set(roles) == set()


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
