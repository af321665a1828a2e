# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""With which login a registry is asked: the one that is given, else the one that the host has for C(docker pull)."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import typing as t
from dataclasses import dataclass
from pathlib import Path

from ansible_collections.wabiz.onprem.plugins.module_utils._host.answers import mapping, text
from ansible_collections.wabiz.onprem.plugins.module_utils._host.program import ask
from ansible_collections.wabiz.onprem.plugins.module_utils._model.images import registry_of

# What a credential helper calls a user whose secret is a token.
_BY_TOKEN = "<token>"  # noqa: S105 (a user)
# Docker's own registry is named by an address in its configuration.
_HUB = "https://index.docker.io/v1/"
_HELPER_SECONDS = 10.0


class HelperFailed(Exception):
    """The program that keeps the host's logins gives none, and may give none to a pull either; its text says which."""


@dataclass(frozen=True)
class Login:
    """A user of one registry, which may be named with a path."""

    registry: str
    user: str
    password: str


def header(image: str, given: Login | None = None) -> str | None:
    """The value of X-Registry-Auth for an image's registry; None where no login is known, which some need not.

    Raises HelperFailed.
    """
    registry = registry_of(image)
    if given and given.user and registry_of(f"{given.registry}/") == registry:
        return _encoded({"username": given.user, "password": given.password, "serveraddress": registry})
    try:
        found = _of_the_host(_HUB if registry == "docker.io" else registry)
    except (OSError, ValueError):
        # The engine says what it thinks of a question without a login.
        return None
    return _encoded(found) if found else None


def _encoded(login: t.Mapping[str, str]) -> str:
    return base64.urlsafe_b64encode(json.dumps(login).encode()).decode()


def _of_the_host(registry: str) -> dict[str, str]:
    """As C(docker login) left it in the configuration of the user who runs this, or in the store named there."""
    folder = os.environ.get("DOCKER_CONFIG") or str(Path.home() / ".docker")
    config = mapping(json.loads((Path(folder) / "config.json").read_text(encoding="utf-8")))
    helper = text(mapping(config.get("credHelpers")).get(registry)) or text(config.get("credsStore"))
    if helper:
        found = _from_helper(helper, registry)
        if found:
            return found
    for name, entry in mapping(config.get("auths")).items():
        if _bare(name) == _bare(registry):
            return _from_file(registry, mapping(entry))
    return {}


def _bare(name: str) -> str:
    """A registry without what some write around it."""
    return name.split("://")[-1].split("/")[0]


def _from_file(registry: str, entry: dict[str, t.Any]) -> dict[str, str]:
    if text(entry.get("identitytoken")):
        return {"identitytoken": text(entry.get("identitytoken")), "serveraddress": registry}
    user, _colon, password = base64.b64decode(text(entry.get("auth"))).decode().partition(":")
    return {"username": user, "password": password, "serveraddress": registry} if user else {}


def _from_helper(helper: str, registry: str) -> dict[str, str]:
    name = f"docker-credential-{helper}"
    try:
        done = ask([name, "get"], _HELPER_SECONDS, registry)
    except subprocess.TimeoutExpired as error:
        raise HelperFailed(f"{name} does not answer within {_HELPER_SECONDS:g} s") from error
    except OSError as error:
        raise HelperFailed(f"{name} cannot be run: {error.strerror or error}") from error
    if done.returncode != 0:
        return {}
    told = mapping(json.loads(done.stdout))
    user, secret = text(told.get("Username")), text(told.get("Secret"))
    if user == _BY_TOKEN:
        return {"identitytoken": secret, "serveraddress": registry}
    return {"username": user, "password": secret, "serveraddress": registry}
