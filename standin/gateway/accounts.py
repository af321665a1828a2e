"""Phone numbers as WhatsApp knows them: codes, registrations, PINs, bans. Kept in a file across restarts."""

import json
import secrets
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path

from standin.common.timing import Scale, boot_clock
from standin.gateway.certificates import CertificateProblem, read

STATE = Path("/var/lib/standin/numbers.json")
REQUESTS_PER_HOUR = 5
WRONG_CODES = 5
HOUR = 3600.0
WEEK = 7 * 86400.0


class Refused(Exception):
    """WhatsApp says no; the text goes into the client's error details."""


@dataclass
class Number:
    """One phone number; identity is the installation that registered it (at a Unix time) or took it over."""

    registration: str = ""
    identity: str = ""
    code: str = ""
    vname: str = ""
    pin: str | None = None
    banned: bool = False
    registered_at: float = 0.0
    logged_off: bool = False


@dataclass
class Tries:
    """When codes were asked for (boot clock) and how many wrong ones came since the last."""

    requests: list[float] = field(default_factory=list)
    wrong: int = 0


class Accounts:
    """All numbers."""

    def __init__(self, scale: Scale, state: Path = STATE) -> None:
        self._scale = scale
        self._state = state
        self._tries: dict[str, Tries] = {}
        stored = json.loads(state.read_text(encoding="utf-8")) if state.exists() else {}
        self.numbers = {number: Number(**facts) for number, facts in stored.items()}

    def save(self) -> None:
        """Writes the file."""
        self._state.parent.mkdir(parents=True, exist_ok=True)
        text = json.dumps({number: asdict(facts) for number, facts in self.numbers.items()})
        partial = self._state.with_suffix(".new")
        partial.write_text(text, encoding="utf-8")
        partial.replace(self._state)

    def number(self, number: str) -> Number:
        """A number's facts, made when unknown."""
        return self.numbers.setdefault(number, Number())

    def registered_lately(self, number: str) -> bool:
        """Registered at most 7 days ago, by the wall clock."""
        return time.time() <= self.number(number).registered_at + self._scale.seconds(WEEK)

    def request_code(self, number: str, cert: str, pin: str | None) -> str:
        """Makes a code and returns the verified name; raises Refused."""
        try:
            certificate = read(cert, number)
        except CertificateProblem as problem:
            raise Refused(str(problem)) from problem
        if certificate.expired:
            raise Refused("certificate has expired")
        facts = self.number(number)
        if facts.pin and pin != facts.pin:
            raise Refused("two-step verification PIN is missing" if pin is None else "two-step PIN mismatch")
        self._count(number)
        facts.code = f"{secrets.randbelow(10**6):06d}"
        facts.vname = certificate.vname
        self.save()
        return certificate.vname

    def _count(self, number: str) -> None:
        hour, now = self._scale.seconds(HOUR), boot_clock()
        tries = self._tries.setdefault(number, Tries())
        tries.requests = [at for at in tries.requests if at > now - hour]
        if len(tries.requests) >= REQUESTS_PER_HOUR:
            seconds = (tries.requests[0] + hour - now) * self._scale.factor
            hours, minutes = divmod(max(1, int(seconds / 60)), 60)
            raise Refused(f"Please wait {hours} hour(s) {minutes} minute(s) before trying again")
        tries.requests.append(now)
        tries.wrong = 0

    def set_pin(self, number: str, registration: str, pin: str | None) -> None:
        """Sets or removes the two-step PIN of the registered client; raises Refused."""
        facts = self.number(number)
        if facts.registration and facts.registration != registration:
            raise Refused("this client is not registered any more")
        facts.pin = pin
        self.save()

    def protect(self, number: str, pin: str | None) -> None:
        """Sets or removes the PIN of a number wherever it is used, as its owner does in the app."""
        self.number(number).pin = pin
        self.save()

    def verify(self, number: str, code: str, identity: str, pin: str | None) -> str:
        """Registers the number for an installation and returns the registration; raises Refused."""
        facts = self.number(number)
        tries = self._tries.setdefault(number, Tries())
        if tries.wrong >= WRONG_CODES:
            raise Refused("Registration failed for reason 'too_many_guesses'")
        if not facts.code or not secrets.compare_digest(code, facts.code):
            tries.wrong += 1
            raise Refused("Registration failed for reason 'biz_link_info_invalid_payload'")
        if facts.pin and pin != facts.pin:
            raise Refused("Registration failed for reason 'security_code_mismatch'")
        facts.code = ""
        facts.registration = secrets.token_hex(16)
        facts.identity = identity
        facts.registered_at = time.time()
        facts.logged_off = False
        self.save()
        return facts.registration
