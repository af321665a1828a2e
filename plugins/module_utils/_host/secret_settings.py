# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Secrets within a text that are recognised by the names given there: name=value, name: value, --name value."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.wabiz.onprem.plugins.module_utils._host.secret_names import is_secret_name, last_word

# A name and what separates it from its value. What follows is searched as well: a value may hold names of its own.
_NAME = re.compile(
    r"(?<![\w.-])(?:[^\WA-Za-z]|[.-])*(?P<name>[A-Za-z][\w.-]*)(?P<quote>\\*[\"'])?\s*"
    r"(?P<sign>=|:(?!//)(?=(?P<port>\d{1,5}(?:[/\s,\"']|$))?))\s*"
)
_OPTION = re.compile(r"(?:^|(?<=[\s\"']))--?(?P<name>[A-Za-z][\w-]*)\s+(?![-|&;<>])")
_ELEMENT = re.compile(r"<(?P<name>[\w.:-]+)(?:\s[^<>]*)?>(?P<value><!\[CDATA\[.*?(?:\]\]>|\Z)|[^<]*)", re.DOTALL)
# With the ways in which a shell, YAML and JSON write a quotation mark within.
_QUOTED = re.compile(
    r"'(?P<single>(?:[^']|'\"'\"'|'\\''|'')*)(?:'|\Z)|\"(?P<double>(?:\\.|[^\"\\])*)"
    r"|(?P<mark>\\+[\"'])(?P<escaped>(?:(?!(?P=mark)).)*)",
    re.DOTALL,
)
# Where a text is all name=value; with semicolons between, blanks belong to the values.
_PAIR = re.compile(r"\s*(?:[\w .-]+=(?!.*\s[\w.-]+=).*)?", re.DOTALL)
_BRACES = re.compile(r"\{[^}]*\}")
# A quotation mark inside of a word belongs to it, one at its end does not.
_MARK = r"[\"'](?![\s,;)\]}]|$)"
_UP_TO = {
    ends: re.compile(rf"(?:[^\"'{ends}]|{_MARK})+")
    for ends in (r";\n", r",\n", r"|\n", r"&\n", r",\s", r"|\s", r"&\s", r"\s")
}
_HEADER = re.compile(r"[^\n\"']+")
# What ends a value where nothing tells how the text is divided: a further name with the same sign, or a shell's sign.
_FURTHER = {sign: re.compile(rf"[,|;&]\s*[\w.-]+[\"']?\s*{sign}(?![=\s]|$)|[;&](?=[;&\s]|$)") for sign in "=:"}


def named_secrets(text: str) -> set[str]:
    """Values within the text that are secrets by the names they are given there."""
    found = {
        _value(text, match)
        for match in _NAME.finditer(text)
        if _is_secret(text, match) and not (match["port"] and not match["quote"] and _is_host(text, match))
    }
    for match in _OPTION.finditer(text):
        if is_secret_name(match["name"]):
            found.add(_quoted(text, match.end()) or _up_to(r"\s", text, match.end()))
    found |= {match["value"] for match in _ELEMENT.finditer(text) if is_secret_name(match["name"])}
    return found - {""}


def named_argument(item: str) -> str:
    """All that follows the first name in an argument of a command, where that is a secret's; else empty.

    An argument is divided from others already, so that blanks and commas belong to the value.
    """
    match = _NAME.match(item)
    return item[match.end() :] if match and match["sign"] == "=" and _is_secret(item, match) else ""


def option_name(item: t.Any) -> str:
    """The name in an item of a command that is nothing but an option, such as C(--password); else empty."""
    match = re.fullmatch(r"--?([A-Za-z][\w-]*)", item) if isinstance(item, str) else None
    return match[1] if match else ""


def _is_secret(text: str, match: re.Match[str]) -> bool:
    """Whether the name is a secret's, also behind Java's -D."""
    name, start = match["name"], match.start("name")
    return is_secret_name(name) or (text[:start].endswith("-") and name[0] == "D" and is_secret_name(name[1:]))


def _is_host(text: str, match: re.Match[str]) -> bool:
    """Whether the name before what may be a port is rather a host's."""
    last = last_word(match["name"])
    return text[: match.start("name")].endswith(("//", "@")) or last == "AUTH" or not is_secret_name(last)


def _value(text: str, match: re.Match[str]) -> str:
    start, sign = match.end(), match["sign"]
    quoted = _quoted(text, start)
    if quoted is not None:
        return quoted
    if sign == ":" and last_word(match["name"]) in ("AUTHORIZATION", "COOKIE"):
        header = _HEADER.match(text, start)
        return header[0] if header else ""
    before = text[: match.start("name")].rstrip("-")
    divider = before[-1:]
    if sign == "=" and (divider == ";" or (";" in text and all(map(_PAIR.fullmatch, text.split(";"))))):
        braces = _BRACES.match(text, start)
        return braces[0] if braces else _up_to(r";\n", text, start)
    if divider and divider in ",|&?":
        # In a command, blanks end what is divided by commas; where nothing precedes the list, they belong to it.
        return _up_to(divider.replace("?", "&") + (r"\s" if re.search(r"\s", before) else r"\n"), text, start)
    word = _up_to(r"\s", text, start)
    # A further name may end beyond the word.
    further = _FURTHER[sign].search(text, start, start + len(word) + 200)
    return word[: further.start() - start] if further else word


def _quoted(text: str, start: int) -> str | None:
    """What is between the quotation marks that begin here; None where none does."""
    match = _QUOTED.match(text, start)
    return next(value for value in match.group("single", "double", "escaped") if value is not None) if match else None


def _up_to(ends: str, text: str, start: int) -> str:
    match = _UP_TO[ends].match(text, start)
    return match[0] if match else ""
