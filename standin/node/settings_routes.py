"""Control-port routes of what only the primary master may do: settings, backup, two-step verification, profile."""

from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from standin.node import application_settings, backup, profile, two_step

PrimaryOnly = Callable[[web.Request, Any], Awaitable[web.Response]]

SETTINGS = "/v1/settings/"
WORK: dict[tuple[str, str], Any] = {
    ("GET", "application"): application_settings.show,
    ("PATCH", "application"): application_settings.change,
    ("DELETE", "application"): application_settings.reset,
    ("GET", "application/media/providers"): profile.show_providers,
    ("POST", "application/media/providers"): profile.add_providers,
    ("DELETE", "application/media/providers"): profile.remove_provider,
    ("POST", "account/two-step"): two_step.enable,
    ("DELETE", "account/two-step"): two_step.disable,
    ("POST", "backup"): backup.backup,
    ("POST", "restore"): backup.restore,
    ("GET", "business/profile"): profile.show_profile,
    ("POST", "business/profile"): profile.change_profile,
    ("GET", "business/compliance_info"): profile.show_compliance,
    ("POST", "business/compliance_info"): profile.change_compliance,
    ("GET", "profile/about"): profile.show_about,
    ("PATCH", "profile/about"): profile.change_about,
    ("GET", "profile/photo"): profile.show_photo,
    ("POST", "profile/photo"): profile.change_photo,
    ("DELETE", "profile/photo"): profile.remove_photo,
}


def _handler(work: Any, primary_only: PrimaryOnly) -> Any:
    async def handle(request: web.Request) -> web.Response:
        return await primary_only(request, work)

    return handle


def settings_routes(primary_only: PrimaryOnly) -> list[web.RouteDef]:
    """The routes; primary_only runs work(runtime, body) on the primary master and answers its result."""
    return [web.route(method, SETTINGS + path, _handler(work, primary_only)) for (method, path), work in WORK.items()]
