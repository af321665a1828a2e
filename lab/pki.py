# SPDX-License-Identifier: GPL-3.0-or-later
"""Keys of the lab: a CA, the registry's certificate, an SSH key."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from lab import proc
from lab.settings import REGISTRY_NAME, Settings

KEY_TYPE = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-noenc")
DAYS = 3650
RENEW_BEFORE = 30 * 86400  # seconds


def ensure(settings: Settings) -> None:
    """Create missing keys and renew those that expire soon; each set is complete or does not exist.

    Raises:
        LabError: openssl or ssh-keygen is missing or failed.
    """
    settings.state.mkdir(parents=True, exist_ok=True)
    if not (settings.state / "id_ed25519.pub").exists():
        make_ssh_key(settings)
    if not is_valid(registry_directory(settings) / "registry.pem"):
        make_certificates(settings)


def registry_directory(settings: Settings) -> Path:
    """Directory with the registry's certificate and key."""
    return settings.state / "registry-tls"


def is_valid(certificate: Path) -> bool:
    """Whether a certificate exists and does not expire soon."""
    command = ["openssl", "x509", "-noout", "-checkend", str(RENEW_BEFORE), "-in", str(certificate)]
    return certificate.exists() and proc.run(command, check=False).returncode == 0


def make_ssh_key(settings: Settings) -> None:
    """Create the key for logins on the lab's hosts; the public half is written last and marks completion."""
    private = settings.state / "id_ed25519"
    private.unlink(missing_ok=True)
    proc.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", settings.name, "-f", str(private)])


def make_certificates(settings: Settings) -> None:
    """Create a CA and the registry's certificate; the key of the CA is deleted."""
    with tempfile.TemporaryDirectory(dir=settings.state) as temporary:
        work = Path(temporary)
        proc.run(
            ["openssl", "req", "-x509", *KEY_TYPE, "-days", str(DAYS), "-subj", f"/CN={settings.name} authority",
             "-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign,cRLSign",
             "-keyout", str(work / "ca.key"), "-out", str(work / "ca.pem")]
        )  # fmt: skip
        tls = work / "tls"
        tls.mkdir()
        proc.run(
            ["openssl", "req", "-x509", *KEY_TYPE, "-days", str(DAYS), "-subj", f"/CN={REGISTRY_NAME}",
             "-CA", str(work / "ca.pem"), "-CAkey", str(work / "ca.key"),
             "-addext", f"subjectAltName=DNS:{REGISTRY_NAME},DNS:localhost,IP:127.0.0.1",
             "-addext", "basicConstraints=critical,CA:FALSE", "-addext", "extendedKeyUsage=serverAuth",
             "-keyout", str(tls / "registry.key"), "-out", str(tls / "registry.pem")]
        )  # fmt: skip
        (work / "ca.pem").replace(settings.state / "ca.pem")
        target = registry_directory(settings)
        shutil.rmtree(target, ignore_errors=True)
        tls.rename(target)
