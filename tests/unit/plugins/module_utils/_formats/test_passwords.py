# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What passwords, keys and user names consist of."""

from __future__ import annotations

import string

import pytest
from ansible_collections.wabiz.onprem.plugins.module_utils._formats import passwords
from ansible_collections.wabiz.onprem.plugins.module_utils._formats.unfit import Unfit
from hypothesis import given
from hypothesis import strategies as st


@given(st.text(string.printable, min_size=4, max_size=60))
def test_a_password_with_all_kinds_of_characters_is_good(rest: str) -> None:
    assert passwords.password_faults(f"{rest}aA1!") == []


@pytest.mark.parametrize(
    ("password", "fault"),
    [
        ("Ab1!567", "8 to 64 characters"),
        ("Ab1!" * 16 + "x", "8 to 64 characters"),
        ("Abcdefg!", "a digit"),
        ("abcdefg1!", "an upper-case letter"),
        ("ABCDEFG1!", "a lower-case letter"),
        ("Abcdefg1", "a special character"),
    ],
)
def test_what_a_password_lacks_is_named_without_naming_it(password: str, fault: str) -> None:
    with pytest.raises(Unfit) as caught:
        passwords.check_password(password)
    assert fault in str(caught.value)
    assert password not in str(caught.value)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("Canary\n", "ends with a line break"),
        ("Canary\r\n", "ends with a line break"),
        ("Can\nary", "control character"),
        ("Can\x00ary", "control character"),
        ("Can\udcffary", "UTF-8"),
        ("Canäry", "header"),
        (" Canary", "header"),
        ("Canary ", "header"),
    ],
)
def test_a_secret_that_cannot_be_meant_is_refused_without_naming_it(value: str, words: str) -> None:
    with pytest.raises(Unfit) as caught:
        passwords.check_secret("api_key", value, header=True)
    assert "api_key" in str(caught.value)
    assert words in str(caught.value)
    assert "Can" not in str(caught.value)


@given(st.text(st.characters(min_codepoint=32, exclude_categories=["Cc", "Cs"])))
def test_a_password_of_one_line_is_not_refused(value: str) -> None:
    passwords.check_secret("password", value)


@given(st.text(string.ascii_letters + string.digits + string.punctuation, min_size=1))
def test_an_ordinary_key_is_not_refused(value: str) -> None:
    passwords.check_secret("api_key", value, header=True)


@pytest.mark.parametrize(("name", "good"), [("abcd", True), ("abc", False), ("a" * 33, False), ("ab:cd", False)])
def test_user_names(name: str, good: bool) -> None:
    if good:
        passwords.check_username(name)
    else:
        with pytest.raises(Unfit):
            passwords.check_username(name)
