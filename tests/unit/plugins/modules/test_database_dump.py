# Copyright: (c) 2026, wabiz.onprem contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Dumps and restores by programs that a test writes: what they are given, and what is left whenever they fail."""

from __future__ import annotations

import gzip
import json
import multiprocessing
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.wabiz.onprem.plugins.module_utils._host import sealing

from tests.support.waiting import wait_for
from tests.unit.plugins.in_process import execute

PASSWORD = 'it\'s "q" \\ $HOME `id` # é'
ANSWER = """version\t10.11.6-MariaDB
database\twabiz_waent\t5000\t
database\twabiz_b_waent\t5000\t
database\twabiz_waweb\t70\t
12\twabiz\tcore1:4711\twabiz_waother\tSleep\t3\t\tNULL
"""
DATA = "CREATE DATABASE wabiz_waent;\n" * 1000
# The options come through a pipe, which is read once; each program keeps what it was given.
HEAD = """#!/bin/sh
case "$1" in --defaults-extra-file=*) cat "${1#*=}" > "$FAKE/options"; esac
printf '%s\\n' "$0" "$@" >> "$FAKE/arguments"
env > "$FAKE/environment"
"""
VERSION = """case "$*" in *--version) echo "mysqldump  Ver 10.19 Distrib 10.11.6-MariaDB"; exit;; esac
"""
ASK = """case "$*" in
*CURRENT_ROLE*) cat "$FAKE/role"; exit;;
*"SHOW GRANTS"*) cat "$FAKE/grants"; exit;;
*--execute*|*--command*) cat "$FAKE/answer"; exit;;
esac
"""
ALL = r"GRANT ALL PRIVILEGES ON `wabiz\_%`.* TO `wabiz`@`%`"
# What the client needs, and preflight accepts.
CLIENT = ALL.replace("ALL PRIVILEGES", "SELECT, INSERT, UPDATE, DELETE, CREATE, DROP, ALTER, INDEX")


class Site:
    """A directory of dumps, and programs before all others."""

    def __init__(self, path: Path) -> None:
        self.path, self.directory = path, path / "backups" / "wabiz"
        (path / "bin").mkdir()
        (path / "answer").write_text(ANSWER, encoding="utf-8")
        (path / "data").write_text(DATA, encoding="utf-8")
        (path / "role").write_text("NONE\n", encoding="utf-8")
        (path / "grants").write_text(f"{ALL}\n", encoding="utf-8")
        self.program("mysql", ASK + 'cat > "$FAKE/restored"\n')
        self.program("mysqldump", VERSION + 'cat "$FAKE/data"\n')

    def program(self, name: str, text: str) -> None:
        """Write a program."""
        file = self.path / "bin" / name
        file.write_text(HEAD + text, encoding="utf-8")
        file.chmod(0o755)

    def arguments(self, **more: Any) -> dict[str, Any]:
        known = {"engine": "mysql", "prefix": "wabiz_", "directory": str(self.directory), "user": "wabiz"}
        return {**known, "password": PASSWORD, "host": "db.example.net", "port": 3307, **more}

    def dump(self, name: str = "one", *, check: bool = False, **more: Any) -> dict[str, Any]:
        return execute("database_dump", self.arguments(name=name, **more), check=check)

    def restore(self, name: str = "one", *, check: bool = False, **more: Any) -> dict[str, Any]:
        return execute("database_restore", self.arguments(name=name, **more), check=check)

    def info(self, **more: Any) -> dict[str, Any]:
        return execute("database_dump_info", self.arguments(**more))

    def said(self, what: str) -> str:
        return (self.path / what).read_text(encoding="utf-8")

    def names(self) -> set[str]:
        """Return what is in the directory, without the lock."""
        return {path.name for path in self.directory.iterdir()} - {".lock"} if self.directory.is_dir() else set()

    def manifest(self, name: str = "one") -> dict[str, Any]:
        return dict(json.loads((self.directory / name / "manifest.json").read_text(encoding="utf-8")))


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    found = Site(tmp_path)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")
    monkeypatch.setenv("FAKE", str(tmp_path))
    return found


