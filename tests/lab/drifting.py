"""A container that differs from its settings, as after a manual change."""

from __future__ import annotations

import json

from tests.lab.hosts import on
from tests.lab.recreation import creation


def recreate(host: str, name: str, **changed: str) -> None:
    """Replace a container by one that differs in these variables of its environment only."""
    found = json.loads(on(host, "docker", "inspect", name))[0]
    on(host, "docker", "rm", "--force", name)
    on(host, "docker", "run", "--detach", *creation(found, changed))
