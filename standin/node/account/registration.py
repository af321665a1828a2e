"""Registration of the number: the primary master asks WhatsApp on the administrator's behalf."""

from typing import Any

from standin.common import fields, whatsapp
from standin.common.errors import ApiError
from standin.common.faults import wall_time
from standin.common.passwords import hashed
from standin.node.base.answering import Answer
from standin.node.base.runtime import Runtime
from standin.node.base.telling import tell_all
from standin.store.config import PENDING, TWO_STEP, Account, read_value, write_value
from standin.store.sharding import register_account

LONGEST_CODE = 64


async def ask(question: dict[str, Any]) -> dict[str, Any]:
    """WhatsApp's answer to a question; raises ApiError 1014 or 1005."""
    try:
        answer = await whatsapp.ask(question)
    except whatsapp.WhatsAppDown as error:
        raise ApiError(1014, f"Cannot reach WhatsApp: {error}") from error
    if answer.get("op") == "error":
        raise ApiError(1005, str(answer.get("details")))
    return answer


async def _is_ours(account: Account) -> bool:
    """WhatsApp still knows our registration; assumed while it cannot be asked."""
    try:
        answer = await whatsapp.ask(
            {"op": "registered", "number": account.number, "registration": account.registration}
        )
    except whatsapp.WhatsAppDown:
        return True
    return bool(answer.get("valid", True))


async def request_code(runtime: Runtime, body: dict[str, Any]) -> Answer:
    """POST /v1/account: 201 when there is nothing to do, 202 when a code is on its way; raises ApiError."""
    cc, phone_number = fields.digits(body, "cc"), fields.digits(body, "phone_number")
    method, cert = fields.text(body, "method"), fields.certificate(body)
    pin = fields.optional_pin(body)
    if method not in {"sms", "voice"}:
        raise fields.wrong("method", "sms or voice")
    if runtime.account and runtime.account.number == cc + phone_number and await _is_ours(runtime.account):
        return 201, {}
    answer = await ask({"op": "request_code", "number": cc + phone_number, "method": method, "cert": cert, "pin": pin})
    pending = {"cc": cc, "phone_number": phone_number, "vname": answer["vname"], "pin": pin}
    await runtime.run(write_value, PENDING, pending)
    return 202, {"account": [{"vname": answer["vname"]}]}


async def verify_code(runtime: Runtime, body: dict[str, Any]) -> Answer:
    """POST /v1/account/verify: 201 when registered; raises ApiError."""
    code = fields.text(body, "code", LONGEST_CODE).replace("-", "")
    if not code.isascii():
        raise fields.wrong("code", "the digits of the code")
    pending = await runtime.run(read_value, PENDING)
    if not pending:
        raise ApiError(1005, "Registration failed for reason 'no_code_requested'")
    number = pending["cc"] + pending["phone_number"]
    answer = await ask(
        {"op": "verify", "number": number, "code": code, "identity": runtime.cluster_id, "pin": pending["pin"]}
    )
    account = Account(
        pending["cc"], pending["phone_number"], pending["vname"], answer["registration"], int(wall_time())
    )
    await runtime.run(register_account, account, runtime.node)
    if answer["two_step"]:
        await runtime.run(write_value, TWO_STEP, hashed(pending["pin"]))
    await runtime.reload()
    await tell_all(runtime)
    return 201, {}
