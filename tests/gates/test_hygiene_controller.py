"""What runs on the controller runs as whoever runs Ansible, whatever a site's `become` says."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from tests.support import walk
from tests.support.paths import ROOT
from tests.support.tracked import tracked

# The archive of images is on the controller, unless the site names a host.
CONTROLLER = {"localhost", "{{ _wabiz.image_archive_place }}"}


def escalates(found: walk.Found) -> bool:
    """Whether a task is delegated to the controller and leaves it to the site as which user."""
    return found.inherited("delegate_to") in CONTROLLER and found.inherited("become") is not False


def test_what_is_delegated_to_the_controller_does_not_become_root() -> None:
    files = [ROOT / name for name, _text in tracked("playbooks roles") if name.endswith(".yml")]
    found = [one for file in files for one in walk.tasks(file) if not walk.includes(one.task)]
    assert sum(one.inherited("delegate_to") in CONTROLLER for one in found) > 10
    assert sorted({one.name for one in found if escalates(one)}) == []


@pytest.mark.parametrize(
    ("outer", "inner", "escalated"),
    [
        ({}, {"delegate_to": "localhost"}, True),
        ({}, {"delegate_to": "localhost", "become": False}, False),
        ({"delegate_to": "localhost", "become": False}, {}, False),
        ({"become": False}, {"delegate_to": "localhost", "become": "{{ x }}"}, True),
        ({"delegate_to": "localhost"}, {"delegate_to": "{{ x }}"}, False),
    ],
)
def test_the_gate_knows_who_runs_it(outer: walk.Entry, inner: walk.Entry, escalated: bool, tmp_path: Path) -> None:
    block = {**outer, "block": [{"name": "x", "ansible.builtin.command": "true", **inner}]}
    (tmp_path / "play.yml").write_text(yaml.safe_dump([{"hosts": "all", "tasks": [block]}]), encoding="utf-8")
    assert any(map(escalates, walk.tasks(tmp_path / "play.yml"))) is escalated
