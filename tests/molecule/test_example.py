"""A user's repository passes its own Molecule scenario with the installed collection, on the lab's hosts."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest
import yaml

from tests.support.gate import passes
from tests.support.paths import BUILD, LAB_INVENTORY, ROOT

# What the site's vault would hold, and how the hosts are reached.
_OF_THE_CLUSTER = ("database_password", "database_root_password", "api_key", "jwt_key", "admin_password")
_OF_THE_LAB = ("wabiz_registry", "wabiz_extra_env", "wabiz_database_images", "wabiz_database_versions")


def site_variables() -> dict[str, object]:
    """The lab's connection, registry and secrets, as a file of variables that needs nothing of this repository."""
    lab, cluster = (
        yaml.safe_load((LAB_INVENTORY / "group_vars" / "all" / f"{name}.yml").read_text(encoding="utf-8"))
        for name in ("lab", "cluster")
    )
    name = os.environ.get("LAB_NAME", "wabiz-lab")
    directory = BUILD / ("lab" if name == "wabiz-lab" else f"lab-{name}")
    return {
        "ansible_user": lab["ansible_user"],
        "ansible_python_interpreter": lab["ansible_python_interpreter"],
        "ansible_ssh_common_args": f"-F {directory / 'ssh_config'}",
        **{key: lab[key] for key in _OF_THE_LAB},
        "wabiz_extra_env": {"STANDIN_TIME_SCALE": os.environ.get("STANDIN_TIME_SCALE", "4")},
        **{f"vault_wabiz_{key}": cluster[f"wabiz_{key}"] for key in _OF_THE_CLUSTER},
    }


@pytest.mark.drill
def test_the_example_repository(lab: Path, installed: Path, tmp_path: Path) -> None:
    repository = shutil.copytree(ROOT / "examples" / "role-reuse", tmp_path / "role-reuse")
    variables = tmp_path / "site.json"
    variables.touch(mode=0o600)
    variables.write_text(json.dumps(site_variables()), encoding="utf-8")
    environment = {"ANSIBLE_COLLECTIONS_PATH": str(installed), "SITE_VARIABLES": str(variables)}
    passes("molecule", "test", directory=repository, environment=environment, timeout=1500)
