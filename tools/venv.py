"""Create or update a virtual environment with a Python from a range of versions.

Used by the Makefile with the machine's own ``python3``, so only the standard library is available.
Exit status 3 means that no suitable Python was found; any other status except 0 is a failed installation.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

NO_PYTHON = 3

Version = tuple[int, int]


def main() -> int:
    """Parse the command line, create the environment, return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("directory", type=Path, help="directory of the environment")
    parser.add_argument("requirements", type=Path, help="requirements file to install")
    parser.add_argument("--at-least", type=parse_version, required=True, metavar="3.N", help="lowest Python accepted")
    parser.add_argument("--below", type=parse_version, required=True, metavar="3.N", help="first Python not accepted")
    arguments = parser.parse_args()

    if not works(arguments.directory / "bin" / "python"):
        python = next(interpreters(arguments.at_least, arguments.below), None)
        if python is None:
            low, high = (".".join(map(str, version)) for version in (arguments.at_least, arguments.below))
            print(f"{arguments.directory}: no Python >= {low}, < {high} on PATH or under pyenv", file=sys.stderr)
            return NO_PYTHON
        create(python, arguments.directory)
    pip = [arguments.directory / "bin" / "python", "-m", "pip", "--disable-pip-version-check"]
    print(f"{arguments.directory}: installing {arguments.requirements}", flush=True)
    # Most of the package `ansible` is never imported: compiling all of it takes longer than its installation.
    return subprocess.call([*pip, "install", "-qq", "--no-compile", "--requirement", arguments.requirements])


def parse_version(text: str) -> Version:
    """Turn ``3.11`` into ``(3, 11)``; ValueError for anything else."""
    major, minor = text.split(".")
    return int(major), int(minor)


def works(python: Path) -> bool:
    """Return whether an environment's interpreter runs and has pip."""
    if not python.exists():
        return False
    return subprocess.run([python, "-m", "pip", "--version"], capture_output=True, check=False).returncode == 0


def interpreters(low: Version, below: Version) -> Iterator[Path]:
    """Yield interpreters with low <= version < below: the running one first, then the highest version found."""
    running = sys.version_info[:2]
    if low <= running < below:
        yield Path(sys.executable)
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    for minor in range(below[1] - 1, low[1] - 1, -1):
        name = f"python{low[0]}.{minor}"
        on_path = shutil.which(name)
        for candidate in [*([Path(on_path)] if on_path else []), *sorted(pyenv.glob(f"*/bin/{name}"))]:
            # A pyenv shim is on PATH even if its version is not active; only running it shows that.
            if subprocess.run([candidate, "-c", ""], capture_output=True, check=False).returncode == 0:
                yield candidate


def create(python: Path, directory: Path) -> None:
    """Create an environment with pip; on Debian, as root, install the package that ensurepip needs."""
    if subprocess.run([python, "-c", "import ensurepip"], capture_output=True, check=False).returncode != 0:
        package = f"{python.name if '.' in python.name else 'python3'}-venv"
        if os.geteuid() != 0 or not shutil.which("apt-get"):
            raise SystemExit(f"{python} has no ensurepip: install the package {package} (Debian's name) and try again")
        subprocess.run(["apt-get", "update", "-qq"], check=True)
        subprocess.run(["apt-get", "install", "-y", "-qq", "--no-install-recommends", package], check=True)
    subprocess.run([python, "-m", "venv", "--clear", directory], check=True)


if __name__ == "__main__":
    raise SystemExit(main())
