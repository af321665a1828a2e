"""Make the bundle, or replace an earlier one as a whole."""

from __future__ import annotations

import argparse
import hashlib
import platform
import shutil
import sys
from pathlib import Path

import yaml

from tools.bundle import ROOT, BundleError, directory, galaxy, images, page, wheels
from tools.venv import Version, parse_version


def main() -> None:
    """Parse the command line and make the bundle."""
    parser = argparse.ArgumentParser(prog="python -m tools.bundle", description=__doc__)
    parser.add_argument("directory", type=Path, help="the bundle")
    parser.add_argument("--images", type=Path, help="directory of saved images, with its manifest.json")
    parser.add_argument("--pythons", default="", help="Python versions of the controllers, as in '3.11 3.12'")
    arguments = parser.parse_args()
    try:
        pythons = [parse_version(text) for text in arguments.pythons.split()]
    except ValueError:
        parser.error(f"{arguments.pythons!r} are no versions of Python, such as '3.11 3.12'")
    try:
        make(arguments.directory.resolve(), arguments.images, pythons or [(sys.version_info[0], sys.version_info[1])])
    except (BundleError, OSError) as error:
        sys.exit(f"No bundle was made: {error}")


def make(target: Path, saved: Path | None, pythons: list[Version]) -> None:
    """Make the bundle in a directory beside it and put it in its place when it is complete. Raises BundleError."""
    directory.refuse(target, ROOT)
    ours = yaml.safe_load((ROOT / "galaxy.yml").read_text(encoding="utf-8"))
    theirs = galaxy.needed(ours["dependencies"], galaxy.installed)
    with directory.replaced(target) as new:
        held = images.bring(saved, new / "images") if saved else []
        say(f"wheels for Python {page.either(pythons)}")
        found = wheels.download(new / "wheels", pythons)
        for name in wheels.REQUIREMENTS:
            shutil.copyfile(ROOT / name, new / name)
        say(f"collections: wabiz.onprem {ours['version']}")
        galaxy.build(ROOT, new / "collections")
        for name, one in theirs.items():
            say(f"collections: {name} {one['version']}")
            galaxy.rebuild(galaxy.home(name), new / "collections")
        needs = page.Needs(ours["version"], pythons, platform.machine(), wheels.c_library(found))
        (new / "README.md").write_text(page.text(needs, with_images=bool(held)), encoding="utf-8")
        say("checksums")
        digests = directory.digests(new)
        images.judge(held, digests)
        checksums = directory.lines(digests)
        (new / directory.CHECKSUMS).write_text(checksums, encoding="utf-8")
        size = sum((new / name).stat().st_size for name in digests)
    say(f"{target}: {size / 1e6:.0f} MB. SHA-256 of its {directory.CHECKSUMS}:")
    say(hashlib.sha256(checksums.encode()).hexdigest())


def say(text: str) -> None:
    """Show progress at once, also in a pipe."""
    print(text, flush=True)


if __name__ == "__main__":
    main()
