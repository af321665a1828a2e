# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What can go wrong on the way to the client, each with a remedy."""

from __future__ import annotations

import re
from typing import Any

from ansible_collections.wabiz.onprem.plugins.module_utils._api.retry import retryable
from ansible_collections.wabiz.onprem.plugins.module_utils._formats.excerpt import shorten
from ansible_collections.wabiz.onprem.plugins.module_utils._formats.unfit import Unfit
from ansible_collections.wabiz.onprem.plugins.module_utils._model.client_errors import ErrorItem

REMEDY_BY_CODE: dict[int, str] = {
    1000: "Check the coreapp logs; the client gives no reason.",
    1004: "The resource exists already; nothing has to be created.",
    1005: "Use the admin account; check certificate, media directory and expiry date of the client version.",
    1006: "Check the name: the client has no such resource.",
    1008: "A required parameter is missing for this version of the client.",
    1009: "Correct the value that the details name.",
    1010: "Remove the parameter that the details name.",
    1011: "The coreapp or master is not ready; wait, and check its log if that does not change.",
    1013: "Check the user name.",
    1014: "Check that masters and coreapps run and that webapps reach their ports 6250-6253; see the webapp's log.",
    1015: "Too many requests; make fewer or wait longer between them.",
    1016: "The queues are full; slow down the senders and check the webhook server.",
    1017: "No primary master answered; check that at least one master is running and healthy.",
    1018: "A shard is being moved to another coreapp; wait for the failover to end.",
    1022: "Set webhooks.url in the application settings.",
    1023: "Check the database server, its free connections and its disk.",
    1024: "Change the initial password first: wabiz.onprem.token with new_password.",
    1025: "The request does not fit this version of the client.",
    1031: "The account is locked; contact the vendor's support.",
}

REMEDY_BY_STATUS: dict[int, str] = {
    400: "Correct the value that the details name.",
    401: "Check the user and password, the token (it is valid for 7 days) or the API key.",
    403: "Use the admin account.",
    404: "The resource or this endpoint does not exist in this version of the client.",
    429: REMEDY_BY_CODE[1015],
}

_REMEDY_BY_DETAIL = (
    ("please wait", "Wait that long before asking again; each further attempt may extend the waiting time."),
    (
        "biz_link_on_prem_reg_blocked",
        "The vendor stopped registering numbers for this API in May 2024; this cannot be fixed here.",
    ),
    (
        "expired",
        "If the client version has expired, upgrade it; if it is the certificate, get a new one from Business Manager.",
    ),
    ("registration failed", "Check the code and the verified-name certificate, then request a new code."),
)

_WAIT = re.compile(r"(\d{1,6})\s*(day|hour|minute|second)", re.IGNORECASE)
_SECONDS = {"day": 86400, "hour": 3600, "minute": 60, "second": 1}


def wait_seconds(details: str) -> int | None:
    """Return the waiting time in seconds that a "Please wait N hour(s) M minute(s)" text names, or None."""
    if "wait" not in details.lower():
        return None
    parts = _WAIT.findall(details)
    return sum(int(number) * _SECONDS[unit.lower()] for number, unit in parts) if parts else None


def remedy_for(status: int, code: int | None, details: str) -> str:
    """Say what an operator can do about an answer with this HTTP status, error code and detail text."""
    lowered = details.lower()
    for fragment, remedy in _REMEDY_BY_DETAIL:
        if fragment in lowered:
            return remedy
    if code is not None and code in REMEDY_BY_CODE:
        return REMEDY_BY_CODE[code]
    return REMEDY_BY_STATUS.get(status, "See the webapp's log (/var/log/whatsapp/web.log) for the reason.")


