# Copyright: (c) 2026, wabiz.onprem contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A file on a share whose server does not answer neither holds nor ends the inspection of a host."""

from __future__ import annotations

import errno
import os
import time
from pathlib import Path

import pytest
from ansible_collections.wabiz.onprem.plugins.module_utils._host.presence import present


def test_what_is_there_and_what_is_not(tmp_path: Path) -> None:
    expected = {str(tmp_path): True, f"{tmp_path}/none": False, "/etc/passwd/none": False, "/\0": False}
    assert present(list(expected), 5.0) == expected
    assert present([], 5.0) == {}


@pytest.mark.parametrize("frozen", [True, False])
def test_a_share_that_does_not_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, frozen: bool) -> None:
    """The others are told all the same."""
    real = os.stat

    def stat(path: str, *more: object, **options: object) -> os.stat_result:
        if str(path).startswith("/share"):
            if frozen:
                time.sleep(30)
            raise OSError(errno.ESTALE, os.strerror(errno.ESTALE))
        return real(path, *more, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(os, "stat", stat)
    began = time.monotonic()
    paths = ["/share/certificates", str(tmp_path)]
    assert present(paths, 0.5) == {"/share/certificates": False, str(tmp_path): True}
    assert time.monotonic() - began < 10
