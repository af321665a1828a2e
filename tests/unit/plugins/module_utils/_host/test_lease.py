# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A lease: who gets it, and how it is kept in a file."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.wabiz.onprem.plugins.module_utils._host import lease
from ansible_collections.wabiz.onprem.plugins.module_utils._host.lease import Lease, acquire, release, renew
from hypothesis import given
from hypothesis import strategies as st

LEASES = st.builds(
    lambda holder, since, length: Lease(holder, "", since, since + length),
    st.sampled_from("abc"),
    st.floats(0, 100),
    st.floats(0, 50),
)


@given(st.none() | LEASES, LEASES, st.booleans())
def test_no_holder_loses_a_valid_lease_unasked(found: Lease | None, wanted: Lease, take_over: bool) -> None:
    decision = acquire(found, wanted, take_over)
    foreign = found is not None and found.holder != wanted.holder and found.valid(wanted.since)
    assert (decision.blocker is not None) == (foreign and not take_over)
    assert decision.lease == found if decision.blocker else decision.lease is not None
    if decision.blocker is None and decision.lease is not None:
        assert (decision.lease.holder, decision.lease.until) == (wanted.holder, wanted.until)
    replaced = found is not None and found.holder != wanted.holder and decision.blocker is None
    assert decision.former == (found.holder if replaced and found is not None else "")


@given(st.none() | LEASES, st.sampled_from("abc"), st.floats(0, 150))
def test_only_one_s_own_or_an_expired_one_is_removed(found: Lease | None, holder: str, now: float) -> None:
    decision = release(found, holder, now)
    stays = found is not None and found.holder != holder and found.valid(now)
    assert decision.lease == (found if stays else None)


@given(st.none() | LEASES, LEASES)
def test_only_who_still_has_it_renews_it(found: Lease | None, wanted: Lease) -> None:
    decision = renew(found, wanted)
    kept = found is not None and found.holder == wanted.holder
    assert decision.lost != kept
    renewed = Lease(wanted.holder, wanted.purpose, found.since, wanted.until) if kept and found else found
    assert decision.lease == renewed


def test_a_renewal_keeps_its_beginning() -> None:
    decision = acquire(Lease("a", "", 10, 20), Lease("a", "upgrade", 15, 25), take_over=False)
    assert decision.lease == Lease("a", "upgrade", 10, 25)


def test_written_and_read_again(tmp_path: Path) -> None:
    path, held = tmp_path / "lock", Lease("anna@controller", "upgrade", 1.5, 3601.5)
    assert lease.read(path) is None
    lease.write(path, held)
    assert lease.read(path) == held
    assert path.stat().st_mode & 0o777 == 0o600
    assert str(held) == "anna@controller for upgrade, since 1970-01-01T00:00:01+00:00, until 1970-01-01T01:00:01+00:00"


@pytest.mark.parametrize(
    "content",
    [
        *("", "[]", "{}", "[" * 100_000, '{"holder": "a", "purpose": "", "since": "x", "until": 1}'),
        *(f'{{"holder": "a", "purpose": "", "since": 1, "until": {moment}}}' for moment in ("1e400", "1e18", "NaN")),
    ],
    ids=lambda content: content[-40:],
)
def test_a_file_of_something_else_is_not_a_free_lock(tmp_path: Path, content: str) -> None:
    path = tmp_path / "lock"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(ValueError, match="does not hold a lock"):
        lease.read(path)


def test_a_renewal_keeps_the_purpose_unless_another_is_given() -> None:
    found = Lease("a", "upgrade.yml", 10, 20)
    assert renew(found, Lease("a", "", 15, 25)).lease == Lease("a", "upgrade.yml", 10, 25)
    assert renew(found, Lease("a", "site.yml", 15, 25)).lease == Lease("a", "site.yml", 10, 25)
