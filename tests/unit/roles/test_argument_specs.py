"""A role's defaults and its argument specification say the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.paths import ROOT

ROLES = sorted(path.name for path in (ROOT / "roles").iterdir() if path.is_dir())


def load(path: Path) -> dict[str, Any]:
    return yaml.safe_load(path.read_text(encoding="utf-8")) or {} if path.exists() else {}


def options(role: str) -> dict[str, dict[str, Any]]:
    specification = load(ROOT / "roles" / role / "meta" / "argument_specs.yml")
    found: dict[str, dict[str, Any]] = specification["argument_specs"]["main"].get("options", {})
    return found


def defaults(role: str) -> dict[str, Any]:
    return load(ROOT / "roles" / role / "defaults" / "main.yml")


def test_there_are_roles() -> None:
    assert "node" in ROLES


@pytest.mark.parametrize("role", ROLES)
def test_every_default_is_specified(role: str) -> None:
    assert set(defaults(role)) <= set(options(role))


@pytest.mark.parametrize("role", ROLES)
def test_every_option_has_a_default_or_is_required(role: str) -> None:
    optional = {name for name, spec in options(role).items() if not spec.get("required")}
    assert optional <= set(defaults(role))


@pytest.mark.parametrize("role", ROLES)
def test_literal_defaults_are_stated_and_equal(role: str) -> None:
    literal = {name: value for name, value in defaults(role).items() if "{{" not in str(value)}
    assert {name: options(role)[name].get("default") for name in literal} == literal


@pytest.mark.parametrize("role", ROLES)
def test_names_and_descriptions(role: str) -> None:
    for name, spec in options(role).items():
        assert name.startswith(f"{role}_"), f"{name} is not named after its role"
        assert spec.get("type"), f"{name} has no type"
        assert spec.get("description"), f"{name} has no description"
