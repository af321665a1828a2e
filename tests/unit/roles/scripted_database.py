# Copyright: (c) 2026, wabiz.onprem contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tasks of role database on this machine; a test answers for community.mysql and community.postgresql."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from tests.support.paths import ROOT
from tests.support.playbook import LOCALLY, PlaybookRun, run_playbook

_MODULES = {
    "mysql": ("mysql_db", "mysql_info", "mysql_query", "mysql_user"),
    "postgresql": ("postgresql_db", "postgresql_membership", "postgresql_query", "postgresql_user"),
}
# It notes what it is given, and answers by words in its query, or by its own name.
_MODULE = """#!{python}
# WANT_JSON
import json, pathlib, sys
given = {{k: v for k, v in json.loads(pathlib.Path(sys.argv[1]).read_text()).items() if not k.startswith("_ansible")}}
folder = pathlib.Path({folder!r})
with (folder / "calls").open("a") as calls:
    calls.write(json.dumps(["{name}", given]) + "\\n")
answers = json.loads((folder / "answers").read_text())
said = str(given.get("query", "{name}"))
print(json.dumps({{"changed": False, **next((answers[words] for words in answers if words in said), {{}})}}))
"""


def run(
    folder: Path,
    tasks: Sequence[str],
    settings: Mapping[str, Any],
    answers: Mapping[str, Any] | None = None,
    *,
    own: bool = True,
    variables: Mapping[str, Any] | None = None,
    shown: str = "",
) -> PlaybookRun:
    """Run task files of the role; C(own): a host is in group database; C(shown) goes to a file of that name."""
    known = {
        **LOCALLY,
        "_wabiz": {"directory": str(folder), "no_log": True, **settings},
        "_wabiz_topology": {"groups": {"database": ["localhost"] if own else []}},
        "_wabiz_survey": {"drivers": {"mysql": True, "postgresql": True}},
    }
    include = {"ansible.builtin.include_role": {"name": "wabiz.onprem.database", "tasks_from": "{{ step }}"}}
    step = {**include, "loop": list(tasks), "loop_control": {"loop_var": "step"}, "vars": dict(variables or {})}
    # As the playbooks end.
    failed = {"ansible.builtin.fail": {"msg": "{{ ansible_failed_result.msg | default('none') }}"}}
    write = {"ansible.builtin.copy": {"content": shown, "dest": str(folder / "shown")}, "when": bool(shown)}
    play = {"hosts": "localhost", "gather_facts": False, "tasks": [{"block": [step], "rescue": [failed]}, write]}
    return run_play(folder, play, {"localhost": known}, answers)


def run_play(
    folder: Path,
    play: Mapping[str, Any],
    hosts: Mapping[str, Any],
    answers: Mapping[str, Any] | None = None,
    arguments: Sequence[str] = (),
) -> PlaybookRun:
    """Run a play on hosts with these variables."""
    _collections(folder)
    (folder / "answers").write_text(json.dumps(dict(answers or {})), encoding="utf-8")
    (folder / "play.yml").write_text(yaml.safe_dump([dict(play)]), encoding="utf-8")
    (folder / "hosts.yml").write_text(yaml.safe_dump({"all": {"hosts": dict(hosts)}}), encoding="utf-8")
    paths = {"ANSIBLE_COLLECTIONS_PATH": f"{folder / 'scripted'}:{ROOT / 'collections'}"}
    return run_playbook(
        folder / "play.yml", inventory=folder / "hosts.yml", environment=paths, arguments=[*arguments, "-v"]
    )


def calls(folder: Path, module: str) -> list[dict[str, Any]]:
    """What a module was given, call by call."""
    lines = (folder / "calls").read_text(encoding="utf-8").splitlines() if (folder / "calls").exists() else []
    return [given for name, given in map(json.loads, lines) if name == module]


def _collections(folder: Path) -> None:
    for kind, names in _MODULES.items():
        place = folder / "scripted" / "ansible_collections" / "community" / kind
        for name in names:
            file = place / "plugins" / "modules" / f"{name}.py"
            file.parent.mkdir(parents=True, exist_ok=True)
            text = _MODULE.format(python=LOCALLY["ansible_python_interpreter"], folder=str(folder), name=name)
            file.write_text(text, encoding="utf-8")
        (place / "meta").mkdir(exist_ok=True)
        groups = {"requires_ansible": ">=2.9.10", "action_groups": {"all": list(names)}}
        (place / "meta" / "runtime.yml").write_text(yaml.safe_dump(groups), encoding="utf-8")
        named = {"collection_info": {"namespace": "community", "name": kind, "version": "99.0.0"}, "format": 1}
        (place / "MANIFEST.json").write_text(json.dumps(named), encoding="utf-8")
