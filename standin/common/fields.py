"""Parameters of request bodies: presence and type, with the documented errors."""

from collections.abc import Mapping
from typing import Any

from standin.common.errors import ApiError

PIN_LENGTH = 6
LONGEST_NUMBER = 20
LONGEST_CERTIFICATE = 16 << 10


def wrong(name: str, what: str) -> ApiError:
    """Error 1009: the parameter must be something else."""
    return ApiError(1009, f"Parameter '{name}' must be {what}")


def text(body: dict[str, Any], name: str, most: int | None = None) -> str:
    """A mandatory text of at most so many characters; raises ApiError 1008 or 1009."""
    value = body.get(name)
    if value is None:
        raise ApiError(1008, f"Parameter '{name}' is mandatory")
    if not isinstance(value, str) or not value or (most is not None and len(value) > most):
        raise wrong(name, "a text" + (f" of at most {most} characters" if most else ""))
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise wrong(name, "valid Unicode") from error
    return value


def optional_texts(body: dict[str, Any], lengths: Mapping[str, int]) -> dict[str, Any]:
    """The texts that are there, of at most so many characters each; raises ApiError 1009."""
    for name, most in lengths.items():
        value = body.get(name)
        if name in body and (not isinstance(value, str) or len(value) > most):
            raise wrong(name, f"a text of at most {most} characters")
    return {name: body[name] for name in lengths if name in body}


def pin(body: dict[str, Any], name: str = "pin") -> str:
    """A mandatory PIN of six digits; raises ApiError 1008 or 1009."""
    value = text(body, name)
    if len(value) != PIN_LENGTH or not value.isascii() or not value.isdigit():
        raise wrong(name, "six digits")
    return value


def optional_pin(body: dict[str, Any]) -> str | None:
    """The PIN where one is given; raises ApiError 1009."""
    return None if body.get("pin") in (None, "") else pin(body)


def digits(body: dict[str, Any], name: str) -> str:
    """A mandatory country code or phone number; raises ApiError 1008 or 1009."""
    value = text(body, name, LONGEST_NUMBER)
    if not value.isascii() or not value.isdigit():
        raise wrong(name, "digits only")
    return value


def certificate(body: dict[str, Any]) -> str:
    """The mandatory verified-name certificate; raises ApiError 1008 or 1009."""
    return text(body, "cert", LONGEST_CERTIFICATE)


def only(body: dict[str, Any], *names: str) -> None:
    """No other parameters than these; raises ApiError 1010."""
    for name in body:
        if name not in names:
            raise ApiError(1010, f"Parameter '{name[:100]}' is not required")
