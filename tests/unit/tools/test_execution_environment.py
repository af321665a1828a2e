"""The execution environment's definition, and what is added to it for a build without Galaxy and PyPI."""

from __future__ import annotations

from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement

from tests.support.paths import ROOT
from tools import execution_environment
from tools.bundle import BundleError


def read(*parts: str) -> Any:
    """A YAML file of the project."""
    return yaml.safe_load(ROOT.joinpath(*parts).read_text(encoding="utf-8"))


@pytest.fixture
def definition() -> dict[str, Any]:
    """The definition as it is written."""
    return dict(read("awx", "execution-environment.yml"))


def test_its_ansible_core_is_the_one_of_the_tests_and_an_accepted_one(definition: dict[str, Any]) -> None:
    asked = Requirement(definition["dependencies"]["ansible_core"]["package_pip"])
    assert asked.specifier.contains(metadata.version(asked.name))
    accepted = Requirement(f"ansible-core{read('meta', 'runtime.yml')['requires_ansible']}")
    lowest = next(str(one.version) for one in asked.specifier)
    assert accepted.specifier.contains(lowest)


def test_its_runner_is_the_one_of_the_tests(definition: dict[str, Any]) -> None:
    asked = Requirement(definition["dependencies"]["ansible_runner"]["package_pip"])
    assert asked.specifier.contains(metadata.version(asked.name))


def test_it_leaves_out_only_what_our_dependencies_ask_for(definition: dict[str, Any]) -> None:
    left_out = definition["dependencies"]["exclude"]["all_from_collections"]
    assert set(left_out) <= set(read("galaxy.yml")["dependencies"])


def test_a_context_of_its_own_asks_no_server(definition: dict[str, Any]) -> None:
    changed = execution_environment.self_contained(definition)
    assert changed["build_arg_defaults"] == {"ANSIBLE_GALAXY_CLI_COLLECTION_OPTS": "--offline"}
    # pip is told before it is used, and no trace of that is in the image.
    before, after = definition["additional_build_steps"], changed["additional_build_steps"]
    told = ["COPY _build/wheels /opt/wheels", "COPY _build/pip.conf /etc/pip.conf"]
    assert after == {
        "prepend_base": [*before["prepend_base"], *told],
        "append_final": ["RUN rm -rf /opt/wheels /etc/pip.conf"],
    }
    same = set(definition) - {"additional_build_files", "additional_build_steps"}
    assert {name: changed[name] for name in same} == {name: definition[name] for name in same}


def test_requirements_name_tarballs_only() -> None:
    assert execution_environment.requirements(["a-b-1.0.0.tar.gz"]) == {
        "collections": [{"name": "collections/a-b-1.0.0.tar.gz", "type": "file"}]
    }


def test_a_directory_with_something_else_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "mine").touch()
    with pytest.raises(BundleError, match="EE="):
        execution_environment.make(tmp_path, (3, 11))
    assert (tmp_path / "mine").exists()
