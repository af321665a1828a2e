"""rotate_database_password.yml under 20 messages/s, and killed at each of its tasks.

On MariaDB and PostgreSQL, where two users take turns, and on MySQL, where one user has two passwords.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.lab import balanced, client, foreign, gateway, upgrading
from tests.lab.hosts import CLUSTER, on, shell
from tests.lab.load import Load
from tests.lab.operation import KEEPER, holder
from tests.lab.play import play
from tests.lab.traffic import judge
from tests.lab.walk import Walk
from tests.support.canary import Canaries, awkward
from tests.support.guide import blocks
from tests.support.killing import count_tasks, kill_at, run_and_kill, spread
from tests.support.paths import BUILD
from tests.support.playbook import PlaybookRun
from tests.support.waiting import wait_for

pytestmark = pytest.mark.drill

VERB = "rotate_database_password"
PLAYBOOK = f"playbooks/{VERB}.yml"
RATE = 20  # messages per second
RECORD = f"/etc/wabiz/{CLUSTER}/rotation.json"
NODES = sorted(upgrading.ALL)
SEED = 16
POINTS = 4
KINDS: dict[str, dict[str, Any]] = {
    "mariadb": {},
    "postgresql": {"wabiz_database_engine": "postgresql"},
    "mysql": {"wabiz_database_images": {"mysql": "registry.lab.test:5000/mysql:9.7"}},
}


class Site:
    """A registered cluster behind a balancer, and the login that its inventory has at the moment."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.inventory = balanced.inventory()
        self.given = {**KINDS[kind], "wabiz_database_user": "wabiz", "wabiz_database_password": awkward()}
        self.canaries = Canaries([], {})
        self.remember()

    def remember(self) -> None:
        count = len(self.canaries.values)
        self.canaries.values[f"database password {count}"] = self.given["wabiz_database_password"]

    def play(self, verb: str, *arguments: str) -> PlaybookRun:
        return play(verb, *arguments, inventory=self.inventory, extra_vars=self.given, secrets=self.canaries)

    def new_login(self) -> tuple[str, str]:
        """Write another password into the inventory, and where it needs one another user; return the old login."""
        old = self.login
        self.given["wabiz_database_password"] = awkward()
        if self.kind != "mysql":
            self.given["wabiz_database_user"] = "wabiz_b" if old[0] == "wabiz" else "wabiz"
        self.remember()
        return old

    @property
    def login(self) -> tuple[str, str]:
        return self.given["wabiz_database_user"], self.given["wabiz_database_password"]


def logins() -> dict[str, tuple[str, str]]:
    """Return user and password in the environment of every node's container."""
    found = {}
    for place in NODES:
        host, name = place.split("/")
        entries = json.loads(on(host, "docker", "inspect", "--format", "{{json .Config.Env}}", name))
        env = dict(entry.split("=", 1) for entry in entries)
        found[place] = (env["WA_DB_USERNAME"], env["WA_DB_PASSWORD"])
    return found


def rotated(site: Site, old: tuple[str, str]) -> None:
    """Every node has the new login, the server accepts it and no more the old one; nothing is left of the run."""
    assert set(logins().values()) == {site.login}
    assert accepted(site, *site.login)
    assert not accepted(site, *old)
    assert shell(KEEPER, f"ls {RECORD} 2> /dev/null || true") == ""
    assert holder() == ""
    client.settled(60)
    assert gateway.punishable() == []
    assert "Nothing to do" in site.play(VERB).succeeded().stdout


def accepted(site: Site, user: str, password: str) -> bool:
    """Return whether the server lets a user in, asked by the collection's own module from a node's host."""
    task = {
        "wabiz.onprem.database_info": {
            "engine": site.given.get("wabiz_database_engine", "mysql"),
            "host": "db1",
            "port": 5432 if site.kind == "postgresql" else 3306,
            "user": user,
            "password": password,
            "prefix": "wabiz_",
        },
        "register": "seen",
        "become": True,
    }
    shown = {"ansible.builtin.debug": {"msg": "let in: {{ seen.host.failed_at == '' and seen.host.driver == '' }}"}}
    path = BUILD / "rotation-login.yml"
    path.touch(mode=0o600)
    path.write_text(yaml.safe_dump([{"hosts": KEEPER, "gather_facts": False, "tasks": [task, shown]}]))
    try:
        run = play("../build/rotation-login", inventory=site.inventory, secrets=site.canaries).succeeded()
    finally:
        path.unlink()
    return "let in: True" in run.stdout


@pytest.fixture(scope="module", params=KINDS)
def site(lab: Path, request: pytest.FixtureRequest) -> Iterator[Site]:
    """The lab inventory's cluster behind a balancer, with a database of its own, removed afterwards."""
    upgrading.removed()
    foreign.place()
    found = Site(request.param)
    for verb in ("site", "register"):
        found.play(verb).succeeded()
    client.settled(60)
    yield found
    found.play("loadbalancer", "-e", "wabiz_loadbalancer_state=absent").succeeded()
    upgrading.removed()


