# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Encrypted archives and backups of them, on real files and with the real openssl: what is in them, what is refused."""

from __future__ import annotations

import gzip
import io
import json
import os
import resource
import signal
import subprocess
import tarfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from ansible_collections.wabiz.onprem.plugins.module_utils._host import sealing
from ansible_collections.wabiz.onprem.plugins.module_utils._host.sealing import SealedFile
from ansible_collections.wabiz.onprem.plugins.module_utils._model import backup_set
from ansible_collections.wabiz.onprem.plugins.module_utils._plans.backups import restore
from ansible_collections.wabiz.onprem.plugins.module_utils._plans.facts import Facts

from tests.support.processes import ProcessWatch
from tests.unit.plugins.in_process import execute

PASSPHRASE = 'it\'s "q" \\ $HOME `id` % é'
ROUNDS, FEW = sealing.ROUNDS, 1000
SECRET = b"a private key\n" * 1000


class Site:
    """A host with files to save, and directories for archives and backups."""

    def __init__(self, path: Path) -> None:
        self.path, self.etc, self.spool, self.sets = path, path / "etc", path / "spool", path / "sets"
        (self.etc / "tls").mkdir(parents=True)
        self.spool.mkdir()
        (self.etc / "tls" / "server.key").write_bytes(SECRET)
        (self.etc / "tls" / "server.key").chmod(0o640)
        (self.etc / "ca.pem").write_bytes(b"a certificate\n")
        (self.etc / "other").write_bytes(b"not saved\n")

    def save(self, name: str = "one.tar.enc", *, check: bool = False, **more: Any) -> dict[str, Any]:
        known = {"path": str(self.spool / name), "base": str(self.path), "passphrase": PASSPHRASE}
        paths = [str(self.etc / "tls"), str(self.etc / "ca.pem"), str(self.etc / "missing.pem")]
        return execute("backup_archive", {**known, "paths": paths, **more}, check=check)

    def unpack(self, saved: dict[str, Any], *, check: bool = False, **more: Any) -> dict[str, Any]:
        known = {"path": saved["path"], "sha256": saved["sha256"], "passphrase": PASSPHRASE}
        place = {"base": str(self.path / "new"), "only": [str(self.path / "new" / "etc")]}
        return execute("backup_unpack", {**known, **place, **more}, check=check)

    def complete(
        self, name: str = "first", *, parts: Sequence[str] = ("certificates",), check: bool = False, **more: Any
    ) -> dict[str, Any]:
        ends = {part: ".tar.enc" if part == "certificates" else f"-{part}.tar.enc" for part in parts}
        saved = {part: self.save(f"{name}{end}") for part, end in ends.items()}
        files = [
            {"part": part, "file": f"{name}{ends[part]}", "bytes": one["bytes"], "sha256": one["sha256"]}
            for part, one in saved.items()
        ]
        known = {"directory": str(self.sets), "source": str(self.spool), "passphrase": PASSPHRASE, "files": files}
        about = {"cluster": "wabiz", "number": "4930123456", "shards": 2, "version": "2.57.2"}
        return execute("backup_set", {"name": name, "about": about, **known, **more}, check=check)

    def info(self, **more: Any) -> dict[str, Any]:
        return execute("backup_info", {"directory": str(self.sets), **more})

    def checked(self, name: str = "first", passphrase: str = PASSPHRASE) -> list[str]:
        return list(self.info(name=name, passphrase=passphrase)["faults"])

    def read(self, name: str) -> bytes:
        return (self.path / "new" / "etc" / name).read_bytes()


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    """As many rounds as on a host would take minutes in all."""
    monkeypatch.setattr(sealing, "ROUNDS", FEW)
    monkeypatch.setattr(backup_set, "_ROUNDS", FEW)
    return Site(tmp_path)


# --- archives ---------------------------------------------------------------------------------------------------------


def test_an_archive_holds_the_files_and_shows_none_of_them(site: Site) -> None:
    saved = site.save()
    path = Path(saved["path"])
    assert (saved["changed"], saved["files"], saved["bytes"]) == (True, 2, path.stat().st_size)
    assert path.stat().st_mode & 0o777 == 0o600
    assert b"private" not in path.read_bytes() and b"server.key" not in path.read_bytes()
    assert [one.name for one in site.spool.iterdir()] == ["one.tar.enc"]
    told = site.unpack(saved)
    assert (told["changed"], told["files"]) == (True, 2)
    assert site.read("tls/server.key") == SECRET
    assert (site.path / "new" / "etc" / "tls" / "server.key").stat().st_mode & 0o777 == 0o640
    assert not (site.path / "new" / "etc" / "other").exists()


