"""The port that clients connect to."""

import asyncio
from collections.abc import Callable

from standin.common import jsonlines
from standin.gateway.accounts import Accounts, Refused
from standin.gateway.delivery import Delivery
from standin.gateway.sessions import Hello, Session, Sessions
from standin.gateway.shards import allow_change
from standin.gateway.traffic import Traffic

FIRST_WORD = 10.0


class Server:
    """Serves clients' connections."""

    def __init__(
        self,
        accounts: Accounts,
        sessions: Sessions,
        traffic: Traffic,
        delivery: Delivery,
        note: Callable[..., None],
    ) -> None:
        self._accounts = accounts
        self._sessions = sessions
        self._traffic = traffic
        self._delivery = delivery
        self._note = note

    async def client(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection: a question, or a hello and the session that follows."""
        try:
            message = await asyncio.wait_for(jsonlines.read(reader), FIRST_WORD)
            if message and message.get("op") == "hello":
                await self._session(message, reader, writer)
            elif message:
                writer.write(jsonlines.encode(self._answer(message)))
                await writer.drain()
        except (TimeoutError, OSError, jsonlines.ProtocolError, TypeError, KeyError) as error:
            self._note("protocol_error", error=f"{type(error).__name__}: {error}")
        finally:
            writer.close()

    def _answer(self, question: jsonlines.Message) -> jsonlines.Message:
        number = str(question.get("number"))
        try:
            match question["op"]:
                case "request_code":
                    vname = self._accounts.request_code(number, question["cert"], question["pin"])
                    self._note("code_requested", number=number, method=question["method"])
                    return {"op": "code_sent", "vname": vname}
                case "verify":
                    registration = self._accounts.verify(
                        number, question["code"], question["identity"], question["pin"]
                    )
                    self._sessions.registered_anew(number)
                    self._note("registered", number=number, identity=question["identity"])
                    protected = self._accounts.number(number).pin is not None
                    return {"op": "verified", "registration": registration, "two_step": protected}
                case "registered":
                    facts = self._accounts.number(number)
                    return {"op": "registered", "valid": facts.registration in {"", question["registration"]}}
                case "set_shards":
                    allow_change(self._accounts, self._sessions, number, question["registration"], question["cert"])
                    return {"op": "shards_allowed"}
                case "two_step":
                    self._accounts.set_pin(number, question["registration"], question["pin"])
                    self._note("two_step", number=number, enabled=question["pin"] is not None)
                    return {"op": "two_step_set"}
        except Refused as refusal:
            self._note("registration_refused", number=number, op=question["op"], details=str(refusal))
            return {"op": "error", "details": str(refusal)}
        return {"op": "error", "details": f"unknown question {question['op']}"}

    async def _session(
        self, message: jsonlines.Message, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        del message["op"]

        def send_ping(number: int) -> None:
            writer.write(jsonlines.encode({"op": "ping", "id": number}))

        entered = self._sessions.enter(Hello(**message), writer.transport.abort, send_ping)
        if isinstance(entered, str):
            writer.write(jsonlines.encode({"op": "refused", "reason": entered}))
            await writer.drain()
            return
        writer.write(jsonlines.encode({"op": "welcome", "ping_period": self._sessions.ping_period}))
        self._delivery.join(entered.id, writer)
        pinging = asyncio.create_task(self._ping(entered))
        cause = "closed by client"
        try:
            while (answer := await jsonlines.read(reader)) is not None:
                self._heard(entered, answer, writer)
        except OSError as error:
            cause = type(error).__name__
        finally:
            pinging.cancel()
            self._delivery.leave(entered.id)
            self._sessions.leave(entered, cause)

    def _heard(self, session: Session, message: jsonlines.Message, writer: asyncio.StreamWriter) -> None:
        match message:
            case {"op": "pong", "id": int(number)}:
                self._sessions.answered(session, number)
            case {"op": "message"}:
                answer = self._traffic.take(session, message)
                if answer:
                    writer.write(jsonlines.encode(answer))
            case {"op": "got", "news": key}:
                self._traffic.got(key)

    async def _ping(self, session: Session) -> None:
        while session.id in self._sessions.open:
            self._sessions.ping(session)
            await asyncio.sleep(self._sessions.ping_period)

    async def sweep(self) -> None:
        """Ends dead sessions; runs until cancelled."""
        while True:
            await asyncio.sleep(self._sessions.ping_period / 4)
            self._sessions.sweep()