def test_a_dump_is_complete_packed_digested_and_private(site: Site) -> None:
    made = site.dump(note="a note")
    assert made["changed"] and made["databases"] == ["wabiz_waent", "wabiz_waweb"] and made["bytes"] == 5070
    place = site.directory / "one"
    assert gzip.decompress((place / "databases.sql.gz").read_bytes()).decode() == DATA
    assert made["size"] == (place / "databases.sql.gz").stat().st_size < len(DATA)
    assert {path.stat().st_mode & 0o777 for path in (*place.iterdir(), place, site.directory)} == {0o600, 0o700}
    manifest = site.manifest()
    assert (manifest["kind"], manifest["version"], manifest["note"]) == ("mariadb", "10.11.6", "a note")
    # Not the other cluster's.
    assert site.said("arguments").splitlines()[-3:] == ["--databases", "wabiz_waent", "wabiz_waweb"]
    assert site.names() == {"one"}


def test_a_dump_that_is_there_is_not_made_again(site: Site) -> None:
    site.dump()
    before = site.manifest()
    again = site.dump()
    assert (again["changed"], again["size"]) == (False, before["files"][0]["bytes"])
    assert site.manifest() == before


def test_check_mode_asks_and_writes_nothing(site: Site) -> None:
    made = site.dump(check=True)
    assert (made["changed"], made["bytes"], made["size"]) == (True, 5070, 0)
    assert not site.directory.exists()


def test_the_password_is_in_a_pipe_only(site: Site) -> None:
    site.dump()
    escaped = PASSWORD.replace("\\", "\\\\").replace('"', '\\"')
    assert f'password="{escaped}"' in site.said("options").splitlines()
    assert {'host="db.example.net"', 'port="3307"', 'user="wabiz"'} <= set(site.said("options").splitlines())
    assert PASSWORD not in site.said("arguments")
    # Files of the user who runs it would overrule the options.
    assert "HOME=/nonexistent" in site.said("environment").splitlines()


def test_with_an_authority_the_server_is_verified(site: Site) -> None:
    site.dump(ca_path="/etc/ssl/db.pem", key_path="/etc/ssl/db.key")
    assert 'ssl-key="/etc/ssl/db.key"' in site.said("options").splitlines()
    assert {'ssl-ca="/etc/ssl/db.pem"', "loose-ssl-mode=VERIFY_IDENTITY", "loose-ssl-verify-server-cert=1"} <= set(
        site.said("options").splitlines()
    )


def test_without_an_authority_nothing_is_verified(site: Site) -> None:
    """MariaDB 11.4 and later verify by default; MySQL's mysqldump asked for statistics that other servers have not."""
    site.dump()
    assert {"loose-ssl-verify-server-cert=0", "loose-column-statistics=0"} <= set(site.said("options").splitlines())


def test_programs_under_their_other_name(site: Site) -> None:
    for old, new in (("mysql", "mariadb"), ("mysqldump", "mariadb-dump")):
        (site.path / "bin" / old).rename(site.path / "bin" / new)
    assert site.dump()["changed"]


def test_programs_in_a_container_get_the_password_from_dockers_environment(site: Site) -> None:
    """This docker runs what follows the name of the container. A context of the user's may lead to another engine."""
    run = '[ "$1 $2" = "--host unix:///var/run/docker.sock" ] || exit 9\n'
    run += 'while [ "$1" != database ]; do shift; done; shift; exec "$@"\n'
    site.program("docker", run)
    assert site.dump(container="database", host=None)["changed"]
    said = site.said("arguments")
    assert "--env=DATABASE_OPTIONS\n" in said and "--interactive\n" in said
    assert PASSWORD not in said and "host=" not in site.said("options")


