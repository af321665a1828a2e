"""Parameters of request bodies: presence and type, with the documented errors."""

from typing import Any

from standin.common.errors import ApiError

PIN_LENGTH = 6


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


def pin(body: dict[str, Any], name: str = "pin") -> str:
    """A mandatory PIN of six digits; raises ApiError 1008 or 1009."""
    value = text(body, name)
    if len(value) != PIN_LENGTH or not value.isascii() or not value.isdigit():
        raise wrong(name, "six digits")
    return value


def only(body: dict[str, Any], *names: str) -> None:
    """No other parameters than these; raises ApiError 1010."""
    for name in body:
        if name not in names:
            raise ApiError(1010, f"Parameter '{name[:100]}' is not required")
