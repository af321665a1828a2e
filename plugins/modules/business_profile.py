#!/usr/bin/python
# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: business_profile
short_description: Manage the profile that users see of a business
version_added: 0.1.0
description:
  - Sets address, description, e-mail address, industry, web sites, the "about" text and the compliance information that
    is shown to users in India. Only what differs is sent; what is not named is left alone.
  - The photo is not handled.
extends_documentation_fragment:
  - wabiz.onprem.connection
  - wabiz.onprem.authentication
  - wabiz.onprem.attributes
  - wabiz.onprem.attributes.action_group
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
  idempotent:
    support: full
options:
  address:
    description: Address, at most 256 characters.
    type: str
  description:
    description: Description, at most 256 characters.
    type: str
  email:
    description: E-mail address, at most 128 characters.
    type: str
  vertical:
    description: Industry, as the vendor names it. It cannot be emptied again.
    type: str
  websites:
    description: At most 2 addresses with C(http://) or C(https://), of at most 256 characters each.
    type: list
    elements: str
  about:
    description: The "about" text, at most 139 characters.
    type: str
  compliance:
    description:
      - Compliance information, as the client names it, for example C(entity_name), C(entity_type), C(is_registered),
        C(grievance_officer_details) and C(customer_care_details).
      - It is sent as a whole, completed with what the client has already.
    type: dict
author:
  - wabiz.onprem contributors (@wabiz-onprem)
"""

EXAMPLES = r"""
- name: Introduce ourselves
  wabiz.onprem.business_profile:
    endpoints: [https://web1.example.net:9090]
    ca_path: /etc/wabiz/ca.pem
    username: admin
    password: "{{ vault_admin_password }}"
    description: Flowers, delivered before noon
    email: hello@example.net
    websites: [https://www.example.net]
    about: We answer within the hour.
"""

RETURN = r"""
changed_fields:
  description: Names of what was changed.
  returned: success
  type: list
  elements: str
  sample: [about, websites]
"""

from typing import Any

from ansible_collections.wabiz.onprem.plugins.module_utils._api import application_settings as rules
from ansible_collections.wabiz.onprem.plugins.module_utils._api.api_module import ApiModule
from ansible_collections.wabiz.onprem.plugins.module_utils._api.errors import ApiError, Refusal
from ansible_collections.wabiz.onprem.plugins.module_utils._formats.nested import dig, drop_none, flatten, nest
from ansible_collections.wabiz.onprem.plugins.module_utils._model import version as versions

PROFILE_PATH = "/v1/settings/business/profile"
ABOUT_PATH = "/v1/settings/profile/about"
COMPLIANCE_PATH = "/v1/settings/business/compliance_info"

LIMITS = {"address": 256, "description": 256, "email": 128, "about": 139}
PROFILE_FIELDS = ("address", "description", "email", "vertical", "websites")


def check_lengths(given: dict[str, Any]) -> None:
    """Refuse what is too long or has the wrong form."""
    faults = [
        f"{name} is longer than {limit} characters." for name, limit in LIMITS.items() if len(given[name] or "") > limit
    ]
    sites = given["websites"] or []
    if len(sites) > 2 or any(len(site) > 256 or not site.startswith(("http://", "https://")) for site in sites):
        faults.append("websites are at most 2 addresses with http:// or https://, of at most 256 characters each.")
    if faults:
        raise Refusal(f"the profile is not sent. {' '.join(faults)}")


def apply(module: ApiModule) -> dict[str, Any]:
    """Send what differs, each part to its own place."""
    given = module.params
    check_lengths(given)
    found = []
    profile = drop_none({name: given[name] for name in PROFILE_FIELDS})
    if profile:
        found += apply_profile(module, profile)
    if given["about"] is not None:
        found += apply_about(module, given["about"])
    if given["compliance"]:
        found += apply_compliance(module, given["compliance"])
    change = module.difference(rules.view(found, "before"), rules.view(found, "after"))
    return {"changed": bool(found), "changed_fields": [item.field for item in found], **change}


def read(module: ApiModule, path: str, *keys: str) -> tuple[dict[str, Any], str | None]:
    """Return a part of the settings, empty where it was never set, and the client's version."""
    try:
        answer = module.session.get(path)
    except ApiError as error:
        if error.status != 404:
            raise
        return {}, None
    part = dig(answer.data, "settings", *keys)
    return (part if isinstance(part, dict) else {}), answer.version


def apply_profile(module: ApiModule, wanted: dict[str, Any]) -> list[rules.Change]:
    """Send the fields of the business profile that differ; before 2.23 the client takes all of them at once only."""
    current, version = read(module, PROFILE_PATH, "business", "profile")
    found = rules.changes(current, wanted)
    if found and not module.check_mode:
        partial = version is None or versions.at_least(version, "2.23")
        kept = {name: current[name] for name in PROFILE_FIELDS if name in current}
        payload = rules.body(found) if partial else {**kept, **wanted}
        module.session.call("POST", PROFILE_PATH, payload, repeatable=True)
    return found


def apply_about(module: ApiModule, wanted: str) -> list[rules.Change]:
    """Send the "about" text if it differs."""
    current = read(module, ABOUT_PATH, "profile", "about")[0].get("text")
    if rules.same(current, wanted):
        return []
    if not module.check_mode:
        module.session.call("PATCH", ABOUT_PATH, {"text": wanted})
    return [rules.Change("about", current, wanted)]


def apply_compliance(module: ApiModule, wanted: dict[str, Any]) -> list[rules.Change]:
    """Send the compliance information as a whole if something differs."""
    current = read(module, COMPLIANCE_PATH, "business", "compliance_info")[0]
    found = rules.changes(current, wanted)
    if found and not module.check_mode:
        known = {name: value for name, value in flatten(current).items() if not name.startswith("meta.")}
        payload = nest({**known, **flatten(wanted)})
        module.session.call("POST", COMPLIANCE_PATH, payload, repeatable=True)
    return [change._replace(field=f"compliance.{change.field}") for change in found]


def main() -> None:
    """Run the module."""
    module = ApiModule(
        {
            **{name: {"type": "str"} for name in ("address", "description", "email", "vertical", "about")},
            "websites": {"type": "list", "elements": "str"},
            "compliance": {"type": "dict"},
        },
        required_one_of=[(*PROFILE_FIELDS, "about", "compliance")],
    )
    module.run(apply)


if __name__ == "__main__":
    main()
