"""The same playbooks from an automation platform, from the installed tarball, and with a site's own group names."""

from __future__ import annotations

import json
import re
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.wabiz.onprem.plugins.plugin_utils.declared import declared

from tests.lab import tokens
from tests.lab.inventories import Groups, variant
from tests.lab.play import SECRETS, announced
from tests.lab.traces import leaks
from tests.support.paths import BUILD
from tests.support.playbook import run_playbook
from tests.support.processes import ProcessWatch
from tests.support.runner import run_with_runner
from tests.support.variables import ALL_LAB_VARIABLES

PLAYBOOKS = declared().readers["all"]
# Playbooks that would remove or disturb the cluster, or make something at each run.
CHECKED = {"uninstall", "failover_drill", "backup", "database_backup", "collect_logs"}
# What a playbook cannot do without and the lab's inventory does not have.
NEEDED = {
    "backup": {"wabiz_backup_password": "a passphrase of the tests"},
    "collect_logs": {"wabiz_logs_directory": str(BUILD / "logs")},
}
# Modules that make changes: a dump has the time in its name, and whether media are removed depends on the disk.
MAKES = {"database_backup": "database_dump", "media_gc": "media_gc"}
# The others are drills.
OFTEN = {"site", "register", "upgrade", "status", "uninstall"}
# A plan in Ansible's default output: each line in quotes on a line of its own.
PLAN = r'TASK \[Show the plan\].*\nok: .*\n +"msg": \[\n +"(?:[^"\\]|\\")+",?\n'
# Blank values that once caused damage.
WORST = {"wabiz_cluster_name": "", "wabiz_database_prefix": "", "wabiz_no_log": None, "wabiz_secret": None}


def survey(playbook: str) -> dict[str, Any]:
    """Return the answers of a survey for a playbook: blank or null for variables that the lab does not set, else text.

    Expressions stay in the lab's inventory.
    """
    nothing = cycle(["", None])
    names = [variable.name for variable in declared().read_by(playbook)]
    blank = {name: WORST.get(name, next(nothing)) for name in names if name not in ALL_LAB_VARIABLES}
    answers = {name: ALL_LAB_VARIABLES[name] for name in names if name in ALL_LAB_VARIABLES}
    return blank | {name: as_text(answer) for name, answer in answers.items() if "{{" not in str(answer)}


def as_text(answer: Any) -> str:
    """Return an answer as text, as a survey sends it; lists and dictionaries as JSON."""
    return answer if isinstance(answer, str) else json.dumps(answer)


@pytest.fixture(scope="module")
def tokens_before(cluster_at_first: None) -> set[str]:
    """Names of the admin's tokens that are valid before the first of the runs below."""
    return tokens.valid()


@pytest.mark.parametrize(
    "playbook", [pytest.param(name, marks=() if name in OFTEN else pytest.mark.drill) for name in PLAYBOOKS]
)
def test_through_ansible_runner_with_every_optional_answer_blank(
    cluster: None, tokens_before: set[str], removal_plan: set[tuple[str, str]], playbook: str, tmp_path: Path
) -> None:
    file = tmp_path / "status.json"
    given = survey(playbook) | ({"wabiz_status_file": str(file)} if playbook == "status" else NEEDED.get(playbook, {}))
    with ProcessWatch() as watch:
        run = run_with_runner(
            f"playbooks/{playbook}.yml",
            playbook,
            given,
            arguments=["--check", "--diff"] if playbook in CHECKED else ["--diff"],
        )
    assert leaks(watch, run.output, [SECRETS]) == {}
    assert SECRETS.leaks_below(BUILD / "runner" / playbook / "artifacts") == []
    run.succeeded()
    if playbook == "status":
        assert json.loads(file.read_text(encoding="utf-8"))["connected_coreapps"]
        assert run.changed <= {(host, f"copy {file}") for host in run.hosts}
    elif playbook in MAKES:
        assert {what.split()[0] for _host, what in run.changed} <= {MAKES[playbook]}
    else:
        assert run.changed == (removal_plan if playbook == "uninstall" else set())


def test_none_of_these_runs_leaves_a_valid_token(tokens_before: set[str]) -> None:
    assert tokens.valid() <= tokens_before


def test_from_the_installed_tarball(cluster: None, installed: Path, tmp_path: Path) -> None:
    """Outside the checkout, without its ansible.cfg. Ansible's default output shows the plan's text line by line."""
    run = run_playbook(
        "wabiz.onprem.site", directory=tmp_path, environment={"ANSIBLE_COLLECTIONS_PATH": str(installed)}
    ).succeeded()
    assert run.changed == set()
    assert re.search(PLAN, run.stdout), run.stdout


@pytest.mark.proves("wabiz_groups")
def test_other_group_names(cluster: None) -> None:
    """A site whose inventory already has groups of these names sets other names with wabiz_groups."""
    names = {"webapp": "wa_web", "master": "wa_master", "coreapp": "wa_core", "database": "wa_db"}

    def rename(groups: Groups) -> None:
        for group, name in names.items():
            groups[name] = groups.pop(group)
        groups["webapp"] = {"hosts": {"foreign-web": {}}}

    assert announced("site", inventory=variant("renamed", rename), extra_vars={"wabiz_groups": names}) == set()
