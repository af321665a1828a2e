"""Errors of the API: codes, titles and HTTP statuses come from one data file."""

import json
from functools import cache
from pathlib import Path
from typing import Any

TABLE = Path(__file__).parent.parent / "errors.json"

NOT_READY = "Wacore is not instantiated. Please check wacore log for details."


@cache
def _table() -> dict[str, dict[str, Any]]:
    table: dict[str, dict[str, Any]] = json.loads(TABLE.read_text(encoding="utf-8"))
    return table


class ApiError(Exception):
    """One documented error: its code, what is wrong, and, where it differs from the table, the HTTP status."""

    def __init__(self, code: int, details: str, status: int | None = None) -> None:
        super().__init__(f"{code}: {details}")
        entry = _table()[str(code)]
        self.code = code
        self.details = details
        self.title: str = entry["title"]
        self.status: int = status or entry["status"]

    def as_dict(self) -> dict[str, Any]:
        """The entry of an answer's `errors` list."""
        return {"code": self.code, "title": self.title, "details": self.details}


def unreachable(host: str, port: int) -> ApiError:
    """A node that does not answer on one of its ports."""
    return ApiError(1014, f"Connection timed out. Please check if wacore is running: {host}:{port}")


def not_primary() -> ApiError:
    """A coreapp that does not, or not yet, serve the recipient's shard."""
    return ApiError(1018, "Please send the request to the primary coreapp or try again")


def expired() -> ApiError:
    """A client whose version is past its day."""
    return ApiError(1005, "app expired, upgrade required")


def not_ready() -> ApiError:
    """A node that cannot serve yet."""
    return ApiError(1011, NOT_READY)
