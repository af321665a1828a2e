"""images.yml: what it shows, and what it brings from where to where, each verb announced by check mode.

The images are small ones of a version that no node runs; no registry has them.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.lab import imaging
from tests.lab.hosts import everywhere, on, shell
from tests.lab.imaging import CORE, CORE_HOSTS, SMALL, WEB, holders, ids, run, short, stray, workplaces
from tests.lab.operation import holder
from tests.lab.play import play
from tests.support.killing import run_and_kill
from tests.support.playbook import PlaybookRun
from tests.support.waiting import wait_for

# A directory for the moves that is not the default.
ELSEWHERE = "/srv/wabiz-moves"
ARCHIVE = "/srv/wabiz-archive"


@pytest.fixture(scope="module")
def inventory(cluster_at_first: None) -> Iterator[Path]:
    """One host has the image of masters and coreapps, one that of webapps."""
    imaging.forget(SMALL)
    imaging.make("core1", CORE)
    imaging.make("web1", WEB)
    yield imaging.small_inventory()
    imaging.forget(SMALL)
    everywhere(f"rm -rf {ELSEWHERE} {ARCHIVE} {imaging.PLACE}")


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive on the controller, which a test fills."""
    return tmp_path_factory.mktemp("archive")


def unmoved(done: PlaybookRun) -> None:
    """A run has succeeded, and changed and left nothing."""
    assert done.succeeded().changed == set()
    assert stray() == {}
    assert holder() == ""


def moved(done: PlaybookRun, image: str, hosts: set[str]) -> None:
    """A run has brought an image to hosts, all of which have the same one now; it has left nothing else."""
    found = ids(image)
    assert {host for host, identity in found.items() if identity} == hosts, done.succeeded().output[-3000:]
    assert len({found[host] for host in hosts}) == 1
    assert stray() == {}
    assert holder() == ""


def test_each_image_is_shown_on_each_host_and_where_it_would_come_from(inventory: Path) -> None:
    shown = run("show", inventory=inventory)
    unmoved(shown)
    identity, today = short(ids(CORE)["core1"]), dt.datetime.now(dt.UTC).date()
    headings = "IMAGE +HOST +ID +DIGEST +CREATED +EXPIRES +FOR +SIZE +FROM"
    there = rf"{CORE} +core1 +{identity} +- +{today} +2099-01-01 +amd64 +3\.\d MB +-"
    missing = [rf"{CORE} +{host} +missing( +-){{5}} +core1" for host in sorted(CORE_HOSTS - {"core1"})]
    for row in (headings, there, *missing, rf"{WEB} +web2 +missing( +-){{5}} +web1"):
        assert re.search(row, shown.stdout), f"{row}\n{shown.stdout}"
    assert "TASK [Take the cluster's lock]" not in shown.stdout


def test_a_copy_is_announced_with_its_sources_and_sizes(inventory: Path, tmp_path: Path) -> None:
    plan = tmp_path / "plan.json"
    before = ids(CORE), ids(WEB)
    told = run("copy", "--check", inventory=inventory, wabiz_plan_file=str(plan))
    unmoved(told)
    assert (ids(CORE), ids(WEB)) == before
    steps = {step["image"]: step for step in json.loads(plan.read_text(encoding="utf-8"))["steps"]}
    assert (steps[CORE]["source"], steps[CORE]["host"]) == ("hosts", "core1")
    assert set(steps[CORE]["targets"]) == CORE_HOSTS - {"core1"}
    assert steps[CORE]["id"] == before[0]["core1"]
    assert steps[CORE]["bytes"] >= 3_000_000
    assert re.search(rf"{CORE} \(3\.\d MB\): from core1 to ", told.stdout)
    assert f"{WEB} (3.0 MB): from web1 to web2" in told.stdout


