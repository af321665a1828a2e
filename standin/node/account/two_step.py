"""Two-step verification: the PIN is kept at WhatsApp and, as a hash, here."""

import logging
from typing import Any

from standin.common import fields
from standin.common.errors import ApiError
from standin.common.passwords import hashed, matches
from standin.node.account.registration import ask
from standin.node.base.answering import Answer
from standin.node.base.runtime import Runtime
from standin.store.config import TWO_STEP, Account, read_value, write_value

log = logging.getLogger("two-step")


def check_pin(stored: str | None, pin: str | None) -> None:
    """Nothing when no PIN is set or the right one is given; raises ApiError 1005."""
    if not stored:
        return
    if pin is None:
        raise ApiError(1005, "Two-step verification is on: parameter 'pin' is needed")
    if not matches(pin, stored):
        raise ApiError(1005, "Two-step verification PIN mismatch")


async def require_pin(runtime: Runtime, pin: str | None) -> None:
    """The stored PIN fits; raises ApiError 1005 and sqlalchemy's DBAPIError."""
    check_pin(await runtime.run(read_value, TWO_STEP), pin)


async def _set(runtime: Runtime, pin: str | None) -> Answer:
    account: Account | None = runtime.account
    if account is None:
        raise ApiError(1025, "No phone number is registered")
    await ask({"op": "two_step", "number": account.number, "registration": account.registration, "pin": pin})
    await runtime.run(write_value, TWO_STEP, hashed(pin) if pin else None)
    log.info("two-step verification %s", "on" if pin else "off")
    return 200, {}


async def enable(runtime: Runtime, body: dict[str, Any]) -> Answer:
    """Sets or replaces the PIN; raises ApiError."""
    pin = fields.pin(body)
    return await _set(runtime, pin)


async def disable(runtime: Runtime, _body: dict[str, Any]) -> Answer:
    """Removes the PIN; raises ApiError."""
    return await _set(runtime, None)
