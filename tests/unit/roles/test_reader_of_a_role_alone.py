# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every role in a user's own play: the collection's reader is the first to evaluate and to judge a variable.

Each role and entry point has a host of its own in one run, which ends with the reader's refusal.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.wabiz.onprem.plugins.plugin_utils.declared import declared

from tests.support.paths import ROOT
from tests.support.playbook import LOCALLY, PlaybookRun, run_playbook

pytestmark = pytest.mark.slow

READERS = {"main": "alone", "absent": "absent"}
PUBLIC = sorted(path.parent.parent.name for path in (ROOT / "roles").glob("*/meta/argument_specs.yml"))
# By host: role and entry point.
ENTRIES = {
    f"{role.replace('_', '-')}-{entry}": (role, entry)
    for role in PUBLIC
    for entry in READERS
    if (ROOT / "roles" / role / "tasks" / f"{entry}.yml").exists()
}
# Nothing is looked at or changed on this machine.
REFUSED = {"wabiz_never_heard_of": 1}
UNKNOWN = "variable wabiz_never_heard_of: is not a variable of this collection. docs/variables.md lists all names."


def run(folder: Path, variables: dict[str, Any], *arguments: str) -> PlaybookRun:
    """All entry points with these variables of the inventory, in this order."""
    hosts = {host: {"role": f"wabiz.onprem.{role}", "entry": entry} for host, (role, entry) in ENTRIES.items()}
    content = {"all": {"hosts": hosts, "vars": {**LOCALLY, **variables}}}
    (folder / "hosts.yml").write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")
    tasks = [
        {
            "ansible.builtin.include_role": {"name": "{{ role }}", "tasks_from": entry},
            "when": f"entry == '{entry}'",
        }
        for entry in READERS
    ]
    play = {"hosts": "all", "gather_facts": False, "tasks": tasks}
    (folder / "play.yml").write_text(yaml.safe_dump([play]), encoding="utf-8")
    done = run_playbook(folder / "play.yml", inventory=folder / "hosts.yml", arguments=["--check", *arguments]).failed()
    assert {row["host"] for row in done.failures} == set(ENTRIES)
    assert len(done.failures) == len(ENTRIES)
    return done


def findings(done: PlaybookRun) -> dict[str, set[str]]:
    """What the reader says, by host."""
    found = {}
    for row in done.failures:
        lines = row["msg"].splitlines()
        assert "nothing was changed." in lines[0], row
        found[row["host"]] = {line.removeprefix(f"- {row['host']}, ") for line in lines[1:]}
    return found


def reads(host: str, name: str) -> bool:
    role, entry = ENTRIES[host]
    return f"{READERS[entry]} {role}" in declared().variables[name].read_by


def test_what_cannot_be_evaluated_shows_no_line_of_the_inventory(tmp_path: Path) -> None:
    """Neither that of the secret nor those before another variable."""
    variables = {
        "wabiz_jwt_key": "Canary-jwt",
        "wabiz_cluster_name": "{{ nothing_here }}",
        "wabiz_database_password": "Canary{{Password",
        "wabiz_extra_env": {"TOKEN": "Canary{%Token"},
    }
    done = run(tmp_path, variables, "-vvv")
    assert "Canary" not in done.output
    hidden = "cannot be evaluated: its expression fails, and is not shown"
    for host, said in findings(done).items():
        assert any(line.startswith("variable wabiz_cluster_name: cannot be evaluated: 'noth") for line in said), host
        for name in ("wabiz_database_password", "wabiz_extra_env"):
            assert any(line.startswith(f"variable {name}: {hidden}") for line in said) is reads(host, name), host


def test_a_blank_value_is_as_if_it_were_not_given(tmp_path: Path) -> None:
    for host, said in findings(run(tmp_path, {**dict.fromkeys(declared().variables, ""), **REFUSED})).items():
        role, entry = ENTRIES[host]
        required = {variable.name for variable in declared().required_by(f"{READERS[entry]} {role}")}
        missing = {f"variable {name}: is not set. Set it for all hosts of the cluster." for name in required}
        assert said == {UNKNOWN, *missing}, host


def test_text_is_converted_and_secrets_may_come_from_a_credential_of_awx(tmp_path: Path) -> None:
    credential = {"wabiz_api_key": "api-key-0123456789abcdef", "wabiz_database_password": "Database-1"}
    variables = {
        "wabiz_version": "2.57.2",
        "wabiz_database_host": "db1.example.net",
        "wabiz_database_user": "wabiz",
        "wabiz_database_root_password": "Database-1-of-root",
        "wabiz_webapp_ports": "[9090]",
        "wabiz_extra_env": '{"A": "b"}',
        "wabiz_dns_servers": "192.0.2.1, 192.0.2.2",
        "wabiz_container_healthcheck": "on",
        "wabiz_shards": "2",
        "wabiz_log_cleanup_state": " absent ",
        "_wabiz_credential": json.dumps(credential),
    }
    assert all(said == {UNKNOWN} for said in findings(run(tmp_path, {**variables, **REFUSED})).values())


def test_a_wrong_value_is_refused_by_the_reader(tmp_path: Path) -> None:
    wrong = {
        "wabiz_shards": 3,
        "wabiz_webapp_instances": "some",
        "wabiz_webapp_ports": ["a"],
        "wabiz_extra_env": "A=b",
        "wabiz_no_log": "perhaps",
        "wabiz_restart_policy": "sometimes",
        "wabiz_log_cleanup_state": "away",
    }
    for host, said in findings(run(tmp_path, {**wrong, **REFUSED})).items():
        refused = {name for name in wrong if any(line.startswith(f"variable {name}: ") for line in said)}
        assert refused == {name for name in wrong if reads(host, name)}, host
