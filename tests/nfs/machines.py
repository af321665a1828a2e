"""Machines with a kernel of their own, emulated by QEMU: a server of NFS and hosts with Docker, all under cgroup v2.

No KVM is needed. One disk is made of Debian's packages and copied for each machine; a network of their own joins them.
"""

from __future__ import annotations

import shutil
import signal
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from lab import base_image, engine, proc
from lab.base_image import index_targets, kept_options, mmdebstrap_command, parse_sources, sources_list
from lab.docker import docker
from tests.support.waiting import wait_for

SERVER, HOSTS = "nas", ("h1", "h2")
NAMES = (SERVER, *HOSTS)
SUBNET = "10.77.0"
PROGRAMS = {
    "qemu-system-x86_64": "qemu-system-x86",
    "mmdebstrap": "mmdebstrap",
    "mke2fs": "e2fsprogs",
    "ssh": "openssh-client",
}
PACKAGES = (
    *("systemd", "systemd-sysv", "udev", "dbus", "openssh-server", "sudo", "python3", "python3-requests", "procps"),
    *("nfs-kernel-server", "nfs-common", "iptables", "iproute2", "kmod", "cron", "ca-certificates"),
    *("docker.io", "apparmor"),
    *("linux-image-cloud-amd64", "initramfs-tools", "zstd"),
)
DISK = "5G"
BOOT_SECONDS = 300.0
# The defaults of 90 s would only make the drill longer.
NFS_CONF = "[nfsd]\ngrace-time=10\nlease-time=10\n"
PORT = 2222


def address(name: str) -> str:
    """The address of a machine on the network that joins them."""
    return f"{SUBNET}.{NAMES.index(name) + 1}"


def loopback(name: str) -> str:
    """The address of this machine by which SSH reaches it."""
    return f"127.77.0.{NAMES.index(name) + 1}"


@dataclass
class Machine:
    """One of them; C(directory) has its disk, and what all of them have in common."""

    name: str
    directory: Path
    _process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    def start(self) -> None:
        """Switch it on, and wait until SSH answers."""
        number, disk = NAMES.index(self.name) + 1, self.directory / f"{self.name}.ext4"
        kernel = f"root=/dev/vda rw console=ttyS0 net.ifnames=0 mitigations=off systemd.hostname={self.name}"
        own = f"hostfwd=tcp:{loopback(self.name)}:{PORT}-:22"
        command = [
            *("qemu-system-x86_64", "-machine", "q35", "-accel", "tcg,thread=multi,tb-size=256", "-cpu", "max"),
            *("-smp", "2", "-m", "384" if self.name == SERVER else "768", "-display", "none", "-monitor", "none"),
            *("-nodefaults", "-serial", f"file:{self.directory / self.name}.log"),
            *("-kernel", str(self.directory / "vmlinuz"), "-initrd", str(self.directory / "initrd.img")),
            *("-append", kernel, "-drive", f"file={disk},format=raw,if=virtio,cache=unsafe"),
            *("-netdev", f"user,id=user,{own}", "-device", f"virtio-net-pci,netdev=user,mac=52:54:00:76:00:0{number}"),
            *("-netdev", "socket,id=own,mcast=230.0.0.1:45077,localaddr=127.0.0.1"),
            *("-device", f"virtio-net-pci,netdev=own,mac=52:54:00:77:00:0{number}", "-device", "virtio-rng-pci"),
        ]
        self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL)
        self.answers()

    def answers(self) -> None:
        """Wait until SSH answers."""
        wait_for(f"{self.name} over SSH", lambda: self.done("true"), BOOT_SECONDS, 2.0)

    def kill(self) -> None:
        """Switch it off, as a power failure does."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def reboot(self) -> None:
        """Switch it off and on, after what was written to its own disk is there."""
        self.done("sync -f /")
        self.kill()
        self.start()

    def freeze(self) -> None:
        """Nothing of it runs any more, and its connections stay open."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """It goes on."""
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    def run(self, script: str, timeout: float = 300.0, stdin: Path | None = None) -> str:
        """Run a shell script as root and return its output; CalledProcessError where it fails."""
        with (stdin or Path("/dev/null")).open("rb") as given:
            done = subprocess.run([*self.ssh(), script], stdin=given, capture_output=True, timeout=timeout, check=True)
        return done.stdout.decode().strip()

    def done(self, script: str, timeout: float = 20.0) -> bool:
        """Whether a script succeeds in time."""
        try:
            self.run(script, timeout)
        except (subprocess.CalledProcessError, subprocess.TimeoutExpired):
            return False
        return True

    def ssh(self) -> list[str]:
        """The command that logs in."""
        options = {
            "BatchMode": "yes",
            "ConnectTimeout": "10",
            "IdentityFile": str(self.directory / "key"),
            "LogLevel": "ERROR",
            "Port": str(PORT),
            "StrictHostKeyChecking": "no",
            "UserKnownHostsFile": "/dev/null",
        }
        return ["ssh", *(f"-o{name}={value}" for name, value in options.items()), f"root@{loopback(self.name)}"]


def make(directory: Path) -> dict[str, Machine]:
    """Build the disk and return the machines by name, still switched off. LabError where something is missing."""
    engine.ensure_programs(PROGRAMS)
    directory.mkdir(parents=True, exist_ok=True)
    key = directory / "key"
    if not key.exists():
        proc.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)])
    disk = directory / "root.ext4"
    if not disk.exists():
        _build(directory, disk)
    for name in NAMES:
        proc.run(["cp", "--sparse=always", str(disk), str(directory / f"{name}.ext4")])
    return {name: Machine(name, directory) for name in NAMES}


def load(machine: Machine, image: str) -> None:
    """Bring an image of this machine's engine to that of another machine."""
    archive = machine.directory / "image.tar"
    if not archive.exists():
        docker("save", "--output", str(archive), image)
    machine.run("docker load --quiet", 1800.0, archive)


