# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One value as the user gave it, turned into what its declaration says. It reads only home and directory."""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import json
import os
import re
import shlex
import typing as t
import unicodedata
from dataclasses import replace

from ansible_collections.wabiz.onprem.plugins.module_utils._formats import cron
from ansible_collections.wabiz.onprem.plugins.module_utils._formats.unfit import Unfit
from ansible_collections.wabiz.onprem.plugins.module_utils._settings import hop
from ansible_collections.wabiz.onprem.plugins.module_utils._settings.declaration import Variable
from ansible_collections.wabiz.onprem.plugins.module_utils._settings.patterns import PATTERNS, Pattern

_WORDS = {
    **dict.fromkeys(("true", "yes", "on", "y", "t", "1"), True),
    **dict.fromkeys(("false", "no", "off", "n", "f", "0"), False),
}
_INTEGER = re.compile(r"[+-]?[0-9]{1,18}", re.ASCII)
_NUMBER = re.compile(r"[+-]?[0-9]{1,18}(\.[0-9]{1,18})?", re.ASCII)
# Quotation marks around nothing come from files that keep them, as docker --env-file does.
_NO_VALUE = ("null", "Null", "NULL", "None", "undefined", '""', "''")
# Control characters, those without a width, halves of pairs, and separators of lines: they are pasted, never meant.
_UNSEEN = ("Cc", "Cf", "Cs", "Zl", "Zp")
_LINES = dict.fromkeys(map(ord, "\n\r\t"))
# What a file system takes for the name of a file or directory, in bytes.
_LONGEST_NAME = 255
_SHOWN = 60


def given(value: t.Any) -> bool:
    """Tell whether the user gave a value: null and blank text are none."""
    return not (value is None or (isinstance(value, str) and not value.strip()))


def convert(variable: Variable, value: t.Any) -> t.Any:
    """Return the value with the declared type; a variable that is not given has its default. Raises Unfit."""
    if not given(value):
        return variable.default
    if isinstance(value, str) and value.strip() in _NO_VALUE:
        empty = PATTERNS[variable.pattern].empty if variable.pattern else Pattern("", "").empty
        raise Unfit("is a text that means no value in some language.", empty)
    try:
        converted = _CONVERTERS[variable.type](variable, value)
    except Unfit:
        raise
    except (ValueError, RecursionError):
        raise Unfit(f"cannot be read as {variable.type}.", "Fix the value.") from None
    if converted == [] and variable.default is None:
        # All that it holds is blank, as what a survey sends where nothing is chosen.
        return None
    if isinstance(converted, dict) and variable.merge:
        converted = {**variable.default, **converted}
    if variable.choices and converted not in variable.choices:
        raise Unfit(f"is {_shown(variable, value)}.", f"Choose one of {', '.join(map(str, variable.choices))}.")
    return converted


def _shown(variable: Variable, value: t.Any) -> str:
    """The value for a message; what may hold a secret is described only."""
    if variable.secret or not isinstance(value, (str, int, float)):
        return "a value of the wrong form"
    text = repr(value) if isinstance(value, str) else str(value)
    # An address may hold a password: https://user:password@host.
    return text if len(text) <= _SHOWN and "@" not in text else f"a text of {len(text)} characters"


