"""ansible-test sanity on two ansible-cores: started with the first test, judged when everything quick is through."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.background import BackgroundCommand
from tests.support.collection import unpack
from tests.support.paths import BIN, BUILD, NEWEST, SYSTEM_PATH
from tools.venv import interpreters

CORES = {"oldest": BIN, "newest": NEWEST / "bin"}
# What ansible-test looks for in the home directory's cache before it would download get-pip: this serves offline too.
_BOOTSTRAP = "import ensurepip\n\nensurepip.bootstrap()\n"
_TARGET_PYTHONS = ((3, 9), (3, 15))


@pytest.fixture(scope="session", autouse=True)
def sanity_runs(request: pytest.FixtureRequest, artifact: Path) -> Iterator[dict[str, BackgroundCommand]]:
    """Start sanity for every core that a selected test is about; end what is still running afterwards."""
    wanted = {core for core in CORES for item in request.session.items if item.name == f"test_sanity[{core}]"}
    runs = {core: _start(core, artifact) for core in CORES if core in wanted and CORES[core].exists()}
    yield runs
    for run in runs.values():
        run.stop()


def _start(core: str, artifact: Path) -> BackgroundCommand:
    """Start ansible-test of one core on its own unpacked artifact, with a home directory of its own."""
    base = BUILD / "sanity" / core
    home, links = base / "home", base / "bin"
    _serve_bootstrap(home, CORES[core])
    _link_oldest_python(links)
    return BackgroundCommand(
        [CORES[core] / "ansible-test", "sanity", "--venv", "--color", "no"],
        log=base / "sanity.log",
        directory=unpack(artifact, base),
        environment={"HOME": str(home), "PATH": f"{links}:{CORES[core]}:{SYSTEM_PATH}"},
    )


def _serve_bootstrap(home: Path, binaries: Path) -> None:
    """Put the pip bootstrap where this ansible-test looks for it before it downloads one."""
    (source,) = binaries.parent.glob("lib/python3.*/site-packages/ansible_test/_internal/python_requirements.py")
    (version,) = set(re.findall(r"\bpip='([\d.]+)'", source.read_text(encoding="utf-8")))
    cached = home / ".ansible" / "test" / "cache" / f"get_pip_{version.replace('.', '_')}.py"
    cached.parent.mkdir(parents=True, exist_ok=True)
    cached.write_text(_BOOTSTRAP, encoding="utf-8")


def _link_oldest_python(links: Path) -> None:
    """Offer ansible-test the oldest Python here on which target-side code must run, beside the core's own."""
    links.mkdir(parents=True, exist_ok=True)
    oldest = [*interpreters(*_TARGET_PYTHONS)][-1].resolve()
    link = links / oldest.name
    link.unlink(missing_ok=True)
    link.symlink_to(oldest)
