"""Verified-name certificates: a signed statement that a number may show a name, until a day."""

import base64
import binascii
import hashlib
import hmac
import json
import time
from dataclasses import asdict, dataclass

# Everybody may forge these: the fake of WhatsApp guards nothing, it only has to tell its own certificates apart.
KEY = hashlib.sha256(b"standin verified-name certificates").digest()
YEAR = 365 * 86400


class CertificateProblem(Exception):
    """Why a certificate is not accepted; the text is WhatsApp's reason."""


@dataclass(frozen=True)
class Certificate:
    """Number with country code, verified name, validity in Unix seconds."""

    number: str
    vname: str
    issued: int
    expires: int

    @property
    def expired(self) -> bool:
        """Past its validity."""
        return time.time() >= self.expires


def issue(number: str, vname: str, expired: bool = False) -> str:
    """A base64 certificate valid for a year, or one that ended yesterday."""
    now = int(time.time())
    end = now - 86400 if expired else now + YEAR
    body = json.dumps(asdict(Certificate(number, vname, end - YEAR, end)), separators=(",", ":")).encode()
    return base64.b64encode(hmac.digest(KEY, body, "sha256") + body).decode()


def read(text: str, number: str) -> Certificate:
    """The certificate for a number, expired or not; raises CertificateProblem."""
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise CertificateProblem("certificate is not base64") from error
    mark, body = raw[:32], raw[32:]
    if not hmac.compare_digest(mark, hmac.digest(KEY, body, "sha256")):
        raise CertificateProblem("certificate signature is invalid")
    certificate = Certificate(**json.loads(body))
    if certificate.number != number:
        raise CertificateProblem("certificate does not belong to this phone number")
    return certificate
