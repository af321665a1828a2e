# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The client's images."""

from __future__ import annotations

import re

# By service; masters and coreapps run the same one, as does the container that upgrades the schema.
IMAGES = {"webapp": "web", "master": "coreapp", "coreapp": "coreapp"}
# Many images are called web.
_CLIENT = re.compile(r"(^|/)(coreapp:v?\d|docker\.whatsapp\.biz/web:)")


def tag(version: str) -> str:
    """The end of an image's name."""
    return f":v{version}"


def reference(registry: str, image: str, version: str) -> str:
    """The name by which an image is pulled."""
    return f"{registry}/{image}{tag(version)}"


def is_client(name: str) -> bool:
    """Whether an image is the vendor's by its name alone."""
    return bool(_CLIENT.search(name))
