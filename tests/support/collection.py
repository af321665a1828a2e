"""The collection as users get it: built, unpacked, installed."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from tests.support.paths import BIN, ROOT


def build(output: Path) -> Path:
    """Build the tarball from the working tree into a separate directory and return its path."""
    shutil.rmtree(output, ignore_errors=True)
    _galaxy("build", "--output-path", str(output), str(ROOT))
    (tarball,) = output.glob("*.tar.gz")
    return tarball


def install(tarball: Path, collections: Path) -> Path:
    """Install the tarball below a new collections path, without a network, and return that path."""
    shutil.rmtree(collections, ignore_errors=True)
    _galaxy("install", str(tarball), "--collections-path", str(collections), "--offline")
    return collections


def unpack(tarball: Path, collections: Path) -> Path:
    """Unpack the tarball where ansible-test needs it, with the test configuration that users do not get.

    Returns <collections>/ansible_collections/wabiz/onprem, a real directory and a separate git repository:
    ansible-test would use the one around it, which ignores the directory.
    """
    target = collections / "ansible_collections" / "wabiz" / "onprem"
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    # Debian 12's Python has no filters for archives yet.
    subprocess.run(["tar", "--extract", "--file", tarball, "--directory", target], check=True)
    (target / "tests").mkdir()
    shutil.copy(ROOT / "tests" / "config.yml", target / "tests")
    subprocess.run(["git", "init", "--quiet", target], check=True)
    (target / ".git" / "info" / "exclude").write_text("/tests/output/\n", encoding="utf-8")
    return target


def _galaxy(*arguments: str) -> None:
    # Outside the checkout: with its ansible.cfg the checkout itself would count as installed.
    command: list[str | Path] = [BIN / "ansible-galaxy", "collection", *arguments]
    done = subprocess.run(
        command, cwd="/", env=os.environ, capture_output=True, encoding="utf-8", timeout=300, check=False
    )
    assert done.returncode == 0, f"{' '.join(map(str, command))}\n{done.stdout}{done.stderr}"
