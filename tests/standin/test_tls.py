"""Which certificate a webapp presents: the one in use and no other, to every client, on a listening socket."""

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

from standin.web.certificates import BadCertificate, install, install_external, new_authority
from standin.web.tls import Tls

NAMES = ("localhost", "127.0.0.1")
Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


def rsa_key() -> Key:
    """As most people's certificates have."""
    return rsa.generate_private_key(65537, 2048)


def ec_key() -> Key:
    """As ours has."""
    return ec.generate_private_key(ec.SECP256R1())


def external(key: Key, name: str) -> str:
    """What is sent to POST /v1/certificates/external: key, certificate, and one that stands for an intermediate."""
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    form, plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    private = key.private_bytes(serialization.Encoding.PEM, form, plain).decode()
    return private + certificate.public_bytes(serialization.Encoding.PEM).decode() + new_authority().certificate


@pytest.fixture
def tls(tmp_path: Path) -> Tls:
    """As a webapp has it that has just started: with a certificate of an authority of its own."""
    made = Tls()
    install(new_authority(), NAMES, made, tmp_path)
    return made


@pytest.fixture
def port(tls: Tls) -> Iterator[int]:
    """Of a server that presents it."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                plain, _ = listener.accept()
            except OSError:
                return
            with contextlib.suppress(OSError), tls.context.wrap_socket(plain, server_side=True) as connection:
                connection.recv(1)

    threading.Thread(target=serve, daemon=True).start()
    yield listener.getsockname()[1]
    listener.close()


def presented(port: int, name: str | None, version: ssl.TLSVersion, ciphers: str) -> str:
    """The common name of the certificate that a client gets; '' when the two cannot agree."""
    context = ssl._create_unverified_context()  # noqa: S323
    context.minimum_version = context.maximum_version = version
    if version == ssl.TLSVersion.TLSv1_2:
        context.set_ciphers(ciphers)
    try:
        plain = socket.create_connection(("127.0.0.1", port), 10)
        with context.wrap_socket(plain, server_hostname=name) as connection:
            raw = connection.getpeercert(binary_form=True)
    except (ssl.SSLError, ConnectionError):
        return ""
    assert raw
    (found,) = x509.load_der_x509_certificate(raw).subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(found.value)


def everywhere(port: int) -> set[str]:
    """What clients of all kinds get: with a server's name and without, of both versions, for any key or one kind."""
    clients = [(ssl.TLSVersion.TLSv1_3, "")]
    clients += [(ssl.TLSVersion.TLSv1_2, ciphers) for ciphers in ("DEFAULT", "aRSA", "ECDHE+aECDSA")]
    return {presented(port, name, *client) for name in ("localhost", None) for client in clients}


def test_ours_at_first(port: int) -> None:
    """Clients that want an RSA key get nothing."""
    assert everywhere(port) == {NAMES[0], ""}


@pytest.mark.parametrize("make", [rsa_key, ec_key])
def test_the_external_one_is_presented_to_everybody(
    tls: Tls, port: int, tmp_path: Path, make: Callable[[], Key]
) -> None:
    """Whatever key it has, and although another one was there before; ours is gone, and comes back."""
    install_external(external(make(), "shop.example.net"), tls, tmp_path)
    assert everywhere(port) == {"shop.example.net", ""}
    install(new_authority(), NAMES, tls, tmp_path, expired=True)
    assert everywhere(port) == {NAMES[0], ""}


def test_a_bad_one_is_refused(tls: Tls, port: int, tmp_path: Path) -> None:
    """A key that is not the certificate's; what was presented before stays."""
    good, other = external(rsa_key(), "a.example.net"), external(rsa_key(), "b.example.net")
    border = "-----BEGIN CERTIFICATE-----"
    mixed = good.partition(border)[0] + border + other.partition(border)[2]
    with pytest.raises(BadCertificate):
        install_external(mixed, tls, tmp_path)
    assert everywhere(port) == {NAMES[0], ""}
