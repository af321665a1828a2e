"""Secrets that are recognised in any output.

canaries = Canaries(["wabiz_api_key", "wabiz_database_password"])
run = run_playbook("playbooks/site.yml", extra_vars=canaries.values, arguments=["-vvv", "--diff"])
assert canaries.leaks(run.output) == []
"""

from __future__ import annotations

import base64
import json
import re
import secrets
import shlex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, quote_plus


@dataclass(frozen=True)
class Leak:
    """One secret found: its name, its form, and the text around it with the secret itself masked."""

    secret: str
    form: str
    excerpt: str


def _fresh(name: str) -> str:
    # Strong enough for an administrator's password, without the characters that the client does not accept.
    return f"Canary-9-{name.replace('_', '-')}-{secrets.token_hex(16)}"


# Length from which a piece of a secret is recognised.
_PIECE = 20
# Characters that need quoting, without those that the client does not accept; strong enough for an administrator.
_AWKWARD = 'Canary-9 it\'s "5%s" of $HOME \\n '
AWKWARD_LENGTH = 64  # characters: what a signing key has, and a password has at most


def awkward() -> str:
    """Return a fresh secret that contains quotes, a percent sign, a dollar, a backslash and spaces."""
    return _AWKWARD + secrets.token_hex(AWKWARD_LENGTH)[: AWKWARD_LENGTH - len(_AWKWARD)]


@dataclass(frozen=True)
class Canaries:
    """A fresh secret for each name; ``values`` fits extra_vars as it is."""

    names: Iterable[str]
    given: Mapping[str, str] = field(default_factory=dict)
    values: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        """Create the secrets; those in ``given`` are used as they are (keys of a fixed form, PINs)."""
        object.__setattr__(self, "values", {**{name: _fresh(name) for name in self.names}, **self.given})

    def leaks(self, text: str) -> list[Leak]:
        """Return every secret in the text, each once.

        It is found as plain text, quoted for JSON, Python, YAML, a shell or a URL, in hexadecimal and in base64. Its
        longest piece of letters and digits counts as well: quoting and line breaks do not change that.
        """
        found = ((name, _found(value, text)) for name, value in self.values.items())
        return [Leak(name, form, _excerpt(text, needle, self.values[name])) for name, (form, needle) in found if needle]

    def leaks_below(self, directory: Path) -> list[tuple[Path, Leak]]:
        """Search the contents of all files below a directory, whatever their encoding."""
        files = [path for path in sorted(directory.rglob("*")) if path.is_file() and not path.is_symlink()]
        return [(path, leak) for path in files for leak in self.leaks(path.read_bytes().decode("latin-1"))]


def _forms(value: str) -> dict[str, str]:
    raw = value.encode()
    escaped = json.dumps(value)[1:-1]
    forms = {
        "plain": value,
        "url": quote(value, safe=""),
        "url+": quote_plus(value),
        "json": escaped,
        "json in json": json.dumps(escaped)[1:-1],
        "repr": repr(value)[1:-1],
        "shell": shlex.quote(value).strip("'"),
        "yaml": value.replace("'", "''"),
        "hex": raw.hex(),
        "piece": max(re.findall("[A-Za-z0-9]+", value), key=len, default=""),
    }
    if len(forms["piece"]) < _PIECE:
        del forms["piece"]
    for offset in range(3):
        # The first and last characters are omitted: they depend on the text around an embedded secret.
        encoded = base64.b64encode(b"\0" * offset + raw).decode()
        first = (8 * offset + 5) // 6
        forms[f"base64+{offset}"] = encoded[first : (8 * (offset + len(raw))) // 6]
    return forms


def _found(value: str, text: str) -> tuple[str, str]:
    """Return the first form in which the text contains a secret, with its text; '' twice if it does not."""
    return next(((form, needle) for form, needle in _forms(value).items() if needle in text), ("", ""))


def _excerpt(text: str, needle: str, value: str) -> str:
    start = text.index(needle)
    before = text[max(0, start - 120) : start]
    after = text[start + len(needle) : start + len(needle) + 60]
    return f"{_masked(before, value)}*****{_masked(after, value)}"


def _masked(text: str, value: str) -> str:
    for form in _forms(value).values():
        text = text.replace(form, "*****")
    return text
