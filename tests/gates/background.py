"""The gates that take minutes, as commands that run in the background of other tests."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path

from tests.support.background import SLOW_TESTS, BackgroundCommand
from tests.support.collection import unpack
from tests.support.paths import BIN, BUILD, CORES, ROOT, SYSTEM_PATH
from tools.venv import interpreters

# ansible-test looks for get-pip in the home directory's cache before it downloads it; this also works offline.
_BOOTSTRAP = "import ensurepip\n\nensurepip.bootstrap()\n"
_TARGET_PYTHONS = ((3, 9), (3, 15))


def lint(_artifact: Path) -> BackgroundCommand:
    """Start ansible-lint on the working tree."""
    return BackgroundCommand(["ansible-lint"], BUILD / "ansible-lint.log", ROOT, _environment())


def types(_artifact: Path) -> BackgroundCommand:
    """Start mypy; the collection is checked under its full name, by which it imports itself, so it is read once."""
    typed = ["lab", "standin", "tests", "tools", "collections/ansible_collections/wabiz/onprem/plugins"]
    return BackgroundCommand(["mypy", *typed], BUILD / "mypy.log", ROOT, _environment())


def slow_tests(_artifact: Path) -> BackgroundCommand:
    """Start the tests that need no engine and take seconds each, most of them by running a playbook."""
    command = ["python", "-m", "pytest", "-p", "no:cacheprovider", "-m", "slow and not drill", "tests"]
    return BackgroundCommand(command, BUILD / f"{SLOW_TESTS}.log", ROOT, _environment())


def importer(artifact: Path) -> BackgroundCommand:
    """Start Galaxy's importer on the tarball; without its ansible-lint, which `lint` runs on the same files.

    The importer gives its ansible-lint 180 s, which two busy cores need.
    """
    scratch = BUILD / "importer"
    scratch.mkdir(parents=True, exist_ok=True)
    command: list[str | Path] = ["python", "-m", "galaxy_importer.main", artifact]
    environment = {**_environment(), "GALAXY_IMPORTER_RUN_ANSIBLE_LINT": "no"}
    return BackgroundCommand(command, scratch / "importer.log", scratch, environment)


def sanity(binaries: Path, name: str) -> Callable[[Path], BackgroundCommand | None]:
    """Return a function that starts ansible-test of one core on its own unpacked artifact and home directory."""

    def start(artifact: Path) -> BackgroundCommand | None:
        if not binaries.exists():
            return None
        base = BUILD / "sanity" / name
        home, links = base / "home", base / "bin"
        _serve_bootstrap(home, binaries)
        _link_oldest_python(links)
        return BackgroundCommand(
            [binaries / "ansible-test", "sanity", "--venv", "--color", "no"],
            log=base / "sanity.log",
            directory=unpack(artifact, base),
            environment={"HOME": str(home), "PATH": f"{links}:{binaries}:{SYSTEM_PATH}"},
        )

    return start


STARTS: dict[str, Callable[[Path], BackgroundCommand | None]] = {
    SLOW_TESTS: slow_tests,
    "mypy": types,
    "ansible-lint": lint,
    "galaxy-importer": importer,
    **{f"sanity-{name}": sanity(binaries, name) for name, binaries in CORES.items()},
}


def _environment() -> dict[str, str]:
    return {"PATH": f"{BIN}:{os.environ['PATH']}", "NO_COLOR": "1"}


def _serve_bootstrap(home: Path, binaries: Path) -> None:
    """Put the pip bootstrap into the cache where this ansible-test looks for it before it downloads one."""
    (source,) = binaries.parent.glob("lib/python3.*/site-packages/ansible_test/_internal/python_requirements.py")
    (version,) = set(re.findall(r"\bpip='([\d.]+)'", source.read_text(encoding="utf-8")))
    cached = home / ".ansible" / "test" / "cache" / f"get_pip_{version.replace('.', '_')}.py"
    cached.parent.mkdir(parents=True, exist_ok=True)
    cached.write_text(_BOOTSTRAP, encoding="utf-8")


def _link_oldest_python(links: Path) -> None:
    """Make the oldest Python of this machine that must run target-side code available to ansible-test."""
    links.mkdir(parents=True, exist_ok=True)
    oldest = [*interpreters(*_TARGET_PYTHONS)][-1].resolve()
    link = links / oldest.name
    link.unlink(missing_ok=True)
    link.symlink_to(oldest)
