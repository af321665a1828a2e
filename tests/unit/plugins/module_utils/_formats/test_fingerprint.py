# Copyright: (c) 2026, wabiz.onprem contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.wabiz.onprem.plugins.module_utils._formats.fingerprint import digest, matches
from hypothesis import given, settings
from hypothesis import strategies as st

SALT = b"0123456789abcdef"


def test_its_form() -> None:
    scheme, iterations, salt, hashed = digest("secret", SALT).split("$")
    assert (scheme, iterations, salt, len(hashed)) == ("pbkdf2", "20000", SALT.hex(), 64)


@settings(max_examples=20)
@given(st.text(), st.text(), st.binary(min_size=8, max_size=16))
def test_it_matches_its_own_password_only(password: str, other: str, salt: bytes) -> None:
    made = digest(password, salt)
    assert matches(password, made)
    assert matches(other, made) == (other == password)
    assert not password or password not in made or len(password) < 8


@pytest.mark.parametrize(
    "odd",
    [
        *("", "x", "pbkdf2$", "pbkdf2$x$00$00", "pbkdf2$1$zz$00", "pbkdf2$0$00$00", "md5$1$00$00"),
        *("pbkdf2$99999999999$00$00", "pbkdf2$1$00$00$00", "pbkdf2$1$00", "pbkdf2$1$é$00", "pbkdf2$-1$00$00"),
    ],
)
def test_what_is_no_fingerprint_matches_nothing(odd: str) -> None:
    assert not matches("", odd)
    assert not matches("x", odd)


def test_a_password_that_is_no_text() -> None:
    assert matches("\udcff", digest("\udcff", SALT))
