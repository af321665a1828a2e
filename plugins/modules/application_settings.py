#!/usr/bin/python
# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: application_settings
short_description: Change the application settings of a WhatsApp Business API client
version_added: 0.1.0
description:
  - Sends only the settings that differ, reads them back, and says which of them take effect after a restart.
  - Settings that are not named are left alone.
extends_documentation_fragment:
  - wabiz.onprem.connection
  - wabiz.onprem.authentication
  - wabiz.onprem.attributes
  - wabiz.onprem.attributes.action_group
attributes:
  check_mode:
    support: partial
    details:
      - With O(state=reset) only settings whose default is documented can be predicted.
  diff_mode:
    support: full
  idempotent:
    support: partial
    details:
      - With O(state=present) nothing is sent when nothing differs. The vendor does not say whether a setting that needs
        a restart is reported at once or after the restart; in the second case it is sent again until then.
      - With O(state=reset) the defaults are asked for each time, as not all of them are documented. A change is
        reported when the settings differ afterwards.
options:
  state:
    description: V(reset) brings all settings back to the client's defaults.
    type: str
    choices: [present, reset]
    default: present
  settings:
    description: The settings, as the client names them. Required with O(state=present).
    type: dict
    suboptions:
      callback_backoff_delay_ms:
        description: Milliseconds by which the pause after each failed callback grows.
        type: int
      max_callback_backoff_delay_ms:
        description: Milliseconds that this pause has at most.
        type: int
      callback_persist:
        description: Whether callbacks are kept on disk until they are delivered. Needs a restart of the coreapps.
        type: bool
      heartbeat_interval:
        description: Seconds between two heartbeats from the masters to the coreapps.
        type: int
      unhealthy_interval:
        description: Seconds of silence after which a coreapp loses its shard to a standby.
        type: int
      garbagecollector_enable:
        description: The client's own clean-up. Needs a restart of the coreapps.
        type: dict
        suboptions:
          media:
            description: Whether old media are removed.
            type: bool
          messages:
            description: Whether old messages are removed from the database.
            type: bool
      db_garbagecollector_enable:
        description: Older form of O(settings.garbagecollector_enable.messages). Needs a restart of the coreapps.
        type: bool
      media:
        description: Media.
        type: dict
        suboptions:
          auto_download:
            description: Kinds of media that are fetched as soon as a message arrives.
            type: list
            elements: str
            choices: [image, document, audio, video, voice, sticker]
      webhooks:
        description: Callbacks.
        type: dict
        suboptions:
          url:
            description: HTTPS address to which callbacks go. An empty string clears it.
            type: str
          max_concurrent_requests:
            description: How many callbacks are under way at the same time. Needs a restart of the coreapps.
            type: int
            choices: [6, 12, 18, 24]
          message_events:
            description:
              - Which states of a message are reported, from version 2.41.2 on.
              - The API calls it C(webhooks.message), as do RV(settings) and RV(changed_fields).
            type: dict
            suboptions:
              sent:
                description: Sent.
                type: bool
              delivered:
                description: Delivered.
                type: bool
              read:
                description: Read.
                type: bool
      sent_status:
        description:
          - Whether the state V(sent) is reported; replaced by O(settings.webhooks.message_events) in version 2.41.2.
        type: bool
      pass_through:
        description:
          - Whether messages that the client does not understand are passed on. Needs a restart of the coreapps. It
            cannot be switched on again from version 2.35 on.
        type: bool
      notify_user_change_number:
        description: Whether it is reported that a user changed the phone number.
        type: bool
      show_security_notifications:
        description: Whether it is reported that a user's security code changed.
        type: bool
      verbose_logging:
        description: Whether more is logged.
        type: bool
      log_level:
        description: Log level.
        type: str
      skip_referral_media_download:
        description: Whether media of referrals are not fetched.
        type: bool
      axolotl_context_striping_disabled:
        description: As the client names it; not documented further.
        type: bool
      webhook_payload_conversation_pricingmodel_disabled:
        description: As the client names it; deprecated in version 2.39.
        type: bool
  extra:
    description: Further settings of old or new versions, passed on and compared as they are.
    type: dict
    default: {}
seealso:
  - module: wabiz.onprem.application_settings_info
author:
  - wabiz.onprem contributors (@wabiz-onprem)
