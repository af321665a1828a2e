# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import datetime as dt

import pytest
from ansible_collections.wabiz.onprem.plugins.module_utils._formats.der import not_after
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st


def certificate(end: dt.datetime) -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "x" * 60)])
    builder = x509.CertificateBuilder(name, name, key.public_key(), 1 << 150)
    made = builder.not_valid_before(dt.datetime(2000, 1, 1)).not_valid_after(end).sign(key, hashes.SHA256())
    return made.public_bytes(serialization.Encoding.DER)


WHOLE = certificate(dt.datetime(2030, 1, 1))


@pytest.mark.parametrize("year", [2026, 2049, 2050, 2999])
def test_the_end_of_a_certificate(year: int) -> None:
    assert not_after(certificate(dt.datetime(year, 3, 9, 23, 59, 59))) == f"{year}-03-09"


@given(st.binary(max_size=80))
def test_anything_else_has_none(data: bytes) -> None:
    assert not_after(data) == ""


@given(st.integers(0, 150))
def test_a_certificate_that_is_cut_off_has_none(length: int) -> None:
    assert not_after(WHOLE[:length]) == ""
