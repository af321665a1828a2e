#!/usr/bin/python
# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: registration
short_description: Register a phone number with a WhatsApp Business API cluster
version_added: 0.1.0
description:
  - Asks WhatsApp to send a code to the phone, and registers the number with that code in a second run.
  - Whether a number is registered already is read from the cluster's health. A registered cluster is left alone, so
    that no one registers again by accident.
  - Registering a number here disconnects any other installation that uses it.
  - Where the answer to a request is lost (a broken connection, HTTP 502, 503 or 504 of a balancer, HTTP 500) the
    request is not made again. After O(code) was sent the health is read instead, for up to a minute; after a code was
    asked for the module fails and says what to check.
  - After HTTP 429 or error code 1015 nothing is sent again either, as each request may extend the waiting time.
extends_documentation_fragment:
  - wabiz.onprem.connection
  - wabiz.onprem.authentication
  - wabiz.onprem.waiting
  - wabiz.onprem.attributes
  - wabiz.onprem.attributes.action_group
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
  idempotent:
    support: partial
    details:
      - Once a number is registered nothing is done any more.
      - Before that, each run without O(code) asks for a new code, as the client does not report whether one is pending.
options:
  cc:
    description: Country code of the number, digits only.
    type: str
    required: true
  phone_number:
    description: Number without country code, digits only.
    type: str
    required: true
  method:
    description: How the code reaches the phone.
    type: str
    choices: [sms, voice]
    default: sms
  cert:
    description: Verified-name certificate from Business Manager, base64. Required to ask for a code.
    type: str
  pin:
    description: PIN of two-step verification, 6 digits, where the account has it.
    type: str
  code:
    description: The code that the phone received, with or without a hyphen. Without it a code is asked for.
    type: str
  force:
    description:
      - Continue although a number is registered already.
      - The masters and coreapps may restart, and messages are not handled meanwhile.
    type: bool
    default: false
author:
  - wabiz.onprem contributors (@wabiz-onprem)
"""

EXAMPLES = r"""
- name: Ask for a code
  wabiz.onprem.registration:
    endpoints: [https://web1.example.net:9090]
    ca_path: /etc/wabiz/ca.pem
    username: admin
    password: "{{ vault_admin_password }}"
    cc: "49"
    phone_number: "15112345678"
    cert: "{{ vault_certificate }}"
  register: request

- name: Register with the code from the phone (-e code_from_the_phone=123-456)
  wabiz.onprem.registration:
    endpoints: [https://web1.example.net:9090]
    ca_path: /etc/wabiz/ca.pem
    username: admin
    password: "{{ vault_admin_password }}"
    cc: "49"
    phone_number: "15112345678"
    code: "{{ code_from_the_phone }}"
  when: not request.registered
"""

RETURN = r"""
registered:
  description: Whether a number is registered at the end of the run.
  returned: success
  type: bool
code_sent:
  description: Whether a code is on its way to the phone. The next run needs it as O(code).
  returned: success
  type: bool
vname:
  description: Display name in the certificate, to be checked before the code is used.
  returned: when a code was asked for and the client returned it
  type: str
  sample: Example Shop
"""

from typing import Any

from ansible_collections.wabiz.onprem.plugins.module_utils._api.api_module import (
    WAIT_ARGUMENTS,
    ApiModule,
    WaitFailed,
    last_words,
)
from ansible_collections.wabiz.onprem.plugins.module_utils._api.errors import OutcomeUnknown, Refusal, Throttled

LOST_REQUEST = (
    "Nothing of it can be read. The code may have been sent: check the phone, and if it came run the module with"
    " code. If none comes, do not ask again at once, as each request may extend the waiting time; wait some hours, or"
    " as long as the client says."
)
LOST_VERIFICATION = (
    "Check the health (wabiz.onprem.health_info) in some minutes: if it shows a registered number, all is done, and"
    " the next run changes nothing. If not, check the primary master's log before the code is used again."
)

THROTTLED_REQUEST = (
    "If a code came to the phone before, run the module with that code after the wait instead of asking for another."
)
THROTTLED_VERIFICATION = "Try the same code then, before you ask for another, as that counts too."


def register(module: ApiModule) -> dict[str, Any]:
    """Bring the registration one step further."""
    module.check_number()
    given = module.params
    registered = module.health()[0].registered
    if registered and not given["force"]:
        return {"registered": True, "code_sent": False}
    if registered is None:
        raise Refusal(
            "the API does not report whether a number is registered",
            remedy="Wait until the primary master says unregistered: wabiz.onprem.health_info with wait_for.",
        )
    return verify(module, registered) if given["code"] else request_code(module)


def request_code(module: ApiModule) -> dict[str, Any]:
    """Ask for a code; the client may also answer that nothing more is to be done."""
    given = module.params
    if not given["cert"]:
        raise Refusal("cert is missing", remedy="Give the verified-name certificate; only a run with code needs none.")
    change = module.difference({"code": "none"}, {"code": f"asked for by {given['method']}"})
    if module.check_mode:
        return {"changed": True, "registered": False, "code_sent": True, **change}
    payload = {name: given[name] for name in ("cc", "phone_number", "method", "cert", "pin") if given[name]}
    try:
        answer = module.session.call("POST", "/v1/account", payload)
    except OutcomeUnknown as unknown:
        raise unknown.advised(LOST_REQUEST) from unknown
    except Throttled as error:
        error.remedy += f" {THROTTLED_REQUEST}"
        raise
    account = answer.data.get("account")
    first = account[0] if isinstance(account, list) and account else account
    result = {"changed": True, "registered": answer.status == 201, "code_sent": answer.status != 201, **change}
    if isinstance(first, dict) and first.get("vname"):
        result["vname"] = first["vname"]
    return result


def verify(module: ApiModule, before: bool) -> dict[str, Any]:
    """Register with the code and wait until the cluster's health shows it."""
    change = module.difference({"registered": False}, {"registered": True})
    if not module.check_mode:
        try:
            module.session.call("POST", "/v1/account/verify", {"code": module.params["code"]})
        except OutcomeUnknown as unknown:
            if before:
                text = "The health does not show it, as a number was registered before."
                raise unknown.advised(f"{text} {LOST_VERIFICATION}") from unknown
            module.read_back(unknown, module.unregistered, LOST_VERIFICATION)
        except Throttled as error:
            error.remedy += f" {THROTTLED_VERIFICATION}"
            raise
        wait_until_registered(module)
    return {"changed": True, "registered": True, "code_sent": False, **change}


def wait_until_registered(module: ApiModule) -> None:
    """The code was accepted; the nodes follow within seconds."""
    if module.params["wait_timeout"] <= 0:
        return
    outcome = module.wait_registered()
    if not outcome.done:
        raise WaitFailed(
            f"The code was accepted, but after {outcome.seconds:.0f} s the health does not show a registered number."
            f" {last_words(outcome, outcome.found)}",
            {"changed": True},
        )


def main() -> None:
    """Run the module."""
    arguments: dict[str, dict[str, Any]] = {
        **WAIT_ARGUMENTS,
        "cc": {"type": "str", "required": True},
        "phone_number": {"type": "str", "required": True},
        "method": {"type": "str", "choices": ["sms", "voice"], "default": "sms"},
        "cert": {"type": "str", "no_log": True},
        "pin": {"type": "str", "no_log": True},
        "code": {"type": "str", "no_log": True},
        "force": {"type": "bool", "default": False},
    }
    ApiModule(arguments).run(register)


if __name__ == "__main__":
    main()
