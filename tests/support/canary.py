"""Secrets that can be recognised wherever they turn up.

canaries = Canaries(["wabiz_api_key", "wabiz_database_password"])
run = run_playbook("playbooks/site.yml", extra_vars=canaries.values, arguments=["-vvv", "--diff"])
assert canaries.leaks(run.output) == []
"""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote


@dataclass(frozen=True)
class Leak:
    """One secret found: whose, in which form, and the text around it with the secret itself masked."""

    secret: str
    form: str
    excerpt: str


def _fresh(name: str) -> str:
    # Strong enough for an administrator's password, free of the characters that R10 forbids.
    return f"Canary-9-{name.replace('_', '-')}-{secrets.token_hex(16)}"


@dataclass(frozen=True)
class Canaries:
    """A fresh secret for each name; ``values`` fits extra_vars as it is."""

    names: Iterable[str]
    given: Mapping[str, str] = field(default_factory=dict)
    values: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        """Make the secrets; those in ``given`` are taken as they are (keys of a fixed form, PINs)."""
        object.__setattr__(self, "values", {**{name: _fresh(name) for name in self.names}, **self.given})

    def leaks(self, text: str) -> list[Leak]:
        """Return every secret that the text holds: as it is, quoted for a URL, escaped, in hexadecimal, in base64."""
        return [
            Leak(name, form, _excerpt(text, needle))
            for name, value in self.values.items()
            for form, needle in _forms(value).items()
            if needle in text
        ]

    def leaks_below(self, directory: Path) -> list[tuple[Path, Leak]]:
        """Search the contents of all files below a directory, whatever their encoding."""
        files = [path for path in sorted(directory.rglob("*")) if path.is_file() and not path.is_symlink()]
        return [(path, leak) for path in files for leak in self.leaks(path.read_bytes().decode("latin-1"))]


def _forms(value: str) -> dict[str, str]:
    raw = value.encode()
    forms = {
        "plain": value,
        "url": quote(value, safe=""),
        "json": json.dumps(value)[1:-1],
        "hex": raw.hex(),
    }
    for offset in range(3):
        # The characters that depend on the neighbours of an embedded secret are left out at both ends.
        encoded = base64.b64encode(b"\0" * offset + raw).decode()
        first = (8 * offset + 5) // 6
        forms[f"base64+{offset}"] = encoded[first : (8 * (offset + len(raw))) // 6]
    plain = forms["plain"]
    return {form: needle for form, needle in forms.items() if form == "plain" or needle != plain}


def _excerpt(text: str, needle: str) -> str:
    start = text.index(needle)
    before = text[max(0, start - 120) : start]
    after = text[start + len(needle) : start + len(needle) + 60]
    return f"{before}*****{after}"
