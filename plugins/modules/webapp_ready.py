#!/usr/bin/python
# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Wait until a webapp serves requests."""

from __future__ import annotations

DOCUMENTATION = r"""
module: webapp_ready
short_description: Wait until a webapp serves requests
version_added: 0.1.0
description:
  - Asks C(GET /) until the answer is 200. This is the liveness of one webapp, not the health of the cluster, for which
    there is M(wabiz.onprem.health_info).
extends_documentation_fragment:
  - wabiz.onprem.connection
  - wabiz.onprem.authentication
  - wabiz.onprem.waiting
  - wabiz.onprem.attributes
  - wabiz.onprem.attributes.info_module
  - wabiz.onprem.attributes.action_group
author:
  - wabiz.onprem contributors (@wabiz-onprem)
"""

EXAMPLES = r"""
- name: Wait for a webapp that was just started
  wabiz.onprem.webapp_ready:
    endpoints: [https://web1.example.net:9090]
    ca_path: /etc/wabiz/ca.pem
    wait_timeout: 120
"""

RETURN = r"""
polls:
  description: How often it was asked.
  returned: success
  type: int
  sample: 3
seconds:
  description: How long it took, in seconds.
  returned: success
  type: float
  sample: 4.2
"""

from typing import Any

from ansible_collections.wabiz.onprem.plugins.module_utils._api.api_module import WAIT_ARGUMENTS, ApiModule, last_words
from ansible_collections.wabiz.onprem.plugins.module_utils._api.client import Answer, Request
from ansible_collections.wabiz.onprem.plugins.module_utils._api.errors import Refusal
from ansible_collections.wabiz.onprem.plugins.module_utils._api.polling import poll


def wait(module: ApiModule) -> dict[str, Any]:
    """Ask until the webapp answers, or fail with the last answer."""

    def ask() -> Answer:
        return module.client.ask(Request("GET", "/", json_expected=False), patient=False)

    outcome = poll(
        ask,
        lambda answer: answer.status == 200,
        timeout=module.params["wait_timeout"],
        interval=module.params["wait_interval"],
    )
    if not outcome.done:
        status = outcome.found.status if outcome.found else None
        raise Refusal(
            f"After {outcome.seconds:.0f} s the webapp does not serve requests. {last_words(outcome, status)}",
            remedy="Check the log of its container and its database settings.",
        )
    return {"polls": outcome.polls, "seconds": round(outcome.seconds, 1)}


def main() -> None:
    """Run the module."""
    ApiModule(WAIT_ARGUMENTS).run(wait)


if __name__ == "__main__":
    main()
