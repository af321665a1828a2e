# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The file with a backup of the settings."""

from __future__ import annotations

import datetime as dt
import string

import pytest
from ansible_collections.wabiz.onprem.plugins.module_utils._formats import backup
from ansible_collections.wabiz.onprem.plugins.module_utils._formats.unfit import Unfit
from hypothesis import given
from hypothesis import strategies as st

NOW = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)


@given(st.text(string.ascii_letters + string.digits + "+/=", min_size=1), st.none() | st.integers(1, 32), st.booleans())
def test_a_backup_survives_the_file(data: str, shards: int | None, single: bool) -> None:
    made = backup.Backup(data, shards, single, "2.57.2", NOW.isoformat())
    assert backup.parse(made.text()) == made


def test_the_data_of_a_backup_do_not_appear_in_a_log() -> None:
    assert "Canary" not in repr(backup.Backup("Canary"))


@given(st.text(max_size=40))
def test_any_text_is_a_backup_or_refused(text: str) -> None:
    try:
        assert backup.parse(text).data
    except Unfit as unfit:
        assert "not a settings backup" in str(unfit)


def test_an_answer_that_was_kept_with_a_mark_of_its_encoding() -> None:
    """As PowerShell writes it."""
    assert backup.parse('\ufeff{"settings":{"data":"ENCRYPTED=="}}\n').data == "ENCRYPTED=="


@pytest.mark.parametrize(
    "text",
    [
        '{"settings":{"data":"ENCR',
        "<html></html>",
        "[" * 100_000,
        '{"data": "ENCRYPTED==", "shards": "2"}',
        '{"data": "ENCRYPTED==", "single_instance": "false"}',
    ],
)
def test_what_is_half_or_was_written_by_hand_is_no_backup(text: str) -> None:
    with pytest.raises(Unfit, match="not a settings backup"):
        backup.parse(text)


@pytest.mark.parametrize(
    ("made", "shards", "single", "faults"),
    [
        (backup.Backup("x", 2, False), 2, False, 0),
        (backup.Backup("x", 2, False), 1, False, 1),
        (backup.Backup("x", 1, True), 1, False, 1),
        (backup.Backup("x", 2, True), 1, False, 2),
        (backup.Backup("x"), 2, False, 0),
        (backup.Backup("x", 2, False), None, False, 0),
    ],
)
def test_what_a_backup_fits(made: backup.Backup, shards: int | None, single: bool, faults: int) -> None:
    assert len(backup.restore_faults(made, shards, single)) == faults
