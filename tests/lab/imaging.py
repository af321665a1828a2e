"""Images on the lab's hosts: small ones of a version of their own, a registry that is stopped, one with a login."""

from __future__ import annotations

import base64
import hashlib
import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lab import pki, registry
from lab.docker import docker
from tests.lab import client
from tests.lab.hosts import CLUSTER, HOSTS, LAB, each, everywhere, on, shell
from tests.lab.inventories import variant
from tests.lab.play import SECRETS, play
from tests.lab.upgrading import CLIENTS
from tests.support import htpasswd
from tests.support.canary import Canaries
from tests.support.playbook import PlaybookRun
from tests.support.variables import LAB_VARIABLES
from tests.support.waiting import wait_for

REGISTRY = "registry.lab.test:5000"
REAL = f"{REGISTRY}/coreapp:v{LAB_VARIABLES['wabiz_version']}"
# No node runs this version: what is done with its images touches no container.
SMALL = "2.99.1"
CORE, WEB = f"{REGISTRY}/coreapp:v{SMALL}", f"{REGISTRY}/web:v{SMALL}"
CORE_HOSTS = {host for host in CLIENTS if not host.startswith("web")}
# Where a run keeps what it moves, by default.
PLACE = f"/var/lib/wabiz-{CLUSTER}-images"

_TRUST = "/etc/docker/certs.d"


def small_inventory() -> Path:
    """The lab's inventory without the database's host, whose image is large."""
    return variant("images", lambda groups: groups.pop("database"))


def run(
    verb: str, *arguments: str, inventory: Path, version: str = SMALL, secrets: Canaries = SECRETS, **given: Any
) -> PlaybookRun:
    """Run images.yml for a version that the cluster does not have."""
    extra_vars = {"wabiz_version": version, "wabiz_images_verb": verb, **given}
    return play("images", *arguments, inventory=inventory, extra_vars=extra_vars, secrets=secrets)


def make(host: str, image: str, size: int = 3_000_000) -> str:
    """Make an image of random bytes on a host and return its id; another one of that name loses it."""
    change = "--change 'LABEL EXPIRES_ON=2099-01-01'"
    payload = f"place=$(mktemp -d) && head -c {size} /dev/urandom > $place/payload"
    return shell(host, f"{payload} && tar -c -C $place payload | docker import {change} - {image}; rm -r $place")


def ids(image: str) -> dict[str, str]:
    """Return by host the id of an image; '' where it is missing."""
    look = f"docker image inspect --format '{{{{.Id}}}}' {image} 2> /dev/null || true"
    return each(dict.fromkeys(CLIENTS, look))


def holders(image: str) -> set[str]:
    """Return the hosts that have an image."""
    return {host for host, identity in ids(image).items() if identity}


def lose(image: str, *hosts: str) -> None:
    """Remove an image's name from hosts, and the image itself where no container needs it."""
    each(dict.fromkeys(hosts, f"docker rmi --force {image} > /dev/null 2>&1; true"))
    assert not holders(image) & set(hosts)


def forget(*words: str) -> None:
    """Remove from all hosts the images whose names contain one of these words, and what has lost its name."""
    pattern = "|".join(words)
    listed = f"docker images --format '{{{{.Repository}}}}:{{{{.Tag}}}}' | grep -E '{pattern}'"
    everywhere(f"{listed} | xargs --no-run-if-empty docker rmi --force; docker image prune --force; true")


def short(identity: str) -> str:
    """The digits of an id that tables show."""
    return identity.partition(":")[2][:12]


def workplaces() -> list[Path]:
    """Return the directories in which runs keep on this machine what they move."""
    return list(Path("~/.ansible/tmp").expanduser().glob(f"wabiz-{CLUSTER}-*-images"))


def stray(*more: str) -> dict[str, str]:
    """Return the files that moves have left on hosts (in their default directory and further ones) and here."""
    found = everywhere(f"find {' '.join((PLACE, *more))} 2> /dev/null || true")
    here = {"controller": str(workplaces())} if workplaces() else {}
    return {host: files for host, files in found.items() if files} | here


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def manifest(text: str) -> dict[str, dict[str, Any]]:
    """Return the entries of an archive's manifest by image."""
    return {entry["image"]: entry for entry in json.loads(text)["images"]}


def standby() -> str:
    """Return the host of a coreapp that is not connected."""
    return next(node.host for node in client.nodes() if (node.role, node.status) == ("coreapp", "disconnected"))


def emptied(host: str) -> None:
    """Make a coreapp's host one that was never deployed: no container, image or configuration of the cluster."""
    on(host, "docker", "rm", "--force", f"{CLUSTER}-coreapp-1")
    on(host, "docker", "rmi", "--force", REAL)
    shell(host, f"docker image prune --force; rm -rf /etc/wabiz/{CLUSTER}")
    assert host not in holders(REAL)


