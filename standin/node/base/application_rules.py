"""Application settings: fields, defaults, validation, and what acts only after a restart. No I/O."""

import copy
from typing import Any
from urllib.parse import urlsplit

from standin.common.errors import ApiError

Settings = dict[str, Any]

MEDIA_KINDS = ("image", "document", "audio", "video", "voice", "sticker")
CONCURRENT = (6, 12, 18, 24)
MAX_TEXT = 2048
MAX_NUMBER = 2**53

DEFAULTS: Settings = {
    "callback_backoff_delay_ms": 3000,
    "callback_persist": True,
    "garbagecollector_enable": {"media": False, "messages": True},
    "heartbeat_interval": 5,
    "log_level": "info",
    "max_callback_backoff_delay_ms": 900000,
    "media": {"auto_download": list(MEDIA_KINDS)},
    "notify_user_change_number": True,
    "pass_through": False,
    "sent_status": False,
    "show_security_notifications": True,
    "unhealthy_interval": 30,
    "verbose_logging": False,
    "webhooks": {"max_concurrent_requests": 6, "url": ""},
}

# Their values act on a coreapp from its next start on.
AFTER_RESTART = ("callback_persist", "pass_through", "garbagecollector_enable", "webhooks.max_concurrent_requests")


def _wrong(name: str, what: str) -> ApiError:
    return ApiError(1009, f"Parameter '{name}' must be {what}")


def _flag(name: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise _wrong(name, "true or false")
    return value


def _positive(name: str, value: Any) -> int | float:
    good = isinstance(value, int | float) and not isinstance(value, bool)
    if not good or not 0 < value < MAX_NUMBER:  # excludes infinities and NaN as well
        raise _wrong(name, "a positive number")
    return value


def _milliseconds(name: str, value: Any) -> int | float:
    # the documents show these two as numbers and as texts
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < len(str(MAX_NUMBER)):
        value = int(value)
    return _positive(name, value)


def _text(name: str, value: Any) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= MAX_TEXT:
        raise _wrong(name, "a text")
    return value


def _url(name: str, value: Any) -> str:
    if not isinstance(value, str) or len(value) > MAX_TEXT:
        raise _wrong(name, "an HTTPS address or empty")
    try:
        parts = urlsplit(value)
        good = not value or (parts.scheme == "https" and bool(parts.hostname) and parts.port != 0)
    except ValueError:
        good = False
    if not good or not value.isprintable() or " " in value:
        raise _wrong(name, "an HTTPS address or empty")
    return value


def _concurrent(name: str, value: Any) -> int:
    if isinstance(value, bool) or value not in CONCURRENT:
        raise _wrong(name, "6, 12, 18 or 24")
    return int(value)


def _media_kinds(name: str, value: Any) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(kind, str) and kind in MEDIA_KINDS for kind in value):
        raise _wrong(name, "a list of " + ", ".join(MEDIA_KINDS))
    return list(dict.fromkeys(value))


def _not_enabled(name: str, value: Any) -> bool:
    if _flag(name, value):
        raise ApiError(1009, f"Parameter '{name}' cannot be enabled any more")
    return False


FIELDS: dict[str, Any] = {
    "axolotl_context_striping_disabled": _flag,
    "callback_backoff_delay_ms": _milliseconds,
    "callback_persist": _flag,
    "db_garbagecollector_enable": _flag,
    "garbagecollector_enable": {"media": _flag, "messages": _flag},
    "heartbeat_interval": _positive,
    "log_level": _text,
    "max_callback_backoff_delay_ms": _milliseconds,
    "media": {"auto_download": _media_kinds},
    "notify_user_change_number": _flag,
    "pass_through": _not_enabled,
    "sent_status": _flag,
    "show_security_notifications": _flag,
    "skip_referral_media_download": _flag,
    "unhealthy_interval": _positive,
    "verbose_logging": _flag,
    "webhook_payload_conversation_pricingmodel_disabled": _flag,
    "webhooks": {
        "max_concurrent_requests": _concurrent,
        "message": {"delivered": _flag, "read": _flag, "sent": _flag},
        "url": _url,
    },
}


def _checked(fields: dict[str, Any], given: Any, path: str) -> Settings:
    if not isinstance(given, dict):
        raise _wrong(path, "an object")
    found = {}
    for key, value in given.items():
        name = f"{path}.{key}" if path else key
        field = fields.get(key)
        if field is None:
            raise ApiError(1010, f"Parameter '{name[:100]}' is not required")
        found[key] = _checked(field, value, name) if isinstance(field, dict) else field(name, value)
    return found


def checked(patch: Settings) -> Settings:
    """A PATCH's settings in their stored form; raises ApiError 1009 or 1010."""
    found = _checked(FIELDS, patch, "")
    older_form = found.pop("db_garbagecollector_enable", None)
    if older_form is not None:
        found["garbagecollector_enable"] = {"messages": older_form} | found.get("garbagecollector_enable", {})
    return found


def merged(base: Settings, patch: Settings) -> Settings:
    """The base with the patch's fields in it, objects field by field."""
    result = copy.deepcopy(base)
    for key, value in patch.items():
        both = isinstance(value, dict) and isinstance(result.get(key), dict)
        result[key] = merged(result[key], value) if both else copy.deepcopy(value)
    return result


def complete(stored: Settings) -> Settings:
    """Stored settings with the defaults of all others."""
    return merged(DEFAULTS, stored)


def value_at(settings: Settings, path: str) -> Any:
    """The value under a dotted path, None when there is none."""
    value: Any = settings
    for key in path.split("."):
        value = value.get(key) if isinstance(value, dict) else None
    return value


def with_value(settings: Settings, path: str, value: Any) -> Settings:
    """The settings with another value under a dotted path."""
    for key in reversed(path.split(".")):
        value = {key: value}
    return merged(settings, value)


def held_back(stored: Settings, at_start: Settings) -> Settings:
    """Complete settings as a process that started with others applies them."""
    settings, first = complete(stored), complete(at_start)
    for path in AFTER_RESTART:
        settings = with_value(settings, path, value_at(first, path))
    return settings


def changed_paths(before: Settings, after: Settings) -> list[str]:
    """The paths among those that need a restart whose values differ."""
    old, new = complete(before), complete(after)
    return [path for path in AFTER_RESTART if value_at(old, path) != value_at(new, path)]


def shown(settings: Settings, wa_id: str) -> Settings:
    """The settings as GET answers them."""
    result = settings | {"db_garbagecollector_enable": settings["garbagecollector_enable"]["messages"]}
    return result | ({"wa_id": wa_id} if wa_id else {})