@pytest.mark.parametrize("check", [False, True])
def test_a_directory_that_is_not_there_is_no_empty_archive(site: Site, check: bool) -> None:
    """As of media below a wrong path: the backup would look complete."""
    missing = str(site.path / "media")
    told = site.save(base=missing, paths=[missing], check=check)
    assert told["failed"] and f"{missing} is no directory of this host" in told["msg"]
    assert list(site.spool.iterdir()) == []


def test_without_the_collection_openssl_and_tar_read_it(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """As docs/backup.md has it."""
    monkeypatch.setattr(sealing, "ROUNDS", ROUNDS)
    saved = site.save()
    decrypt = ("openssl", "enc", "-d", "-aes-256-cbc", "-pbkdf2", "-iter", "600000", "-md", "sha256")
    source = ("-in", saved["path"], "-pass", "stdin")
    done = subprocess.run([*decrypt, *source], input=f"{PASSPHRASE}\n".encode(), capture_output=True, check=True)
    with tarfile.open(fileobj=io.BytesIO(done.stdout)) as archive:
        assert "etc/tls/server.key" in archive.getnames()


def test_the_passphrase_is_in_no_list_of_processes(site: Site, tmp_path: Path) -> None:
    with ProcessWatch() as seen:
        file = SealedFile(tmp_path / "slow.enc", PASSPHRASE)
        for _round in range(50):
            file.write(b"x" * (1 << 20))
        file.close()
    assert "openssl" in seen.text and PASSPHRASE not in seen.text


def test_a_disk_that_fills_up_is_the_reason_that_is_told(tmp_path: Path) -> None:
    """The program was ended then, and would be said to have ended early."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    file = SealedFile(tmp_path / "one.enc", PASSPHRASE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, before[1]))
    try:
        with pytest.raises(OSError, match="File too large"):
            for _round in range(20):
                file.write(bytes(1 << 22))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        file.abandon()


def test_an_archive_that_is_there_is_not_made_again(site: Site) -> None:
    saved = site.save()
    again = site.save()
    assert (again["changed"], again["sha256"], again["bytes"]) == (False, saved["sha256"], saved["bytes"])


def test_check_mode_writes_nothing(site: Site) -> None:
    assert site.save(check=True)["changed"]
    assert list(site.spool.iterdir()) == []
    saved = site.save()
    assert site.unpack(saved, check=True) == {**site.unpack(saved, check=True), "changed": True, "files": 2}
    assert not (site.path / "new").exists()


def test_a_listing_names_files_and_holds_none(site: Site) -> None:
    saved = site.save(content="listing")
    decrypt = ("openssl", "enc", "-d", "-aes-256-cbc", "-pbkdf2", "-iter", str(FEW), "-md", "sha256")
    call = [*decrypt, "-in", saved["path"], "-pass", "stdin"]
    plain = subprocess.run(call, input=f"{PASSPHRASE}\n".encode(), capture_output=True, check=True).stdout
    lines = [json.loads(line) for line in gzip.decompress(plain).splitlines()]
    assert [(line["file"], line["bytes"]) for line in lines] == [
        ("etc/tls/server.key", len(SECRET)),
        ("etc/ca.pem", 14),
    ]


def test_links_and_pipes_are_left_out(site: Site) -> None:
    (site.etc / "tls" / "link").symlink_to("/etc/passwd")
    subprocess.run(["mkfifo", str(site.etc / "tls" / "pipe")], check=True)
    assert site.save()["files"] == 2


def test_links_that_are_named_are_followed_when_saved_and_when_restored(site: Site) -> None:
    """As a directory of media on another disk, or the certificate that some other program renews."""
    (site.path / "disk").mkdir()
    (site.etc / "tls").rename(site.path / "disk" / "tls")
    (site.etc / "ca.pem").rename(site.path / "disk" / "ca.pem")
    for name in ("tls", "ca.pem"):
        (site.etc / name).symlink_to(site.path / "disk" / name)
    saved = site.save()
    assert saved["files"] == site.save("list.gz.enc", content="listing")["files"] == 2
    assert site.unpack(saved)["files"] == 2
    assert (site.read("tls/server.key"), site.read("ca.pem")) == (SECRET, b"a certificate\n")
    # On the host where they are links.
    (site.path / "disk" / "tls" / "server.key").unlink()
    only = [str(site.etc / "tls"), str(site.etc / "ca.pem")]
    assert site.unpack(saved, base=str(site.path), only=only)["files"] == 2
    assert (site.path / "disk" / "tls" / "server.key").read_bytes() == SECRET


def test_a_disk_that_is_full_leaves_nothing(site: Site) -> None:
    told = site.save(path="/dev/full/archive")
    assert told["failed"] and "cannot be written" in told["msg"]


@pytest.mark.parametrize("passphrase", ["", "two\nlines", "x" * 501])
def test_a_passphrase_that_openssl_would_read_in_part(site: Site, passphrase: str) -> None:
    told = site.save(passphrase=passphrase)
    assert told["failed"] and "more than one line" in told["msg"]
    assert list(site.spool.iterdir()) == []


def test_without_openssl(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(site.path))
    told = site.save()
    assert told["failed"] and "Install it (package openssl)" in told["msg"]
    assert list(site.spool.iterdir()) == []


def test_another_passphrase_does_not_open_it(site: Site) -> None:
    told = site.unpack(site.save(), passphrase="another")
    assert told["failed"] and "cannot be unpacked" in told["msg"]
    assert not (site.path / "new").exists()


def test_an_archive_that_was_changed_is_not_unpacked(site: Site) -> None:
    saved = site.save()
    path = Path(saved["path"])
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    told = site.unpack(saved)
    assert told["failed"] and "was changed" in told["msg"]
    assert not (site.path / "new").exists()


def member(name: str, kind: bytes = tarfile.REGTYPE, target: str = "") -> tarfile.TarInfo:
    found = tarfile.TarInfo(name)
    found.type, found.linkname = kind, target
    return found


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        (member("etc/../../outside"), "outside of"),
        (member("/etc/passwd"), "outside of"),
        (member("usr/bin/sh"), "not among what is restored"),
        (member("etc/link", tarfile.SYMTYPE, "/etc/passwd"), "neither a file nor a directory"),
        (member("etc/hard", tarfile.LNKTYPE, "etc/ca.pem"), "neither a file nor a directory"),
        (member("etc/null", tarfile.CHRTYPE), "neither a file nor a directory"),
    ],
)
def test_what_must_not_be_written_is_not_even_behind_what_may(site: Site, entry: tarfile.TarInfo, said: str) -> None:
    """Whoever has the passphrase could have made it; the module still writes nothing else than it was asked for."""
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w") as archive:
        archive.addfile(member("etc/ca.pem"))
        archive.addfile(entry)
    told = site.unpack(sealed(site, plain.getvalue()))
    assert told["failed"] and said in told["msg"]
    assert not (site.path / "new").exists()


def test_nothing_is_written_behind_a_link_that_is_there(site: Site) -> None:
    (site.path / "new" / "etc").mkdir(parents=True)
    (site.path / "new" / "etc" / "tls").symlink_to(site.path / "elsewhere")
    (site.path / "elsewhere").mkdir()
    told = site.unpack(site.save())
    assert told["failed"] and "is a link" in told["msg"]
    assert list((site.path / "elsewhere").iterdir()) == []


def test_a_link_that_is_named_stays_one(site: Site) -> None:
    """Or a certificate would be a file of its own from then on, which no renewal reaches."""
    saved = site.save()
    new, live = site.path / "new" / "etc", site.path / "new" / "live.pem"
    new.mkdir(parents=True)
    live.write_bytes(b"an older one\n")
    (new / "ca.pem").symlink_to(live)
    told = site.unpack(saved, only=[str(new / "ca.pem"), str(new / "tls")])
    assert told["files"] == 2 and (new / "ca.pem").is_symlink() and live.read_bytes() == b"a certificate\n"
    assert sorted(path.name for path in live.parent.iterdir()) == ["etc", "live.pem"]


def test_what_a_killed_run_has_left_is_replaced_and_not_saved(site: Site) -> None:
    saved = site.save()
    tls = site.path / "new" / "etc" / "tls"
    site.unpack(saved)
    unpacked = sorted(tls.iterdir())
    kill_while_writing(site, saved)
    assert sorted(tls.iterdir()) != unpacked
    again: dict[str, Any] = {"base": str(site.path / "new"), "paths": [str(site.path / "new" / "etc")]}
    assert (site.save("again.tar.enc", **again)["files"], site.save("list", content="listing", **again)["files"]) == (
        2,
        2,
    )
    # Another backup need not hold the file that was being written.
    (site.etc / "tls" / "server.key").rename(site.etc / "tls" / "renamed.key")
    site.unpack(site.save("other.tar.enc"))
    assert [path.name for path in sorted(tls.iterdir())] == ["renamed.key", "server.key"]


def kill_while_writing(site: Site, saved: dict[str, Any]) -> None:
    """Unpack in a process of its own, which is killed when its first file is there in part."""
    child = os.fork()
    if not child:
        with mock.patch.object(Path, "replace", lambda *_given: os.kill(os.getpid(), signal.SIGKILL)):
            site.unpack(saved)
        os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL


def test_the_longest_name_of_a_file(site: Site) -> None:
    (site.etc / "tls" / ("x" * 255)).write_bytes(b"a picture")
    assert site.unpack(site.save())["files"] == 3


def sealed(site: Site, plain: bytes) -> dict[str, Any]:
    file = SealedFile(site.spool / "made.enc", PASSPHRASE)
    file.write(plain)
    _length, sha256 = file.close()
    return {"path": str(site.spool / "made.enc"), "sha256": sha256}


# --- backups ----------------------------------------------------------------------------------------------------------


def test_a_backup_is_complete_private_and_known(site: Site) -> None:
    made = site.complete()
    assert made["changed"] and made["size"] > len(SECRET)
    place = site.sets / "first"
    assert {path.stat().st_mode & 0o777 for path in (*place.iterdir(), place, site.sets)} == {0o600, 0o700}
    assert list(site.spool.iterdir()) == []
    (known,) = site.info()["backups"]
    assert (known["name"], known["cluster"], known["shards"], known["parts"]) == ("first", "wabiz", 2, ["certificates"])
    assert site.checked() == []
    assert PASSPHRASE not in (place / "manifest.json").read_text(encoding="utf-8")


def test_a_backup_that_is_there_is_not_made_again(site: Site) -> None:
    site.complete()
    assert not site.complete()["changed"]


def test_check_mode_completes_nothing(site: Site) -> None:
    assert site.complete(check=True)["changed"]
    assert not site.sets.exists()


def test_files_that_did_not_arrive_as_they_were_made(site: Site) -> None:
    wrong = {"part": "certificates", "file": "first.tar.enc", "bytes": 3, "sha256": "0" * 64}
    told = site.complete(files=[wrong])
    assert told["failed"] and "first.tar.enc" in told["msg"]
    assert not site.sets.exists() and (site.spool / "first.tar.enc").exists()


def change(**more: Any) -> Callable[[Path], None]:
    """Make a change of the manifest."""

    def made(place: Path) -> None:
        told = json.loads((place / "manifest.json").read_text(encoding="utf-8"))
        (place / "manifest.json").write_text(json.dumps({**told, **more}), encoding="utf-8")

    return made


def change_file(**more: Any) -> Callable[[Path], None]:
    """Make a change of the manifest's only file."""

    def made(place: Path) -> None:
        told = json.loads((place / "manifest.json").read_text(encoding="utf-8"))
        change(files=[{**told["files"][0], **more}])(place)

    return made


def named_twice(place: Path) -> None:
    told = json.loads((place / "manifest.json").read_text(encoding="utf-8"))
    change(files=told["files"] * 2)(place)


def other_bytes(place: Path) -> None:
    path = place / "first.tar.enc"
    content = path.read_bytes()
    path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))


