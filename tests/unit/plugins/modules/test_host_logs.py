# Copyright: (c) 2026, wabiz.onprem contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The archive of a host's logs, against an engine's API on a Unix socket and programs of the test's own."""

from __future__ import annotations

import gzip
import io
import json
import struct
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from ansible_collections.wabiz.onprem.plugins.module_utils._host import log_readers, share
from ansible_collections.wabiz.onprem.plugins.module_utils._host.log_masking import LONGEST, masked_lines
from ansible_collections.wabiz.onprem.plugins.module_utils._host.log_tail import Tail
from hypothesis import given
from hypothesis import strategies as st

from tests.support.canary import awkward
from tests.unit.plugins.in_process import execute
from tests.unit.plugins.scripted_engine import ID, ScriptedEngine

PASSWORD = "it's a \\ canary $x %y"
ADMIN = 'an-admin\'s "password"'
SINCE = 1_700_000_000
MASK = "********"
# Not written as one, so that no file of the project looks as if it held a key.
BEGIN = "-----BEGIN " + "PRIVATE KEY-----"
JOURNAL = """#!/bin/sh
echo "$*" | grep -q dmesg && echo "kernel: out of memory" || echo "dockerd: started with $WHO"
"""


def framed(*lines: str, stream: int = 1) -> bytes:
    """A log as the engine sends it; a line may come in two pieces."""
    pieces = [piece.encode() for line in lines for piece in (line[:5], f"{line[5:]}\n") if piece]
    return b"".join(struct.pack(">BxxxL", stream, len(piece)) + piece for piece in pieces)


def packed(top: str, files: dict[str, bytes], when: int = SINCE + 60) -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        directory = tarfile.TarInfo(top)
        directory.type = tarfile.DIRTYPE
        archive.addfile(directory)
        for name, content in files.items():
            entry = tarfile.TarInfo(f"{top}/{name}")
            entry.size, entry.mtime = len(content), when
            archive.addfile(entry, io.BytesIO(content))
    return file.getvalue()


