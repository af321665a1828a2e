# SPDX-License-Identifier: GPL-3.0-or-later
"""The one reader within real runs of ansible-playbook, on this machine and without any host."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.playbook import LOCALLY, PlaybookRun, run_playbook

pytestmark = pytest.mark.slow

GOOD: dict[str, Any] = {
    "wabiz_version": "2.57.2",
    "wabiz_database_host": "db",
    "wabiz_database_user": "wa",
    "wabiz_database_password": "Canary-database-1",
    "wabiz_database_root_password": "Canary-root-1",
    "wabiz_api_key": "Canary-api-key-1",
    "wabiz_jwt_key": "Canary-jwt-" + "k" * 53,
    "wabiz_admin_password": "Canary-admin-1",
}
GROUPS = {
    "webapp": ["web1", "web2"],
    "master": ["m1", "m2"],
    "coreapp": ["c1", "c2"],
    "database": ["db1"],
}


@pytest.fixture
def inventory(tmp_path: Path) -> Path:
    """An inventory of hosts that nothing connects to, and one host that is not the cluster's."""
    hosts: dict[str, Any] = {group: {"hosts": {host: {} for host in names}} for group, names in GROUPS.items()}
    content = {"all": {"vars": {**LOCALLY, **GOOD}, "hosts": {"mail1": {"wabiz_typo": 1}}, "children": hosts}}
    file = tmp_path / "inventory.yml"
    file.write_text(yaml.safe_dump(content), encoding="utf-8")
    return file


def playbook(tmp_path: Path, tasks: list[dict[str, Any]], **play: Any) -> Path:
    """A play that reads and judges as the playbooks do, then does something with the settings."""
    read = {"wabiz.onprem.settings": {"reader": "site", "judge": False}, "register": "_wabiz"}
    judge = {"wabiz.onprem.preflight": {"reader": "site"}, "register": "_topology", "run_once": True}
    file = tmp_path / "play.yml"
    content = [{"hosts": "all", "gather_facts": False, "tasks": [read, judge, *tasks], **play}]
    file.write_text(yaml.safe_dump(content), encoding="utf-8")
    return file


def run(file: Path, inventory: Path, *arguments: str, **extra_vars: Any) -> PlaybookRun:
    return run_playbook(file, inventory=inventory, extra_vars=extra_vars, arguments=arguments)


def wrote(tmp_path: Path, expression: str) -> dict[str, Any]:
    """A task that writes an expression of the settings to a file."""
    copy = {"dest": str(tmp_path / "said"), "content": "{{ " + expression + " | to_json }}"}
    return {"ansible.builtin.copy": copy, "delegate_to": "localhost", "when": "inventory_hostname == 'c1'"}


def said(tmp_path: Path) -> Any:
    return json.loads((tmp_path / "said").read_text(encoding="utf-8"))


def test_secrets_are_usable_and_are_in_no_output(tmp_path: Path, inventory: Path) -> None:
    file = playbook(tmp_path, [wrote(tmp_path, "[_wabiz.api_key, _wabiz.jwt_key]")])
    for no_log in ({}, {"wabiz_no_log": None}, {"wabiz_no_log": ""}, {"wabiz_no_log": "true"}):
        done = run(file, inventory, "-vvv", **no_log).succeeded()
        assert said(tmp_path) == [GOOD["wabiz_api_key"], GOOD["wabiz_jwt_key"]]
        assert "Canary" not in done.output


def test_only_an_explicit_false_shows_them(tmp_path: Path, inventory: Path) -> None:
    shown = run(playbook(tmp_path, []), inventory, "-v", wabiz_no_log="false").succeeded()
    assert GOOD["wabiz_api_key"] in shown.output


def test_a_fact_cache_holds_nothing_of_them(tmp_path: Path, inventory: Path) -> None:
    """An automation platform stores what is cached."""
    cache = tmp_path / "cache"
    environment = {"ANSIBLE_CACHE_PLUGIN": "jsonfile", "ANSIBLE_CACHE_PLUGIN_CONNECTION": str(cache)}
    run_playbook(playbook(tmp_path, []), inventory=inventory, environment=environment).succeeded()
    assert "Canary" not in "".join(path.read_text(encoding="utf-8") for path in cache.glob("*"))


def test_a_plays_own_variables_count(tmp_path: Path, inventory: Path) -> None:
    file = playbook(tmp_path, [wrote(tmp_path, "_wabiz.shards")], vars={"wabiz_shards": "2"})
    run(file, inventory).succeeded()
    assert said(tmp_path) == 2


def test_hosts_beyond_the_limit_count_all_the_same(tmp_path: Path, inventory: Path) -> None:
    file = playbook(tmp_path, [wrote(tmp_path, "_topology.counts")])
    run(file, inventory, "--limit=c1", wabiz_master_instances="2").succeeded()
    assert said(tmp_path) == {"webapp": 2, "master": 4, "coreapp": 2}


def test_a_host_of_others_is_not_read(tmp_path: Path, inventory: Path) -> None:
    """Its variable that looks like a misspelt one of ours is its own business."""
    run(playbook(tmp_path, []), inventory).succeeded()


