#!/usr/bin/python
# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: certificate
short_description: Upload certificates to a WhatsApp Business API client
version_added: 0.1.0
description:
  - Uploads the certificate of the webapps, or the CA certificates with which the client verifies the webhook server.
  - The PEM file is verified first. A bad one would keep the webapps from starting, which can be repaired by hand only.
  - Its blocks are uploaded in lines of their own, also where they came in one line or indented; text around them is
    not.
  - Says what must be restarted for the certificate to take effect.
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
    details: Subjects, dates and fingerprints are shown, never the PEM text.
  idempotent:
    support: partial
    details:
      - The client does not return the certificate of the webapps. It is compared with what each of O(endpoints)
        presents, and so uploaded again until all of them were restarted, and always behind a balancer with its own
        certificate.
      - For O(kind=webhook_ca) a second run changes nothing.
options:
  kind:
    description:
      - V(external) is the certificate of the webapps.
      - V(webhook_ca) are the CA certificates for the webhook server.
    type: str
    choices: [external, webhook_ca]
    required: true
  state:
    description:
      - V(absent) removes the CA certificates for the webhook server. How the certificate of the webapps is removed is
        not documented.
    type: str
    choices: [present, absent]
    default: present
  path:
    description:
      - PEM file on the host that runs the module.
      - For O(kind=external) the order is private key, server certificate, one or more intermediate certificates.
    type: path
  content:
    description: The PEM text itself, instead of O(path).
    type: str
  force:
    description:
      - Upload the certificate of the webapps also where all of O(endpoints) present it.
      - The client may hold another one that they present from their next start on, or other intermediate certificates.
    type: bool
    default: false
  minimum_days:
    description: Days that every certificate must at least be valid from now on.
    type: int
    default: 1
requirements:
  - cryptography (Python library)
author:
  - wabiz.onprem contributors (@wabiz-onprem)