@contextmanager
def registry_stopped() -> Iterator[None]:
    """The lab's registry answers no one."""
    container = LAB.container("registry")
    docker("stop", "--time=1", container)
    try:
        yield
    finally:
        docker("start", container)
        wait_for("the registry", lambda: _status(5000) == "200", 60)


def _status(port: int) -> str:
    """The HTTP status that a registry answers with to a host without a login."""
    url, trust = f"https://registry.lab.test:{port}/v2/", f"{_TRUST}/{REGISTRY}/ca.crt"
    return shell("core1", f"curl --silent --cacert {trust} --output /dev/null --write-out '%{{http_code}}' {url}; true")


# --- A registry with a login ------------------------------------------------------------------------------------------

LOGIN_PORT = 5001
WITH_LOGIN = f"registry.lab.test:{LOGIN_PORT}"
USER = "images"
# A path of its own; the other repositories are those of the lab's registry.
OURS = f"{WITH_LOGIN}/ours"
_NAME = LAB.container("registry-login")


@dataclass(frozen=True)
class Login:
    """The user of the registry, and how its password looks wherever it is kept."""

    secrets: Canaries

    @property
    def variables(self) -> dict[str, str]:
        """The variables of the right login."""
        return {"wabiz_registry_user": USER, **self.secrets.values}

    @property
    def password(self) -> str:
        """The password itself."""
        return self.secrets.values["wabiz_registry_password"]

    def give(self, host: str) -> None:
        """Log in on a host as its administrator does, without a secret in any process's arguments."""
        login = ["docker", "login", "--username", USER, "--password-stdin", WITH_LOGIN]
        docker("exec", "--interactive", LAB.container(host), *login, stdin=self.password)

    def places(self) -> dict[str, list[str]]:
        """Return by host the files that hold the password, in clear or as a login of Docker."""
        encoded = base64.b64encode(f"{USER}:{self.password}".encode()).decode()
        where = ["/etc", "/root", "/home", "/run", "/tmp", "/var/tmp", "/var/log"]
        search = ["grep", "-rlsFa", "-D", "skip", "-f", "-", *where]
        found = {}
        for host in HOSTS:
            command = ["exec", "--interactive", LAB.container(host), *search]
            files = docker(*command, stdin=f"{self.password}\n{encoded}\n", check=False).stdout.split()
            if files:
                found[host] = sorted(files)
        return found

    def directories(self) -> dict[str, str]:
        """Return by host what a pull or push has left of its own login."""
        found = everywhere("ls -d /run/wabiz-*-login 2> /dev/null || true")
        return {host: names for host, names in found.items() if names}


def repository(image: str) -> Path:
    """Where the registries keep what they know of an image (a name without registry and tag)."""
    return registry.data_directory(LAB) / "docker" / "registry" / "v2" / "repositories" / image


def tag_link(image: str, tag: str) -> Path:
    """The file with the digest that a tag leads to."""
    return repository(image) / "_manifests" / "tags" / tag / "current" / "link"


@contextmanager
def registry_with_login(directory: Path) -> Iterator[Login]:
    """A second registry on the same name and the same layers, at another port, that asks for a user and password."""
    login = Login(Canaries(["wabiz_registry_password"]))
    _users(directory, login.password)
    here = LAB.container("registry")
    user, image = (docker("inspect", "--format", form, here).stdout.strip() for form in _AS_THE_OTHER)
    environment = {"REGISTRY_HTTP_ADDR": f":{LOGIN_PORT}", **htpasswd.ENVIRONMENT}
    volumes = (
        f"{pki.registry_directory(LAB)}:/etc/lab:ro",
        f"{registry.data_directory(LAB)}:/var/lib/registry",
        f"{directory}:{Path(htpasswd.FILE).parent}:ro",
    )
    docker("rm", "--force", _NAME, check=False)
    try:
        docker(
            *("run", "--detach", "--name", _NAME, "--network", f"container:{here}", "--user", user),
            *(f"--volume={volume}" for volume in volumes),
            *(f"--env={name}={value}" for name, value in environment.items()),
            image,
        )
        everywhere(f"mkdir -p {_TRUST}/{WITH_LOGIN} && cp {_TRUST}/{REGISTRY}/ca.crt {_TRUST}/{WITH_LOGIN}/")
        wait_for("the registry with a login", lambda: _status(LOGIN_PORT) == "401", 30)
        yield login
    finally:
        docker("rm", "--force", _NAME, check=False)
        everywhere(f"rm -rf {_TRUST}/{WITH_LOGIN}; docker logout {WITH_LOGIN} > /dev/null 2>&1; true")
        shutil.rmtree(repository("ours"), ignore_errors=True)


_AS_THE_OTHER = ("{{.Config.User}}", "{{.Config.Image}}")


def _users(directory: Path, password: str) -> None:
    hashing = ["exec", "--interactive", LAB.container("core1"), *htpasswd.HASHING]
    users = htpasswd.line(USER, docker(*hashing, stdin=password).stdout)
    (directory / Path(htpasswd.FILE).name).write_text(users, encoding="utf-8")