def test_postgresql_dumps_each_database_for_itself(site: Site) -> None:
    rows = ("version\t13.16", "database\twabiz_waent\t10\tclient", "database\twabiz_waweb\t5\tclient")
    named = ("named\twabiz_waent\treader", "named\twabiz_b_waent\tanother", "member\tclient\tgroup", "role\treader")
    answer = "\n".join([*rows, *named, "role\tclient", "creator\tclient", ""])
    (site.path / "answer").write_text(answer, encoding="utf-8")
    site.program("psql", ASK)
    site.program(
        "pg_dump", 'case "$1" in --version) echo "pg_dump (PostgreSQL) 15.18"; exit;; esac\ncat "$FAKE/data"\n'
    )
    site.program("pg_restore", 'cat >> "$FAKE/restored"\n')
    given: dict[str, Any] = {"engine": "postgresql", "ca_path": "/etc/ssl/db.pem"}
    assert site.dump(**given)["changed"]
    manifest = site.manifest()
    assert [file["file"] for file in manifest["files"]] == ["wabiz_waent.dump", "wabiz_waweb.dump"]
    # pg_restore stops at a role that the server lacks, after it has dropped the database.
    assert (manifest["owners"], manifest["version"]) == (["client", "reader"], "13.16")
    environment = site.said("environment").splitlines()
    wanted = {f"PGPASSWORD={PASSWORD}", "PGHOST=db.example.net", "PGPORT=3307", "PGSSLMODE=verify-full"}
    assert wanted <= set(environment) and PASSWORD not in site.said("arguments")
    assert site.restore(**given)["databases"] == ["wabiz_waent", "wabiz_waweb"]
    assert site.said("restored") == 2 * DATA
    told = site.info(**given)
    assert (told["program"], told["members"], told["missing_rights"]) == ("15.18", [["client", "group"]], {})
    (site.path / "answer").write_text(answer.replace("role\treader\n", ""), encoding="utf-8")
    assert "the server has no role reader" in site.restore(**given)["msg"]


# --- what goes wrong --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("program", "text", "words"),
    [
        ("mysqldump", VERSION + 'cat "$FAKE/data"; echo "lost connection" >&2; exit 3\n', "lost connection"),
        ("mysqldump", VERSION + "exit 3\n", "it ended with code 3"),
        ("mysql", "echo \"ERROR 1045: Access denied for user 'wabiz'\" >&2; exit 1\n", "Access denied"),
        ("mysql", "exit 0\n", "does not say which version it has"),
    ],
)
def test_nothing_is_left_of_a_dump_that_failed(site: Site, program: str, text: str, words: str) -> None:
    site.program(program, text)
    failed = site.dump()
    assert failed["failed"] and words in failed["msg"]
    assert site.names() == set()
    assert PASSWORD not in json.dumps(failed)


def test_a_dump_that_takes_too_long_is_ended(site: Site) -> None:
    site.program("mysqldump", VERSION + 'cat "$FAKE/data"; exec tail -f /dev/null\n')
    failed = site.dump(timeout=1)
    assert "it was stopped after 1 seconds" in failed["msg"]
    assert site.names() == set()


def test_missing_programs_are_named(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("mysql", "mysqldump"):
        (site.path / "bin" / name).unlink()
    (site.path / "bin" / "sh").symlink_to("/bin/sh")
    monkeypatch.setenv("PATH", str(site.path / "bin"))
    assert "none of these programs is installed: mysql mariadb" in site.info()["msg"]


def test_a_full_disk_is_seen_before(site: Site) -> None:
    (site.path / "answer").write_text(f"version\t8.0.33\ndatabase\twabiz_waent\t{10**18}\t\n", encoding="utf-8")
    assert "needs 1000000000000 MB" in site.dump()["msg"]
    assert site.names() == set()


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"prefix": "x'; DROP"}, "prefix has other characters"),
        ({"name": "../one"}, "name is no name of a dump"),
        ({"name": ".one"}, "name is no name of a dump"),
        ({"keep": 0}, "keep is less than 1"),
    ],
)
def test_odd_options_are_refused(site: Site, given: dict[str, Any], words: str) -> None:
    assert words in execute("database_dump", {**site.arguments(name="one"), **given})["msg"]
    assert not (site.path / "arguments").exists()


def killed_in_the_middle(site: Site, run: Callable[[], object], began: Callable[[], bool]) -> None:
    """Kill a module as soon as it has begun, as with a host that loses its power."""
    process = multiprocessing.get_context("fork").Process(target=run)
    process.start()
    try:
        wait_for("the middle", began, 30)
        assert process.is_alive()
    finally:
        process.kill()
        process.join()


