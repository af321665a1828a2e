"""Port 6252: what only the primary master does, account and settings."""

from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from standin.common.errors import ApiError, not_ready
from standin.node.account import registration, sharding, two_step
from standin.node.base.answering import Answer, answered, json_object
from standin.node.base.runtime import Runtime
from standin.node.parts import Parts
from standin.node.settings import application, backup, media_providers, profile

Work = Callable[[Runtime, dict[str, Any]], Awaitable[Answer]]

ACCOUNT, SETTINGS = "/v1/account", "/v1/settings/"
PROVIDERS = SETTINGS + "application/media/providers"
WORK: dict[tuple[str, str], Work] = {
    ("POST", ACCOUNT): registration.request_code,
    ("POST", ACCOUNT + "/verify"): registration.verify_code,
    ("GET", ACCOUNT + "/shards"): sharding.show,
    ("GET", SETTINGS + "application"): application.show,
    ("PATCH", SETTINGS + "application"): application.change,
    ("DELETE", SETTINGS + "application"): application.reset,
    ("GET", PROVIDERS): media_providers.show,
    ("POST", PROVIDERS): media_providers.add,
    ("DELETE", PROVIDERS): media_providers.remove,
    ("POST", SETTINGS + "account/two-step"): two_step.enable,
    ("DELETE", SETTINGS + "account/two-step"): two_step.disable,
    ("POST", SETTINGS + "backup"): backup.backup,
    ("POST", SETTINGS + "restore"): backup.restore,
    ("GET", SETTINGS + "business/profile"): profile.show_profile,
    ("POST", SETTINGS + "business/profile"): profile.change_profile,
    ("GET", SETTINGS + "business/compliance_info"): profile.show_compliance,
    ("POST", SETTINGS + "business/compliance_info"): profile.change_compliance,
    ("GET", SETTINGS + "profile/about"): profile.show_about,
    ("PATCH", SETTINGS + "profile/about"): profile.change_about,
    ("GET", SETTINGS + "profile/photo"): profile.show_photo,
    ("POST", SETTINGS + "profile/photo"): profile.change_photo,
    ("DELETE", SETTINGS + "profile/photo"): profile.remove_photo,
}


def _handler(parts: Parts, work: Work) -> Any:
    async def handle(request: web.Request) -> web.Response:
        async def on_primary() -> Answer:
            if not parts.primary:
                raise ApiError(1017, "Please send the request to the primary master or try again")
            if not parts.runtime.initialized:
                raise not_ready()
            return await work(parts.runtime, await json_object(request))

        return await answered(parts.runtime, request, on_primary)

    return handle


def primary_routes(parts: Parts) -> list[web.RouteDef]:
    """The routes; each runs its work on the primary master and answers the outcome."""

    async def set_shards(_runtime: Runtime, body: dict[str, Any]) -> Answer:
        return await sharding.change(parts, body)

    works = WORK | {("POST", ACCOUNT + "/shards"): set_shards}
    return [web.route(method, path, _handler(parts, work)) for (method, path), work in works.items()]
