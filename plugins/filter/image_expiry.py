# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: image_expiry
short_description: Which images on the hosts have expired, or will soon
version_added: 0.1.0
author: wabiz.onprem contributors (@wabiz-onprem)
description:
  - Reads the label C(EXPIRES_ON) of the images that are pulled. Without it an image lasts 180 days from its creation, a
    beta (even second number of the version) 45 days.
options:
  _input:
    description: Results of M(wabiz.onprem.host_info), by host.
    type: dict
    required: true
  today:
    description: The date as YYYY-MM-DD.
    type: str
    required: true
  allow_expired:
    description: Whether an expired image is a warning only.
    type: bool
    default: false
"""

EXAMPLES = r"""
expiry: "{{ reports | wabiz.onprem.image_expiry(now(utc=true, fmt='%Y-%m-%d')) }}"
"""

RETURN = r"""
_value:
  description: C(refusals) and C(warnings), a line for each image.
  type: dict
"""

import typing as t

from ansible_collections.wabiz.onprem.plugins.module_utils._rules.expiry import expiry
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.findings import judgement


def image_expiry(reports: dict[str, dict[str, t.Any]], today: str, allow_expired: bool = False) -> dict[str, list[str]]:
    """What is refused and what is warned of."""
    return judgement(expiry(reports, today, allow_expired))


class FilterModule:
    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"image_expiry": image_expiry}
