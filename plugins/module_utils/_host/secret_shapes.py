# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Secrets that are recognised by what they look like, within any text."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.wabiz.onprem.plugins.module_utils._host.secret_names import is_secret_name

# Whatever group "secret" matches is one.
_SHAPES = [
    # user:password@ of a URL, up to the last @ of the word; a port with what may follow is no password.
    re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^\s:/@]*:(?!\d{1,5}(?:[/?#\s]|$))(?P<secret>\S+)@"),
    re.compile(r"https?://(?=[^\s/@]*\d)(?P<secret>[^\s:/@]{8,})@"),
    # The same without a scheme: user:password@host, user:password@tcp(host:3306), user:password@(host:3306)/.
    re.compile(
        r"(?<![^\s\"'=,])(?!mailto:)[\w.%+-]+:(?!/)(?P<secret>\S+)@(?:\w*\(|[\w.-]+(?::\d+)?(?:[/?]\S*)?(?![^\s\"',]))"
    ),
    # A private key, to its end or to that of the text.
    re.compile(r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----(?P<secret>.*?)(?:-----END|\Z)", re.DOTALL),
    # A JSON Web Token, and what else has three long parts of base64.
    re.compile(r"(?P<secret>\beyJ[\w-]{5,}\.[\w-]{5,}\.[\w-]*)"),
    re.compile(r"(?<![\w.-])(?P<secret>(?=[^.]*\d)(?=[^.]*[A-Z])[\w-]{20,}\.[\w-]{6,}\.[\w-]{20,})(?![\w.-])"),
    # What well-known services give out.
    re.compile(
        r"(?<![A-Za-z0-9])(?P<secret>(?:gh[oprsu]_|github_pat_|glpat-|xox[a-z]-|npm_|dckr_pat_|hv[bs]\.|SG\."
        r"|[rs]k_live_|sk-|AKIA|ASIA|AIza|ya29\.|EAA)[\w.-]{16,})"
    ),
    re.compile(r"(?i:\b(?:bearer|basic)) +(?P<secret>[\w+/.=~-]{8,})"),
    # mysql -psecret; curl -u user:secret.
    re.compile(r"\bmysql\w*\s(?:[^|;&]*\s)?-p(?P<secret>[^\s\"']+)"),
    re.compile(r"(?:^|\s)(?:-u|--user|--proxy-user)[= ]+[^\s:]+:(?!\d+(?:\s|$))(?P<secret>[^\s\"']+)"),
]
# A digest says by its prefix what it is.
_RANDOM = re.compile(
    r"(?<!sha256:)(?<!sha512:)(?<![A-Za-z0-9+/_.~-])[A-Za-z0-9+_][A-Za-z0-9+/_-]{22,}={0,2}(?![A-Za-z0-9+/_.-])"
)
# name=value and name: value within a text.
_SETTING = re.compile(
    r"(?P<name>[A-Za-z][\w.-]*)[\"']?\s*(?:=|:(?!//)(?!\d{1,5}(?:[/\s,\"']|$)))\s*"
    r"(?:\"(?P<double>[^\"]*)\"|'(?P<single>[^']*)'|(?P<bare>[^\s;&\"']+))"
)
# --name value within a text.
_OPTION = re.compile(r"(?:^|(?<=\s))--?(?P<name>[A-Za-z][\w-]*)\s+(?P<value>[^\s-]\S*)")


def shaped_secrets(text: str) -> set[str]:
    """Parts of the text that look like secrets."""
    found = {match["secret"] for shape in _SHAPES for match in shape.finditer(text)}
    found |= {match[0] for match in _RANDOM.finditer(text) if _is_random(match[0])}
    return found - {""}


def named_secrets(text: str) -> set[str]:
    """Values within the text that are secrets by the names they are given there."""
    found: set[str] = set()
    for match in _SETTING.finditer(text):
        if is_secret_name(match["name"]):
            found.add(next(value for value in match.group("double", "single", "bare") if value is not None))
    found |= {match["value"] for match in _OPTION.finditer(text) if is_secret_name(match["name"])}
    return found - {""}


def option_name(item: t.Any) -> str:
    """The name in an item of a command that is nothing but an option, such as C(--password); else empty."""
    match = re.fullmatch(r"--?([A-Za-z][\w-]*)", item) if isinstance(item, str) else None
    return match[1] if match else ""


def _is_random(word: str) -> bool:
    """Long and without the regularity of words: hexadecimal, base64, or letters and digits by chance."""
    core = word.rstrip("=")
    kinds = ["d" if char.isdigit() else "u" if char.isupper() else "l" if char.islower() else "o" for char in core]
    digits = kinds.count("d")
    if not 0 < digits < len(core):
        return False
    if len(core) >= 32 and core.isalnum() and (core == core.lower() or core == core.upper()):
        return digits >= 4 and len(core) - digits >= 3
    changes = sum(1 for one, other in zip(kinds, kinds[1:]) if one != other)
    return "u" in kinds and "l" in kinds and changes >= (0.4 if digits > 2 else 0.46) * len(core)
