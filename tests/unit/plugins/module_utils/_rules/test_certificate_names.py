# Copyright: (c) 2026, wabiz.onprem contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a certificate's names are valid for."""

from __future__ import annotations

import pytest
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.certificate_names import valid_for


@pytest.mark.parametrize(
    ("name", "wanted", "valid"),
    [
        ("web1.example.net", "web1.example.net", True),
        ("WEB1.Example.net", "web1.example.NET.", True),
        ("web1", "web1.example.net", False),
        ("*.example.net", "web1.example.net", True),
        ("*.example.net", "a.web1.example.net", False),
        ("*.example.net", "example.net", False),
        ("*.", "web1", False),
        ("10.0.0.1", "10.0.0.1", True),
        ("10.0.0.1", "10.0.0.2", False),
        ("*.0.0.1", "10.0.0.1", False),
        ("2001:db8::1", "2001:DB8:0::1", True),
    ],
)
def test_valid_for(name: str, wanted: str, valid: bool) -> None:
    assert valid_for(["other.example.net", name], wanted) == valid
    assert not valid_for([], wanted)