def test_a_kill_leaves_no_half_dump_under_its_name_and_the_next_run_removes_the_rest(site: Site) -> None:
    site.program("mysqldump", VERSION + 'cat "$FAKE/data"; exec tail -f --pid="$PPID" /dev/null\n')
    half = site.directory / ".one.partial" / "databases.sql.gz"
    killed_in_the_middle(site, site.dump, half.is_file)
    assert site.names() == {".one.partial"}
    assert site.info()["dumps"] == []
    site.program("mysqldump", VERSION + 'cat "$FAKE/data"\n')
    assert site.dump("two")["removed"] == [".one.partial"]
    assert site.names() == {"two"}


def test_a_killed_restore_is_done_again(site: Site) -> None:
    site.dump()
    site.program("mysql", ASK + 'touch "$FAKE/begun"; exec tail -f --pid="$PPID" /dev/null\n')
    killed_in_the_middle(site, site.restore, (site.path / "begun").exists)
    site.program("mysql", ASK + 'cat > "$FAKE/restored"\n')
    assert site.restore()["replaced"] == ["wabiz_waent", "wabiz_waweb"]
    assert site.said("restored") == DATA


def test_two_at_a_time_are_refused(site: Site) -> None:
    site.dump()
    site.program("mysqldump", VERSION + 'cat "$FAKE/data"; exec tail -f --pid="$PPID" /dev/null\n')
    refused: list[dict[str, Any]] = []

    def began() -> bool:
        if (site.directory / ".two.partial").is_dir():
            refused.extend([site.dump("three"), site.restore()])
        return bool(refused)

    killed_in_the_middle(site, lambda: site.dump("two"), began)
    for result in refused:
        assert "another dump or restore is using" in result["msg"]


def test_who_has_the_clients_rights_alone_is_refused_before(site: Site) -> None:
    """mysqldump fails without EVENT, and leaves out triggers without TRIGGER; a restore locks tables."""
    site.dump()
    (site.path / "grants").write_text(f"{CLIENT}\n", encoding="utf-8")
    for result, right in ((site.dump("two", check=True), "EVENT"), (site.restore(), "LOCK TABLES")):
        said = result["msg"]
        assert right in said and r"GRANT ALL PRIVILEGES ON `wabiz\_%`.*" in said
    assert site.names() == {"one"} and not (site.path / "restored").exists()


def test_the_rights_of_the_roles_in_force_count(site: Site) -> None:
    (site.path / "answer").write_text("version\t8.0.33\n", encoding="utf-8")
    (site.path / "role").write_text("`all`@`%`\n", encoding="utf-8")
    assert site.info()["missing_rights"] == {"dump": [], "restore": []}
    assert "--execute=SHOW GRANTS FOR CURRENT_USER() USING `all`@`%`" in site.said("arguments").splitlines()


def test_rights_on_a_pattern_are_none_on_a_server_with_partial_revokes(site: Site) -> None:
    (site.path / "answer").write_text("version\t8.0.33\npartial_revokes\tON\n", encoding="utf-8")
    assert "EVENT" in site.info()["missing_rights"]["dump"]


# --- what is kept -----------------------------------------------------------------------------------------------------


def test_the_newest_are_kept_and_those_of_others_stay(site: Site) -> None:
    for day, name in enumerate(("b", "a", "other", "c"), 1):
        site.dump(name)
        told = site.manifest(name) | {"created": f"2026-11-0{day}"} | ({"prefix": "x_"} if name == "other" else {})
        (site.directory / name / "manifest.json").write_text(json.dumps(told), encoding="utf-8")
    (site.directory / "notes.txt").touch()
    assert site.dump("d", keep=2)["removed"] == ["b", "a"]
    assert site.names() == {"other", "c", "d", "notes.txt"}
    assert [dump["name"] for dump in site.info()["dumps"]] == ["other", "c", "d"]


def test_the_dump_that_was_made_stays_where_the_clock_was_set_back(site: Site) -> None:
    site.dump("a")
    told = site.manifest("a") | {"created": "2099-01-01T00:00:00+00:00"}
    (site.directory / "a" / "manifest.json").write_text(json.dumps(told), encoding="utf-8")
    assert site.dump("b", keep=1)["removed"] == ["a"]
    assert site.names() == {"b"}


def test_a_link_to_a_dump_is_no_further_one(site: Site) -> None:
    for name in ("a", "b"):
        site.dump(name)
    (site.directory / "latest").symlink_to("b")
    assert site.dump("c", keep=3)["removed"] == []
    assert site.dump("d", keep=1)["removed"] == ["a", "b", "c"]
    assert site.names() == {"d", "latest"}


