"""The offline bundle: what goes into it, and that it never takes the place of anything but a bundle."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.wabiz.onprem.plugins.module_utils._host import image_archive

from tests.support.paths import BIN, ROOT
from tools.bundle import BundleError, directory, galaxy, images, page, wheels

Information = dict[str, Any]


# --- Collections ------------------------------------------------------------------------------------------------------


def known(**versions: tuple[str, dict[str, str]]) -> Callable[[str], Information | None]:
    """What an environment has: for each name, with an underscore for its dot, version and dependencies."""
    there = {
        name.replace("_", "."): {"version": version, "dependencies": dependencies}
        for name, (version, dependencies) in versions.items()
    }
    return there.get


def test_what_collections_need_themselves_is_taken_along() -> None:
    environment = known(a_b=("4.8.5", {"c.d": ">=1.0.0"}), c_d=("1.1.5", {"a.b": "*"}), e_f=("1.0.0", {}))
    assert list(galaxy.needed({"a.b": ">=4.8.0"}, environment)) == ["a.b", "c.d"]


@pytest.mark.parametrize(
    ("wanted", "complaint"),
    [
        ({"x.y": "*"}, r"x\.y \* is needed, and the package ansible of \.venv does not have it"),
        ({"a.b": ">=5.0.0"}, r"a\.b >=5\.0\.0 is needed, and the package ansible of \.venv has 4\.8\.5"),
        ({"a.b": ">=4.8.0,<4.8.5"}, r"has 4\.8\.5"),
    ],
)
def test_a_collection_that_does_not_satisfy_is_refused(wanted: dict[str, str], complaint: str) -> None:
    with pytest.raises(BundleError, match=complaint):
        galaxy.needed(wanted, known(a_b=("4.8.5", {})))


def test_what_a_second_one_needs_counts_as_well() -> None:
    environment = known(a_b=("4.8.5", {}), c_d=("1.0.0", {"a.b": ">=5.0.0"}))
    with pytest.raises(BundleError, match=r"a\.b >=5\.0\.0"):
        galaxy.needed({"a.b": "*", "c.d": "*"}, environment)


def installed_collection(base: Path) -> Path:
    """A collection as the package `ansible` has it: without its tests, with a compiled file, and with its lists."""
    folder = base / "ansible_collections" / "first" / "second"
    files = {
        "README.md": "Read.\n",
        "meta/runtime.yml": 'requires_ansible: ">=2.17"\n',
        "plugins/modules/m.py": "x = 1\n",
    }
    listed = [{"name": "tests/t.py", "ftype": "file", "chksum_sha256": "0" * 64}, {"name": "plugins", "ftype": "dir"}]
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content, encoding="utf-8")
        digest = hashlib.sha256(content.encode()).hexdigest()
        listed.append({"name": name, "ftype": "file", "chksum_sha256": digest})
    (folder / "plugins" / "modules" / "m.pyc").write_bytes(b"compiled")
    (folder / "FILES.json").write_text(json.dumps({"files": listed, "format": 1}), encoding="utf-8")
    texts = {"namespace": "first", "name": "second", "version": "1.2.3", "readme": "README.md", "description": "d"}
    lists: Information = {"authors": ["A"], "license": [], "license_file": None, "dependencies": {}, "tags": ["t"]}
    links = {"repository": "https://example.net/r", "documentation": None, "homepage": None, "issues": None}
    manifest = {"collection_info": {**texts, **lists, **links}, "format": 1}
    (folder / "MANIFEST.json").write_text(json.dumps(manifest), encoding="utf-8")
    return folder


def test_a_rebuilt_collection_can_be_installed_offline(tmp_path: Path) -> None:
    galaxy.rebuild(installed_collection(tmp_path / "before"), tmp_path / "tarballs")
    tarball = tmp_path / "tarballs" / "first-second-1.2.3.tar.gz"
    with tarfile.open(tarball) as archive:
        assert {"plugins/modules/m.py", "MANIFEST.json"} <= set(archive.getnames())
        assert not [name for name in archive.getnames() if name.startswith("tests") or name.endswith(".pyc")]
    where = tmp_path / "after"
    command: list[str | Path] = [BIN / "ansible-galaxy", "collection", "install", "--offline", "-p", where, tarball]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    assert (where / "ansible_collections/first/second/README.md").read_text(encoding="utf-8") == "Read.\n"


def test_a_file_that_was_changed_after_its_release_is_refused(tmp_path: Path) -> None:
    folder = installed_collection(tmp_path)
    (folder / "README.md").write_text("Changed.\n", encoding="utf-8")
    with pytest.raises(BundleError, match=r"README\.md is not as it was released"):
        galaxy.rebuild(folder, tmp_path / "tarballs")


# --- Images -----------------------------------------------------------------------------------------------------------


def save(place: Path, content: bytes = b"layers") -> Path:
    """A directory of saved images, as images.yml writes it."""
    place.mkdir()
    (place / "web-v1.tar").write_bytes(content)
    texts = {
        "image": "r/web:v1",
        "id": "sha256:1a",
        "content": "c1",
        "created": "2026-01-01T00:00:00Z",
        "expires_on": "",
    }
    rest = {"architecture": "amd64", "file": "web-v1.tar", "digests": [], "size": 9, "bytes": len(content)}
    image_archive.write(
        place, [image_archive.entry({**texts, **rest, "sha256": hashlib.sha256(b"layers").hexdigest()})]
    )
    return place


def test_images_come_without_a_second_copy_and_are_checked(tmp_path: Path) -> None:
    saved = save(tmp_path / "saved")
    (saved / "half.tar.part").write_bytes(b"half")
    (tmp_path / "new").mkdir()
    held = images.bring(saved, tmp_path / "new" / "images")
    assert {path.name for path in (tmp_path / "new" / "images").iterdir()} == {"web-v1.tar", "manifest.json"}
    assert (saved / "web-v1.tar").stat().st_nlink == 2
    assert image_archive.read(tmp_path / "new" / "images") == held
    images.judge(held, directory.digests(tmp_path / "new"))


def test_a_damaged_image_is_refused(tmp_path: Path) -> None:
    saved = save(tmp_path / "saved", content=b"Layers")
    held = images.bring(saved, tmp_path / "images")
    with pytest.raises(BundleError, match=r"archives of r/web:v1 are damaged: save these images again"):
        images.judge(held, directory.digests(tmp_path))


def test_a_directory_without_saved_images_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match="holds no saved images"):
        images.bring(tmp_path, tmp_path / "images")


def test_an_image_whose_file_is_missing_or_short_is_refused(tmp_path: Path) -> None:
    saved = save(tmp_path / "saved")
    (saved / "web-v1.tar").write_bytes(b"lay")
    with pytest.raises(BundleError, match="has 3 bytes instead of 6"):
        images.bring(saved, tmp_path / "images")
    (saved / "web-v1.tar").unlink()
    with pytest.raises(BundleError, match="is not there"):
        images.bring(saved, tmp_path / "images")


# --- The directory ----------------------------------------------------------------------------------------------------


def finished(target: Path, content: str) -> None:
    """A small bundle at its place, made as the real one is."""
    with directory.replaced(target) as new:
        (new / "wheels").mkdir()
        (new / "wheels" / f"{content}.whl").write_text(content, encoding="utf-8")
        (new / directory.CHECKSUMS).write_text(directory.lines(directory.digests(new)), encoding="utf-8")


def test_a_second_bundle_replaces_the_first_as_a_whole(tmp_path: Path) -> None:
    target = tmp_path / "bundle"
    for content in ("first", "second"):
        directory.refuse(target, ROOT)
        finished(target, content)
    assert [path.name for path in (target / "wheels").iterdir()] == ["second.whl"]
    assert list(tmp_path.iterdir()) == [target]


def test_a_failure_leaves_the_earlier_bundle(tmp_path: Path) -> None:
    target = tmp_path / "bundle"
    finished(target, "first")
    with pytest.raises(BundleError), directory.replaced(target) as new:
        (new / "half").touch()
        raise BundleError("failed")
    assert [path.name for path in (target / "wheels").iterdir()] == ["first.whl"]
    assert list(tmp_path.iterdir()) == [target]


def test_what_a_killed_run_left_is_removed(tmp_path: Path) -> None:
    for name in (".bundle.unfinished", ".bundle.replaced"):
        (tmp_path / name / "wheels").mkdir(parents=True)
    finished(tmp_path / "bundle", "first")
    assert [path.name for path in tmp_path.iterdir()] == ["bundle"]


def test_only_a_bundle_is_replaced(tmp_path: Path) -> None:
    target = tmp_path / "bundle"
    finished(target, "first")
    (target / "wheels" / "mine.txt").touch()
    with pytest.raises(BundleError, match=r"holds what no bundle put there \(wheels/mine\.txt\)"):
        directory.refuse(target, ROOT)
    (tmp_path / "other").mkdir()
    directory.refuse(tmp_path / "other", ROOT)
    (tmp_path / "other" / "data").touch()
    with pytest.raises(BundleError, match=r"\(data\)"):
        directory.refuse(tmp_path / "other", ROOT)
    with pytest.raises(BundleError, match=r"\(data\)"):
        directory.refuse(tmp_path / "other" / "data", ROOT)


@pytest.mark.parametrize("place", [ROOT, ROOT.parent, ROOT / "bundle", ROOT / "docs", ROOT / "build"])
def test_it_is_no_part_of_the_checkout(place: Path) -> None:
    with pytest.raises(BundleError):
        directory.refuse(place, ROOT)


def test_it_may_be_below_build() -> None:
    directory.refuse(ROOT / "build" / "a-bundle-that-is-not-there", ROOT)


def test_sha256sum_reads_the_checksums(tmp_path: Path) -> None:
    finished(tmp_path / "bundle", "first")
    command = ["sha256sum", "--check", directory.CHECKSUMS]
    done = subprocess.run(command, cwd=tmp_path / "bundle", capture_output=True, encoding="utf-8", check=False)
    assert (done.returncode, done.stdout) == (0, "wheels/first.whl: OK\n")


# --- Wheels and the page ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("names", "version"),
    [
        (["requests-2.34.2-py3-none-any.whl"], "2.17"),
        (["c-1-cp311-abi3-manylinux_2_34_x86_64.whl", "d-1-cp311-cp311-manylinux_2_28_x86_64.whl"], "2.34"),
        (["y-6-cp311-cp311-manylinux2014_x86_64.manylinux_2_17_x86_64.manylinux_2_28_x86_64.whl"], "2.17"),
    ],
)
def test_the_oldest_c_library_that_the_wheels_accept(names: list[str], version: str) -> None:
    assert wheels.c_library(names) == version


def test_wheels_are_those_that_the_tests_run_with() -> None:
    from ansible.release import __version__

    assert f"ansible-core=={__version__}\n" in wheels.constraints()


def test_the_page_names_images_only_where_there_are_some() -> None:
    needs = page.Needs("0.1.0", [(3, 12), (3, 11)], "x86_64", "2.28")
    without, with_images = (page.text(needs, with_images=given) for given in (False, True))
    assert "wabiz_image" not in without
    assert "wabiz_image_archive=$PWD/images" in with_images
    assert "python3.12 -m venv" in without
    assert "Python 3.12 or 3.11" in without


def test_a_wrong_version_of_python_is_named() -> None:
    command = [sys.executable, "-m", "tools.bundle", "nowhere", "--pythons", "3.11 three"]
    environment = {"PYTHONPATH": "collections"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 2
    assert "'3.11 three' are no versions of Python" in done.stderr