def _text(variable: Variable, value: t.Any) -> str:
    if isinstance(value, dt.datetime) and value.tzinfo:
        # What YAML makes of 2026-03-01T02:00:00Z without quotes.
        value = value.astimezone(dt.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    if isinstance(value, dt.date):
        value = value.isoformat()
    plain = str(value) if isinstance(value, (str, int, float)) and not isinstance(value, bool) else None
    # YAML reads 0123 and 1e5 as other numbers than they look.
    if plain is None or (not isinstance(value, str) and (variable.secret or isinstance(value, float))):
        raise Unfit("is not text.", "Put it in quotes; in an INI file: name='\"value\"'.")
    if variable.base64 or variable.pattern in ("pin", "code"):
        # Wrapped lines, and digits pasted from a message.
        plain = "".join(plain.split())
    text = plain.rstrip("\r\n") if variable.secret else plain.strip()
    if variable.secret and text != text.strip() and not variable.multiline:
        raise Unfit("begins or ends with a space.", "Remove it; it is not seen and not meant in most cases.")
    least, most = variable.length
    if not least <= len(text) <= most:
        raise Unfit(f"has {len(text)} characters.", f"Use {least if least == most else f'{least} to {most}'}.")
    if any(unicodedata.category(one) in _UNSEEN for one in (text.translate(_LINES) if variable.multiline else text)):
        remedy = "Save it as UTF-8 without a byte order mark." if variable.multiline else "Type it, in one line."
        raise Unfit("holds a line break or another character that is not seen.", remedy)
    found = [character for character in variable.forbidden if character in text]
    if found:
        # How many, not which: a message must not narrow a secret down.
        raise Unfit(
            f"contains {len(found)} kind(s) of character that the client cannot take.",
            f"Choose one without any of {variable.forbidden}",
        )
    if variable.base64:
        _decode(text)
    if variable.pattern == "volume or path" and text.startswith("/"):
        return _plain_path(variable, text)
    return _fitting(variable, text, variable.pattern)


def _decode(text: str) -> None:
    try:
        base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise Unfit("is not base64.", "Copy it as a whole.") from None


def _fitting(variable: Variable, text: str, pattern: str) -> str:
    if pattern == "registry":
        text = text.rstrip("/")
    if pattern in ("host", "listen", "address") and text.startswith("[") and text.endswith("]"):
        text = text[1:-1]
    if pattern and not PATTERNS[pattern].fits(text):
        raise Unfit(f"is {_shown(variable, text)}.", f"Write {PATTERNS[pattern].meaning}.")
    return text


def _boolean(variable: Variable, value: t.Any) -> bool:
    if isinstance(value, bool):
        return value
    word = str(value).strip().lower() if isinstance(value, (str, int)) else ""
    if word not in _WORDS:
        raise Unfit(f"is {_shown(variable, value)}.", "Write true or false.")
    return _WORDS[word]


def _integer(variable: Variable, value: t.Any) -> int:
    text = "" if isinstance(value, bool) else str(value).strip() if isinstance(value, (str, int)) else ""
    if not _INTEGER.fullmatch(text):
        raise Unfit(f"is {_shown(variable, value)}.", "Write a whole number.")
    return t.cast(int, _in_range(variable, int(text)))


def _float(variable: Variable, value: t.Any) -> float:
    text = "" if isinstance(value, bool) else str(value).strip() if isinstance(value, (str, int, float)) else ""
    if not _NUMBER.fullmatch(text):
        raise Unfit(f"is {_shown(variable, value)}.", "Write a number.")
    return _in_range(variable, float(text))


def _in_range(variable: Variable, number: float) -> float:
    if variable.range and not variable.range[0] <= number <= variable.range[1]:
        raise Unfit(f"is {number}.", f"Choose a number from {variable.range[0]} to {variable.range[1]}.")
    return number


def _path(variable: Variable, value: t.Any) -> str:
    return _fitting(variable, _plain_path(variable, _text(replace(variable, pattern=""), value)), variable.pattern)


def _plain_path(variable: Variable, text: str) -> str:
    path = os.path.normpath("/" + text.lstrip("/"))
    if not text.startswith("/") or ".." in text.split("/") or ":" in text or path == "/":
        raise Unfit(f"is {_shown(variable, text)}.", "Write an absolute path below / without .. and without a colon.")
    return _short_enough(path)


def _file(variable: Variable, value: t.Any) -> str:
    path = os.path.abspath(os.path.expanduser(_text(variable, value)))  # noqa: PTH100, PTH111 (as a shell does it)
    return _short_enough(path)


def _short_enough(path: str) -> str:
    if any(len(name.encode()) > _LONGEST_NAME for name in path.split("/")):
        raise Unfit(f"has a name of more than {_LONGEST_NAME} bytes in it.", "Choose a shorter one.")
    return path


def _list(variable: Variable, value: t.Any) -> list[t.Any]:
    entries = _entries(variable, value)
    if variable.keys:
        return [_complete(variable, _dictionary(variable, entry)) for entry in entries]
    if variable.range:
        return [_integer(variable, entry) for entry in entries]
    if variable.values == "network":
        return [_network(entry) for entry in entries]
    texts = [plain(entry) for entry in entries]
    return [_fitting(variable, entry.strip() if variable.pattern else entry, variable.pattern) for entry in texts]


def _network(entry: t.Any) -> dict[str, t.Any]:
    """A network by its name, or with options of docker_container."""
    if not isinstance(entry, (str, dict)):
        raise Unfit("has an entry that is neither a name nor a dictionary.", "Write the name of each network.")
    return {"name": entry.strip()} if isinstance(entry, str) else t.cast("dict[str, t.Any]", _nested(entry))


def _complete(variable: Variable, entry: dict[str, t.Any]) -> dict[str, t.Any]:
    missing = [key for key in variable.needed if key not in entry]
    if missing:
        raise Unfit(f"has an entry without {' and '.join(missing)}.", f"Each entry has {', '.join(variable.needed)}.")
    return entry


def _entries(variable: Variable, value: t.Any) -> list[t.Any]:
    if isinstance(value, str):
        # Commas separate the options of a volume.
        separators = r"\n" if variable.pattern == "bind" else r"[,\n]"
        parts = re.split(separators, value)
        value = _parsed(variable, value, list) if value.lstrip().startswith("[") else [part.strip() for part in parts]
    if not isinstance(value, (list, tuple)):
        raise Unfit("is not a list.", "Write a list, or text with commas between the entries.")
    return [entry for entry in value if given(entry)]


def _command(variable: Variable, value: t.Any) -> list[str]:
    if isinstance(value, str) and not value.lstrip().startswith("["):
        try:
            return shlex.split(value)
        except ValueError:
            raise Unfit("has a quote without its counterpart.", "Write a list of words.") from None
    return _list(variable, value)


def _dictionary(variable: Variable, value: t.Any) -> dict[str, t.Any]:
    if isinstance(value, str):
        value = _parsed(variable, value, dict)
    if not isinstance(value, dict):
        raise Unfit("is not a dictionary.", "Write names with values.")
    # An empty text in an environment is a value, which blanks what the image says.
    there = _not_null if variable.values == "environment" else given
    return {_key(variable, name): _entry(variable, name, entry) for name, entry in value.items() if there(entry)}


def _not_null(value: t.Any) -> bool:
    return value is not None


def _key(variable: Variable, name: t.Any) -> str:
    if isinstance(variable.keys, str):
        fits = isinstance(name, str) and PATTERNS[variable.keys].fits(name)
        meaning = PATTERNS[variable.keys].meaning
    else:
        fits, meaning = not variable.keys or name in variable.keys, f"one of {', '.join(variable.keys)}"
    if not fits:
        raise Unfit("has a key of the wrong form.", f"Each key is {meaning}.")
    return str(name)


def _entry(variable: Variable, name: str, value: t.Any) -> t.Any:
    try:
        if variable.values == "list":
            return [plain(entry) for entry in _entries(variable, value)]
        if variable.values == "options":
            return {str(option): plain(setting) for option, setting in value.items() if given(setting)}
        if variable.values == "cron":
            return _cron(name, "".join(plain(value).split()))
        if variable.values == "hop":
            return _hop(name, value.strip() if isinstance(value, str) else value)
        if variable.values == "option":
            return _nested(value)
        return _fitting(variable, plain(value), variable.values if variable.values in PATTERNS else "")
    except (Unfit, AttributeError) as error:
        remedy = error.remedy if isinstance(error, Unfit) else "Write names with values."
        raise Unfit(f"has an unfit value under {name}.", remedy) from None


def _cron(field: str, text: str) -> str:
    if not cron.fits(field, text):
        raise Unfit("is no field of a cron table.", f"Write {cron.meaning(field)}.")
    return text


def _hop(field: str, value: t.Any) -> str:
    if not hop.fits(field, value):
        raise Unfit("is no part of a rule for a jump between versions.", f"Write {hop.meaning(field)}.")
    return t.cast(str, value)


def _nested(value: t.Any) -> t.Any:
    """Lists and dictionaries of any depth, without what is null; what is in them is judged by plugin_utils."""
    if isinstance(value, dict):
        return {str(key): _nested(item) for key, item in value.items() if item is not None}
    if isinstance(value, (list, tuple)):
        return [_nested(item) for item in value if item is not None]
    if isinstance(value, (bool, int, float)):
        return value
    return plain(value)


def plain(value: t.Any) -> str:
    """Return a number or text as text. Raises Unfit, for YAML's booleans too: it is not known which text was meant."""
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        raise Unfit("holds something else than text and numbers.", "Put each value in quotes.")
    text = str(value).strip("\r\n")
    if any(one == "\x00" or unicodedata.category(one) == "Cs" for one in text):
        raise Unfit("holds a character that no file or program takes.", "Remove it.")
    return text


def _parsed(variable: Variable, text: str, kind: type) -> t.Any:
    """A list or dictionary that came as JSON text, as from a survey."""
    try:
        parsed = json.loads(text)
    except (ValueError, RecursionError):
        parsed = None
    if not isinstance(parsed, kind):
        raise Unfit(f"cannot be read as {variable.type}.", "Write it in YAML, or as JSON text.")
    return parsed


_CONVERTERS: dict[str, t.Callable[[Variable, t.Any], t.Any]] = {
    "str": _text,
    "bool": _boolean,
    "int": _integer,
    "float": _float,
    "path": _path,
    "file": _file,
    "list": _list,
    "command": _command,
    "dict": _dictionary,
}
