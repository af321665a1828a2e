#!/usr/bin/python
# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: media_gc
short_description: Remove media that a WhatsApp Business API client no longer uses
version_added: 0.1.0
description:
  - Starts the garbage collection of media, which removes files that were not used for 30 days. The primary master does
    it for the whole cluster.
  - The client tells the end through the webhook only (C(items_deleted)), so the module does not wait for it.
  - A collection that is started while one runs does nothing. So a start whose answer is lost is made again.
extends_documentation_fragment:
  - wabiz.onprem.connection
  - wabiz.onprem.authentication
  - wabiz.onprem.attributes
  - wabiz.onprem.attributes.action_group
attributes:
  check_mode:
    support: full
  diff_mode:
    support: none
    details: How many files will be removed is not known beforehand.
  idempotent:
    support: partial
    details: With O(only_below_gb) nothing is done as long as there is room.
options:
  only_below_gb:
    description:
      - Do nothing while O(path) has this many GB free, or more.
      - Without it the collection is started in any case.
    type: float
  path:
    description:
      - Directory of the media, on the host that runs the module. Required with O(only_below_gb).
      - A share that does not answer within 10 seconds is an error.
    type: path
author:
  - wabiz.onprem contributors (@wabiz-onprem)
"""

EXAMPLES = r"""
- name: Remove unused media when the share is filling up
  wabiz.onprem.media_gc:
    endpoints: [https://web1.example.net:9090]
    ca_path: /etc/wabiz/ca.pem
    username: admin
    password: "{{ vault_admin_password }}"
    path: /srv/wabiz-media
    only_below_gb: 20

- name: Remove unused media
  wabiz.onprem.media_gc:
    endpoints: [https://web1.example.net:9090]
    ca_path: /etc/wabiz/ca.pem
    username: admin
    password: "{{ vault_admin_password }}"
"""

RETURN = r"""
status:
  description: What the client answered; the collection continues after that.
  returned: when the collection was started
  type: str
  sample: processing
free_gb:
  description: GB free in O(path) before; null where it was not asked for.
  returned: success
  type: float
  sample: 3.2
skipped_reason:
  description: Why nothing was done.
  returned: when nothing was done
  type: str
"""

from typing import Any

from ansible_collections.wabiz.onprem.plugins.module_utils._api.api_module import ApiModule
from ansible_collections.wabiz.onprem.plugins.module_utils._api.errors import ClientError, Refusal
from ansible_collections.wabiz.onprem.plugins.module_utils._formats.nested import dig
from ansible_collections.wabiz.onprem.plugins.module_utils._host.in_time import NoAnswer, in_time
from ansible_collections.wabiz.onprem.plugins.module_utils._host.space import room

PATH = "/v1/services/media/gc"
STARTED = ("processing", "complete")
SECONDS = 10.0


def collect(module: ApiModule) -> dict[str, Any]:
    """Start the collection where it is wanted."""
    limit, path = (module.params[name] for name in ("only_below_gb", "path"))
    free = free_gb(path) if limit is not None else None
    result: dict[str, Any] = {"free_gb": free}
    if free is not None and free >= limit:
        return {**result, "skipped_reason": f"{path} has {free:g} GB free, which is not less than {limit:g}"}
    if module.check_mode:
        return {**result, "changed": True}
    answer = module.session.call("PUT", PATH)
    status = str(dig(answer.data, "services", "media", "gc", "status"))
    if status not in STARTED:
        raise ClientError(
            f"the collection of media was not started: status {status}",
            endpoint=f"PUT {PATH}",
            host=answer.host,
            remedy="Check the logs of the masters.",
        )
    return {**result, "changed": True, "status": status}


def free_gb(path: str) -> float:
    """Room in the directory of the media."""
    try:
        found: int = in_time(lambda: room(path), SECONDS)
    except NoAnswer as error:
        raise Refusal(f"the free space of {path} cannot be read: {error}", remedy="Check the share.") from error
    return round(found / 1e9, 3)


def main() -> None:
    """Run the module."""
    options = {"only_below_gb": {"type": "float"}, "path": {"type": "path"}}
    ApiModule(options, required_by={"only_below_gb": ("path",)}).run(collect)


if __name__ == "__main__":
    main()
