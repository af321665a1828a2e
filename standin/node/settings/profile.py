"""Business profile, compliance information, the profile's "about" text and photo."""

import base64
import binascii
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy.engine import Connection

from standin.common import fields
from standin.common.errors import ApiError
from standin.node.base.answering import Answer
from standin.node.base.runtime import Runtime
from standin.store.config import read_value, write_value

PROFILE, COMPLIANCE, ABOUT, PHOTO = "business_profile", "compliance_info", "profile_about", "profile_photo"
PROFILE_LENGTHS = {"address": 256, "description": 256, "email": 128, "vertical": 128}
EMPTY_PROFILE: dict[str, Any] = dict.fromkeys(PROFILE_LENGTHS, "") | {"websites": []}
MAX_ABOUT, MAX_SITES, MAX_SITE = 139, 2, 256
MAX_PHOTO = 5 << 20
PHOTO_KINDS = {b"\xff\xd8\xff": "image/jpeg", b"\x89PNG\r\n\x1a\n": "image/png"}
COMPLIANCE_TEXTS = ("entity_name", "entity_type", "entity_type_custom")
COMPLIANCE_CONTACTS = {
    "customer_care_details": ("email", "landline_number", "mobile_number"),
    "grievance_officer_details": ("name", "email", "landline_number", "mobile_number"),
}


def _sites(value: Any) -> list[str]:
    def good(site: Any) -> bool:
        try:
            parts = urlsplit(site) if isinstance(site, str) and len(site) <= MAX_SITE else None
            return parts is not None and parts.scheme in {"http", "https"} and bool(parts.hostname)
        except ValueError:
            return False

    if not isinstance(value, list) or len(value) > MAX_SITES or not all(good(site) for site in value):
        raise fields.wrong("websites", f"at most {MAX_SITES} addresses with http:// or https://")
    return value


def _merge(connection: Connection, name: str, change: dict[str, Any]) -> None:
    write_value(connection, name, (read_value(connection, name) or {}) | change)


async def show_profile(runtime: Runtime, _body: dict[str, Any]) -> Answer:
    """The business profile, what was not set empty."""
    profile = EMPTY_PROFILE | (await runtime.run(read_value, PROFILE) or {})
    return 200, {"settings": {"business": {"profile": profile}}}


async def change_profile(runtime: Runtime, body: dict[str, Any]) -> Answer:
    """Changes the sent fields; raises ApiError."""
    fields.only(body, *PROFILE_LENGTHS, "websites")
    change = fields.optional_texts(body, PROFILE_LENGTHS)
    if "websites" in body:
        change["websites"] = _sites(body["websites"])
    await runtime.run(_merge, PROFILE, change)
    return 200, {}


async def show_compliance(runtime: Runtime, _body: dict[str, Any]) -> Answer:
    """The compliance information, {} while there is none."""
    return 200, {"settings": {"business": {"compliance_info": await runtime.run(read_value, COMPLIANCE) or {}}}}


async def change_compliance(runtime: Runtime, body: dict[str, Any]) -> Answer:
    """Replaces the compliance information; raises ApiError."""
    fields.only(body, *COMPLIANCE_TEXTS, "is_registered", *COMPLIANCE_CONTACTS)
    info = fields.optional_texts(body, dict.fromkeys(COMPLIANCE_TEXTS, 256))
    if "is_registered" in body:
        if not isinstance(body["is_registered"], bool):
            raise fields.wrong("is_registered", "true or false")
        info["is_registered"] = body["is_registered"]
    for group, names in COMPLIANCE_CONTACTS.items():
        if group in body:
            if not isinstance(body[group], dict):
                raise fields.wrong(group, "an object")
            fields.only(body[group], *names)
            info[group] = fields.optional_texts(body[group], dict.fromkeys(names, 256))
    await runtime.run(write_value, COMPLIANCE, info)
    return 200, {}


async def show_about(runtime: Runtime, _body: dict[str, Any]) -> Answer:
    """The "about" text."""
    return 200, {"settings": {"profile": {"about": {"text": await runtime.run(read_value, ABOUT) or ""}}}}


async def change_about(runtime: Runtime, body: dict[str, Any]) -> Answer:
    """Sets the "about" text; raises ApiError."""
    await runtime.run(write_value, ABOUT, fields.text(body, "text", MAX_ABOUT))
    return 200, {}


def photo_kind(data: bytes) -> str | None:
    """The media type of a JPEG or PNG image, None for anything else."""
    return next((kind for start, kind in PHOTO_KINDS.items() if data.startswith(start)), None)


async def show_photo(runtime: Runtime, _body: dict[str, Any]) -> Answer:
    """The photo in base64; raises ApiError 1006 when there is none."""
    data = await runtime.run(read_value, PHOTO)
    if not data:
        raise ApiError(1006, "No profile photo found")
    return 200, {"photo": data}


async def change_photo(runtime: Runtime, body: dict[str, Any]) -> Answer:
    """Sets the photo from base64; raises ApiError."""
    try:
        data = base64.b64decode(fields.text(body, "photo"), validate=True)
    except (binascii.Error, ValueError) as error:
        raise ApiError(1009, "The photo must be a JPEG or PNG image") from error
    if photo_kind(data) is None or len(data) > MAX_PHOTO:
        raise ApiError(1009, "The photo must be a JPEG or PNG image of at most 5 MB")
    await runtime.run(write_value, PHOTO, body["photo"])
    return 200, {}


async def remove_photo(runtime: Runtime, _body: dict[str, Any]) -> Answer:
    """Removes the photo; raises ApiError 1006 when there is none."""
    await show_photo(runtime, {})
    await runtime.run(write_value, PHOTO, None)
    return 200, {}
