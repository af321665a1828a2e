# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where images are to be found, and what they say of themselves."""

from __future__ import annotations

import hashlib
import json
import typing as t
from urllib.parse import quote

from ansible_collections.wabiz.onprem.plugins.module_utils._host.answers import dicts, mapping, number, text, texts
from ansible_collections.wabiz.onprem.plugins.module_utils._host.engine import Engine, EngineError, said
from ansible_collections.wabiz.onprem.plugins.module_utils._host.registry_login import HelperFailed, Login, header
from ansible_collections.wabiz.onprem.plugins.module_utils._model.unchecked import unchecked

Facts = dict[str, t.Any]


class Found(t.NamedTuple):
    """Where an image is (C(local), C(registry), or why it was not found), and what it says of itself there."""

    where: str
    local: Facts | None = None
    remote: Facts | None = None


def find_image(engine: Engine, image: str, registry_timeout: float, login: Login | None = None) -> Found:
    """Look for an image on the host, then in its registry.

    A reason begins with C(cannot be checked) unless it is certain: the registry itself says that it has no such image,
    or the engine that no image can have this name.
    """
    try:
        status, details = engine.ask(f"/images/{quote(image)}/json")
    except EngineError as error:
        return Found(unchecked(str(error)))
    if status == 200:
        return Found("local", local=_facts(mapping(details)))
    known, trouble = _login(image, login)
    try:
        status, answer = engine.ask(f"/distribution/{quote(image)}/json", registry_timeout, known)
    except EngineError as error:
        return Found(unchecked(f"registry: {error}"))
    if status == 200:
        return Found("registry", remote=_remote(mapping(answer)))
    reason = said(status, answer) + trouble
    return Found(reason if status in (400, 404) else unchecked(reason))


def _login(image: str, given: Login | None) -> tuple[str | None, str]:
    """The header that is known for an image's registry, and what is wrong with the host's own login."""
    try:
        return header(image, given), ""
    except HelperFailed as failed:
        return None, f" ({failed})"


def _facts(details: dict[str, t.Any]) -> Facts:
    marks = mapping(mapping(details.get("Config")).get("Labels"))
    return {
        "created": text(details.get("Created")),
        "expires_on": text(marks.get("EXPIRES_ON")),
        "id": text(details.get("Id")),
        "digests": sorted({one.rpartition("@")[2] for one in texts(details.get("RepoDigests"))}),
        "tags": sorted(texts(details.get("RepoTags"))),
        "architecture": text(details.get("Architecture")),
        "size": number(details.get("Size")),
        "content": _content(details),
    }


def _content(details: dict[str, t.Any]) -> str:
    """What is the same for one image in every engine; its id depends on how an engine stores images."""
    layers = texts(mapping(details.get("RootFS")).get("Layers"))
    made_of = [layers, details.get("Created"), details.get("Architecture")]
    return hashlib.sha256(json.dumps(made_of).encode()).hexdigest() if layers else ""


def _remote(answer: dict[str, t.Any]) -> Facts:
    platforms = dicts(answer.get("Platforms"))
    return {
        "digest": text(mapping(answer.get("Descriptor")).get("digest")),
        "architectures": sorted({text(one.get("architecture")) for one in platforms} - {"", "unknown"}),
    }
