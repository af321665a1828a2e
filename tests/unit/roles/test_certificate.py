# Copyright: (c) 2026, wabiz.onprem contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Certificates of role certificate: believed by OpenSSL, kept while they are good, renewed before they end."""

from __future__ import annotations

import datetime as dt
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.wabiz.onprem.tests.unit.plugins.certificates import issue
from cryptography import x509

from tests.support.playbook import LOCALLY, PlaybookRun, run_playbook

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.geteuid() != 0 or not shutil.which("openssl"), reason="needs root and openssl"),
]
NAMES = ["api.example.net", "192.0.2.7"]
LONG = "whatsapp-business-api-1234567890.elb.eu-central-1.amazonaws.example.net"


def include(directory: Path, name: str, **options: Any) -> dict[str, Any]:
    paths = {"_certificate_path": f"{directory}/{name}.pem", "_certificate_key": f"{directory}/{name}.key"}
    role = {"name": "wabiz.onprem.certificate", "tasks_from": "present"}
    return {"ansible.builtin.include_role": role, "vars": {**paths, "_certificate_names": NAMES, **options}}


def run(directory: Path, *tasks: dict[str, Any], check: bool = False) -> PlaybookRun:
    """Run the role on this machine."""
    play = {
        "hosts": "all",
        "gather_facts": False,
        "vars": {"_wabiz": {"no_log": True, "cluster_name": "wabiz"}, "_wabiz_survey": {"drivers": {"crypto": True}}},
        "tasks": list(tasks),
    }
    inventory = {"all": {"vars": LOCALLY, "hosts": {"here": None}}}
    for name, data in {"inventory.yml": inventory, "play.yml": [play]}.items():
        (directory / name).write_text(yaml.safe_dump(data), encoding="utf-8")
    arguments = ["--check"] if check else []
    return run_playbook(directory / "play.yml", inventory=directory / "inventory.yml", arguments=arguments).succeeded()


def loaded(path: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate(path.read_bytes())


def believed(authority: Path, certificate: Path) -> bool:
    command = ["openssl", "verify", "-x509_strict", "-CAfile", str(authority), str(certificate)]
    return subprocess.run(command, check=False, capture_output=True).returncode == 0


def test_a_certificate_is_made_kept_and_renewed(tmp_path: Path) -> None:
    own = include(tmp_path, "own")
    predicted = run(tmp_path, own, check=True).changed
    assert not (tmp_path / "own.pem").exists()
    assert run(tmp_path, own).changed == predicted
    assert len(predicted) == 2
    first = loaded(tmp_path / "own.pem")
    assert believed(tmp_path / "own.pem", tmp_path / "own.pem")
    assert (first.not_valid_after_utc - dt.datetime.now(dt.UTC)).days in (396, 397)
    names = first.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["api.example.net"]
    assert [str(address) for address in names.get_values_for_type(x509.IPAddress)] == ["192.0.2.7"]
    assert (tmp_path / "own.key").stat().st_mode & 0o777 == 0o600

    assert run(tmp_path, own).changed == set()
    assert loaded(tmp_path / "own.pem") == first

    key = (tmp_path / "own.key").read_text(encoding="ascii")
    ending = issue("api.example.net", ends=dt.timedelta(days=20))
    (tmp_path / "own.pem").write_text(ending.pem, encoding="ascii")
    assert len(run(tmp_path, own).changed) == 1
    assert (loaded(tmp_path / "own.pem").not_valid_after_utc - dt.datetime.now(dt.UTC)).days > 300
    assert (tmp_path / "own.key").read_text(encoding="ascii") == key


@pytest.mark.drill
def test_a_certificate_is_signed_by_a_ca_of_ours(tmp_path: Path) -> None:
    authority = {"path": f"{tmp_path}/ca.pem", "key": f"{tmp_path}/ca.key"}
    ca = include(tmp_path, "ca", _certificate_is_authority=True, _certificate_names=["Our CA"])
    server = include(tmp_path, "server", _certificate_authority=authority)
    run(tmp_path, ca, server)
    assert believed(tmp_path / "ca.pem", tmp_path / "server.pem")
    assert not believed(tmp_path / "server.pem", tmp_path / "ca.pem")
    assert run(tmp_path, ca, server).changed == set()
    # Another CA signs it anew.
    (tmp_path / "ca.pem").unlink()
    (tmp_path / "ca.key").unlink()
    run(tmp_path, ca, server)
    assert believed(tmp_path / "ca.pem", tmp_path / "server.pem")


@pytest.mark.parametrize(
    ("names", "expected"), [([LONG, *(f"api{n}.example.net" for n in range(8))], "api0.example.net"), ([LONG], "wabiz")]
)
def test_a_name_that_is_no_common_name_is_an_alternative_name(tmp_path: Path, names: list[str], expected: str) -> None:
    """A common name has at most 64 characters. With the names in another order each run would make a certificate."""
    run(tmp_path, include(tmp_path, "own", _certificate_names=names))
    made = loaded(tmp_path / "own.pem")
    assert [one.value for one in made.subject] == [expected]
    told = made.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert told.get_values_for_type(x509.DNSName) == names
