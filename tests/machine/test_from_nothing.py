"""A Debian with Python, make and git only: the first command installs what it needs and builds every image.

The machine is a container with its own engine, network and files, all of which are removed with it. It has the working
tree, but neither the images nor the packages of the machine that it runs on.
"""

from __future__ import annotations

import io
import subprocess
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab import all_images, base_image, caps
from tests.support.gate import passes
from tests.support.paths import ROOT

pytestmark = [pytest.mark.docker, pytest.mark.drill]

PACKAGES = ("python3", "make", "git")
CHECKOUT = "/srv/checkout"
LIMIT = 1800.0
# A container that can run its own engine, see lab/hosts.py.
OPTIONS = (
    *(f"--cap-add={name}" for name in caps.available()),
    *(f"--security-opt={name}=unconfined" for name in ("seccomp", "apparmor", "systempaths")),
    *("--device-cgroup-rule=a *:* rwm", "--cgroupns=host", "--volume=/sys/fs/cgroup:/sys/fs/cgroup:rw"),
    *("--volume=/var/lib/docker", "--tmpfs=/tmp:exec", f"--workdir={CHECKOUT}"),
)
# With cgroup v1 the containers of the inner engine would leave their groups on the machine.
GROUPS = """
set -eu
test ! -e /sys/fs/cgroup/cgroup.controllers || exit 0
mkdir -p /etc/docker
sed -n 's/^[0-9]*:name=systemd:\\(.*\\)/{"cgroup-parent": "\\1\\/inner"}/p' /proc/1/cgroup > /etc/docker/daemon.json
"""


class Machine:
    """The new machine."""

    def __init__(self, container: str) -> None:
        self._container = container

    def run(self, *command: str) -> str:
        """Run a command in the checkout and return its output; fail the test when it fails."""
        return passes("docker", "exec", self._container, *command, timeout=LIMIT)

    def images(self) -> dict[str, str]:
        """Return the identifier of each image that the machine's own engine has, by repository and tag."""
        listed = self.run("docker", "image", "ls", "--no-trunc", "--format", "{{.Repository}}:{{.Tag}} {{.ID}}")
        return dict(line.split() for line in listed.splitlines())

    def put(self, files: bytes) -> None:
        """Unpack a tar archive into the checkout."""
        command = ["docker", "cp", "-", f"{self._container}:{CHECKOUT}"]
        subprocess.run(command, input=files, check=True, timeout=LIMIT)


def working_tree() -> bytes:
    """Return the files that git tracks or would track as a tar archive: nothing that was built or installed here."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, encoding="utf-8").stdout
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        for name in filter(None, names.split("\0")):
            path = ROOT / name
            if path.exists() or path.is_symlink():
                tar.add(path, arcname=name, recursive=False)
    return archive.getvalue()


@pytest.fixture(scope="module")
def machine(standin_images: None) -> Iterator[Machine]:
    """Start the new machine; it is removed completely afterwards."""
    base = base_image.NAMES[base_image.SUITE]
    container = passes("docker", "run", "--detach", *OPTIONS, base, "sleep", "infinity").strip()
    mounts = passes("docker", "inspect", "--format", "{{range .Mounts}}{{.Type}}={{.Name}} {{end}}", container)
    (volume,) = [mount.partition("=")[2] for mount in mounts.split() if mount.startswith("volume=")]
    try:
        new = Machine(container)
        new.run("sh", "-c", GROUPS)
        new.run("apt-get", "update", "-qq")
        new.run("apt-get", "install", "-qq", "--no-install-recommends", *PACKAGES)
        new.put(working_tree())
        yield new
    finally:
        passes("docker", "rm", "--force", "--volumes", container)
    assert volume not in passes("docker", "volume", "ls", "--quiet").split()
    assert not list(Path("/sys/fs/cgroup").glob(f"**/{container}"))


def test_it_has_nothing(machine: Machine) -> None:
    for program in ("docker", "dockerd", "iptables", "mmdebstrap", "pip3", "ssh"):
        machine.run("sh", "-c", f"! command -v {program}")
    machine.run("sh", "-c", "! test -e .venv && ! test -e build && ! python3 -c 'import ensurepip'")


def test_the_first_command_builds_every_image(machine: Machine) -> None:
    # The project's own tool creates the Python environment, which stays empty: packages from pip are not tested here.
    machine.run("python3", "tools/venv.py", ".venv", "/dev/null", "--at-least", "3.11", "--below", "3.14")
    machine.run("touch", ".venv/.ready")
    print(machine.run("make", "images"))
    there = {name.removesuffix(":latest") for name in machine.images()}
    there |= {name.partition(":")[0] for name in there}
    missing = [name for name in all_images.names() if name.removesuffix(":latest") not in there]
    assert not missing
    machine.run("which", "ssh", "ssh-keygen", "openssl")


def test_a_second_run_builds_nothing(machine: Machine) -> None:
    before = machine.images()
    assert "built" not in machine.run("make", "images")
    assert machine.images() == before


def test_engine_stop_stops_the_engine_that_make_started(machine: Machine) -> None:
    assert "engine stopped" in machine.run("make", "engine-stop")
    machine.run("sh", "-c", "! grep -l '^Name:.dockerd' /proc/[0-9]*/status | xargs -r grep -L '^State:.Z' | grep .")
