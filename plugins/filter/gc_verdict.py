# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: gc_verdict
short_description: What came of a collection of old messages
version_added: 0.1.0
author: wabiz.onprem contributors (@wabiz-onprem)
description:
  - Judges a collection by the callbacks of the client where there are any, else by the number of messages.
options:
  _input:
    description: Result of M(wabiz.onprem.message_gc).
    type: dict
    required: true
  callbacks:
    description: A JSON list of what the client sent to the webhook; empty where that is not known.
    type: str
    required: true
  above:
    description: Number of messages above which a further collection is worth it.
    type: int
    required: true
"""

EXAMPLES = r"""
verdict: "{{ collected | wabiz.onprem.gc_verdict(callbacks, 2000000) }}"
"""

RETURN = r"""
_value:
  description:
    - Whether to collect again (C(again)), the nodes that failed (C(failed)) and that sent no callback (C(missing)),
      what is wrong with the callbacks (C(problem)), and all of it as lines of C(text).
  type: dict
"""

import typing as t

from ansible_collections.wabiz.onprem.plugins.module_utils._rules.message_gc import verdict


class FilterModule:
    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"gc_verdict": verdict}
