# SPDX-License-Identifier: GPL-3.0-or-later
"""Inventories and surveys as operators have them: what cannot be meant is one finding, before anything is done."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.paths import ROOT
from tests.support.playbook import DEAD, PlaybookRun, run_playbook

pytestmark = pytest.mark.slow

# Hosts that refuse the connection, so that a run which finds nothing ends there.
CLUSTER: dict[str, Any] = {
    "wabiz_version": "2.57.2",
    "wabiz_database_host": "db.example.net",
    "wabiz_database_user": "wa",
    "wabiz_database_password": "Canary-database-1",
    "wabiz_api_key": "Canary-api-key-1",
    "wabiz_jwt_key": "Canary-jwt-" + "k" * 53,
    "wabiz_admin_password": "Canary-admin-1",
}
GROUPS = {"webapp": ["w1", "w2"], "master": ["m1", "m2"], "coreapp": ["c1", "c2"]}


def inventory(
    folder: Path,
    hosts: dict[str, dict[str, Any]] | None = None,
    groups: dict[str, list[str]] = GROUPS,
    **variables: Any,
) -> Path:
    """A cluster with one address for each host, and a host that is not the cluster's."""
    named = {host: {"wabiz_external_hostname": f"{host}.example.net"} for group in groups.values() for host in group}
    content = {
        "vars": {**DEAD, **CLUSTER, **variables},
        "hosts": copy.deepcopy({"mail1": {}, **named, **(hosts or {})}),
        "children": {group: {"hosts": dict.fromkeys(members)} for group, members in groups.items()},
    }
    file = folder / "inventory.yml"
    file.write_text(yaml.safe_dump({"all": content}), encoding="utf-8")
    return file


def run(verb: str, file: Path, *arguments: str, **extra_vars: Any) -> PlaybookRun:
    return run_playbook(
        ROOT / "playbooks" / f"{verb}.yml", inventory=file, extra_vars=extra_vars, arguments=["--check", *arguments]
    )


def findings(done: PlaybookRun) -> list[str]:
    """The lines of the one message with which a run ends, and nothing that it must not show."""
    assert "Canary" not in done.output and "Traceback" not in done.output
    (message,) = {failure["msg"] for failure in done.failed().failures if "finding(s)" in failure["msg"]}
    heading, *lines = message.splitlines()
    assert heading == f"{len(lines)} finding(s); nothing was changed."
    return lines


# --- K1: addresses of hosts -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("address", ["10.0.0.1:22", "https://c1", "root@10.0.0.1", "fe80::1%eth0", "[2001:db8::5]"])
def test_an_address_that_other_nodes_cannot_use(tmp_path: Path, address: str) -> None:
    """It would become the name under which they reach the host."""
    (line,) = findings(run("preflight", inventory(tmp_path, {"c1": {"ansible_host": address}})))
    assert line.startswith("- c1, variable ansible_host: is not a host name or an IP address.")
    assert "wabiz_external_hostname" in line


def test_an_address_that_cannot_be_evaluated_on_a_host_beyond_the_limit(tmp_path: Path) -> None:
    file = inventory(tmp_path, {"c1": {"ansible_host": "{{ nowhere }}"}})
    (line,) = findings(run("preflight", file, "--limit=c2,w1"))
    assert line.startswith("- c1, variable ansible_host: cannot be evaluated:")


def test_ansibles_own_address_may_be_anything_where_others_use_a_name(tmp_path: Path) -> None:
    host = {"ansible_host": "root@127.0.0.1", "wabiz_external_hostname": "c1.example.net"}
    assert "unreachable" in findings(run("preflight", inventory(tmp_path, {"c1": host})))[0]


# --- K1: words and characters that are pasted or come from a form -----------------------------------------------------

ODD: list[tuple[str, Any, str]] = [
    *((name, "null", "means no value") for name in ("wabiz_secret", "wabiz_registry", "wabiz_database_prefix")),
    ("wabiz_media_source", "None", "means no value"),
    ("wabiz_secret_env", "undefined", "means no value"),
    ("wabiz_database_user", "wa\u200b", "not seen"),
    ("wabiz_database_password", "\ufeffCanary-database-1", "not seen"),
    ("wabiz_media_options", "hard\u00ad,_netdev", "not seen"),
    ("wabiz_config_directory", "/" + "a" * 300, "more than 255 bytes"),
    ("wabiz_extra_volumes", "relative/path:/opt/x", "source is an absolute path"),
    ("wabiz_api_endpoints", ["https://me:Canary@lb.example.net"], "without user"),
    ("wabiz_drain_tasks", "/nowhere/drain.yml", "no file that can be read on the controller"),
    ("wabiz_restore_tasks", "/tmp", "no file that can be read on the controller"),
    ("wabiz_plan_file", "/tmp", "is a directory on the controller"),
]


def test_each_of_them_is_a_finding(tmp_path: Path) -> None:
    lines = findings(run("site", inventory(tmp_path), **{name: value for name, value, _ in ODD}))
    assert len(lines) == len(ODD)
    for name, _, words in ODD:
        (line,) = [line for line in lines if f"variable {name}:" in line]
        assert words in line