FAULTS: list[tuple[str, Any, str]] = [
    ("wabiz_api_key", "{{ vault_nowhere }}", "cannot be evaluated: .*vault_nowhere"),
    ("wabiz_extra_env", {"A": "{{ nowhere }}"}, "cannot be evaluated: .*nowhere"),
    ("wabiz_stop_timeout", "{{ 1 / 0 }}", "cannot be evaluated"),
    ("wabiz_secret", "x" * 20000, "has 20000 characters"),
    ("wabiz_registry", "r" * 20000, "has 20000 characters"),
    ("wabiz_coreapp_extra_env", '{"a":' * 5000, "cannot be read as dict"),
    ("wabiz_databse_host", "db1", "is not a variable.*Did you mean wabiz_database_host"),
    ("wabiz_cluster_name", "../../home", "is '../../home'"),
    ("wabiz_version", "", "is not set"),
    ("wabiz_require_ha", "perhaps", "is 'perhaps'"),
]


def test_every_problem_is_a_finding_of_one_message(tmp_path: Path, inventory: Path) -> None:
    failed = run(playbook(tmp_path, []), inventory, **{name: value for name, value, _ in FAULTS}).failed()
    (failure,) = failed.failures
    heading, *lines = failure["msg"].splitlines()
    assert heading == f"{len(FAULTS)} finding(s); nothing was changed."
    for name, _, words in FAULTS:
        (line,) = [line for line in lines if f"variable {name}:" in line]
        assert re.search(words, line), line
    assert "Traceback" not in failed.output


@pytest.mark.parametrize("value", ["{{ nowhere }}", ["webapp"]])
def test_groups_that_cannot_be_read_are_a_finding(tmp_path: Path, inventory: Path, value: Any) -> None:
    (failure,) = run(playbook(tmp_path, []), inventory, wabiz_groups=value).failed().failures
    assert "variable wabiz_groups: " in failure["msg"]


def test_what_is_omitted_is_not_given(tmp_path: Path, inventory: Path) -> None:
    file = playbook(tmp_path, [wrote(tmp_path, "[_wabiz.secret, _wabiz.registry]")])
    run(file, inventory, wabiz_secret="{{ omit }}", wabiz_registry="{{ omit }}").succeeded()
    assert said(tmp_path) == [None, "docker.whatsapp.biz"]


def test_a_role_by_itself_refuses_what_is_missing_by_name(tmp_path: Path) -> None:
    bare = tmp_path / "bare.yml"
    bare.write_text(yaml.safe_dump({"all": {"vars": LOCALLY, "hosts": {"c1": {}}}}), encoding="utf-8")
    read = {"wabiz.onprem.settings": {"reader": "role coreapp"}}
    content = [{"hosts": "all", "gather_facts": False, "tasks": [read]}]
    (tmp_path / "play.yml").write_text(yaml.safe_dump(content), encoding="utf-8")
    (failure,) = run(tmp_path / "play.yml", bare).failed().failures
    for name in ("wabiz_version", "wabiz_database_host", "wabiz_database_user", "wabiz_database_password"):
        assert f"variable {name}: is not set." in failure["msg"]


def test_a_reader_that_does_not_exist(tmp_path: Path, inventory: Path) -> None:
    content = [{"hosts": "c1", "gather_facts": False, "tasks": [{"wabiz.onprem.settings": {"reader": "unknown"}}]}]
    (tmp_path / "play.yml").write_text(yaml.safe_dump(content), encoding="utf-8")
    assert "unknown is not a reader" in run(tmp_path / "play.yml", inventory).failed().output


@pytest.mark.parametrize("value", ["Ca{%nary9Sec", "xx{{Canary9Sec}}yy", "{{ 'Canary9Sec' | nofilter }}"])
def test_a_secret_that_is_taken_for_a_template_is_not_shown(tmp_path: Path, inventory: Path, value: str) -> None:
    failed = run(playbook(tmp_path, []), inventory, "-vvv", wabiz_secret=value).failed()
    (failure,) = failed.failures
    assert "variable wabiz_secret: cannot be evaluated: its expression fails" in failure["msg"]
    assert "!unsafe" in failure["msg"]
    assert "nary9Sec" not in failed.stdout


def test_a_credential_of_awx_is_read_field_by_field(tmp_path: Path, inventory: Path) -> None:
    """Blank fields leave the inventory's values; no field is evaluated as an expression; an unknown name is refused."""
    odd = "Canary-{{ 1 + 1 }}-'\"%"
    credential = {"wabiz_api_key": odd, "wabiz_jwt_key": "", "wabiz_admin_password": None}
    file = playbook(tmp_path, [wrote(tmp_path, "[_wabiz.api_key, _wabiz.jwt_key, _wabiz.admin_password]")])
    done = run(file, inventory, "-vvv", _wabiz_credential=json.dumps(credential)).succeeded()
    assert said(tmp_path) == [odd, GOOD["wabiz_jwt_key"], GOOD["wabiz_admin_password"]]
    assert "Canary" not in re.sub(r"EXTRA_VARS.*|.*--extra-vars.*", "", done.output)
    refused = run(file, inventory, _wabiz_credential='{"wabiz_apikey": "x"}').failed()
    assert "Did you mean wabiz_api_key?" in refused.output
    assert "cannot be read" in run(file, inventory, _wabiz_credential="{").failed().output
