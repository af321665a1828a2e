"""The same playbooks from an automation platform, from the installed tarball, and with a site's own group names."""

from __future__ import annotations

import json
from pathlib import Path

from tests.lab.inventories import Groups, variant
from tests.lab.play import SECRETS, announced
from tests.support.paths import BUILD
from tests.support.playbook import run_playbook
from tests.support.runner import run_with_runner


def test_through_ansible_runner_with_extra_variables_only(cluster: None, tmp_path: Path) -> None:
    file = tmp_path / "status.json"
    run = run_with_runner("playbooks/status.yml", "status", {"wabiz_status_file": str(file)}).succeeded()
    assert json.loads(file.read_text(encoding="utf-8"))["connected_coreapps"]
    assert run.changed <= {(host, f"copy {file}") for host in run.hosts}
    assert SECRETS.leaks_below(BUILD / "runner" / "status" / "artifacts") == []


def test_from_the_installed_tarball(cluster: None, installed: Path, tmp_path: Path) -> None:
    """Away from the checkout, without its ansible.cfg."""
    run = run_playbook(
        "wabiz.onprem.site", directory=tmp_path, environment={"ANSIBLE_COLLECTIONS_PATH": str(installed)}
    ).succeeded()
    assert run.changed == set()


def test_other_group_names(cluster: None) -> None:
    """A site whose inventory has groups of these names already renames ours through wabiz_groups."""
    names = {"webapp": "wa_web", "master": "wa_master", "coreapp": "wa_core", "database": "wa_db"}

    def rename(groups: Groups) -> None:
        for group, name in names.items():
            groups[name] = groups.pop(group)
        groups["webapp"] = {"hosts": {"somebody-elses-web": {}}}

    assert announced("site", inventory=variant("renamed", rename), extra_vars={"wabiz_groups": names}) == set()
