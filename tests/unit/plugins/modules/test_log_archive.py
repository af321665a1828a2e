# Copyright: (c) 2026, wabiz.onprem contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The archive of all hosts, with its index page."""

from __future__ import annotations

import html.parser
import io
import tarfile
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from tests.unit.plugins.in_process import execute

TITLE = "wabiz-logs-20260301T020000Z"


class Page(html.parser.HTMLParser):
    """The links and the words of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.words: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag != "script"
        self.links += [unquote(value or "") for name, value in attrs if name == "href"]

    def handle_data(self, data: str) -> None:
        self.words.append(data.strip())


def of_host(path: Path, **files: str) -> str:
    with tarfile.open(path, "w:gz") as archive:
        for name, content in files.items():
            entry = tarfile.TarInfo(f"{name}/debug_output.txt")
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content.encode()))
    return str(path)


def put(tmp_path: Path, **more: Any) -> tuple[dict[str, Any], dict[str, str]]:
    path = tmp_path / "kept" / f"{TITLE}.tar.gz"
    found = execute("log_archive", {"path": str(path), "title": TITLE, **more})
    with tarfile.open(path) as archive:
        read = {entry.name: archive.extractfile(entry).read().decode() for entry in archive}  # type: ignore[union-attr]
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert [one.name for one in path.parent.iterdir()] == [path.name]
    return found, read


def test_everything_is_below_its_host_and_in_the_index(tmp_path: Path) -> None:
    archives = {host: of_host(tmp_path / host, coreapp=f"log of {host}\n") for host in ("core1", "core2")}
    notes = {"core3": ["nothing is collected: <no route>."], "core1": []}
    found, read = put(tmp_path, archives=archives, notes=notes, about=["Cluster wabiz"], texts={"api.json": {"a": 1}})
    assert read[f"{TITLE}/core1/coreapp/debug_output.txt"] == "log of core1\n"
    assert read[f"{TITLE}/cluster/api.json"] == '{\n  "a": 1\n}\n'
    page = Page(read[f"{TITLE}/index.html"])
    assert {f"{TITLE}/{link}" for link in page.links if "/" in link} == read.keys() - {f"{TITLE}/index.html"}
    assert {"#core1", "#core2", "#core3", "#cluster"} <= set(page.links)
    assert {"Cluster wabiz", "nothing is collected: <no route>."} <= set(page.words)
    assert found["files"] == 4 and found["changed"]


def test_what_the_controller_adds_is_masked(tmp_path: Path) -> None:
    secret = 'it\'s a "canary"'
    texts = {"cause.txt": f"login with {secret} failed", "api.json": {"password": "shown-nowhere", "x": secret}}
    read = put(tmp_path, texts=texts, about=[f"a {secret}"], notes={"core1": [secret]}, secrets=[secret])[1]
    everything = "".join(read.values())
    assert "canary" not in everything and "shown-nowhere" not in everything
    assert read[f"{TITLE}/cluster/cause.txt"] == "login with ******** failed\n"


def test_a_host_cannot_write_beside_its_directory(tmp_path: Path) -> None:
    read = put(tmp_path, archives={"../../x": of_host(tmp_path / "a", b="c")})[1]
    assert f"{TITLE}/.._.._x/b/debug_output.txt" in read


def test_long_names_are_below_their_host_too(tmp_path: Path) -> None:
    """One of more than 100 characters is in a header of its own there, which tarfile would write again."""
    long = "/".join(["coreapp", "usr", "wa-service.core1.root.log.INFO." * 4])
    read = put(tmp_path, archives={"core1": of_host(tmp_path / "a", **{long: "c"})})[1]
    assert read.keys() == {f"{TITLE}/core1/{long}/debug_output.txt", f"{TITLE}/index.html"}


def test_a_name_that_is_no_text_stops_nothing(tmp_path: Path) -> None:
    """As of an archive that an earlier version made."""
    read = put(tmp_path, archives={"core1": of_host(tmp_path / "a", **{"caf\udce9": "c"})})[1]
    assert read[f"{TITLE}/core1/caf\\xe9/debug_output.txt"] == "c"
    assert "core1/caf\\xe9/debug_output.txt" in Page(read[f"{TITLE}/index.html"]).links


def test_a_broken_archive_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "core1").write_bytes(b"no archive")
    path = tmp_path / f"{TITLE}.tar.gz"
    given = {"path": str(path), "title": TITLE, "archives": {"core1": str(tmp_path / "core1")}}
    found = execute("log_archive", given)
    assert found["failed"] and "cannot be written" in found["msg"]
    assert [one.name for one in tmp_path.iterdir()] == ["core1"]


def test_check_mode_writes_nothing(tmp_path: Path) -> None:
    found = execute("log_archive", {"path": str(tmp_path / "new" / "x"), "title": TITLE}, check=True)
    assert found["changed"] and not list(tmp_path.iterdir())
