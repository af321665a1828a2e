# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What speaks against a rotation of the client's secrets."""

from __future__ import annotations

import typing as t

from ansible_collections.wabiz.onprem.plugins.module_utils._formats.addresses import is_address
from ansible_collections.wabiz.onprem.plugins.module_utils._plans import rotations
from ansible_collections.wabiz.onprem.plugins.module_utils._plans.secrets.situation import (
    OTHER,
    REFUSED,
    UNKNOWN,
    Situation,
    services_of,
)
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.certificate_names import valid_for
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.findings import Finding

Findings = t.Iterator[Finding]
_VARIABLES = {"jwt_key": "wabiz_jwt_key", "secret": "wabiz_secret"}


def findings(found: Situation) -> Findings:
    """Both sides of a secret are changed together, so all hosts have to be seen."""
    yield from rotations.findings(found.facts, found.changing, "secrets.json", services_of)
    yield from _admin(found)
    yield from _certificates(found)
    yield from _interruption(found)
    yield from _hints(found)


def _admin(found: Situation) -> Findings:
    told = found.facts.secrets.get("admin") or {}
    if found.admin == REFUSED:
        yield Finding(
            "",
            "The client accepts neither wabiz_admin_password nor wabiz_old_admin_password.",
            "Set the one to the password that is wanted and the other to the present one.",
            variable="wabiz_admin_password",
        )
    elif found.admin == UNKNOWN:
        reason = str(told.get("msg") or "it was not asked").rstrip(".")
        # What no client was asked does not come by waiting for one.
        if (error := told.get("error")) and not error.get("endpoint"):
            yield Finding("", f"The password of admin cannot be tried: {reason}.", "Correct it first.")
            return
        yield Finding(
            "",
            f"The client does not answer: {reason}.",
            "An interruption that has begun is finished all the same; what else is due is done by the next run."
            if found.begun
            else "Run status.yml, and site.yml where nodes do not run.",
            # In its middle webapps and coreapps do not understand each other.
            fatal=not found.begun,
        )


def _certificates(found: Situation) -> Findings:
    asking = found.facts.setting("api_delegate_to") or "the first webapp's host"
    if found.lacking:
        problem = f"No certificate can be looked at: {asking} has no Python library {found.lacking}."
        remedy = f"Install python3-{found.lacking} there. Without --check the run does that itself on a cluster's host."
        yield Finding("", problem, remedy, fatal=not found.begun)
    for variable, said in found.faults:
        problem = f"cannot be given to the client: {said.rstrip('.')}."
        yield Finding("", problem, "Correct it.", variable=variable, fatal=not found.begun)
    if "webapp" in found.noted and not found.compared:
        yield Finding(
            "",
            "is not set, and an earlier run was about to give the client one, which webapps present from their next "
            "start on.",
            "Set it to the one that is wanted. If the client has refused the other one, remove secrets.json instead.",
            variable="wabiz_webapp_certificate",
            fatal=not found.begun,
        )
    if found.unseen:
        yield Finding(
            "",
            f"cannot be compared: {asking} reaches no webapp at its own address, only what is in front of them.",
            "Let it reach the webapps' ports, or leave out wabiz_api_delegate_to for this run.",
            variable="wabiz_webapp_certificate",
        )
    elif found.webapps and not found.facts.setting("api_ca_path"):
        yield Finding(
            "",
            "is needed where the webapps get a certificate of another CA: modules and balancers verify by it.",
            "Name a file that holds the CA of the new certificate and the one of the present certificate.",
            variable="wabiz_api_ca_path",
        )
    elif found.webapps and found.facts.setting("api_endpoints") and found.facts.topology["groups"].get("loadbalancer"):
        yield Finding(
            "",
            "is set, so the balancers verify the webapps by the CA that these have made, and not by wabiz_api_ca_path.",
            "Leave it out for this run: the modules then ask the webapps themselves.",
            variable="wabiz_api_endpoints",
        )
    elif found.webapps and found.untrusted and not found.facts.setting("api_endpoints"):
        yield Finding(
            "",
            f"does not verify the certificate that the webapps are to present: {found.untrusted}.",
            "Add the CA certificate of the new certificate to that file, or correct the intermediate certificates.",
            variable="wabiz_api_ca_path",
        )

    yield from _names(found)


def _names(found: Situation) -> Findings:
    """While webapps present either certificate they are reached by the names that both have."""
    balanced = bool(found.facts.topology["groups"].get("loadbalancer"))
    given = found.facts.setting("api_server_hostname")
    by_modules = not found.facts.setting("api_endpoints")
    for address, names in found.offered.items():
        unknown = not valid_for(names, address)
        if unknown and balanced and not is_address(address):
            who, remedy = "the balancers reach it", "Take a certificate that names every webapp."
        elif unknown and by_modules and not (given and valid_for(names, given)):
            who = "the API modules reach it"
            remedy = "Take a certificate that names every webapp, or set wabiz_api_server_hostname to a name in it."
        else:
            continue
        problem = f"is not valid for {address}, by which {who}; it is for {', '.join(names) or 'no name'}."
        yield Finding("", problem, remedy, variable="wabiz_webapp_certificate")


def _interruption(found: Situation) -> Findings:
    cluster = found.facts.topology["cluster"]
    if found.interrupting and found.facts.setting("rotate_interrupt") != cluster:
        names = " and ".join(_VARIABLES[name] for name in found.interrupting)
        yield Finding(
            "",
            f"Another {names} interrupts the service.",
            f"wabiz_rotate_interrupt: {cluster} says that it may. Or set the old value again.",
        )


def _hints(found: Situation) -> Findings:
    if "api_key" in found.pending:
        problem = "Whoever asks with the old API key is refused by each webapp from its replacement on."
        yield Finding("", problem, "Give monitoring the new key at the same time.", fatal=False)
    if found.admin == OTHER and "jwt_key" not in found.pending:
        problem = "Tokens that were made with the old password stay valid for up to 7 days."
        yield Finding("", problem, "Another wabiz_jwt_key ends all of them.", fatal=False)