def unreadable(place: Path) -> None:
    """A manifest that is there and that the disk does not give."""
    (place / "manifest.json").unlink()
    (place / "manifest.json").symlink_to("/proc/self/mem")


@pytest.mark.parametrize(
    ("tamper", "said"),
    [
        (other_bytes, "first.tar.enc is not that of the manifest"),
        (change(shards=4), "was changed"),
        (change(cluster="other"), "was changed"),
        (change_file(sha256="1" * 64), "was changed"),
        (change(rounds=1), "was changed"),
        (change(salt="0" * 32), "was changed"),
        (change(more=1), "was changed"),
    ],
)
def test_a_backup_that_was_changed_is_known(site: Site, tamper: Callable[[Path], None], said: str) -> None:
    site.complete()
    tamper(site.sets / "first")
    (fault,) = site.checked()
    assert said in fault


def test_a_backup_of_others_is_known(site: Site) -> None:
    site.complete()
    (fault,) = site.checked(passphrase="theirs")
    assert "made with another passphrase" in fault


@pytest.mark.parametrize(
    "tamper",
    [
        change_file(file="../../etc/shadow"),
        change_file(file="manifest.json"),
        named_twice,
        change(files=[]),
        change(rounds=10**12),
        change(format=9),
        change(authentication=None),
        change(salt="0" * 33),
        unreadable,
        lambda place: (place / "first.tar.enc").unlink(),
        lambda place: (place / "manifest.json").write_text("[" * 100_000, encoding="utf-8"),
    ],
)
def test_what_is_no_complete_backup_is_told_and_not_listed(site: Site, tamper: Callable[[Path], Any]) -> None:
    site.complete()
    tamper(site.sets / "first")
    told = site.info()
    assert told["backups"] == [] and "first cannot be used" in told["lost"][0]
    assert "There is no complete backup first" in site.info(name="first", passphrase=PASSPHRASE)["msg"]