def container(name: str, service: str, identity: str, **more: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    labels = {"org.wabiz.cluster": "wabiz", **({"org.wabiz.node": service} if service else {})}
    environment = [f"WA_DB_PASSWORD={PASSWORD}", "WA_DB_HOSTNAME=db1"]
    details = {"Id": identity, "Name": f"/{name}", "Config": {"Env": environment, "Labels": labels, **more}}
    return {"Id": identity, "Names": [f"/{name}"], "Labels": labels}, details


def log_of(name: str) -> str:
    return f"/containers/{name}/logs?stdout=1&stderr=1&timestamps=1&since={SINCE}"


def directory_of(name: str, path: str) -> str:
    return f"/containers/{name}/archive?path={quote(path, safe='')}"


CORE, CORE_DETAILS = container("wabiz-coreapp-1", "coreapp", ID)
WEB, WEB_DETAILS = container("wabiz-webapp-1", "webapp", "ab" * 32, Tty=True)
DATABASE, DATABASE_DETAILS = container("wabiz-database", "", "cd" * 32)
OTHERS = {"Id": "ef" * 32, "Names": ["/other"], "Labels": {"org.wabiz.cluster": "other"}}


@pytest.fixture
def engine() -> ScriptedEngine:
    made = ScriptedEngine(containers=[CORE, WEB, DATABASE, OTHERS])
    for details in (CORE_DETAILS, WEB_DETAILS, DATABASE_DETAILS):
        made.inspected(details, details["Id"])
    made.answers |= {
        log_of("wabiz-coreapp-1"): (200, framed("I0115 connected", f"login with {PASSWORD} failed", "E0115 last")),
        log_of("wabiz-webapp-1"): (200, b"web started\n"),
        log_of("wabiz-database"): (501, {"message": "configured logging driver does not support reading"}),
        directory_of("wabiz-coreapp-1", "/usr/local/waent/logs"): (
            200,
            packed("logs", {"wa-service.INFO": b"info\n", "archive/old.log.gz": gzip.compress(b"compressed\n")}),
        ),
        directory_of("wabiz-webapp-1", "/var/log/whatsapp"): (200, packed("whatsapp", {"web.log": b"w\n"}, SINCE - 60)),
        directory_of("wabiz-webapp-1", "/usr/local/waent/logs"): (
            404,
            {"message": "Could not find the file /usr/local/waent/logs in container wabiz-webapp-1"},
        ),
    }
    return made


@pytest.fixture
def socket(engine: ScriptedEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "journalctl").write_text(JOURNAL, encoding="utf-8")
    (programs / "journalctl").chmod(0o755)
    monkeypatch.setattr(log_readers, "_ENVIRONMENT", {"PATH": f"{programs}:/usr/bin:/bin", "WHO": PASSWORD})
    with engine.listening(tmp_path / "socket") as listening:
        yield listening


def collect(socket: Path, path: Path | None = None, check: bool = False, **more: Any) -> dict[str, Any]:
    given = {
        "cluster": "wabiz",
        "since": "2023-11-14T22:13:20Z",
        "socket": str(socket),
        "path": str(path) if path else None,
    }
    return execute("host_logs", {**given, **more}, check=check)


def unpacked(path: Path) -> dict[str, str]:
    with tarfile.open(path) as archive:
        assert {entry.mode for entry in archive} == {0o600}
        return {entry.name: archive.extractfile(entry).read().decode() for entry in archive}  # type: ignore[union-attr]


def test_secrets_of_services_that_are_not_asked_for_are_masked(
    socket: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The journal quotes what only the database's container has."""
    monkeypatch.setitem(DATABASE_DETAILS["Config"], "Env", ["MYSQL_ROOT_PASSWORD=root's canary"])
    (tmp_path / "bin" / "journalctl").write_text('#!/bin/sh\necho "dockerd: root\'s canary"\n', encoding="utf-8")
    collect(socket, tmp_path / "logs.tar.gz", services=["webapp"])
    members = unpacked(tmp_path / "logs.tar.gz")
    assert members["services.log"] == f"dockerd: {MASK}\n"
    assert not [name for name in members if name.startswith("database/")]


def test_everything_of_the_cluster_is_there_and_nothing_of_others(socket: Path, tmp_path: Path) -> None:
    kept = tmp_path / "cluster.json"
    kept.write_text('{"number": "49151"}\n', encoding="utf-8")
    found = collect(socket, tmp_path / "logs.tar.gz", secrets=[ADMIN], files=[f"{tmp_path}/*.json"])
    members = unpacked(tmp_path / "logs.tar.gz")
    core, web = "==> wabiz-coreapp-1 <==\n", "==> wabiz-webapp-1 <==\n"
    assert members["coreapp/debug_output.txt"] == f"{core}I0115 connected\nlogin with {MASK} failed\nE0115 last\n"
    assert members["webapp/debug_output.txt"] == f"{web}web started\n"
    assert members["debug_output.txt"] == members["coreapp/debug_output.txt"] + members["webapp/debug_output.txt"]
    assert members["coreapp/wabiz-coreapp-1/usr/local/waent/logs/wa-service.INFO"] == "info\n"
    assert members["coreapp/wabiz-coreapp-1/usr/local/waent/logs/archive/old.log"] == "compressed\n"
    assert "webapp/wabiz-webapp-1/var/log/whatsapp/web.log" not in members  # from before
    assert members["kernel.log"] == "kernel: out of memory\n"
    assert members["services.log"] == f"dockerd: started with {MASK}\n"
    assert members[f"files{kept}"] == '{"number": "49151"}\n'
    shown = json.loads(members["coreapp/wabiz-coreapp-1.json"])
    assert shown["Config"]["Env"] == [f"WA_DB_PASSWORD={MASK}", "WA_DB_HOSTNAME=db1"]
    assert "$ uname -a\nLinux" in members["system.txt"]
    # The engine that was asked for the logs, whatever a context of the user's leads to.
    assert f"$ docker --host unix://{socket} ps --all\n" in members["system.txt"]
    assert "database/wabiz-database.json" in members
    assert not [name for name in members if "other" in name]
    problem, *more = found["problems"]
    assert more == []
    assert problem == "database/wabiz-database.log: configured logging driver does not support reading"
    assert problem in members["problems.txt"]
    assert found["changed"] and found["cut"] == []
    assert (tmp_path / "logs.tar.gz").stat().st_mode & 0o777 == 0o600
    assert {path.name for path in tmp_path.iterdir()} == {"bin", "socket", "cluster.json", "logs.tar.gz"}


@pytest.mark.parametrize("check", [True, False])
def test_the_size_is_told_beforehand(socket: Path, tmp_path: Path, check: bool) -> None:
    found = collect(socket, tmp_path / "logs.tar.gz" if check else None, check=check, limit=50)
    assert not (tmp_path / "logs.tar.gz").exists()
    assert found["size"] > 50 >= found["taken"]
    assert found["logs"][0]["size"] == max(one["size"] for one in found["logs"])
    assert (found["changed"], found["free"] is not None) == (check, check)


def test_of_one_service(socket: Path, tmp_path: Path) -> None:
    collect(socket, tmp_path / "logs.tar.gz", services=["webapp"])
    members = unpacked(tmp_path / "logs.tar.gz")
    assert members["debug_output.txt"] == members["webapp/debug_output.txt"]
    assert not [name for name in members if name.startswith(("coreapp", "database"))]


def test_the_end_of_what_is_too_much(socket: Path, engine: ScriptedEngine, tmp_path: Path) -> None:
    engine.answers[log_of("wabiz-coreapp-1")] = (200, framed(*(f"line {number}" for number in range(100_000))))
    found = collect(socket, tmp_path / "logs.tar.gz", limit=10_000)
    members = unpacked(tmp_path / "logs.tar.gz")
    lines = members["coreapp/debug_output.txt"].splitlines()
    assert "coreapp/wabiz-coreapp-1.log" in found["cut"]
    assert lines[-1] == "line 99999" and 100 < len(lines) < 1000
    assert all(line.startswith("line ") for line in lines[1:])
    assert found["taken"] <= 10_000


def test_an_engine_that_does_not_answer(tmp_path: Path) -> None:
    found = collect(tmp_path / "none", tmp_path / "logs.tar.gz")
    assert any(problem.startswith("containers: ") for problem in found["problems"])
    assert "system.txt" in unpacked(tmp_path / "logs.tar.gz")


def test_a_container_that_is_removed_meanwhile(socket: Path, engine: ScriptedEngine, tmp_path: Path) -> None:
    del engine.answers[f"/containers/{ID}/json"]
    found = collect(socket, tmp_path / "logs.tar.gz")
    members = unpacked(tmp_path / "logs.tar.gz")
    assert "webapp/debug_output.txt" in members and "coreapp/debug_output.txt" not in members
    assert not [problem for problem in found["problems"] if problem.startswith("containers: ")]


def test_files_of_a_container_are_left_while_its_media_do_not_answer(
    socket: Path, engine: ScriptedEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The engine would wait for the share, with the container locked; what the container has printed needs no share."""

    def silent(_path: str) -> None:
        raise OSError("no answer")

    monkeypatch.setattr(share, "_seen", silent)
    mounts = [{"Source": "/srv/media", "Destination": "/usr/local/wamedia"}]
    engine.inspected({**CORE_DETAILS, "Mounts": mounts}, ID)
    found = collect(socket, tmp_path / "logs.tar.gz")
    members = unpacked(tmp_path / "logs.tar.gz")
    assert "I0115 connected" in members["coreapp/debug_output.txt"]
    assert not [name for name in members if name.startswith("coreapp/wabiz-coreapp-1/usr/local")]
    assert any("its media (/srv/media) do not answer" in problem for problem in found["problems"])


def test_half_an_answer(socket: Path, engine: ScriptedEngine, tmp_path: Path) -> None:
    engine.answers[log_of("wabiz-coreapp-1")] = (200, framed("whole")[:-2])
    logs = directory_of("wabiz-coreapp-1", "/usr/local/waent/logs")
    engine.answers[logs] = (200, packed("logs", {"broken.gz": b"no archive", "whole": b"w\n"}))
    found = collect(socket, tmp_path / "logs.tar.gz")
    members = unpacked(tmp_path / "logs.tar.gz")
    assert members["coreapp/debug_output.txt"].startswith("==> wabiz-coreapp-1 <==\nwhol")
    assert members["coreapp/wabiz-coreapp-1/usr/local/waent/logs/whole"] == "w\n"
    assert any("/usr/local/waent/logs/broken: Not a gzipped file" in problem for problem in found["problems"])


def test_a_name_that_is_no_text_is_written_as_one(socket: Path, engine: ScriptedEngine, tmp_path: Path) -> None:
    logs = directory_of("wabiz-coreapp-1", "/usr/local/waent/logs")
    engine.answers[logs] = (200, packed("logs", {"caf\udce9.log": b"latin\n", "two\nlines.log": b"two\n"}))
    found = collect(socket, tmp_path / "logs.tar.gz")
    members = unpacked(tmp_path / "logs.tar.gz")
    place = "coreapp/wabiz-coreapp-1/usr/local/waent/logs"
    assert (members[f"{place}/caf\\xe9.log"], members[f"{place}/two\nlines.log"]) == ("latin\n", "two\n")
    assert json.dumps(found, ensure_ascii=False).encode()


def test_of_what_is_compressed_the_length_is_that_of_its_text(
    socket: Path, engine: ScriptedEngine, tmp_path: Path
) -> None:
    """It is kept as text, and was cut at twice its compressed length without a word."""
    text = b"".join(b"line %d %s\n" % (number, b"x" * 1000) for number in range(2000))
    logs = directory_of("wabiz-coreapp-1", "/usr/local/waent/logs")
    engine.answers[logs] = (200, packed("logs", {"old.gz": gzip.compress(text)}))
    name = "coreapp/wabiz-coreapp-1/usr/local/waent/logs/old"
    assert collect(socket, tmp_path / "logs.tar.gz")["cut"] == []
    assert unpacked(tmp_path / "logs.tar.gz")[name].encode() == text
    assert collect(socket, limit=1_000_000)["cut"] == [name]


def test_a_program_that_takes_too_long_is_told_with_what_it_has_printed(socket: Path, tmp_path: Path) -> None:
    script = '#!/bin/sh\necho "kernel: first"; echo "$*" | grep -q dmesg && exec sleep 60\n'
    (tmp_path / "bin" / "journalctl").write_text(script, encoding="utf-8")
    found = collect(socket, tmp_path / "logs.tar.gz", timeout=1.0)
    assert unpacked(tmp_path / "logs.tar.gz")["kernel.log"] == "kernel: first\n"
    late = [problem for problem in found["problems"] if problem.startswith("kernel.log: ")]
    assert late == ["kernel.log: journalctl was ended after 1 s, and what it had not printed is missing"]


def test_a_place_that_is_not_there(socket: Path, tmp_path: Path) -> None:
    found = collect(socket, tmp_path / "none" / "logs.tar.gz")
    assert found["failed"] and "cannot be written" in found["msg"]


# --- masking ----------------------------------------------------------------------------------------------------------


def masked(text: str, *secrets: str) -> str:
    return b"".join(masked_lines([line + b"\n" for line in text.encode().split(b"\n")], secrets)).decode()


def test_a_private_key_is_masked_from_its_first_line_to_its_last() -> None:
    key = f"before\nkey: {BEGIN}\nMIIabc\ndef\n-----END PRIVATE KEY-----\nafter"
    assert masked(key) == f"before\nkey: {MASK}\nafter\n"


def test_the_rest_of_a_key_at_the_beginning_is_left_out() -> None:
    rest = "QmFzZTY0\nMIIabc==\n-----END RSA PRIVATE KEY-----"
    assert masked(f"{rest}\nafter") == "after\n"
    assert masked("QmFzZTY0\nother words\nafter") == "QmFzZTY0\nother words\nafter\n"
    assert masked("QmFzZTY0") == "QmFzZTY0\n"


@pytest.mark.parametrize(
    "line", ["Authorization: Bearer abcdefgh12345", "https://user:s3cr3tpw@host/", "api_key=s3cr3tpw99"]
)
def test_what_looks_like_a_secret_is_masked(line: str) -> None:
    found = masked(line)
    assert MASK in found and "s3cr3tpw" not in found and "abcdefgh12345" not in found


def test_ids_of_messages_stay() -> None:
    line = "msg gBEGkYiEB1VXAglK1ZEqA1YKPrU sent by core1:0123456789ab"
    assert masked(line) == f"{line}\n"


@given(st.text(min_size=4, max_size=20).filter(lambda text: text.strip() == text and text.isprintable()))
def test_no_secret_survives(secret: str) -> None:
    assert secret not in masked(f"a {secret} b {json.dumps(secret)}", secret).replace(MASK, "")


def test_awkward_ones_too() -> None:
    secret = awkward()
    assert secret not in masked(f"x={secret}", secret)


def test_a_line_that_never_ends_is_cut() -> None:
    assert len(masked("x" * (3 * LONGEST))) <= LONGEST + 1


# --- the end of a log -------------------------------------------------------------------------------------------------


@given(st.lists(st.integers(0, 30), max_size=60), st.integers(0, 200))
def test_whole_lines_of_the_end_are_kept(lengths: list[int], limit: int) -> None:
    lines = [b"%d" % (number % 10) * length + b"\n" for number, length in enumerate(lengths)]
    with Tail("/tmp", limit) as tail:
        for line in lines:
            tail.write(line)
        content = tail.finish()
    with content:
        kept = content.read()
    expected = list(lines)
    while sum(map(len, expected)) > limit:
        expected.pop(0)
    assert kept == b"".join(expected)


def test_a_time_of_another_form(tmp_path: Path) -> None:
    found = execute("host_logs", {"cluster": "wabiz", "since": "yesterday", "socket": str(tmp_path / "none")})
    assert found["failed"] and found["msg"] == "since is 'yesterday'. Write it as 2026-03-01T02:00:00Z."
