"""What the API says in place of an object: why it does not accept one, and what stands for a secret."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

HIDDEN = "$encrypted$"


class Refused(Exception):
    """A status of HTTP and its body: messages by field, or one as ``detail`` or ``error``."""

    def __init__(self, body: Mapping[str, Any], status: int = 400) -> None:
        super().__init__(body)
        self.body = body
        self.status = status
