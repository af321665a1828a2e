"""GET, PATCH and DELETE of the application settings, by the primary master."""

import logging
import os
from typing import Any

from sqlalchemy import select
from sqlalchemy.engine import Connection

from standin.node.base import application_rules as rules
from standin.node.base.answering import Answer
from standin.node.base.runtime import Runtime
from standin.node.base.telling import tell_all
from standin.store.clock import db_now
from standin.store.config import APPLICATION, read_account, read_value, write_value
from standin.store.nodes import read_nodes

log = logging.getLogger("settings")
PENDING = "application_settings_pending"
SHOWN = "STANDIN_SETTINGS_SHOWN"


def shown_after_restart() -> bool:
    """The switch: whether a value that needs a restart is shown only after it. Raises ValueError."""
    choice = os.environ.get(SHOWN) or "at_once"
    if choice not in {"at_once", "after_restart"}:
        raise ValueError(f"{SHOWN} must be at_once or after_restart, not {choice!r}")
    return choice == "after_restart"


def _pending(connection: Connection) -> dict[str, Any]:
    """What changed since the start of some coreapp: path to the value before and the time of the change."""
    started = [node.started_at for node in read_nodes(connection) if node.serves]
    changes = read_value(connection, PENDING) or {}
    return {path: change for path, change in changes.items() if any(start < change["since"] for start in started)}


def _store(connection: Connection, settings: rules.Settings) -> None:
    before = read_value(connection, APPLICATION) or {}
    now = int(connection.execute(select(db_now())).scalar_one())
    pending = _pending(connection)
    for path in rules.changed_paths(before, settings):
        old = rules.value_at(rules.complete(before), path)
        pending[path] = {"old": pending.get(path, {}).get("old", old), "since": now}
    write_value(connection, PENDING, pending)
    write_value(connection, APPLICATION, settings)


def _read(connection: Connection) -> rules.Settings:
    settings = rules.complete(read_value(connection, APPLICATION) or {})
    if shown_after_restart():
        for path, change in _pending(connection).items():
            settings = rules.with_value(settings, path, change["old"])
    account = read_account(connection)
    return rules.shown(settings, account.number if account else "")


def _patch(connection: Connection, patch: rules.Settings) -> None:
    _store(connection, rules.merged(read_value(connection, APPLICATION) or {}, patch))


async def _changed(runtime: Runtime) -> Answer:
    await runtime.reload()
    await tell_all(runtime)
    return 200, {}


async def show(runtime: Runtime, _body: dict[str, Any]) -> Answer:
    """All settings; raises sqlalchemy's DBAPIError."""
    settings = await runtime.run(_read)
    if runtime.node.kind == "single" and shown_after_restart():
        # a single instance is not in the list of nodes: what it applies is what it shows
        settings |= {key: value for key, value in runtime.application.items() if key in settings}
    return 200, {"settings": {"application": settings}}


async def change(runtime: Runtime, body: dict[str, Any]) -> Answer:
    """Only the sent fields change; raises ApiError and sqlalchemy's DBAPIError."""
    patch = rules.checked(body)
    await runtime.run(_patch, patch)
    log.info("settings changed: %s", ", ".join(sorted(patch)) or "none")
    return await _changed(runtime)


async def reset(runtime: Runtime, _body: dict[str, Any]) -> Answer:
    """Everything back to the defaults; raises sqlalchemy's DBAPIError."""
    await runtime.run(_store, {})
    log.info("settings reset")
    return await _changed(runtime)