@pytest.mark.parametrize(
    ("verb", "name", "value", "words"),
    [
        ("status", "wabiz_status_file", "/nowhere/status.json", "cannot be written"),
        ("verify", "wabiz_verify_file", "/", "is a directory"),
        ("upgrade", "wabiz_upgrade_report_file", "/nowhere/report.json", "cannot be written"),
        ("upgrade", "wabiz_backup_directory", "/nowhere", "no directory that can be written to"),
        ("upgrade", "wabiz_database_backup_tasks", "backup.yml", "no file that can be read"),
        ("register", "wabiz_restore_file", "/nowhere/backup.json", "no file that can be read"),
    ],
)
def test_a_file_on_the_controller_is_looked_at_before_anything_is_done(
    tmp_path: Path, verb: str, name: str, value: str, words: str
) -> None:
    given: dict[str, Any] = {"wabiz_phone_cc": "49", "wabiz_phone_number": "15112345"}
    (line,) = findings(run(verb, inventory(tmp_path, **given), **{name: value}))
    assert f"variable {name}: is " in line and words in line


def test_a_secret_that_the_vault_does_not_hold_is_one_finding(tmp_path: Path) -> None:
    """Not missing as well, and the others are judged all the same."""
    given: dict[str, Any] = {
        "wabiz_database_root_password": "{{ vault_nowhere }}",
        "wabiz_groups": {"database": "mail"},
    }
    file = inventory(tmp_path, **given)
    content = yaml.safe_load(file.read_text(encoding="utf-8"))
    content["all"]["children"]["mail"] = {"hosts": {"mail1": {"wabiz_external_hostname": "db.example.net"}}}
    file.write_text(yaml.safe_dump(content), encoding="utf-8")
    (line,) = findings(run("site", file))
    assert "variable wabiz_database_root_password: cannot be evaluated: 'vault_nowhere' is undefined" in line


# --- K2, K3, K9: what is added to the containers ----------------------------------------------------------------------


def test_further_variables_do_not_make_another_node_of_a_container(tmp_path: Path) -> None:
    """Another prefix or server is another database, and a node without MULTICONNECT a second client."""
    pasted = {"WA_DB_NAME_PREFIX": "old_", "WA_DB_PASSWORD": "Canary", "WA_APP_MULTICONNECT": "0", "TZ": "UTC"}
    lines = findings(run("site", inventory(tmp_path), wabiz_extra_env=pasted))
    assert [line.partition(": ")[2] for line in lines] == [
        "sets WA_APP_MULTICONNECT. Remove it; the roles set it for each service.",
        "sets WA_DB_NAME_PREFIX. Set wabiz_database_prefix instead.",
        "sets WA_DB_PASSWORD. Set wabiz_database_password instead.",
    ]


def test_no_two_volumes_have_one_place_in_a_container(tmp_path: Path) -> None:
    """Docker says so when the old container has been removed."""
    volumes = ["/srv/media:/usr/local/wamedia/", "/a:/opt/x:ro", "/b:/opt/x", "/c:/opt/y"]
    lines = findings(run("site", inventory(tmp_path), wabiz_extra_volumes=volumes))
    assert [line.split("mounts ")[1].split(",")[0] for line in lines] == ["/usr/local/wamedia", "/opt/x"]


# --- K7: addresses that mean the container itself ---------------------------------------------------------------------


def test_every_spelling_of_the_machine_itself_is_found(tmp_path: Path) -> None:
    spelt = {"c1": "::ffff:127.0.0.1", "c2": "LOCALHOST.", "m1": "ip6-localhost", "m2": "db.localhost", "w1": "0::1"}
    hosts = {host: {"wabiz_external_hostname": name} for host, name in spelt.items()}
    lines = findings(run("preflight", inventory(tmp_path, hosts)))
    assert [line for line in lines if "resolves to the container itself" not in line] == []
    assert sorted(line[2:4] for line in lines) == sorted(spelt)


# --- K4: what fails to evaluate ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("value", ["{% Canary %}", "x{{ Canary }}", "{{ 'a' | Canary }}"])
def test_a_password_among_other_text_that_is_taken_for_a_template_is_not_shown(tmp_path: Path, value: str) -> None:
    given: dict[str, Any] = {
        "wabiz_extra_env": {"SMTP_PASS": value},
        "wabiz_media_options": f"username=wa,password={value}",
    }
    lines = findings(run("site", inventory(tmp_path, **given)))
    assert len(lines) == 2 and all("its expression fails, and is not shown" in line for line in lines)


@pytest.mark.parametrize("verb", ["status", "uninstall", "backup", "log_cleanup"])
def test_a_cluster_without_a_webapp_has_no_host_for_its_lock(tmp_path: Path, verb: str) -> None:
    """Which Ansible told as an empty hostname produced from delegate_to."""
    groups = {**GROUPS, "webapp": []}
    (line,) = findings(run(verb, inventory(tmp_path, groups=groups, wabiz_backup_password="Canary-backup-1")))
    assert line.startswith("- group webapp: has no host; the first one keeps the cluster's lock")


def test_what_is_only_computed_needs_no_webapp(tmp_path: Path) -> None:
    run("ports", inventory(tmp_path, groups={**GROUPS, "webapp": []})).succeeded()


# --- K5: runs that concern no host of the cluster ---------------------------------------------------------------------


@pytest.mark.parametrize("verb", ["preflight", "verify"])
def test_a_limit_that_leaves_the_cluster_out_is_no_good_news(tmp_path: Path, verb: str) -> None:
    (line,) = findings(run(verb, inventory(tmp_path), "--limit=mail1"))
    assert "concerns no host of the cluster" in line and "--limit" in line


def test_as_a_part_of_the_sites_own_playbook_it_is_told_only(tmp_path: Path) -> None:
    done = run("site", inventory(tmp_path), "--limit=mail1").succeeded()
    assert "concerns no host of the cluster" in done.output
