# SPDX-License-Identifier: GPL-3.0-or-later
"""Capabilities are what the bounding set allows."""

from __future__ import annotations

from lab import caps


def test_a_full_set_gives_all_known_names() -> None:
    assert caps.bounding_set("Name:\tx\nCapBnd:\t000001ffffffffff\n") == list(caps.NAMES)


def test_a_missing_bit_is_omitted() -> None:
    assert set(caps.NAMES) - set(caps.bounding_set("CapBnd:\t000001fffeffffff\n")) == {"SYS_RESOURCE"}


def test_single_bits_have_the_kernels_names() -> None:
    numbers = {"CHOWN": 0, "NET_ADMIN": 12, "SYS_ADMIN": 21, "MKNOD": 27, "AUDIT_READ": 37}
    assert {name: caps.bounding_set(f"CapBnd: {1 << bit:016x}") for name, bit in numbers.items()} == {
        name: [name] for name in numbers
    }
