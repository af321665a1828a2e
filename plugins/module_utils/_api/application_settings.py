# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Comparing settings: what differs, what to send, what must be restarted afterwards. Pure functions."""

from __future__ import annotations

from typing import Any, NamedTuple

from ansible_collections.wabiz.onprem.plugins.module_utils._formats.nested import flatten, nest
from ansible_collections.wabiz.onprem.plugins.module_utils._model import version as versions
from ansible_collections.wabiz.onprem.plugins.module_utils._model.heartbeat import (
    HEARTBEAT_INTERVAL,
    UNHEALTHY_INTERVAL,
)

COREAPP_RESTART = frozenset(
    {
        "callback_persist",
        "db_garbagecollector_enable",
        "garbagecollector_enable.media",
        "garbagecollector_enable.messages",
        "pass_through",
        "webhooks.max_concurrent_requests",
    }
)

# The vendor's documents do not say whether these need a restart.
RESTART_UNKNOWN = frozenset(
    {
        "axolotl_context_striping_disabled",
        "heartbeat_interval",
        "log_level",
        "notify_user_change_number",
        "show_security_notifications",
        "skip_referral_media_download",
        "unhealthy_interval",
        "verbose_logging",
        "webhook_payload_conversation_pricingmodel_disabled",
    }
)

DOCUMENTED_DEFAULTS: dict[str, Any] = {
    "callback_backoff_delay_ms": 3000,
    "callback_persist": True,
    "garbagecollector_enable.media": False,
    "garbagecollector_enable.messages": True,
    "heartbeat_interval": HEARTBEAT_INTERVAL,
    "log_level": "info",
    "max_callback_backoff_delay_ms": 900000,
    "sent_status": False,
    "unhealthy_interval": UNHEALTHY_INTERVAL,
    "verbose_logging": False,
    "webhooks.max_concurrent_requests": 6,
    "webhooks.url": "",
}

POSITIVE = ("callback_backoff_delay_ms", "max_callback_backoff_delay_ms", "heartbeat_interval", "unhealthy_interval")


class Change(NamedTuple):
    """One setting, named by its dotted path, and its values."""

    field: str
    before: Any
    after: Any


def same(one: Any, other: Any) -> bool:
    """Compare two values of a setting: numbers may be strings, lists have no order, an unset address is empty."""
    return _comparable(one) == _comparable(other)


def _comparable(value: Any) -> Any:
    if isinstance(value, bool):
        return ("bool", value)
    if isinstance(value, (int, float)):
        return ("number", float(value))
    if isinstance(value, str) and value.isdecimal():
        return ("number", float(value))
    if isinstance(value, list):
        return ("list", sorted(str(item) for item in value))
    return ("text", value or "")


def changes(current: dict[str, Any], wanted: dict[str, Any]) -> list[Change]:
    """Return what differs between nested C(current) and the settings in C(wanted), by field name."""
    now = flatten(current)
    return [
        Change(field, now.get(field), value)
        for field, value in sorted(flatten(wanted).items())
        if not same(now.get(field), value)
    ]


def body(found: list[Change]) -> dict[str, Any]:
    """Return the nested object to send: only what differs."""
    return nest({change.field: change.after for change in found})


def view(found: list[Change], when: str) -> dict[str, Any]:
    """Return the values C(before) or C(after), for a diff."""
    return {change.field: getattr(change, when) for change in found}


def needs_restart(found: list[Change]) -> list[str]:
    """Return the changed fields that take effect after a restart of the coreapps."""
    return [change.field for change in found if change.field in COREAPP_RESTART]


def restart_unknown(found: list[Change]) -> list[str]:
    """Return the changed fields for which it is not documented whether a restart is needed."""
    return [change.field for change in found if change.field in RESTART_UNKNOWN]


def faults(current: dict[str, Any], wanted: dict[str, Any], version: str | None) -> list[str]:
    """Return what the client would refuse or misunderstand, as sentences."""
    flat = flatten(wanted)
    found = [f"{field} must be more than 0." for field in POSITIVE if field in flat and not flat[field] > 0]
    url = flat.get("webhooks.url")
    if url and not url.startswith("https://"):
        found.append("webhooks.url must start with https://, or be empty to clear it.")
    if version is None:
        return found
    if flat.get("pass_through") and not current.get("pass_through") and versions.pass_through_removable_only(version):
        found.append("pass_through cannot be switched on again from 2.35 on.")
    if "webhooks.message" in {field.rpartition(".")[0] for field in flat} and not versions.message_events_supported(
        version
    ):
        found.append("webhooks.message needs 2.41.2; use sent_status before that.")
    return found
