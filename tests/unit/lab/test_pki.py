# SPDX-License-Identifier: GPL-3.0-or-later
"""The registry's certificate is one that a client with the lab's authority accepts."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path

from lab import pki, settings


def test_keys_are_made_once_and_the_chain_holds(tmp_path: Path) -> None:
    lab = replace(settings.load({}), state=tmp_path)
    pki.ensure(lab)
    certificate = pki.registry_directory(lab) / "registry.pem"
    verify = ["openssl", "verify", "-CAfile", str(tmp_path / "ca.pem"), "-purpose", "sslserver"]
    for check in (["-verify_hostname", settings.REGISTRY_NAME], ["-verify_ip", "127.0.0.1"]):
        subprocess.run([*verify, *check, str(certificate)], check=True, capture_output=True)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    pki.ensure(lab)
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before
    assert not any("ca.key" in path.name for path in before)


def test_what_an_interruption_left_is_completed(tmp_path: Path) -> None:
    lab = replace(settings.load({}), state=tmp_path)
    (tmp_path / "id_ed25519").write_text("half a key", encoding="utf-8")
    pki.registry_directory(lab).mkdir()
    pki.ensure(lab)
    assert (tmp_path / "id_ed25519.pub").exists()
    assert pki.is_valid(pki.registry_directory(lab) / "registry.pem")
