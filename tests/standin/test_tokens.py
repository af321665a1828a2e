"""Tokens are good at every webapp that has the key of the one that made them."""

import asyncio
import time
from typing import cast

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request

from standin.common.environment import web_settings
from standin.common.release import Release
from standin.common.timing import Scale
from standin.store.engine import Store
from standin.store.web import User, add_user, create_web_tables
from standin.web.access import caller_of, new_token
from standin.web.backend import Backend
from tests.standin.database import engine_with_clock
from tests.standin.small_cluster import ENVIRONMENT, LocalStore

KEY = "WA_WEB_JWT_CRYPTO_KEY"
ADMIN = User("admin", "", "ROLE_ADMIN", must_change=False)


def webapps(*keys: str) -> list[Backend]:
    """One webapp for each key, all on one database; with '' it is given none."""
    store = LocalStore(engine_with_clock(time.time))
    create_web_tables(store.engine)
    store.call(lambda connection: add_user(connection, ADMIN))
    found = []
    for key in keys:
        backend = Backend(web_settings(ENVIRONMENT | {KEY: key}), Release("web", "2.57.2", "2999-01-01"), Scale())
        backend.web = cast(Store, store)
        backend.ready = True
        found.append(backend)
    return found


async def accepted(maker: Backend, reader: Backend) -> bool:
    """Whether a token of one webapp opens another one."""
    token = (await new_token(maker, ADMIN))["token"]
    try:
        await caller_of(reader, make_mocked_request("GET", "/", {"Authorization": f"Bearer {token}"}))
    except web.HTTPUnauthorized:
        return False
    return True


@pytest.mark.parametrize(
    ("keys", "everywhere"),
    [(("a" * 64, "a" * 64), True), (("a" * 64, "b" * 64), False), (("a" * 64, ""), False), (("", ""), False)],
)
def test_a_token_at_another_webapp(keys: tuple[str, str], everywhere: bool) -> None:
    first, second = webapps(*keys)
    assert asyncio.run(accepted(first, first))
    assert asyncio.run(accepted(first, second)) is everywhere
    assert asyncio.run(accepted(second, first)) is everywhere
