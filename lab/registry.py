# SPDX-License-Identifier: GPL-3.0-or-later
"""The private registry and its images."""

from __future__ import annotations

import hashlib
import http.client
import json
import os
import ssl
from collections.abc import Iterable
from pathlib import Path

from lab import images, network, pki, proc
from lab.containers import Wanted
from lab.docker import docker, lines
from lab.errors import LabError
from lab.settings import REGISTRY_PORT, Settings

VENDOR = "docker.whatsapp.biz/"
DATABASES = ("mysql:8.0.33", "mysql:9.7", "postgres:13.8")
MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"


def data_directory(settings: Settings) -> Path:
    """Directory of the layers; kept after the lab is removed, so that they are compressed only once."""
    return settings.state / "registry"


def wanted(settings: Settings) -> Wanted:
    """The registry's container; it runs as this user, who owns the layers, and is published on this machine only."""
    data_directory(settings).mkdir(parents=True, exist_ok=True)
    certificate = (pki.registry_directory(settings) / "registry.pem").read_bytes()
    options = (
        "--label", f"wabiz.lab.certificate={hashlib.sha256(certificate).hexdigest()[:16]}",
        "--user", f"{os.getuid()}:{os.getgid()}",
        "--publish", f"127.0.0.1::{REGISTRY_PORT}",
        "--volume", f"{pki.registry_directory(settings)}:/etc/lab:ro",
        "--volume", f"{data_directory(settings)}:/var/lib/registry",
    )  # fmt: skip
    address = network.service_address(settings.subnet, "registry")
    return Wanted("registry", "registry", address, images.ensure("registry"), options)


def published_names(local: Iterable[str]) -> dict[str, str]:
    """Name in the registry for each local image that belongs there.

    Args:
        local: references (repository:tag) of the local engine's images.
    """
    names = {reference: reference.removeprefix(VENDOR) for reference in local if reference.startswith(VENDOR)}
    names.update({reference: reference for reference in local if reference in DATABASES})
    return {reference: name for reference, name in sorted(names.items()) if not name.endswith(":<none>")}


def push_address(settings: Settings) -> str:
    """Address under which this machine reaches the registry.

    Raises:
        LabError: the registry does not run.
    """
    return lines("port", settings.container("registry"), f"{REGISTRY_PORT}/tcp")[0]


def publish(settings: Settings) -> list[str]:
    """Push the images that are missing or different in the registry.

    Returns:
        The names that were pushed.

    Raises:
        LabError: the registry does not answer or refuses an image.
    """
    listed = lines("images", "--no-trunc", "--format", "{{.Repository}}:{{.Tag}} {{.ID}}")
    local = dict(line.split(" ", 1) for line in listed)
    address = push_address(settings)
    context = ssl.create_default_context(cafile=str(settings.state / "ca.pem"))
    proc.wait_until(lambda: answers(address, context), "the registry", timeout=30)
    pushed = []
    for reference, name in published_names(list(local)).items():
        if stored_id(address, name, context) != local[reference]:
            push(reference, f"{address}/{name}")
            pushed.append(name)
    return pushed


def push(reference: str, target: str) -> None:
    """Push a local image under another name, which is removed afterwards."""
    docker("tag", reference, target)
    try:
        docker("push", "--quiet", target)
    finally:
        docker("rmi", target, check=False)


def answers(address: str, context: ssl.SSLContext) -> bool:
    """Whether the registry answers with the right certificate.

    Raises:
        LabError: it has another certificate.
    """
    try:
        return get(address, "/v2/", context)[0] == 200
    except ssl.SSLCertVerificationError as error:
        raise LabError(f"the registry at {address} has a certificate that is not the lab's: {error}") from error
    except (OSError, http.client.HTTPException):
        return False


def get(address: str, path: str, context: ssl.SSLContext) -> tuple[int, bytes]:
    """Status and body of a GET request to the registry."""
    connection = http.client.HTTPSConnection(address, timeout=10, context=context)
    try:
        connection.request("GET", path, headers={"Accept": MANIFEST})
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def stored_id(address: str, name: str, context: ssl.SSLContext) -> str | None:
    """Identifier of an image in the registry (the digest of its configuration), or None.

    Raises:
        LabError: the registry reports an error.
    """
    repository, tag = name.rsplit(":", 1)
    status, body = get(address, f"/v2/{repository}/manifests/{tag}", context)
    if status == 404:
        return None
    if status != 200:
        raise LabError(f"the registry answers {status} for {name}")
    return str(json.loads(body).get("config", {}).get("digest"))


def forget_tags(settings: Settings) -> None:
    """Remove tags that an interrupted push has left in the local engine."""
    address = push_address(settings)
    for reference in lines("images", "--format", "{{.Repository}}:{{.Tag}}", f"{address}/*"):
        docker("rmi", reference, check=False)
