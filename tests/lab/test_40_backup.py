"""backup.yml and restore.yml: the pages about them, both engines, two shards, new hosts, killed runs, changed files."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.lab import administrator, client, foreign, gateway, upgrading
from tests.lab.hosts import CLUSTER, everywhere, on, shell
from tests.lab.inventories import variant
from tests.lab.operation import holder
from tests.lab.play import SECRETS, play
from tests.lab.walk import Walk
from tests.support.canary import Canaries
from tests.support.killing import count_tasks, kill_at, spread
from tests.support.paths import BUILD
from tests.support.playbook import PlaybookRun
from tests.support.waiting import wait_for

pytestmark = pytest.mark.drill

PASSPHRASE = "Canary-backup 'q' $HOME"
PATH = "/srv/wabiz-backups"
SETS, TRANSIT = f"{PATH}/{CLUSTER}", f"{PATH}/.transit-{CLUSTER}"
# In no group of the cluster that runs anything.
ELSEWHERE = "core3"
MEDIA = "/srv/wabiz-media-export"
ENGINES = ("mysql", "postgresql")
POINTS, SEED = 5, 19
PARTS = ["settings", "database", "certificates", "media_list", "media"]


class Site:
    """A registered cluster with two shards, and what its inventory says of backups."""

    def __init__(self, engine: str) -> None:
        self.inventory: Path = variant("backup", lambda _groups: None)
        self.given: dict[str, Any] = {
            "wabiz_database_engine": engine,
            "wabiz_shards": 2,
            "wabiz_backup_password": PASSPHRASE,
            "wabiz_backup_path": PATH,
            "wabiz_backup_host": ELSEWHERE,
            "wabiz_backup_parts": PARTS,
        }
        self.secrets = Canaries([], {"wabiz_backup_password": PASSPHRASE})

    def play(self, verb: str, *arguments: str, **more: Any) -> PlaybookRun:
        given = {**self.given, **more}
        return play(verb, *arguments, inventory=self.inventory, extra_vars=given, secrets=self.secrets)

    def restore(self, name: str, *arguments: str, **more: Any) -> PlaybookRun:
        wanted = {"wabiz_restore_from": name, "wabiz_restore_cluster": CLUSTER}
        return self.play("restore", *arguments, **{**wanted, **more})

    def sql(self, statement: str) -> str:
        """Ask the server as its administrator, by its own socket."""
        if self.given["wabiz_database_engine"] == "mysql":
            return administrator.sql(f"USE wabiz_waent; {statement}")
        ask = ["psql", "--username=postgres", "--dbname=wabiz_waent", "--tuples-only", "--no-align", "--command"]
        return on(upgrading.SERVER, "docker", "exec", f"{CLUSTER}-database", *ask, statement)

    def mark(self) -> None:
        """Write something into the databases that no client does."""
        self.sql("CREATE TABLE before_the_backup (n INT)")

    def marked(self) -> bool:
        """Whether it is there."""
        return self.sql("SELECT COUNT(*) FROM before_the_backup").strip() == "0"

    def served(self) -> None:
        """Two coreapps are connected, and nothing would get the number banned."""
        wait_for("two connected coreapps", lambda: len(client.connected()) == 2, 180)
        assert gateway.punishable() == []
        assert holder() == ""


def names() -> list[str]:
    """Return the backups that are there, the oldest first, and what killed runs have left among them."""
    return shell(ELSEWHERE, f"ls -A {SETS} 2> /dev/null || true").split()


def left() -> str:
    """Return what is on its way on any host."""
    return "".join(everywhere(f"ls -d {TRANSIT} 2> /dev/null || true").values()).strip()


@pytest.fixture(scope="module", params=ENGINES)
def site(lab: Path, request: pytest.FixtureRequest) -> Iterator[Site]:
    upgrading.removed()
    foreign.place()
    found = Site(request.param)
    for verb in ("site", "register", "multiconnect"):
        found.play(verb, **({"wabiz_shards": 1} if verb != "multiconnect" else {})).succeeded()
    found.served()
    yield found
    upgrading.removed()
    everywhere(f"rm -rf {PATH}")


@pytest.mark.proves(
    *("wabiz_backup_password", "wabiz_backup_parts", "wabiz_backup_host", "wabiz_backup_path", "wabiz_backup_keep")
)
def test_a_backup_is_announced_made_and_pruned(site: Site) -> None:
    shown = site.play("backup", "--check").succeeded()
    assert shown.changed == set() and names() == []
    assert f"{ELSEWHERE}:{SETS}" in shown.stdout
    site.play("backup").succeeded()
    (first,) = names()
    site.play("backup", wabiz_backup_keep=1).succeeded()
    (second,) = names()
    assert second != first and left() == ""
    manifest = json.loads(on(ELSEWHERE, "cat", f"{SETS}/{second}/manifest.json"))
    assert (manifest["cluster"], manifest["shards"], manifest["version"]) == (CLUSTER, 2, upgrading.NEW)
    assert {one["part"] for one in manifest["files"]} == set(PARTS)
    for file in manifest["files"]:
        path = f"{SETS}/{second}/{file['file']}"
        assert shell(ELSEWHERE, f"sha256sum {path}").split()[0] == file["sha256"]
        assert on(ELSEWHERE, "stat", "--format=%a", path) == "600"
        if file["file"].endswith(".enc"):
            assert on(ELSEWHERE, "head", "--bytes=8", path) == "Salted__"
    site.served()


def test_without_a_password_or_with_a_foreign_name_nothing_is_done(site: Site) -> None:
    before = names()
    assert "backup_password" in site.play("backup", wabiz_backup_password="").failed().failures[-1]["msg"]
    assert "no complete backup" in site.restore("another").failed().failures[-1]["msg"]
    assert names() == before and holder() == ""


@pytest.mark.proves("wabiz_restore_from", "wabiz_restore_cluster", "wabiz_restore_parts")
def test_what_is_refused(site: Site) -> None:
    """Each refusal changes nothing and gives the lock back."""
    (name,) = names()
    running = upgrading.versions()
    cases: list[tuple[str, dict[str, Any]]] = [
        ("runs, and would use databases", {"wabiz_restore_parts": ["database"]}),
        ("A number is registered already", {"wabiz_restore_parts": ["settings"]}),
        ("wabiz_restore_cluster", {"wabiz_restore_cluster": ""}),
        ("made with another passphrase", {"wabiz_backup_password": "another password"}),
        ("Set wabiz_shards: 2", {"wabiz_shards": 1}),
    ]
    for words, more in cases:
        refused = site.restore(name, **more).failed()
        assert words in refused.failures[-1]["msg"], more
        assert refused.changed == set() and holder() == ""
    assert upgrading.versions() == running


@pytest.mark.parametrize("file", ["manifest.json", "database/manifest.json", "media.tar.enc"])
def test_a_backup_that_was_changed_is_refused(site: Site, file: str) -> None:
    (name,) = names()
    path = f"{SETS}/{name}/{file}"
    shell(ELSEWHERE, f"cp -p {path} /var/tmp/kept && printf x | dd of={path} bs=1 seek=20 conv=notrunc status=none")
    try:
        reason = site.restore(name).failed().failures[-1]["msg"]
        assert re.search(r"was changed|SHA-256|no complete backup", reason), reason
    finally:
        shell(ELSEWHERE, f"mv /var/tmp/kept {path}")


def test_on_new_hosts_messages_settings_and_media_are_there(site: Site) -> None:
    site.mark()
    shell(ELSEWHERE, f"echo picture > {MEDIA}/before.jpg")
    site.play("backup").succeeded()
    name = names()[-1]
    site.play("uninstall", wabiz_uninstall_volumes=CLUSTER).succeeded()
    upgrading.removed()
    everywhere(f"rm -f {MEDIA}/before.jpg")
    site.play("site", "--limit=db1").succeeded()
    first = site.restore(name).succeeded()
    assert "restored now" in first.stdout and "later: no node runs" in first.stdout
    site.play("site").succeeded()
    site.restore(name).succeeded()
    site.served()
    assert left() == "" and site.marked()
    assert on(ELSEWHERE, "cat", f"{MEDIA}/before.jpg") == "picture"


@pytest.mark.parametrize("verb", ["backup", "restore"])
def test_killed_anywhere_the_next_run_ends_well(site: Site, verb: str) -> None:
    name = names()[-1]
    more = {"wabiz_restore_from": name, "wabiz_restore_cluster": CLUSTER, "wabiz_restore_parts": ["media"]}
    given = {**site.given, **(more if verb == "restore" else {})}
    playbook = f"playbooks/{verb}.yml"
    total = count_tasks(playbook, given, site.inventory)
    for point in spread(total // 3, total, POINTS, SEED):
        print(kill_at(playbook, point, given, site.inventory), flush=True)
        assert not [one for one in names() if one.startswith(".") and not one.endswith(".partial")]
        site.play(verb, **{**(more if verb == "restore" else {}), "wabiz_take_over": True}).succeeded()
        assert left() == "" and holder() == ""
    assert not [one for one in names() if one.startswith(".")]
    site.served()


def test_settings_alone_register_the_number(site: Site) -> None:
    """The databases are new and empty: a client with one shard gets its registration back from its own backup."""
    alone = {"wabiz_restore_parts": ["settings"]}
    of_two, one = names()[-1], {"wabiz_shards": 1}
    upgrading.removed()
    for verb in ("site", "register"):
        site.play(verb, **one).succeeded()
    site.play("backup", wabiz_backup_parts=["settings"], **one).succeeded()
    of_one = names()[-1]
    upgrading.removed()
    site.play("site", **one).succeeded()
    assert "the backup does not fit" in site.restore(of_two, **alone).failed().failures[-1]["msg"]
    assert client.connected() == []
    site.restore(of_one, **alone, **one).succeeded()
    wait_for("connected coreapps", lambda: len(client.connected()) >= 1, 180)
    assert gateway.punishable() == [] and holder() == ""


def read(walk: Walk, *words: str) -> str:
    """Run as many commands of the page as there are words, and return the output of the last one."""
    told = ""
    for word in words:
        told = walk.run(word)
        saved = re.search(r"Saved as (\w+) in ", told)
        if saved:
            walk.environment["BACKUP"] = saved[1]
    return told


@pytest.fixture
def page_inventory(cluster_at_first: None) -> Iterator[Path]:
    directory = BUILD / "inventory"
    shutil.rmtree(directory, ignore_errors=True)
    variant("pages", lambda _groups: None).rename(directory)
    given = {"wabiz_backup_password": PASSPHRASE, "wabiz_backup_parts": PARTS}
    (directory / "group_vars" / "all" / "backup.yml").write_text(yaml.safe_dump(given), encoding="utf-8")
    yield directory
    shutil.rmtree(directory, ignore_errors=True)
    everywhere("rm -rf /var/backups/wabiz-encrypted")


def test_the_page_about_backups(page_inventory: Path) -> None:
    walk = Walk("backup.md", SECRETS)
    read(walk, "--check", "backup", "restore", "uninstall", "--check", "restore", "site", "restore", "verify")
    assert walk.ahead == []
    client.settled(120)


def test_the_page_about_a_database_that_is_moved(page_inventory: Path) -> None:
    walk = Walk("database_moved.md", SECRETS)
    read(walk, "uninstall", "backup", "site", "restore", "site", "verify")
    assert walk.ahead == []
    client.settled(120)
