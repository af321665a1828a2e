# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The base of all API modules: common options, session, errors as results, check mode and diff."""

from __future__ import annotations

import re
from typing import Any, Callable
from urllib.parse import quote

from ansible.module_utils.basic import AnsibleModule, missing_required_lib
from ansible_collections.wabiz.onprem.plugins.module_utils._api.authentication import Session
from ansible_collections.wabiz.onprem.plugins.module_utils._api.client import Answer, Client
from ansible_collections.wabiz.onprem.plugins.module_utils._api.connection import (
    REQUESTS_IMPORT_ERROR,
    Connection,
    ConnectionOptions,
)
from ansible_collections.wabiz.onprem.plugins.module_utils._api.errors import (
    ApiError,
    ClientError,
    OutcomeUnknown,
    Refusal,
)
from ansible_collections.wabiz.onprem.plugins.module_utils._api.polling import Outcome, poll
from ansible_collections.wabiz.onprem.plugins.module_utils._api.retry import RetryPolicy
from ansible_collections.wabiz.onprem.plugins.module_utils._api.sessions import (
    connection_options,
    open_session,
    passwords_in,
    read_health,
)
from ansible_collections.wabiz.onprem.plugins.module_utils._formats.nested import dig
from ansible_collections.wabiz.onprem.plugins.module_utils._formats.unfit import Unfit
from ansible_collections.wabiz.onprem.plugins.module_utils._model import health as healths

CONNECTION_ARGUMENTS: dict[str, dict[str, Any]] = {
    "endpoints": {"type": "list", "elements": "str", "required": True},
    "validate_certs": {"type": "bool", "default": True},
    "ca_path": {"type": "path"},
    "client_cert": {"type": "path"},
    "client_key": {"type": "path", "no_log": False},
    "server_hostname": {"type": "str"},
    # The address may hold a password.
    "proxy": {"type": "str", "no_log": True},
    "timeout": {"type": "float", "default": ConnectionOptions.timeout},
    "retries": {"type": "int", "default": RetryPolicy.retries},
    "retry_delay": {"type": "float", "default": RetryPolicy.delay},
}

AUTHENTICATION_ARGUMENTS: dict[str, dict[str, Any]] = {
    "api_key": {"type": "str", "no_log": True},
    "token": {"type": "str", "no_log": True},
    "username": {"type": "str"},
    "password": {"type": "str", "no_log": True},
}

WAIT_ARGUMENTS: dict[str, dict[str, Any]] = {
    "wait_timeout": {"type": "float", "default": 300.0},
    "wait_interval": {"type": "float", "default": 5.0},
}

# A request whose answer was lost may still be at work, so the state is read back for that long, within wait_timeout.
READ_BACK_SECONDS = 60.0

SETTINGS_PATH = "/v1/settings/application"

NUMBER_FORMATS = {
    "cc": (r"[1-9][0-9]{0,2}", "1 to 3 digits, without +"),
    "phone_number": (r"[0-9]{4,14}", "4 to 14 digits, without country code and +"),
    "pin": (r"[0-9]{6}", "6 digits"),
    "code": (r"[0-9]{3}-?[0-9]{3}", "6 digits, with or without a hyphen in the middle"),
}


