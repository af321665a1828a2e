"""What WhatsApp says to a change of the number of shards, and what it does about a bad certificate."""

from standin.gateway.accounts import Accounts, Refused
from standin.gateway.certificates import CertificateProblem, read
from standin.gateway.sessions import Sessions


def allow_change(accounts: Accounts, sessions: Sessions, number: str, registration: str, cert: str | None) -> None:
    """Nothing when the change is allowed; raises Refused.

    A wrong certificate, or none when it is too late for that, logs the number off until a right one comes; an expired
    one bans it.
    """
    facts = accounts.number(number)
    if facts.banned:
        raise Refused("This number is temporarily banned")
    if facts.registration != registration:
        raise Refused("This number is not registered here")
    try:
        if cert is None:
            if not accounts.registered_lately(number):
                raise CertificateProblem("certificate is missing, more than 7 days after registration")
        elif read(cert, number).expired:
            sessions.ban(number, "expired certificate")
            raise Refused("certificate has expired")
    except CertificateProblem as problem:
        sessions.log_off(number, str(problem))
        raise Refused(f"{problem}; the client is logged off") from problem
    facts.logged_off = False
    accounts.save()
