"""What AWX accepts as a credential type, as a credential and as the configuration of a notification."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from jinja2 import StrictUndefined, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from tests.support.controller.refused import HIDDEN, Refused

_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_FILE = re.compile(r"template(\.[A-Za-z_][A-Za-z0-9_]*)?")
# Keys of an input by whether they suit a boolean.
_OF_BOTH = {"id", "label", "help_text", "type", "default"}
_OF_TEXTS = {"format", "choices", "multiline", "secret", "ask_at_runtime"}
_JINJA = ImmutableSandboxedEnvironment(undefined=StrictUndefined)

# What AWX brings along; only what a test may need of each.
MANAGED = {
    "Machine": ("ssh", ["username", "password", "ssh_key_data", "ssh_key_unlock", "become_method", "become_password"]),
    "Source Control": ("scm", ["username", "password", "ssh_key_data", "ssh_key_unlock"]),
    "Vault": ("vault", ["vault_password", "vault_id"]),
    "Container Registry": ("registry", ["host", "username", "password", "verify_ssl"]),
    "Ansible Galaxy/Automation Hub API Token": ("galaxy", ["url", "auth_url", "token"]),
}
_SECRET = {"password", "ssh_key_data", "ssh_key_unlock", "become_password", "vault_password", "token"}

# Required settings of a notification by its type, and those with a default; only of the types that are common.
_NOTIFICATIONS: dict[str, tuple[tuple[str, ...], dict[str, Any]]] = {
    "email": (
        ("host", "port", "username", "password", "use_tls", "use_ssl", "sender", "recipients"),
        {"timeout": 30},
    ),
    "webhook": (
        ("url", "headers"),
        {"http_method": "POST", "disable_ssl_verification": False, "username": "", "password": ""},
    ),
    "slack": (("token", "channels"), {"hex_color": ""}),
    "mattermost": (
        ("mattermost_url",),
        {
            "mattermost_username": "",
            "mattermost_channel": "",
            "mattermost_icon_url": "",
            "mattermost_no_verify_ssl": False,
        },
    ),
}
_HIDDEN_SETTINGS = {"password", "token"}


def managed_inputs(names: list[str]) -> dict[str, Any]:
    """The inputs of a type that AWX brings along."""
    return {"fields": [{"id": name, "label": name, "type": "string", "secret": name in _SECRET} for name in names]}


def accepted_type(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the inputs and injectors of a new type as AWX keeps them. Raises Refused."""
    if values["kind"] not in ("cloud", "net"):
        raise Refused({"kind": ["must be 'cloud' or 'net'"]})
    inputs = dict(values["inputs"])
    if set(inputs) - {"fields", "required", "dependencies"}:
        raise Refused({"inputs": [f"unexpected: {sorted(inputs)}"]})
    fields = [{**one, "type": one.get("type", "string")} for one in inputs.get("fields", [])]
    names = [one.get("id") for one in fields]
    complaints = [text for one in fields for text in _wrong_input(one)]
    complaints += [f"{name!r} is there twice" for name in names if names.count(name) > 1]
    complaints += [f"required {name!r} is no field" for name in inputs.get("required", []) if name not in names]
    if complaints:
        raise Refused({"inputs": complaints})
    injectors = values["injectors"]
    wrong = list(_wrong_injectors(injectors, {str(name): "EXAMPLE" for name in names}))
    if wrong:
        raise Refused({"injectors": wrong})
    return {"inputs": {**inputs, **({"fields": fields} if fields else {})}, "injectors": injectors}


def _wrong_input(one: Mapping[str, Any]) -> Iterator[str]:
    name = str(one.get("id"))
    if not _IDENTIFIER.fullmatch(name) or not one.get("label"):
        yield f"{name!r} needs an id of letters, digits and underscores, and a label"
    if name == "tower":
        yield "'tower' is reserved"
    if one["type"] not in ("string", "boolean"):
        yield f"{name!r} is neither string nor boolean"
    known = _OF_BOTH | (_OF_TEXTS if one["type"] == "string" else set())
    yield from (f"{key!r} does not suit {name!r}" for key in sorted(set(one) - known))
    if not set(one.get("choices", [])) >= ({one["default"]} if one.get("choices") and "default" in one else set()):
        yield f"the default of {name!r} is none of its choices"


def _wrong_injectors(injectors: Mapping[str, Any], values: dict[str, Any]) -> Iterator[str]:
    yield from (f"{name!r} is no injector" for name in sorted(set(injectors) - {"file", "env", "extra_vars"}))
    files = injectors.get("file", {})
    yield from (f"file {name!r} is not template or template.name" for name in files if not _FILE.fullmatch(name))
    if "template" in files and len(files) > 1:
        yield "a file without a name is the only one"
    yield from (
        f"{name!r} is no environment variable" for name in injectors.get("env", {}) if not _IDENTIFIER.fullmatch(name)
    )
    places = {name.partition(".")[2]: "/tmp/EXAMPLE" for name in files}
    values = {**values, "tower": {"filename": places.get("", places)}}
    for part in ("file", "env", "extra_vars"):
        for text in _texts(injectors.get(part, {})):
            try:
                _JINJA.from_string(text).render(values)
            except TemplateError as error:
                yield f"{part}: {text!r}: {error}"


def _texts(value: Any) -> Iterator[str]:
    """Every text in a structure, names of its keys included."""
    if isinstance(value, dict):
        for key, one in value.items():
            yield from (*_texts(key), *_texts(one))
    elif isinstance(value, list):
        for one in value:
            yield from _texts(one)
    elif isinstance(value, str):
        yield value


def accepted_inputs(given: Mapping[str, Any], old: Mapping[str, Any], kind: Mapping[str, Any]) -> dict[str, Any]:
    """Return a credential's inputs; what is hidden is the old secret. Raises Refused."""
    known = {one["id"] for one in kind["inputs"].get("fields", [])}
    if set(given) - known:
        raise Refused({"inputs": [f"{name!r} is unexpected" for name in sorted(set(given) - known)]})
    return {name: old[name] if value == HIDDEN else value for name, value in given.items()}


def shown_inputs(inputs: Mapping[str, Any], kind: Mapping[str, Any]) -> dict[str, Any]:
    """A credential's inputs without its secrets."""
    secret = {one["id"] for one in kind["inputs"].get("fields", []) if one.get("secret")}
    return {name: HIDDEN if name in secret and value != "" else value for name, value in inputs.items()}


def accepted_notification(kind: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the configuration of a notification with its defaults. Raises Refused."""
    if kind not in _NOTIFICATIONS:
        raise Refused({"notification_type": [f"the stand-in knows no {kind!r}"]})
    required, defaults = _NOTIFICATIONS[kind]
    missing = [name for name in required if name not in given]
    if missing:
        raise Refused({"notification_configuration": [f"missing: {', '.join(missing)}"]})
    return {**defaults, **given}


def shown_notification(configuration: Mapping[str, Any]) -> dict[str, Any]:
    """The configuration of a notification without its secrets."""
    return {name: HIDDEN if name in _HIDDEN_SETTINGS and value else value for name, value in configuration.items()}
