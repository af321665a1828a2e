"""Role database's tasks for the administrator and the users of a server, run on this machine by the server's socket."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from tests.support.playbook import LOCALLY, PlaybookRun, run_playbook

ROOT_PASSWORD = """root's "word" 100% \\ $HOME"""


def account(name: str, password: str = "", state: str = "present", owner: str = "") -> dict[str, str]:
    """One entry of _database_accounts."""
    return {"name": name, "password": password, "state": state, "owner": owner or name}


def settings(engine: str, directory: Path, **changed: Any) -> dict[str, Any]:
    """What the road would have published of the settings, as far as these tasks read it."""
    return {
        "database_engine": engine,
        "directory": str(directory),
        "database_user": "wabiz",
        "database_other_user": "wabiz_b",
        "database_password": "",
        "database_root_password": ROOT_PASSWORD,
        "database_admin_user": None,
        "database_prefix": "wa_one_",
        "database_tls": False,
        "allow_database_change": False,
        "no_log": True,
        **changed,
    }


def run(
    engine: str, directory: Path, tasks: Sequence[str], accounts: Sequence[dict[str, str]] = (), **changed: Any
) -> PlaybookRun:
    """Run task files of role database; the server's socket is in C(directory)/database-socket.

    With C(database_admin_user) it is a server of the site, which is reached over the network.
    """
    play = {
        "hosts": "localhost",
        "gather_facts": False,
        "tasks": [
            {
                "ansible.builtin.include_role": {"name": "wabiz.onprem.database", "tasks_from": "{{ step }}"},
                "loop": list(tasks),
                "loop_control": {"loop_var": "step"},
            }
        ],
    }
    variables: dict[str, Any] = {
        "_wabiz": settings(engine, directory, **changed),
        "_wabiz_topology": {"groups": {"database": [] if "database_admin_user" in changed else ["localhost"]}},
        "_wabiz_survey": {"drivers": {"mysql": True, "postgresql": True}},
    }
    inventory = {"all": {"hosts": {"localhost": {**LOCALLY, **variables}}}}
    if accounts:
        play["tasks"][0]["vars"] = {"_database_accounts": list(accounts)}  # type: ignore[index]
    files = {directory / "play.yml": [play], directory / "inventory.yml": inventory}
    for path, content in files.items():
        path.write_text(yaml.safe_dump(content), encoding="utf-8")
    return run_playbook(directory / "play.yml", inventory=directory / "inventory.yml", arguments=["-v"])
