# Copyright: (c) 2026, wabiz.onprem contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names that containers can look up, against a getent that answers as the real one does."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from ansible_collections.wabiz.onprem.plugins.module_utils._host import names
from ansible_collections.wabiz.onprem.plugins.module_utils._host.names import check_names

GETENT = """#!/bin/sh
echo "$*" >> "$0.asked"
[ "$1 $2 $3" = "-s dns ahosts" ] || exit 1
shift 3
code=0
for name in "$@"; do
  case "$name" in
    db1 | db1.example.net | core1) printf '10.0.0.5       STREAM db1\\n10.0.0.5       DGRAM\\n' ;;
    own) printf '127.0.1.1      STREAM own\\n' ;;
    six) printf '::1            STREAM six\\n' ;;
    mapped) printf '::ffff:127.0.0.1 STREAM mapped\\n' ;;
    slow) sleep 5 ;;
    *) code=2 ;;
  esac
done
exit $code
"""
HOSTS = "127.0.0.1 localhost\n10.0.0.7  db7.example.net  DB7 # the old one: db8\n10.0.0.5 core1\n"


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A host of its own, with a folder that holds its getent and its files."""
    (tmp_path / "getent").write_text(GETENT)
    (tmp_path / "getent").chmod(0o755)
    (tmp_path / "hosts").write_text(HOSTS)
    (tmp_path / "resolv.conf").write_text("# made by hand\nsearch example.net\nnameserver 10.0.0.1\n")
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setattr(names, "HOSTS", str(tmp_path / "hosts"))
    monkeypatch.setattr(names, "RESOLVER", str(tmp_path / "resolv.conf"))
    monkeypatch.setattr(names, "DAEMON", str(tmp_path / "none"))
    return tmp_path


def questions(host: Path) -> list[str]:
    return (host / "getent.asked").read_text().splitlines()


def test_good_names_cost_one_question(host: Path) -> None:
    """Also one that is in /etc/hosts too."""
    assert check_names(["db1", "core1", "db1"], 5) == {"db1": "", "core1": ""}
    assert questions(host) == ["-s dns ahosts db1 core1"]
    assert check_names([], 5) == {}


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("db7", "is known only to the host's"),
        ("DB7.example.net.", "is known only to the host's"),
        ("db8", "is not known to DNS"),
        ("own", "has the address 127.0.1.1"),
        ("six", "has the address ::1"),
        ("mapped", "has the address ::ffff:127.0.0.1"),
    ],
)
def test_each_bad_name_has_its_reason_and_spoils_no_other(host: Path, name: str, words: str) -> None:
    found = check_names(["db1", name], 5)
    assert found["db1"] == ""
    assert words in found[name]


def test_dns_that_does_not_answer(host: Path) -> None:
    began = time.monotonic()
    found = check_names(["slow", "db1"], 0.3)
    assert found == {"slow": "cannot be checked: DNS gave no answer within 0.3 s", "db1": ""}
    assert time.monotonic() - began < 3


def test_without_a_getent_that_asks_dns(host: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (host / "getent").write_text("#!/bin/sh\necho 'getent: unrecognized option: s' >&2\nexit 1\n")
    assert check_names(["db1"], 5) == {"db1": "cannot be checked: getent: getent: unrecognized option: s"}
    monkeypatch.setenv("PATH", str(host / "nothing"))
    assert check_names(["db7"], 5)["db7"].startswith("cannot be checked: getent: ")
    assert "which containers do not see" in check_names(["db7"], 5)["db7"]


def test_systemd_resolved_answers_from_the_file_too(host: Path) -> None:
    (host / "resolv.conf").write_text("nameserver 127.0.0.53\n")
    found = check_names(["core1", "db1"], 5)
    assert found["core1"].startswith("cannot be checked: it is in ")
    assert found["db1"] == ""


def test_containers_that_ask_other_servers(host: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(names, "DAEMON", str(host / "daemon.json"))
    for content, said in (('{"dns": ["10.0.0.2"]}', "cannot be checked: Docker has"), ("[", "is known only to")):
        (host / "daemon.json").write_text(content)
        found = check_names(["db1", "db7"], 5)
        assert found["db1"] == ""
        assert found["db7"].startswith(said) and "is known only to the host's" in found["db7"]


def test_a_host_without_these_files(host: Path) -> None:
    (host / "hosts").unlink()
    (host / "resolv.conf").unlink()
    assert check_names(["db7"], 5) == {"db7": "is not known to DNS"}
