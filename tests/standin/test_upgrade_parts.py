"""Schema steps, who may run on which schema, sealed backups, two-step PINs, expiry."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, insert, select, text

from standin.common.errors import ApiError
from standin.common.passwords import hashed
from standin.common.release import EXPIRES_ON, load_release
from standin.common.sealing import Unreadable, seal, unseal
from standin.node.account.two_step import check_pin
from standin.store import message_upgrade
from standin.store.known_hosts import lowest, read_known, refusal, remember
from standin.store.message_tables import messages
from standin.store.migrations import migrate, read_levels, required_levels
from tests.standin.database import engine_with_clock

OLD, NEW = "2.55.1", "2.57.2"
LEVELS = st.dictionaries(st.sampled_from(["config", "message", "contact"]), st.integers(0, 3))


@pytest.mark.parametrize("count", [0, 1, 2500])
def test_step_between_versions(count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every row is filled in batches; it tells its progress; interrupted, it is finished by the next attempt."""
    monkeypatch.setattr(message_upgrade, "BATCH", 1000)
    engine = engine_with_clock(lambda: 0.0)
    migrate(engine, OLD)
    rows = [
        {"message_id": str(n), "slot": 0, "direction": "out", "peer": "1", "type": "text", "content": "",
         "status": "sent", "created_at": n} for n in range(count)
    ]  # fmt: skip
    with engine.begin() as connection:
        if rows:
            connection.execute(insert(messages), rows)
    told: list[tuple[int, int]] = []

    def stumble(_step: object, done: int, _total: int) -> None:
        if done >= 1000:
            raise RuntimeError

    if count > 1000:
        with pytest.raises(RuntimeError):
            migrate(engine, NEW, stumble)
    taken = migrate(engine, NEW, lambda _step, done, total: told.append((done, total)))
    assert [(step.store, step.level) for step in taken] == [("message", 2)]
    assert told == sorted(told)
    left = count - 1000 if count > 1000 else count
    assert told[-1] == (left, left)
    with engine.begin() as connection:
        assert read_levels(connection) == required_levels(NEW)
        assert connection.execute(select(func.count()).select_from(messages)).scalar() == count
        wrong = text("SELECT count(*) FROM messages WHERE expires_at IS NULL OR expires_at - created_at <> 86400000")
        assert connection.execute(wrong).scalar() == 0


def test_old_version_on_newer_schema() -> None:
    """Allowed where a node of that host name ran on the one before, and only there."""
    engine = engine_with_clock(lambda: 0.0)
    with engine.begin() as connection:
        remember(connection, "core1", required_levels(OLD))
        remember(connection, "core1", required_levels(NEW))
        remember(connection, "core2", required_levels(NEW))
        assert refusal(OLD, required_levels(NEW), read_known(connection, "core1")) == ""
        assert "message 2 (this version: 1)" in refusal(OLD, required_levels(NEW), read_known(connection, "core2"))
        assert refusal(OLD, required_levels(NEW), read_known(connection, "core3")) != ""
        assert refusal(NEW, required_levels(NEW), read_known(connection, "core3")) == ""
        assert refusal(OLD, {}, None) == ""


@given(LEVELS, LEVELS, LEVELS)
def test_lowest(first: dict[str, int], second: dict[str, int], third: dict[str, int]) -> None:
    """Never more than any that was run on, whatever the order."""
    known = lowest(lowest(first, second), third)
    assert known == lowest(lowest(third, first), second)
    for levels in (first, second, third):
        assert all(known[store] <= levels.get(store, 0) for store in known)


@settings(max_examples=15)
@given(st.dictionaries(st.text(max_size=8), st.integers() | st.text(max_size=30), max_size=4), st.text(max_size=20))
def test_sealing(value: dict[str, object], password: str) -> None:
    """Opens with its password only, and not after any change."""
    sealed = seal(value, password)
    assert unseal(sealed, password) == value
    with pytest.raises(Unreadable):
        unseal(sealed, password + "x")
    with pytest.raises(Unreadable):
        unseal(sealed[:-8] + ("AAAAAAA=" if sealed[-8:] != "AAAAAAA=" else "BBBBBBB="), password)


@given(st.text(max_size=60))
def test_no_backup(text: str) -> None:
    """Whatever is not a backup is unreadable, not a crash."""
    with pytest.raises(Unreadable):
        unseal(text, "password")


def test_pin() -> None:
    """None needed until one is set; then the right one only."""
    check_pin(None, None)
    stored = hashed("123456")
    check_pin(stored, "123456")
    for wrong in (None, "123457"):
        with pytest.raises(ApiError, match="1005"):
            check_pin(stored, wrong)


def test_expiry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the image's date, or by the variable that overrides it."""
    path = tmp_path / "release.json"
    path.write_text(json.dumps({"component": "web", "version": NEW, "expires_on": "2999-01-01"}))
    monkeypatch.setenv("STANDIN_RELEASE_FILE", str(path))
    assert not load_release().expired
    monkeypatch.setenv(EXPIRES_ON, "2020-01-01")
    assert load_release().expired
    assert load_release().expire_timestamp == 1577836800