"""

EXAMPLES = r"""
- name: Give the webapps a certificate of our own
  wabiz.onprem.certificate:
    endpoints: [https://web1.example.net:9090, https://web2.example.net:9090]
    ca_path: /etc/wabiz/ca.pem
    username: admin
    password: "{{ vault_admin_password }}"
    kind: external
    content: "{{ vault_webapp_key ~ webapp_certificate ~ webapp_intermediates }}"
  register: result

- name: Trust our own webhook server
  wabiz.onprem.certificate:
    endpoints: [https://web1.example.net:9090]
    ca_path: /etc/wabiz/ca.pem
    username: admin
    password: "{{ vault_admin_password }}"
    kind: webhook_ca
    path: /etc/ssl/our-ca.pem
"""

RETURN = r"""
certificates:
  description: Subject, issuer, dates and SHA-256 fingerprint of each certificate, in the order of the PEM file.
  returned: when O(state=present)
  type: list
  elements: dict
days_left:
  description: Days until the first of them expires.
  returned: when O(state=present)
  type: int
  sample: 364
names:
  description: Host names and addresses that the webapps' certificate is valid for.
  returned: when O(state=present) and O(kind=external)
  type: list
  elements: str
  sample: [web1.example.net, web2.example.net]
untrusted:
  description:
    - Why the CA certificates in O(ca_path) do not verify the webapps' certificate; empty where they do, or there is no
      O(ca_path).
  returned: when O(state=present) and O(kind=external)
  type: str
  sample: unable to get local issuer certificate
unseen:
  description: Those of O(endpoints) whose certificate could not be looked at, so that it counts as another one.
  returned: when O(state=present) and O(kind=external)
  type: list
  elements: str
  sample: []
missing_library:
  description: The Python library that the module's host lacks.
  returned: on failure, where one is missing
  type: str
  sample: cryptography
restart_required:
  description: What must be restarted, V(webapp) or V(coreapp), or nothing.
  returned: success
  type: list
  elements: str
  sample: [webapp]
"""

import datetime as dt
from pathlib import Path
from typing import Any

from ansible.module_utils.basic import missing_required_lib
from ansible_collections.wabiz.onprem.plugins.module_utils._api.api_module import ApiModule
from ansible_collections.wabiz.onprem.plugins.module_utils._api.connection import presented_certificate
from ansible_collections.wabiz.onprem.plugins.module_utils._api.errors import ApiError, Refusal
from ansible_collections.wabiz.onprem.plugins.module_utils._api.local_file import read_text
from ansible_collections.wabiz.onprem.plugins.module_utils._api.trial import objection
from ansible_collections.wabiz.onprem.plugins.module_utils._formats import pem
from ansible_collections.wabiz.onprem.plugins.module_utils._formats.unfit import Unfit

EXTERNAL_PATH = "/v1/certificates/external"
WEBHOOK_PATH = "/v1/certificates/webhooks/ca"
EARLY_WARNING_DAYS = 30


def load(module: ApiModule) -> str:
    """Return the PEM text."""
    if module.params["content"] is not None:
        return str(module.params["content"])
    return read_text(Path(module.params["path"]))


def present(module: ApiModule) -> dict[str, Any]:
    """Upload the certificate where it differs."""
    external = module.params["kind"] == "external"
    text = load(module)
    now = dt.datetime.now(dt.timezone.utc)
    until = now + dt.timedelta(days=module.params["minimum_days"])
    faults = pem.external_faults(text, now) if external else pem.bundle_faults(text, now)
    if faults:
        raise Refusal(f"the PEM file is not uploaded. {' '.join(faults)}")
    text = pem.tidied(text)
    chain = pem.certificates(text)
    ending = [item for item in chain if item.ends <= until]
    if ending:
        raise Refusal(
            f"less than {module.params['minimum_days']} days left: {', '.join(item.subject for item in ending)}"
        )
    left = pem.days_left(chain, now) or 0
    if left < EARLY_WARNING_DAYS:
        module.warn(f"A certificate expires in {left} days.")
    result = {"certificates": [item.as_dict() for item in chain], "days_left": left}
    if external:
        result["names"] = pem.names(chain[0])
        given = module.params["ca_path"]
        result["untrusted"] = objection(text, given, module.tmpdir) if given else ""
    return {**result, **(upload_external(module, text, chain) if external else upload_webhook(module, text, chain))}


def upload_external(module: ApiModule, text: str, chain: list[pem.Certificate]) -> dict[str, Any]:
    """Upload the certificate of the webapps, unless all of them present it already."""
    before = {}
    for address in module.params["endpoints"]:
        der = presented_certificate(address, module.params["server_hostname"], module.params["timeout"])
        before[address] = pem.from_der(der).as_dict() if der else None
    after = chain[0].as_dict()
    unseen = [address for address, facts in before.items() if facts is None]
    if all(facts == after for facts in before.values()) and not module.params["force"]:
        return {"restart_required": [], "unseen": unseen}
    if not module.check_mode:
        module.session.call("POST", EXTERNAL_PATH, text=text, repeatable=True)
    change = module.difference(before, dict.fromkeys(before, after))
    return {"changed": True, "restart_required": ["webapp"], "unseen": unseen, **change}


def upload_webhook(module: ApiModule, text: str, chain: list[pem.Certificate]) -> dict[str, Any]:
    """Upload the CA certificates for the webhook server, unless the client has them already."""
    before = known(webhook_ca(module))
    after = [item.as_dict() for item in chain]
    if sorted(map(str, before)) == sorted(map(str, after)):
        return {"restart_required": []}
    if not module.check_mode:
        module.session.call("POST", WEBHOOK_PATH, text=text, repeatable=True)
    return {"changed": True, "restart_required": ["coreapp"], **module.difference(before, after)}


def absent(module: ApiModule) -> dict[str, Any]:
    """Remove the CA certificates for the webhook server."""
    if module.params["kind"] == "external":
        raise Refusal(
            "the vendor does not document how the webapps' certificate is removed",
            remedy="Upload another one with state=present.",
        )
    text = webhook_ca(module)
    if text is None:
        return {"restart_required": []}
    if not module.check_mode:
        try:
            module.session.call("DELETE", WEBHOOK_PATH)
        except ApiError as error:
            # Removed in between, perhaps by a request of ours whose answer was lost.
            if error.status != 404:
                raise
    return {"changed": True, "restart_required": ["coreapp"], **module.difference(known(text), [])}


def webhook_ca(module: ApiModule) -> str | None:
    """Return the PEM text that the client has, or None; a 404 comes with and without an error in it."""
    try:
        return module.session.get(WEBHOOK_PATH, json_expected=False).text
    except ApiError as error:
        if error.status != 404:
            raise
        return None


def known(text: str | None) -> list[dict[str, str]]:
    """Return the facts of the client's certificates; unreadable ones count as none."""
    try:
        return [item.as_dict() for item in pem.certificates(text or "")]
    except Unfit:
        return []


def main() -> None:
    """Run the module."""
    module = ApiModule(
        {
            "kind": {"type": "str", "choices": ["external", "webhook_ca"], "required": True},
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "path": {"type": "path"},
            "content": {"type": "str", "no_log": True},
            "force": {"type": "bool", "default": False},
            "minimum_days": {"type": "int", "default": 1},
        },
        mutually_exclusive=[("path", "content")],
        required_if=[("state", "present", ("path", "content"), True)],
    )
    if pem.CRYPTOGRAPHY_IMPORT_ERROR is not None:
        lacking = "cryptography"
        module.fail_json(
            msg=missing_required_lib(lacking), missing_library=lacking, exception=pem.CRYPTOGRAPHY_IMPORT_ERROR
        )
    module.run(present if module.params["state"] == "present" else absent)


if __name__ == "__main__":
    main()
