# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading and judging PEM files before they are uploaded. No I/O; needs the Python library cryptography."""

from __future__ import annotations

import datetime as dt
import re
import traceback
from typing import Any, NamedTuple

from ansible_collections.wabiz.onprem.plugins.module_utils._formats.unfit import Unfit

CRYPTOGRAPHY_IMPORT_ERROR: str | None = None
try:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
except ImportError:
    CRYPTOGRAPHY_IMPORT_ERROR = traceback.format_exc()

_BLOCK = re.compile(r"-----BEGIN ([A-Z0-9 ]+)-----\s(.*?)-----END \1-----", re.DOTALL)
_LINE = 64
_KEY_LABELS = frozenset({"PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY"})
_ORDER = "The order is private key, server certificate, then at least one intermediate certificate."


class Block(NamedTuple):
    """One block of a PEM file; C(text) has it in lines, without a line break at its end."""

    label: str
    text: str


class Certificate(NamedTuple):
    """A certificate, with what people want to see of it. Times are in UTC."""

    raw: Any
    subject: str
    issuer: str
    starts: dt.datetime
    ends: dt.datetime
    fingerprint: str

    def as_dict(self) -> dict[str, str]:
        """Return the public facts for a module's result."""
        return {
            "subject": self.subject,
            "issuer": self.issuer,
            "not_before": self.starts.isoformat(),
            "not_after": self.ends.isoformat(),
            "fingerprint_sha256": self.fingerprint,
        }


def blocks(text: str) -> list[Block]:
    """Return the blocks of a PEM text in their order; text around them is ignored.

    However they came, in one line or indented: the client's web server starts only with lines of their own.
    """
    return [Block(match.group(1), _in_lines(*match.groups())) for match in _BLOCK.finditer(text)]


def _in_lines(label: str, content: str) -> str:
    plain = "".join(content.split())
    lines = [plain[place : place + _LINE] for place in range(0, len(plain), _LINE)]
    return "\n".join([f"-----BEGIN {label}-----", *lines, f"-----END {label}-----"])


def tidied(text: str) -> str:
    """Return the blocks of a PEM text and nothing else, as every reader of PEM takes them."""
    return "".join(f"{block.text}\n" for block in blocks(text))


def certificates(text: str) -> list[Certificate]:
    """Return the certificates of a PEM text in their order. Raises Unfit for one that cannot be read."""
    return [_certificate(block.text) for block in blocks(text) if block.label == "CERTIFICATE"]


def _certificate(text: str) -> Certificate:
    try:
        raw = x509.load_pem_x509_certificate(text.encode())
    except ValueError as error:
        raise Unfit("a certificate in the PEM file cannot be read.", "Export it again.") from error
    return from_x509(raw)


def from_der(content: bytes) -> Certificate:
    """Return the certificate that a server presented. Raises ValueError."""
    return from_x509(x509.load_der_x509_certificate(content))


def from_x509(raw: Any) -> Certificate:
    """Return the facts of a certificate object."""
    return Certificate(
        raw,
        raw.subject.rfc4514_string(),
        raw.issuer.rfc4514_string(),
        _moment(raw, "not_valid_before"),
        _moment(raw, "not_valid_after"),
        raw.fingerprint(hashes.SHA256()).hex(),
    )


def _moment(raw: Any, name: str) -> dt.datetime:
    """Versions of cryptography before 42 know times without a zone only."""
    if hasattr(raw, f"{name}_utc"):
        moment: dt.datetime = getattr(raw, f"{name}_utc")
        return moment
    naive: dt.datetime = getattr(raw, name)
    return naive.replace(tzinfo=dt.timezone.utc)


def names(certificate: Certificate) -> list[str]:
    """Return the host names and addresses that a server's certificate is valid for."""
    try:
        found = certificate.raw.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (x509.ExtensionNotFound, ValueError):
        return []
    addresses = found.get_values_for_type(x509.IPAddress)
    return [*found.get_values_for_type(x509.DNSName), *map(str, addresses)]


def external_faults(text: str, now: dt.datetime) -> list[str]:
    """Return what is wrong with a certificate for the webapps, as sentences; a bad one keeps them from starting."""
    found = blocks(text)
    if not found:
        return [f"There is no PEM block. {_ORDER}"]
    labels = [block.label for block in found]
    if labels[0] not in _KEY_LABELS:
        hint = " An encrypted key cannot be used." if "ENCRYPTED" in labels[0] else ""
        return [f"The first block is a {labels[0]}, not a private key.{hint} {_ORDER}"]
    if labels[1:] != ["CERTIFICATE"] * (len(labels) - 1) or len(labels) < 3:
        return [f"The blocks are {', '.join(labels)}. {_ORDER}"]
    chain = certificates(text)
    return _key_faults(found[0].text, chain[0]) + _chain_faults(chain) + validity_faults(chain, now)


def _key_faults(text: str, server: Certificate) -> list[str]:
    try:
        key = serialization.load_pem_private_key(text.encode(), None)
    except (ValueError, TypeError):
        return ["The private key cannot be read; it must not be encrypted."]
    if _public_bytes(key.public_key()) == _public_bytes(server.raw.public_key()):
        return []
    return [f"The private key does not belong to the first certificate ({server.subject}). {_ORDER}"]


def _public_bytes(key: Any) -> bytes:
    content: bytes = key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return content


def _chain_faults(chain: list[Certificate]) -> list[str]:
    return [
        f"{lower.subject} was issued by {lower.issuer}, but {upper.subject} follows it. {_ORDER}"
        for lower, upper in zip(chain, chain[1:])
        if lower.raw.issuer != upper.raw.subject
    ]


def bundle_faults(text: str, now: dt.datetime) -> list[str]:
    """Return what is wrong with a bundle of CA certificates, as sentences."""
    labels = {block.label for block in blocks(text)}
    if labels != {"CERTIFICATE"}:
        return [f"Only certificates belong here; found {', '.join(sorted(labels)) or 'no PEM block'}."]
    return validity_faults(certificates(text), now)


def validity_faults(chain: list[Certificate], now: dt.datetime) -> list[str]:
    """Return the certificates that are not valid at C(now), which needs a time zone."""
    expired = [f"{item.subject} expired on {item.ends:%Y-%m-%d}." for item in chain if item.ends <= now]
    return expired + [
        f"{item.subject} is not valid before {item.starts:%Y-%m-%d}." for item in chain if item.starts > now
    ]


def days_left(chain: list[Certificate], now: dt.datetime) -> int | None:
    """Return the whole days until the first certificate of the list expires, or None for an empty list."""
    return min(((item.ends - now).days for item in chain), default=None)