@pytest.mark.drill
@pytest.mark.proves("wabiz_images_verb")
def test_a_copy_brings_what_is_missing_and_a_second_one_nothing(inventory: Path) -> None:
    copied = run("copy", inventory=inventory)
    moved(copied, CORE, CORE_HOSTS)
    moved(copied, WEB, {"web1", "web2"})
    assert "core1: fetching 3." in copied.stdout and "1 of 2: " in copied.stdout
    again = run("copy", inventory=inventory)
    unmoved(again)
    assert "Nothing to copy: each host has its images." in again.stdout


@pytest.mark.drill
@pytest.mark.proves("wabiz_image_archive")
def test_images_are_saved_on_the_controller_with_a_manifest(inventory: Path, archive: Path) -> None:
    given: dict[str, Any] = {"wabiz_image_archive": str(archive)}
    unmoved(run("save", "--check", inventory=inventory, **given))
    assert list(archive.iterdir()) == []
    run("save", inventory=inventory, **given).succeeded()
    entries = imaging.manifest((archive / "manifest.json").read_text(encoding="utf-8"))
    assert {image: entry["id"] for image, entry in entries.items()} == {CORE: ids(CORE)["core1"], WEB: ids(WEB)["web1"]}
    assert {entry["file"] for entry in entries.values()} | {"manifest.json"} == {
        path.name for path in archive.iterdir()
    }
    for entry in entries.values():
        file = archive / entry["file"]
        assert (imaging.sha256(file), file.stat().st_size) == (entry["sha256"], entry["bytes"])
    assert stray() == {}
    again = run("save", inventory=inventory, **given)
    unmoved(again)
    assert "Nothing to save: the archive has the images." in again.stdout


@pytest.mark.drill
def test_a_missing_image_is_loaded_from_the_controller(inventory: Path, archive: Path) -> None:
    given: dict[str, Any] = {"wabiz_image_archive": str(archive)}
    imaging.lose(CORE, "core2", "core3")
    told = run("load", "--check", inventory=inventory, **given)
    unmoved(told)
    assert re.search(rf"{CORE} \(3\.\d MB\): from the archive to core2, core3", told.stdout)
    assert not holders(CORE) & {"core2", "core3"}
    moved(run("load", inventory=inventory, **given), CORE, CORE_HOSTS)
    again = run("load", "--check", inventory=inventory, **given)
    unmoved(again)
    assert "Nothing to load: each host has its images." in again.stdout


@pytest.mark.drill
def test_a_damaged_archive_is_not_loaded(inventory: Path, archive: Path) -> None:
    """Of the right length, but another byte in the middle; nothing is loaded, nothing is left."""
    (file,) = archive.glob("coreapp-*.tar")
    whole = file.read_bytes()
    imaging.lose(CORE, "core2")
    file.write_bytes(whole[:1_500_000] + bytes([whole[1_500_000] ^ 1]) + whole[1_500_001:])
    try:
        done = run("load", inventory=inventory, wabiz_image_archive=str(archive)).failed()
    finally:
        file.write_bytes(whole)
    assert f"{file} on the controller is damaged: its SHA-256 is not" in done.failures[-1]["msg"]
    assert "core2" not in holders(CORE)
    assert stray() == {}
    assert holder() == ""


@pytest.mark.drill
@pytest.mark.proves("wabiz_image_archive_host")
def test_the_archive_may_be_on_a_host(inventory: Path) -> None:
    """Whoever connects owns it. What is missing elsewhere comes from there; the controller keeps nothing."""
    shell("core3", f"install -d -o ops -g ops -m 0700 {ARCHIVE}")
    given: dict[str, Any] = {"wabiz_image_archive": ARCHIVE, "wabiz_image_archive_host": "core3"}
    run("save", inventory=inventory, **given).succeeded()
    entries = imaging.manifest(on("core3", "cat", f"{ARCHIVE}/manifest.json"))
    assert set(entries) == {CORE, WEB}
    for entry in entries.values():
        digest = on("core3", "sha256sum", f"{ARCHIVE}/{entry['file']}").partition(" ")[0]
        assert digest == entry["sha256"]
    unmoved(run("save", inventory=inventory, **given))
    imaging.lose(CORE, "core2", "master2")
    moved(run("load", inventory=inventory, **given), CORE, CORE_HOSTS)


