# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where images are to be found, and what they say of themselves."""

from __future__ import annotations

import typing as t
from urllib.parse import quote

from ansible_collections.wabiz.onprem.plugins.module_utils._host.answers import mapping, text
from ansible_collections.wabiz.onprem.plugins.module_utils._host.engine import Engine, EngineError, said
from ansible_collections.wabiz.onprem.plugins.module_utils._model.unchecked import unchecked


def find_image(engine: Engine, image: str, registry_timeout: float) -> tuple[str, dict[str, str] | None]:
    """Where the image is (C(local), C(registry), or why it was not found), and the facts of one that is local.

    A reason begins with C(cannot be checked) unless it is certain: the registry itself says that it has no such image,
    or the engine that no image can have this name.
    """
    try:
        status, details = engine.ask(f"/images/{quote(image)}/json")
    except EngineError as error:
        return unchecked(str(error)), None
    if status == 200:
        return "local", _facts(mapping(details))
    try:
        status, answer = engine.ask(f"/distribution/{quote(image)}/json", registry_timeout)
    except EngineError as error:
        return unchecked(f"registry: {error}"), None
    if status == 200:
        return "registry", None
    reason = said(status, answer)
    return (reason if status in (400, 404) else unchecked(reason)), None


def _facts(details: dict[str, t.Any]) -> dict[str, str]:
    marks = mapping(mapping(details.get("Config")).get("Labels"))
    return {"created": text(details.get("Created")), "expires_on": text(marks.get("EXPIRES_ON"))}