"""

EXAMPLES = r"""
- name: Set the webhook and find failing coreapps sooner
  wabiz.onprem.application_settings:
    endpoints: [https://web1.example.net:9090]
    ca_path: /etc/wabiz/ca.pem
    username: admin
    password: "{{ vault_admin_password }}"
    settings:
      unhealthy_interval: 20
      webhooks:
        url: https://hooks.example.net/whatsapp
        max_concurrent_requests: 12
  register: result

- name: Back to the defaults
  wabiz.onprem.application_settings:
    endpoints: [https://web1.example.net:9090]
    ca_path: /etc/wabiz/ca.pem
    username: admin
    password: "{{ vault_admin_password }}"
    state: reset
"""

RETURN = r"""
settings:
  description: The settings at the end of the run (in check mode, as they would be), nested as the client reports them.
  returned: success
  type: dict
changed_fields:
  description: Names of the settings that were changed, with dots between the levels.
  returned: success
  type: list
  elements: str
  sample: [unhealthy_interval, webhooks.url]
restart_required:
  description: What must be restarted for the changes to take effect; V(coreapp) or nothing.
  returned: success
  type: list
  elements: str
  sample: [coreapp]
restart_unknown:
  description: Changed settings for which it is not documented whether a restart is needed.
  returned: success
  type: list
  elements: str
  sample: [unhealthy_interval]
"""

from typing import Any

from ansible_collections.wabiz.onprem.plugins.module_utils._api import application_settings as rules
from ansible_collections.wabiz.onprem.plugins.module_utils._api.api_module import SETTINGS_PATH, ApiModule
from ansible_collections.wabiz.onprem.plugins.module_utils._api.errors import ClientError, Refusal
from ansible_collections.wabiz.onprem.plugins.module_utils._formats.nested import dig, drop_none, flatten, nest

BOOL = {"type": "bool"}
INT = {"type": "int"}

SETTINGS_ARGUMENTS: dict[str, Any] = {
    "callback_backoff_delay_ms": INT,
    "max_callback_backoff_delay_ms": INT,
    "callback_persist": BOOL,
    "heartbeat_interval": INT,
    "unhealthy_interval": INT,
    "garbagecollector_enable": {"type": "dict", "options": {"media": BOOL, "messages": BOOL}},
    "db_garbagecollector_enable": BOOL,
    "media": {
        "type": "dict",
        "options": {
            "auto_download": {
                "type": "list",
                "elements": "str",
                "choices": ["image", "document", "audio", "video", "voice", "sticker"],
            }
        },
    },
    "webhooks": {
        "type": "dict",
        "options": {
            "url": {"type": "str"},
            "max_concurrent_requests": {"type": "int", "choices": [6, 12, 18, 24]},
            "message_events": {"type": "dict", "options": {"sent": BOOL, "delivered": BOOL, "read": BOOL}},
        },
    },
    "sent_status": BOOL,
    "pass_through": {"type": "bool", "no_log": False},
    "notify_user_change_number": BOOL,
    "show_security_notifications": BOOL,
    "verbose_logging": BOOL,
    "log_level": {"type": "str"},
    "skip_referral_media_download": BOOL,
    "axolotl_context_striping_disabled": BOOL,
    "webhook_payload_conversation_pricingmodel_disabled": BOOL,
}


def asked(module: ApiModule) -> dict[str, Any]:
    """Return the settings that the user gave, under the API's names; Ansible refuses an option named message."""
    given = drop_none(module.params["settings"])
    if "message_events" in given.get("webhooks", {}):
        given["webhooks"]["message"] = given["webhooks"].pop("message_events")
    return {**given, **module.params["extra"]}


def present(module: ApiModule) -> dict[str, Any]:
    """Send what differs."""
    module.hide_password(dig(module.params["settings"], "webhooks", "url"))
    wanted = asked(module)
    current, answer = module.application_settings()
    found = rules.changes(current, wanted)
    faults = rules.faults(current, wanted, answer.version)
    if faults:
        raise Refusal(f"the settings are not sent: {' '.join(faults)}")
    if not found:
        return report(module, current, [])
    if module.check_mode:
        return report(module, nest({**flatten(current), **flatten(wanted)}), found)
    module.session.call("PATCH", SETTINGS_PATH, rules.body(found))
    after = module.application_settings()[0]
    waiting = {*rules.needs_restart(found), *rules.restart_unknown(found)}
    ignored = [change.field for change in rules.changes(after, wanted) if change.field not in waiting]
    if ignored:
        raise ClientError(
            f"the client did not take over {', '.join(ignored)}",
            endpoint=f"PATCH {SETTINGS_PATH}",
            host=answer.host,
            remedy="Check that this version of the client knows these settings.",
        )
    return report(module, after, found)


def reset(module: ApiModule) -> dict[str, Any]:
    """Ask for the defaults."""
    current = module.application_settings()[0]
    if module.check_mode:
        flat = flatten(current)
        known = {field: value for field, value in rules.DOCUMENTED_DEFAULTS.items() if field in flat}
        after = nest({**flat, **known})
    else:
        module.session.call("DELETE", SETTINGS_PATH)
        after = module.application_settings()[0]
    fields = {*flatten(current), *flatten(after)}
    wanted = {field: flatten(after).get(field) for field in fields}
    return report(module, after, rules.changes(current, wanted))


def report(module: ApiModule, settings: dict[str, Any], found: list[rules.Change]) -> dict[str, Any]:
    """Return the result."""
    restart = rules.needs_restart(found)
    change = module.difference(rules.view(found, "before"), rules.view(found, "after"))
    return {
        "changed": bool(found),
        "settings": settings,
        "changed_fields": [item.field for item in found],
        "restart_required": ["coreapp"] if restart else [],
        "restart_unknown": rules.restart_unknown(found),
        **change,
    }


def main() -> None:
    """Run the module."""
    module = ApiModule(
        {
            "state": {"type": "str", "choices": ["present", "reset"], "default": "present"},
            "settings": {"type": "dict", "options": SETTINGS_ARGUMENTS},
            "extra": {"type": "dict", "default": {}},
        },
        required_if=[("state", "present", ("settings",))],
    )
    module.run(present if module.params["state"] == "present" else reset)


if __name__ == "__main__":
    main()