def test_with_a_name_that_is_none_the_others_are_told(site: Site) -> None:
    """Or the plan of a restore would say that there is no backup at all."""
    site.complete()
    told = site.info(name="frist", passphrase=PASSPHRASE)
    assert told["failed"] and [one["name"] for one in told["backups"]] == ["first"]
    known = {name: told[name] for name in ("backups", "lost", "free")}
    plan = restore.plan(Facts({"keeper": "web1"}, {"restore_from": "frist"}, {}, {}, "2026-11-04", backups=known))
    assert "first" in "\n".join(plan["text"]) and "There is no backup in" not in "\n".join(plan["text"])
    assert "names frist, and there is no complete backup of that name" in plan["refusals"][0]


@pytest.mark.parametrize("other", [{"cluster": "other"}, {"number": "4930999999"}, {"number": ""}, {"prefix": "x_"}])
def test_old_backups_are_removed_and_those_of_another_cluster_stay(site: Site, other: dict[str, str]) -> None:
    site.complete("theirs", about={"cluster": "wabiz", "number": "4930123456", **other})
    for name in ("a", "b"):
        site.complete(name)
    (site.sets / ".killed.partial").mkdir()
    assert sorted(site.complete("c", keep=2)["removed"]) == ["a"]
    assert {path.name for path in site.sets.iterdir()} == {"theirs", "b", "c"}


