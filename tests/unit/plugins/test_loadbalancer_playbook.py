# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""loadbalancer.yml by itself with its default settings, on this machine in check mode; and where a balancer is dead."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.paths import ROOT
from tests.support.playbook import DEAD, LOCALLY, PlaybookRun, run_playbook

pytestmark = pytest.mark.slow


def checked(folder: Path, **balancers: dict[str, Any]) -> PlaybookRun:
    """Run the playbook on a cluster with these balancers, in check mode."""
    groups: dict[str, Any] = {service: {"hosts": {"web1": None}} for service in ("webapp", "master", "coreapp")}
    groups["loadbalancer"] = {"hosts": balancers}
    known = {**LOCALLY, "ansible_become": False, "wabiz_api_key": "Canary-api-key-1"}
    inventory = folder / "inventory.yml"
    inventory.write_text(yaml.safe_dump({"all": {"vars": known, "children": groups}}), encoding="utf-8")
    # A program that is there: no package is installed.
    more = {"_loadbalancer_binary": "/bin/true"}
    playbook = ROOT / "playbooks" / "loadbalancer.yml"
    return run_playbook(playbook, inventory=inventory, arguments=["--check"], extra_vars=more)


def test_without_a_given_certificate(tmp_path: Path) -> None:
    """What makes one needs the inspection of the host."""
    done = checked(tmp_path, edge={}).succeeded()
    assert any(resource.endswith("loadbalancer/self-made.pem") for _host, resource in done.changed), done.changed


@pytest.mark.parametrize("others", [{}, {"edge2": {}}], ids=["the only one", "one of two"])
def test_a_balancer_that_cannot_be_reached_is_named(tmp_path: Path, others: dict[str, Any]) -> None:
    """By the end of a run that has failed, which releases the lock; without it the run would end at the only one."""
    done = checked(tmp_path, edge=DEAD, **others).failed()
    last = done.failures[-1]
    assert last["task"].endswith("Show what failed and what to do next")
    assert "edge cannot be reached: " in last["msg"]
    assert done.changed == set()
