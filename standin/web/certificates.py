"""The webapps' own certificate authority and the server certificate that each makes from it."""

import ipaddress
import re
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from standin.web.tls import Tls

EXTERNAL = "external_certificate"
CA_NAME = "Enterprise Client - AutoGen CA"
DIRECTORY = Path("/var/lib/whatsapp")
VALID = timedelta(days=365)
CLOCK_SLACK = timedelta(hours=1)
PEM_CERTIFICATE = re.compile(r"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----", re.DOTALL)


@dataclass(frozen=True)
class Authority:
    """Certificate and private key, both PEM."""

    certificate: str
    key: str

    @property
    def text(self) -> str:
        """Both in one text, as the database keeps them."""
        return self.key + self.certificate

    @classmethod
    def from_text(cls, text: str) -> "Authority":
        """The inverse of text."""
        border = text.index("-----BEGIN CERTIFICATE-----")
        return cls(text[border:], text[:border])


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _pem(key: ec.EllipticCurvePrivateKey) -> str:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()


def _usage(signing_ca: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signing_ca,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signing_ca,
        crl_sign=signing_ca,
        encipher_only=False,
        decipher_only=False,
    )


def new_authority() -> Authority:
    """A fresh authority, valid for one year."""
    key = ec.generate_private_key(ec.SECP256R1())
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(_name(CA_NAME))
        .issuer_name(_name(CA_NAME))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - CLOCK_SLACK)
        .not_valid_after(now + VALID)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signing_ca=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    return Authority(certificate.public_bytes(serialization.Encoding.PEM).decode(), _pem(key))


def _alternative(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def server_certificate(authority: Authority, names: tuple[str, ...], expired: bool = False) -> str:
    """A server certificate for these names and addresses with its key, PEM; an expired one ended an hour ago."""
    now = datetime.now(UTC)
    issuer = x509.load_pem_x509_certificate(authority.certificate.encode())
    issuer_key = serialization.load_pem_private_key(authority.key.encode(), None)
    if not isinstance(issuer_key, ec.EllipticCurvePrivateKey):
        raise TypeError("the authority's key is not an elliptic curve key")
    key = ec.generate_private_key(ec.SECP256R1())
    identifier = x509.SubjectKeyIdentifier.from_public_key(issuer_key.public_key())
    certificate = (
        x509.CertificateBuilder()
        .subject_name(_name(names[0][:64]))
        .issuer_name(issuer.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - 2 * CLOCK_SLACK if expired else now - CLOCK_SLACK)
        .not_valid_after(now - CLOCK_SLACK if expired else issuer.not_valid_after)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signing_ca=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName([_alternative(name) for name in names]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier), critical=False)
        .sign(issuer_key, hashes.SHA256())
    )
    return _pem(key) + certificate.public_bytes(serialization.Encoding.PEM).decode()


class BadCertificate(Exception):
    """An external certificate with which no server can start."""


def split_external(text: str) -> tuple[str, str]:
    """What the server presents (key and all certificates) and its authorities; raises BadCertificate."""
    certificates = PEM_CERTIFICATE.findall(text)
    if "PRIVATE KEY-----" not in text or not certificates:
        raise BadCertificate("a private key and a server certificate are needed")
    return text, "\n".join(certificates[1:]) + "\n" if certificates[1:] else ""


def install_external(text: str, tls: Tls, directory: Path = DIRECTORY) -> None:
    """Serves new connections with a certificate that was sent to us; raises BadCertificate."""
    presented, authorities = split_external(text)
    directory.mkdir(parents=True, exist_ok=True)
    server = directory / "server.cert"
    server.touch(mode=0o600)
    server.write_text(presented, encoding="ascii")
    (directory / "ca.pem").write_text(authorities, encoding="ascii")
    try:
        tls.present(server)
    except (ssl.SSLError, ValueError, OSError) as error:
        raise BadCertificate(str(error)) from error


def install(
    authority: Authority,
    names: tuple[str, ...],
    tls: Tls,
    directory: Path = DIRECTORY,
    expired: bool = False,
) -> None:
    """Makes a server certificate, writes ca.pem and server.cert, and serves new connections with it."""
    directory.mkdir(parents=True, exist_ok=True)
    server = directory / "server.cert"
    server.touch(mode=0o600)
    server.write_text(server_certificate(authority, names, expired) + authority.certificate, encoding="utf-8")
    (directory / "ca.pem").write_text(authority.certificate, encoding="utf-8")
    tls.present(server)
