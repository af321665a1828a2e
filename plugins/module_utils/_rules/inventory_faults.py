# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What may be wrong with a cluster that an inventory describes; playbooks and their variables are named here."""

from __future__ import annotations

import typing as t
from dataclasses import replace

from ansible_collections.wabiz.onprem.plugins.module_utils._rules import cluster_faults, sharding
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.findings import Finding


def silent(reason: str) -> Finding:
    """No webapp answers for the cluster."""
    return Finding(
        "",
        f"The API does not answer: {reason.rstrip('.')}.",
        "Check webapps, masters and the database; where nothing runs yet, run site.yml.",
    )


def unregistered(fatal: bool = True) -> Finding:
    """As in cluster_faults, with the playbook that registers."""
    return replace(
        cluster_faults.unregistered(fatal), remedy="Register the phone number (playbook wabiz.onprem.register)."
    )


def not_in_use(health: t.Mapping[str, t.Any]) -> t.Iterator[Finding]:
    """No webapp answers for the cluster, or no number is registered, as far as that is known."""
    registered = (health.get("summary") or {}).get("registered")
    if not health.get("nodes"):
        yield silent(str(health.get("msg") or "it lists no node"))
    elif registered is None:
        yield cluster_faults.registration_unknown(str(health.get("msg") or "no reason given"))
    elif not registered:
        yield unregistered()


def certificate_required(version: str | None) -> Finding:
    """As in sharding, with the variable that holds it."""
    return replace(sharding.certificate_required(version), remedy="Set wabiz_certificate.")


def too_few(shards: int, coreapps: int) -> t.Iterator[Finding]:
    """Each shard needs a coreapp of the inventory."""
    if coreapps < shards:
        problem = f"is {shards} but there are only {coreapps} coreapps."
        yield Finding("", problem, "Add coreapps first.", variable="wabiz_shards")


def shards_unknown() -> Finding:
    """Only an administrator is told."""
    return Finding("", "The API does not report how many shards it has.", "Check wabiz_admin_password.")


def foreign(names: t.Collection[str], fatal: bool = False) -> t.Iterator[Finding]:
    """Nodes that answer and run on no host of the inventory."""
    if names:
        yield Finding(
            "",
            f"Nodes answer that run on no host of the inventory: {', '.join(names)}.",
            "Add their hosts to the inventory (to group retired if they are to be removed), or stop them.",
            fatal=fatal,
        )


def surplus(container: t.Mapping[str, t.Any], fatal: bool = False) -> Finding:
    """A container with the cluster's label that the inventory does not name."""
    problem = f"{container['name']} belongs to the cluster but is not in the inventory."
    return Finding(container["host"], problem, "Add it to the inventory, or remove it with retire.yml.", fatal=fatal)


def registry_remedy(cause: str, registry: str, user: str | None = None) -> str:
    """What helps where a registry gives no image (C(cause): _model/registry_answers.py); empty where that is not known.

    C(user) is the one whose login was given; without one the host's own counts.
    """
    if cause == "login" and user:
        return (
            f"Check wabiz_registry_user and wabiz_registry_password: {registry} refuses user {user}, or {user} may not "
            "pull this image."
        )
    remedies = {
        "login": (
            f"{registry} asks for a login: set wabiz_registry_user and wabiz_registry_password, or log in on the host "
            f"as root (docker login {registry})."
        ),
        "helper": (
            "The configuration of root on the host (~/.docker/config.json) names a credential helper that does not "
            "work: correct it, or set wabiz_registry_user and wabiz_registry_password."
        ),
        "untrusted": (f"Put the CA certificate of {registry} into /etc/docker/certs.d/{registry}/ca.crt on the host."),
        "missing": (
            "Check wabiz_registry and wabiz_version (for the database's server wabiz_database_images), and "
            "wabiz_image_digests where images are pinned."
        ),
    }
    return remedies.get(cause, "")


def unread_messages(stated: bool) -> t.Iterator[Finding]:
    """Inbound messages have to be read before a collection, and only the operator knows."""
    if not stated:
        yield Finding(
            "",
            "Inbound messages have to be marked as read before old messages are removed.",
            "Mark them as read, then say so with wabiz_message_gc_read: true.",
        )
