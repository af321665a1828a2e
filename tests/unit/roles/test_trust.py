# Copyright: (c) 2026, wabiz.onprem contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The CA certificate that a webapp has made: role node itself, against a scripted engine."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from ansible_collections.wabiz.onprem.tests.unit.plugins.scripted_engine import ScriptedEngine

from tests.support.playbook import LOCALLY, PlaybookRun, run_playbook

pytestmark = pytest.mark.slow

KEPT = "the CA of before\n"


def trust(folder: Path, code: int, out: str = "", error: str = "") -> PlaybookRun:
    """Read the CA certificate with a `cat` that ends like this; a copy of an earlier one is there."""
    engine = ScriptedEngine()
    # As the engine frames both streams: the number of the stream and the length of the text.
    frames = [(number, text.encode()) for number, text in ((1, out), (2, error))]
    engine.answers |= {
        "/containers/wabiz-webapp-1/exec": (201, {"Id": "e1"}),
        "/exec/e1/start": (200, b"".join(bytes([n, 0, 0, 0]) + len(t).to_bytes(4) + t for n, t in frames if t)),
        "/exec/e1/json": (200, {"ExitCode": code}),
    }
    # The library asks with the version of the API.
    engine.answers |= {f"/v1.41{path}": answer for path, answer in engine.answers.items()}
    engine.streams = {"/v1.41/exec/e1/start"}
    variables = {
        "_wabiz": {"directory": str(folder), "docker_host": f"unix://{folder}/engine"},
        "_node_selected": [{"name": "wabiz-webapp-1"}],
        "_node_service": {"name": "webapp", "certificate_authority": "/var/lib/whatsapp/ca.pem"},
        "_node_ca_stale": True,
    }
    (folder / "webapp-ca.pem").write_text(KEPT, encoding="utf-8")
    role = {"name": "wabiz.onprem.node", "tasks_from": "trust", "rolespec_validate": False}
    play = {"hosts": "all", "gather_facts": False, "tasks": [{"ansible.builtin.include_role": role}]}
    (folder / "play.yml").write_text(yaml.safe_dump([play]), encoding="utf-8")
    (folder / "hosts.yml").write_text(yaml.safe_dump({"all": {"hosts": {"web1": LOCALLY}}}), encoding="utf-8")
    with engine.listening(folder / "engine"):
        return run_playbook(folder / "play.yml", inventory=folder / "hosts.yml", extra_vars=variables)


def test_it_is_kept_for_the_modules(tmp_path: Path) -> None:
    trust(tmp_path, 0, out="the CA of now\n").succeeded()
    assert (tmp_path / "webapp-ca.pem").read_text(encoding="utf-8") == "the CA of now\n"


def test_a_webapp_without_one_leaves_the_copy_as_it_is(tmp_path: Path) -> None:
    """A blank copy would make every request to the API fail."""
    why = "cat: /var/lib/whatsapp/ca.pem: No such file or directory"
    (failure,) = trust(tmp_path, 1, error=why).failed().failures
    assert (tmp_path / "webapp-ca.pem").read_text(encoding="utf-8") == KEPT
    assert f"web1/wabiz-webapp-1: the CA certificate /var/lib/whatsapp/ca.pem cannot be read: {why}" in failure["msg"]
