# SPDX-License-Identifier: GPL-3.0-or-later
"""When role node fetches the CA certificate of the webapps again: by its own variables, in a real run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.paths import ROOT
from tests.support.playbook import LOCALLY, run_playbook

pytestmark = pytest.mark.slow

CA = "/etc/wabiz/wabiz/webapp-ca.pem"
WEBAPP = {"name": "webapp", "certificate_authority": "/var/lib/whatsapp/ca.pem"}


def survey(inside: str, kept: str, there: bool = True) -> dict[str, Any]:
    """The digest in the container, that of our copy, and whether the copy is there."""
    return {
        "certificate_authority": {"digest": inside, "problem": "" if inside else "no such container"},
        "file_digests": {CA: kept},
        "files": {CA: there},
    }


# What the host said, whether the copy is stale, whether it has to be fetched.
HOSTS: dict[str, tuple[dict[str, Any], bool, bool]] = {
    "same": ({"_wabiz_survey": survey("ab", "ab")}, False, False),
    "renewed": ({"_wabiz_survey": survey("ab", "cd")}, True, True),
    "copy_is_gone": ({"_wabiz_survey": survey("ab", "", there=False)}, True, True),
    "unreadable": ({"_wabiz_survey": survey("", "cd")}, False, False),
    "first_start": ({"_wabiz_survey": survey("", "", there=False)}, False, True),
    "coreapp": ({"_wabiz_survey": survey("ab", "cd"), "_node_service": {"name": "coreapp"}}, True, False),
}


def test_when_the_copy_is_stale_or_missing(tmp_path: Path) -> None:
    variables = {**LOCALLY, "_wabiz": {"directory": "/etc/wabiz/wabiz"}, "_node_service": WEBAPP}
    hosts = {host: more for host, (more, _stale, _missing) in HOSTS.items()}
    inventory = {"all": {"vars": variables, "hosts": hosts}}
    kept = ("_node_ca_path", "_node_service")
    read = yaml.safe_load((ROOT / "roles" / "node" / "vars" / "main.yml").read_text(encoding="utf-8"))
    names = {name: value for name, value in read.items() if name.startswith("_node_ca_")}
    assert "_node_ca_stale" in names and kept[0] in names
    # Of coreapps too, the name of the file is the webapps'.
    names["_node_ca_path"] = CA
    said = "{{ {'stale': _node_ca_stale | bool, 'missing': _node_ca_missing | bool} | to_json }}"
    copy = {"content": said, "dest": f"{tmp_path}/{{{{ inventory_hostname }}}}.json"}
    play = [{"hosts": "all", "gather_facts": False, "vars": names, "tasks": [{"ansible.builtin.copy": copy}]}]
    for name, content in (("inventory.yml", inventory), ("play.yml", play)):
        (tmp_path / name).write_text(yaml.safe_dump(content), encoding="utf-8")
    run_playbook(tmp_path / "play.yml", inventory=tmp_path / "inventory.yml").succeeded()
    found = {host: json.loads((tmp_path / f"{host}.json").read_text(encoding="utf-8")) for host in HOSTS}
    assert found == {host: {"stale": stale, "missing": missing} for host, (_more, stale, missing) in HOSTS.items()}