class ClientError(Exception):
    """A call failed. C(temporary) says whether the same call may succeed later. C(result) becomes part of the module's
    result."""

    temporary = False

    def __init__(self, message: str, *, endpoint: str = "", host: str = "", remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.endpoint = endpoint
        self.host = host
        self.remedy = remedy
        self.result: dict[str, Any] = {}

    def __str__(self) -> str:
        place = " at ".join(part for part in (self.endpoint, self.host) if part)
        text = f"{place}: {self.message}" if place else self.message
        return f"{text.rstrip('.')}. {self.remedy}".strip()

    def as_dict(self) -> dict[str, Any]:
        """Return the error for a module's result."""
        return {"message": self.message, "endpoint": self.endpoint, "host": self.host, "remedy": self.remedy}


class Refusal(ClientError):
    """This collection refuses to make a call, because the call would do harm or cannot work."""

    @classmethod
    def of(cls, unfit: Unfit) -> Refusal:
        """Return the refusal of a call with a value or a file of the wrong form."""
        return cls(unfit.problem.rstrip("."), remedy=unfit.remedy)


class TlsError(ClientError):
    """The server's certificate, or ours, is not accepted. Never retried, never passed over."""


class Unreachable(ClientError):
    """No answer came. C(sent) says whether the request may have reached the client."""

    temporary = True

    def __init__(self, message: str, *, sent: bool, **place: str) -> None:
        super().__init__(message, **place)
        self.sent = sent


class UnreadableAnswer(ClientError):
    """The request succeeded, but what came as the answer cannot be used."""


class ApiError(ClientError):
    """The client answered with an error. C(excerpt) is the start of an answer that is not the client's."""

    def __init__(
        self, status: int, items: list[ErrorItem], *, endpoint: str, host: str, excerpt: str | None = None
    ) -> None:
        first = items[0] if items else ErrorItem(None, "", "")
        reasons = shorten("; ".join(str(item) for item in items))
        other = f"HTTP {status} without a reason" + (f"; the answer begins with: {excerpt}" if excerpt else "")
        super().__init__(
            f"HTTP {status}, {reasons}" if reasons else other,
            endpoint=endpoint,
            host=host,
            remedy=remedy_for(status, first.code, first.details),
        )
        self.status = status
        self.items = items
        self.code, self.title, self.details = first

    @property
    def codes(self) -> tuple[int | None, ...]:
        """Return the codes of all errors in the answer; None for one without a code."""
        return tuple(item.code for item in self.items)

    @property
    def wait(self) -> int | None:
        """Return the longest waiting time in seconds that the details name, or None."""
        named = [wait_seconds(item.details) for item in self.items]
        return max((seconds for seconds in named if seconds is not None), default=None)

    @property
    def temporary(self) -> bool:  # type: ignore[override]
        """Tell whether the client's rules allow to repeat the call."""
        return retryable(self.status, self.codes)

    def as_dict(self) -> dict[str, Any]:
        """Return the error with status, code, title, details and waiting time for a module's result."""
        return {
            **super().as_dict(),
            "status": self.status,
            "code": self.code,
            "title": self.title,
            "details": self.details,
            "retry_after_seconds": self.wait,
        }


class Throttled(ApiError):
    """WhatsApp counts such requests, and there were too many. Never repeated, whatever the method."""

    temporary = False

    def __init__(self, status: int, items: list[ErrorItem], **place: Any) -> None:
        super().__init__(status, items, **place)
        long = "some hours" if self.wait is None else f"that long ({self.wait} s)"
        self.remedy = (
            "It was not sent again, as each further request may extend the waiting time."
            f" Wait {long} before you run this again."
        )


class OutcomeUnknown(ClientError):
    """A request that must not be repeated failed in a way that leaves open whether it was carried out.

    C(cause) is the failure. What was found out since, and what to do, come into C(remedy) with C(advised).
    """

    def __init__(self, cause: ClientError, remedy: str = "Check the state before anything is sent again.") -> None:
        self.cause = cause
        text = cause.message.rstrip(".")
        text += "; it is unknown whether the client executed the request, so it was not sent again"
        super().__init__(text, endpoint=cause.endpoint, host=cause.host, remedy=remedy)

    def advised(self, advice: str) -> OutcomeUnknown:
        """Return the same with what was found out and what to do."""
        return OutcomeUnknown(self.cause, f"{advice} {self.cause.remedy}".strip())

    def as_dict(self) -> dict[str, Any]:
        """Return the error for a module's result, with the status and the code of the cause where it has them."""
        return {**self.cause.as_dict(), **super().as_dict(), "outcome": "unknown"}