class ApiModule(AnsibleModule):
    """An Ansible module with the connection and authentication options and one session."""

    def __init__(self, argument_spec: dict[str, Any] | None = None, **options: Any) -> None:
        options.setdefault("supports_check_mode", True)
        options["required_together"] = [*options.get("required_together", []), ("username", "password")]
        options["required_by"] = {**options.get("required_by", {}), "client_key": ("client_cert",)}
        spec = {**CONNECTION_ARGUMENTS, **AUTHENTICATION_ARGUMENTS, **(argument_spec or {})}
        super().__init__(argument_spec=spec, **options)
        # A secret of blanks only would take every blank out of what is said.
        self.no_log_values.difference_update([value for value in self.no_log_values if not value.strip()])
        self._session: Session | None = None
        self._hide_passwords(self.params)

    def fail_json(self, msg: str, **more: Any) -> None:
        """Fail, with the passwords in addresses hidden also where Ansible refuses the options before all else."""
        self._hide_passwords(getattr(self, "params", None))
        super().fail_json(msg, **more)

    @property
    def session(self) -> Session:
        """Return the session, made at the first use. Raises ClientError for unusable options."""
        return self.open_session()

    def open_session(self) -> Session:
        """Make the session where there is none yet, and return it. Raises ClientError for unusable options."""
        if self._session is None:
            self._session = self._open()
        return self._session

    @property
    def client(self) -> Client:
        """Return the client without authentication, for logging in and out."""
        return self.session.client

    def _open(self) -> Session:
        if not self.params["validate_certs"]:
            self.warn(
                "validate_certs is false: the webapp's identity is not checked, and secrets may go to someone else."
            )
        return open_session(self.params, self.no_log_values.add)

    def alone(self, endpoint: str) -> Client:
        """Return a client of one webapp that repeats nothing, to learn about that webapp. Raises ClientError."""
        return Client([Connection(endpoint, connection_options(self.params))], RetryPolicy(retries=0))

    def difference(self, before: Any, after: Any) -> dict[str, Any]:
        """Return the C(diff) part of a result, empty outside diff mode."""
        return {"diff": {"before": before, "after": after}} if self._diff else {}

    def run(self, work: Callable[[ApiModule], dict[str, Any]]) -> None:
        """Do the module's work and exit with its result, or fail with the structured error."""
        if REQUESTS_IMPORT_ERROR is not None:
            self.fail_json(msg=missing_required_lib("requests"), exception=REQUESTS_IMPORT_ERROR)
        try:
            result = work(self)
        except (ClientError, Unfit) as error:
            self._close()
            failure = Refusal.of(error) if isinstance(error, Unfit) else error
            self.fail_json(msg=str(failure), error=failure.as_dict(), **failure.result)
        self._close()
        self.exit_json(**{"changed": False, **result})

    def _close(self) -> None:
        if self._session is not None:
            self._session.close()

    def health(self, **options: Any) -> tuple[healths.Health, Answer]:
        """Read the cluster's health; options as in Session.call. Raises ClientError."""
        return read_health(self.session, **options)

    def shards(self, **options: Any) -> tuple[int, Answer]:
        """Read the number of shards that is set; options as in Session.call. Raises ClientError."""
        answer = self.session.get("/v1/account/shards", **options)
        number = dig(answer.data, "account", "shards")
        if not re.fullmatch("[0-9]{1,9}", str(number)):
            raise ClientError("the answer holds no number", endpoint="GET /v1/account/shards", host=answer.host)
        return int(number), answer

    def application_settings(self) -> tuple[dict[str, Any], Answer]:
        """Read the application settings. Raises ClientError."""
        answer = self.session.get(SETTINGS_PATH)
        found = dig(answer.data, "settings", "application")
        if not isinstance(found, dict):
            raise ClientError("the answer holds no settings", endpoint=f"GET {SETTINGS_PATH}", host=answer.host)
        self.hide_password(dig(found, "webhooks", "url"))
        return found, answer

    def _hide_passwords(self, value: Any) -> None:
        """Keep the passwords in all addresses among the options out of the module's output."""
        if isinstance(value, dict):
            value = list(value.values())
        if isinstance(value, list):
            for item in value:
                self._hide_passwords(item)
        self.hide_password(value)

    def hide_password(self, address: Any) -> None:
        """Keep the password in an address out of the module's output."""
        self.no_log_values.update(passwords_in(address))

    def read_back(self, unknown: OutcomeUnknown, look: Callable[[], str | None], advice: str) -> None:
        """After a request that may have been carried out: return where the state shows that it was.

        C(look) asks for the state and says what it finds, or returns None where it is the wanted one. Where that does
        not come the error is raised again, with what was found and C(advice). The request is never repeated.
        """
        outcome: Outcome[str | None] = Outcome()
        try:
            outcome = poll(
                look,
                lambda found: found is None,
                timeout=min(self.params.get("wait_timeout", 0.0), READ_BACK_SECONDS),
                interval=self.params.get("wait_interval", 0.0),
            )
        except ClientError as error:
            outcome.error = error
        if outcome.error is not None:
            raise unknown.advised(f"The state cannot be read: {outcome.error} {advice}") from unknown
        if not outcome.done:
            raise unknown.advised(f"Read after {outcome.seconds:.0f} s: {outcome.found} {advice}") from unknown
        self.warn(
            f"{unknown.endpoint} at {unknown.host}: {unknown.cause.message.rstrip('.')}. It was not sent again; the"
            " state that was read is the wanted one, so the run continues."
        )

    def user(self, name: str) -> dict[str, Any] | None:
        """Return name and role of a user, or None where there is none. Raises ClientError."""
        try:
            answer = self.session.get(f"/v1/users/{quote(name, safe='')}")
        except ApiError as error:
            if error.status != 404:
                raise
            return None
        users = answer.data.get("users")
        found = users[0] if isinstance(users, list) and users and isinstance(users[0], dict) else {}
        return {"name": name, "role": found.get("ROLES")}

    def unregistered(self) -> str | None:
        """Say what the health shows, or return None where it shows a registered number. Raises ClientError."""
        found = self.health(patient=False)[0]
        return None if found.registered else f"the health does not show a registered number ({found})."

    def wait_registered(self) -> Outcome[healths.Health]:
        """Read the health until it shows a registered number or C(wait_timeout) is over. Raises ClientError."""
        return poll(
            lambda: self.health(patient=False)[0],
            lambda found: found.registered is True,
            timeout=self.params["wait_timeout"],
            interval=self.params["wait_interval"],
        )

    def check_number(self) -> None:
        """Refuse options of a phone number that the client could only answer with an error.

        The values are not repeated, as some are secret.
        """
        for option, (pattern, meaning) in NUMBER_FORMATS.items():
            value = self.params.get(option)
            if value is not None and not re.fullmatch(pattern, value):
                raise Refusal(f"{option} has the wrong form", remedy=f"It must be {meaning}.")

    def require_registration(self, purpose: str) -> healths.Health:
        """Return the health of a cluster with a registered number; raise Refusal for another."""
        found = self.health()[0]
        if not found.registered:
            raise Refusal(f"{purpose} needs a registered phone number. State: {found}", remedy="Register it first.")
        return found


class WaitFailed(Refusal):
    """The state that was waited for did not come."""

    def __init__(self, message: str, result: dict[str, Any]) -> None:
        super().__init__(message)
        self.result = result


def last_words(outcome: Outcome[Any], found: Any) -> str:
    """Say what the last question of a polling found, or why it was not answered."""
    if outcome.error is not None:
        return f"The last query failed: {outcome.error}"
    return f"Last state: {found}."