# --- a restore --------------------------------------------------------------------------------------------------------


def test_a_restore_gives_the_server_what_the_dump_holds(site: Site) -> None:
    site.dump()
    assert site.restore(check=True)["changed"] and not (site.path / "restored").exists()
    assert site.restore()["databases"] == ["wabiz_waent", "wabiz_waweb"]
    assert site.said("restored") == DATA


def spoil(site: Site) -> None:
    file = site.directory / "one" / "databases.sql.gz"
    file.write_bytes(file.read_bytes()[:-1] + b"x")


def shorten(site: Site) -> None:
    file = site.directory / "one" / "databases.sql.gz"
    file.write_bytes(file.read_bytes()[:-1])


def remove(site: Site) -> None:
    (site.directory / "one" / "databases.sql.gz").unlink()


def garble(site: Site) -> None:
    (site.directory / "one" / "manifest.json").write_text("{", encoding="utf-8")


def use(site: Site) -> None:
    (site.path / "answer").write_text(ANSWER.replace("wabiz_waother", "wabiz_waweb"), encoding="utf-8")


def exchange(site: Site) -> None:
    (site.path / "answer").write_text(ANSWER.replace("10.11.6-MariaDB", "8.0.33"), encoding="utf-8")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (spoil, "The SHA-256 of databases.sql.gz in dump one is not that of its manifest"),
        (shorten, "databases.sql.gz is missing or has another length"),
        (remove, "databases.sql.gz is missing or has another length"),
        (garble, "its manifest is no JSON"),
        (use, "1 session uses database wabiz_waweb"),
        (exchange, "the server is MySQL 8.0.33"),
    ],
)
@pytest.mark.parametrize("check", [False, True])
def test_what_cannot_be_restored_is_refused_before(
    site: Site, change: Callable[[Site], None], words: str, check: bool
) -> None:
    site.dump()
    change(site)
    assert words.lower() in site.restore(check=check)["msg"].lower()
    assert not (site.path / "restored").exists()


def test_a_name_that_is_not_there_is_answered_with_those_that_are(site: Site) -> None:
    site.dump()
    assert "There are: one." in site.restore("two")["msg"]


def test_a_restore_that_fails_in_the_middle_says_what_to_do(site: Site) -> None:
    (site.path / "data").write_text("x" * 5_000_000, encoding="utf-8")
    site.dump()
    site.program("mysql", ASK + 'head -c 10 > /dev/null; echo "ERROR 1064 at line 3" >&2; exit 1\n')
    failed = site.restore()
    assert "The restore was not finished: ERROR 1064 at line 3. The databases may be incomplete now" in failed["msg"]


# --- encrypted --------------------------------------------------------------------------------------------------------


PASSPHRASE = "a passphrase"


@pytest.fixture
def few_rounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "ROUNDS", 1000)


@pytest.mark.usefixtures("few_rounds")
def test_an_encrypted_dump_is_restored_with_its_passphrase(site: Site) -> None:
    site.dump(passphrase=PASSPHRASE)
    (file,) = site.manifest()["files"]
    assert file["file"] == "databases.sql.gz.enc"
    assert b"CREATE DATABASE" not in (site.directory / "one" / file["file"]).read_bytes()
    assert site.restore(passphrase=PASSPHRASE)["changed"]
    assert site.said("restored") == DATA


@pytest.mark.usefixtures("few_rounds")
@pytest.mark.parametrize("passphrase", [None, "another"])
def test_an_encrypted_dump_is_not_restored_without_it(site: Site, passphrase: str | None) -> None:
    site.dump(passphrase=PASSPHRASE)
    told = site.restore(passphrase=passphrase)
    assert told["failed"]
    assert not (site.path / "restored").exists() or site.said("restored") == ""


@pytest.mark.usefixtures("few_rounds")
def test_an_encrypted_dump_that_fails_leaves_nothing(site: Site) -> None:
    site.program("mysqldump", VERSION + 'cat "$FAKE/data"; echo "Lost connection" >&2; exit 2\n')
    told = site.dump(passphrase=PASSPHRASE)
    assert told["failed"] and "Lost connection" in told["msg"]
    assert site.names() == set()
