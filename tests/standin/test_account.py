"""Registration and shards as the primary master serves them."""

from types import SimpleNamespace
from typing import Any, cast

import pytest

from standin.common.errors import ApiError
from standin.gateway.certificates import issue
from standin.node.account import sharding, two_step
from standin.node.account.registration import request_code, verify_code
from standin.store.sharding import read_order
from tests.standin.primary import CORE, NUMBER, World


def test_registered_again(play: Any) -> None:
    """Nothing to do while WhatsApp knows us; once the number went elsewhere, a code is sent again."""

    async def scene(there: World) -> None:
        await there.register()
        again = NUMBER | {"method": "sms", "cert": issue("491511", "Shop")}
        assert await request_code(there.runtime, again) == (201, {})
        there.accounts.numbers["491511"].registration = "elsewhere"
        assert (await request_code(there.runtime, again))[0] == 202

    play(scene)


def test_two_step_verification_that_the_owner_turned_on_is_on_after_the_registration(play: Any) -> None:
    """The client knows the PIN then: the shards need it."""

    async def scene(there: World) -> None:
        there.accounts.protect("491511", "739150")
        order = NUMBER | {"method": "voice", "cert": issue("491511", "Shop")}
        assert await there.code_of(request_code(there.runtime, order)) == 1005
        assert (await request_code(there.runtime, order | {"pin": "739150"}))[0] == 202
        code = there.accounts.numbers["491511"].code
        assert (await verify_code(there.runtime, {"code": code}))[0] == 201
        body = NUMBER | {"shards": "2", "cert": issue("491511", "Shop")}
        assert await there.code_of(sharding.change(there.parts, body)) == 1005
        assert await sharding.change(there.parts, body | {"pin": "739150"}) == (201, {})

    play(scene)


def test_another_number_restarts_the_coreapps(play: Any) -> None:
    """The first registration does not."""

    async def scene(there: World) -> None:
        await there.register()
        assert (await there.runtime.run(read_order)).incarnations == frozenset()
        await there.register("1512")
        assert (await there.runtime.run(read_order)).incarnations == {CORE.incarnation}

    play(scene)


def test_shards(play: Any) -> None:
    """Registration, number and PIN are looked at before anything is changed; then it is unavailable for a while."""

    async def scene(there: World) -> None:
        body = NUMBER | {"shards": "2", "cert": issue("491511", "Shop")}
        assert await there.code_of(sharding.change(there.parts, body)) == 1005
        await there.register()
        assert await there.code_of(sharding.change(there.parts, body | {"phone_number": "1"})) == 1005
        await two_step.enable(there.runtime, {"pin": "123456"})
        for pin, code in ((None, 1005), ("654321", 1005), ("12", 1009)):
            assert await there.code_of(sharding.change(there.parts, body | {"pin": pin})) == code
        alone = SimpleNamespace(runtime=there.runtime, election=None)
        assert await there.code_of(sharding.change(cast(Any, alone), body)) == 1005
        assert await sharding.show(there.runtime, {}) == (200, {"account": {"shards": 1}})
        body |= {"pin": "123456"}
        assert await sharding.change(there.parts, body) == (201, {})
        assert await sharding.show(there.runtime, {}) == (200, {"account": {"shards": 2}})
        with pytest.raises(ApiError) as refusal:
            await sharding.change(there.parts, body)
        assert (refusal.value.status, refusal.value.code) == (403, 1011)

    play(scene)


def test_a_master_that_lost_its_lease_changes_nothing(play: Any) -> None:
    """It answers like one that is not primary."""

    async def scene(there: World) -> None:
        await there.register()
        body = NUMBER | {"shards": 2, "cert": issue("491511", "Shop")}
        for epoch in (None, 7):
            late = SimpleNamespace(runtime=there.runtime, election=SimpleNamespace(epoch=epoch))
            assert await there.code_of(sharding.change(cast(Any, late), body)) == 1017
        assert await sharding.show(there.runtime, {}) == (200, {"account": {"shards": 1}})

    play(scene)