def test_a_new_password_without_a_rotation_is_refused(site: Site) -> None:
    """Before anything is touched, also with the database's host alone; by check mode too."""
    before, given = logins(), dict(site.given)
    site.new_login()
    for arguments in ((), ("--check",)):
        refused = site.play("site", *arguments).failed()
        assert f"run playbook {VERB}.yml" in refused.failures[-1]["msg"]
        assert refused.changed == set()
    site.play("site", "--limit=db1")
    assert logins() == before
    site.given = given
    assert accepted(site, *site.login)
    client.settled(30)


def test_check_mode_shows_the_plan_and_does_nothing_else(site: Site) -> None:
    given = dict(site.given)
    site.new_login()
    shown = site.play(VERB, "--check").succeeded()
    assert shown.changed == set()
    for words in ("wabiz-webapp-1", "wabiz-master-1", "wabiz-coreapp-1", "end the"):
        assert words in shown.stdout
    site.given = given


def test_where_a_user_has_one_password_the_other_user_is_asked_for(site: Site) -> None:
    if site.kind == "mysql":
        pytest.skip("a user of this server can have two passwords")
    given = dict(site.given)
    site.given["wabiz_database_password"] = awkward()
    reason = site.play(VERB).failed().failures[-1]["msg"]
    assert "Set it to wabiz_b, together with the new password" in reason
    site.given = given


def test_no_request_fails_and_no_message_is_lost(site: Site) -> None:
    old = site.new_login()
    with Load(balanced.BALANCER, RATE) as load:
        wait_for("load", lambda: len(load.accepted) > RATE, 30)
        run = site.play(VERB).succeeded()
        after = len(load.accepted)
        wait_for("load afterwards", lambda: len(load.accepted) > after + RATE, 30)
    assert load.refused.total() == 0, load.failures
    judged = judge(load)
    assert (judged["lost"], judged["duplicated"]) == ([], [])
    containers = {(host, name) for host, name in run.changed if name.startswith("container")}
    assert {f"{host}/{name.partition(' ')[2]}" for host, name in containers} == set(NODES)
    rotated(site, old)
    # The inventory has what runs; only the note of the database's host may be out of date.
    assert not [name for _host, name in site.play("site").succeeded().changed if name.startswith("container")]


def test_killed_before_the_old_login_ends(site: Site) -> None:
    """verify.yml names what is left; site.yml goes on with the nodes as they are; the next run ends the old login."""
    old = site.new_login()
    ends = "End what is left of it"
    run_and_kill(PLAYBOOK, lambda _number, line: ends in line, site.given, site.inventory)
    assert set(logins().values()) == {site.login}
    assert "a rotation of the database's login was not finished" in site.play("verify").stdout
    site.play(VERB, "-e", "wabiz_take_over=true").succeeded()
    rotated(site, old)


def test_killed_anywhere(site: Site) -> None:
    """At tasks by chance; what runs serves, and the next run of the same inventory ends the rotation."""
    total = count_tasks(PLAYBOOK, site.given, site.inventory)
    for point in spread(total // 2, total * 4, POINTS, SEED):
        old = site.new_login()
        print(kill_at(PLAYBOOK, point, site.given, site.inventory), flush=True)
        assert set(logins().values()) <= {old, site.login}
        site.play(VERB, "-e", "wabiz_take_over=true").succeeded()
        rotated(site, old)


def test_killed_and_taken_back(site: Site) -> None:
    """With the old values in the inventory again, the nodes that have the new login get the old one back."""
    given = dict(site.given)
    site.new_login()
    new = site.login
    seen: list[str] = []

    def second_node(_number: int, line: str) -> bool:
        seen.extend([line] if "Record that it answers" in line else [])
        return len(seen) == 2

    run_and_kill(PLAYBOOK, second_node, site.given, site.inventory)
    assert set(logins().values()) == {new, (given["wabiz_database_user"], given["wabiz_database_password"])}
    site.given = given
    site.play(VERB, "-e", "wabiz_take_over=true").succeeded()
    rotated(site, new)


def test_the_page_about_it(site: Site) -> None:
    """docs/database_rotation.md, command by command, from the login that the cluster has."""
    if site.kind == "mysql" or site.given["wabiz_database_user"] != "wabiz":
        pytest.skip("the page goes from wabiz to wabiz_b")
    old = site.login
    directory = BUILD / "inventory"
    site.inventory.rename(directory)
    try:
        variables = directory / "group_vars" / "all"
        (variables / "kind.yml").write_text(yaml.safe_dump(KINDS[site.kind]), encoding="utf-8")
        site.given["wabiz_database_user"], site.given["wabiz_database_password"] = "wabiz_b", awkward()
        site.remember()
        vault = {"vault_database_password": site.given["wabiz_database_password"]}
        (variables / "vault.yml").write_text(yaml.safe_dump(vault), encoding="utf-8")
        (written,) = blocks("database_rotation.md", "yaml")
        (variables / "zz_database.yml").write_text(written, encoding="utf-8")
        walk = Walk("database_rotation.md", site.canaries)
        while walk.ahead:
            walk.run("")
    finally:
        directory.rename(site.inventory)
    rotated(site, old)