def test_a_backup_of_fewer_parts_replaces_none_of_more(site: Site) -> None:
    site.complete("a", parts=("certificates", "media"))
    removed = [site.complete(name, keep=1)["removed"] for name in ("b", "c", "d")]
    assert removed == [[], ["b"], ["c"]]
    assert {path.name for path in site.sets.iterdir()} == {"a", "d"}


def test_the_backup_that_was_made_stays_where_the_clock_was_set_back(site: Site) -> None:
    site.complete("a")
    change(created="2099-01-01T00:00:00+00:00")(site.sets / "a")
    assert site.complete("b", keep=1)["removed"] == ["a"]
    assert {path.name for path in site.sets.iterdir()} == {"b"}


def test_a_link_to_a_backup_is_no_further_one(site: Site) -> None:
    for name in ("a", "b"):
        site.complete(name)
    (site.sets / "latest").symlink_to("b")
    assert site.complete("c", keep=3)["removed"] == []
    assert site.complete("d", keep=1)["removed"] == ["a", "b", "c"]
    assert {path.name for path in site.sets.iterdir()} == {"d", "latest"}


def test_what_only_was_copied_is_on_the_disk_before_the_backup_has_its_name(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Older backups are removed right afterwards."""
    synced, fsync = [], os.fsync

    def noted(handle: int) -> None:
        synced.append(Path(f"/proc/self/fd/{handle}").readlink().name)
        fsync(handle)

    monkeypatch.setattr(os, "fsync", noted)
    site.complete()
    assert synced.index("first.tar.enc", synced.index("first.tar.enc.part") + 1) < synced.index("sets")


@pytest.mark.parametrize("more", [{"keep": 0}, {"files": []}])
def test_what_is_refused_before_anything_is_touched(site: Site, more: dict[str, Any]) -> None:
    assert site.complete(**more)["failed"]
    assert not site.sets.exists()
