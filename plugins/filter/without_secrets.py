# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: without_secrets
short_description: Output of a container without its secrets
version_added: 0.1.0
author: wabiz.onprem contributors (@wabiz-onprem)
description:
  - Masks every secret that the container is made of, in whatever way the text quotes it.
  - Secrets are recognized as in M(wabiz.onprem.containers), by names and by what they look like.
options:
  _input:
    description: The text.
    type: str
    required: true
  container:
    description: The container as M(wabiz.onprem.containers) takes it.
    type: dict
    required: true
  secret_env:
    description: Names of further variables of its environment that hold secrets.
    type: list
    elements: str
    default: []
"""

EXAMPLES = r"""
words: "{{ log.stdout | wabiz.onprem.without_secrets(container) }}"
"""

RETURN = r"""
_value:
  description: The text; asterisks stand where a secret was.
  type: str
"""

import typing as t

from ansible_collections.wabiz.onprem.plugins.module_utils._host.comparison import secret_values
from ansible_collections.wabiz.onprem.plugins.module_utils._host.scrub import scrub


def without_secrets(text: str, container: dict[str, t.Any], secret_env: t.Sequence[str] = ()) -> str:
    return str(scrub(text, secret_values([container], secret_env)))


class FilterModule:
    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"without_secrets": without_secrets}