@pytest.mark.drill
@pytest.mark.proves("wabiz_image_ids")
def test_another_image_of_the_same_name_is_found_and_refused_by_a_pin(inventory: Path) -> None:
    """One host has another image. Without a pin it is reported, and nothing is saved; with one it is refused."""
    right = ids(CORE)["core1"]
    other = imaging.make("master1", CORE)
    shown = run("show", inventory=inventory).succeeded()
    assert f"Image {CORE} is not the same on all hosts: " in shown.stdout
    assert f"{short(other)} on master1" in shown.stdout
    pin: dict[str, Any] = {"wabiz_image_ids": {"coreapp": right}}
    refused = run("copy", inventory=inventory, **pin).failed()
    assert refused.changed == set()
    problem = f"image {CORE} is another one than is pinned: its id is {short(other)}, and {short(right)} is pinned"
    assert "master1" in refused.failures[-1]["msg"] and problem in refused.failures[-1]["msg"]
    assert holder() == ""
    imaging.lose(CORE, "master1")
    done = run("copy", inventory=inventory, **pin)
    moved(done, CORE, CORE_HOSTS)
    assert ids(CORE)["master1"] == right


# --- Killed -----------------------------------------------------------------------------------------------------------


def arrives_here() -> bool:
    """Whether a file has begun to arrive on the controller."""
    try:
        return any(path.stat().st_size for place in workplaces() for path in place.iterdir())
    except FileNotFoundError:  # not yet, or it has just got its final name
        return False


def arrives_there() -> bool:
    """Whether a file has begun to arrive on a host that lacks the image."""
    return bool(shell("core2", f"find {ELSEWHERE} -type f -size +0 2> /dev/null || true"))


def nameless() -> dict[str, str]:
    """Return by host the images without a name: what is loaded in part, or was replaced under its name."""
    return everywhere("docker images --quiet --filter=dangling=true | sort")


@pytest.mark.drill
@pytest.mark.proves("wabiz_images_directory")
@pytest.mark.parametrize(
    ("task", "begun"),
    [
        pytest.param("Bring the archive to the controller", arrives_here, id="fetch"),
        pytest.param("Send the archive", arrives_there, id="send"),
        pytest.param("Load the image", arrives_there, id="load"),
    ],
)
def test_the_next_run_ends_what_a_killed_copy_has_begun(inventory: Path, task: str, begun: Callable[[], bool]) -> None:
    """Killed with its controller in the middle of a transfer or of loading: no partial image, no file."""
    imaging.forget(f"coreapp:v{SMALL}")
    before = nameless()
    whole = imaging.make("core1", CORE, 60_000_000)
    everywhere(f"mkdir -p {ELSEWHERE}")
    given: dict[str, Any] = {"wabiz_version": SMALL, "wabiz_images_verb": "copy", "wabiz_images_directory": ELSEWHERE}

    def middle(_number: int, line: str) -> bool:
        if f"[{task}]" not in line:
            return False
        wait_for("a transfer to begin", begun, 60, pause=0.02)
        return True

    last = run_and_kill("playbooks/images.yml", middle, given, inventory)[1]
    assert f"[{task}]" in last
    # What it left, in the directory that was named; on web1 if the webapps' image was moved first.
    assert any(f"{ELSEWHERE}/wabiz-wabiz-images" in files for files in stray(ELSEWHERE).values())
    finished = play("images", inventory=inventory, extra_vars=given).succeeded()
    assert {ids(CORE)[host] for host in CORE_HOSTS} == {whole}, finished.output[-3000:]
    left = everywhere(f"find {ELSEWHERE} {imaging.PLACE} -mindepth 1 2> /dev/null || true")
    assert set(left.values()) == {""}
    assert not workplaces()
    assert holder() == ""
    assert nameless() == before