def _build(directory: Path, disk: Path) -> None:
    root = directory / "root"
    shutil.rmtree(root, ignore_errors=True)
    sources = parse_sources(index_targets())
    mirrors = directory / "sources.list"
    mirrors.write_text(sources_list(sources), encoding="utf-8")
    command = mmdebstrap_command(sources, kept_options(proc.run(["apt-config", "dump"]).stdout), base_image.SUITE)
    plain = [word for word in command if not word.startswith(("--variant", "--format", "--include"))]
    more = ["--variant=apt", "--format=directory", f"--include={','.join(PACKAGES)}"]
    proc.run([plain[0], *more, *plain[1:], str(root), str(mirrors)])
    _write(root, (directory / "key.pub").read_text(encoding="utf-8"))
    for kind, target in (("vmlinuz", "vmlinuz"), ("initrd.img", "initrd.img")):
        (found,) = (root / "boot").glob(f"{kind}-*")
        shutil.copy(found, directory / target)
    proc.run(["mke2fs", "-q", "-t", "ext4", "-L", "root", "-d", str(root), str(disk), DISK])
    shutil.rmtree(root)


def _write(root: Path, key: str) -> None:
    """What a machine is: who may log in, its network, the names of all, what the server exports."""
    macs = " ".join(f"52:54:00:76:00:0{number}" for number, _name in enumerate(NAMES, 1))
    texts = {
        "root/.ssh/authorized_keys": key,
        "etc/machine-id": "",
        "etc/fstab": "",
        "etc/hosts": "127.0.0.1 localhost\n" + "".join(f"{address(name)} {name}\n" for name in NAMES),
        "etc/nfs.conf.d/drill.conf": NFS_CONF,
        "etc/exports": "",
        "etc/systemd/network/10-user.network": f"[Match]\nMACAddress={macs}\n[Network]\nDHCP=ipv4\n",
    }
    for number, name in enumerate(NAMES, 1):
        texts[f"etc/systemd/network/20-{name}.network"] = (
            f"[Match]\nMACAddress=52:54:00:77:00:0{number}\n[Network]\nAddress={address(name)}/24\n"
        )
    for name, text in texts.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    (root / "root/.ssh").chmod(0o700)
    (root / "root/.ssh/authorized_keys").chmod(0o600)
    units = {"multi-user": "systemd-networkd", "network-online": "systemd-networkd-wait-online"}
    for target, unit in units.items():
        wanted = root / f"etc/systemd/system/{target}.target.wants/{unit}.service"
        wanted.parent.mkdir(parents=True, exist_ok=True)
        if not wanted.is_symlink():
            wanted.symlink_to(f"/lib/systemd/system/{unit}.service")
