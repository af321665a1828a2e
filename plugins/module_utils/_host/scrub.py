# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Taking known secrets out of messages, in whatever way they are quoted there."""

from __future__ import annotations

import json
import re
import shlex
import typing as t
from urllib.parse import quote, quote_plus

from ansible_collections.wabiz.onprem.plugins.module_utils._formats.mask import MASK

# Shorter values occur by chance in harmless text; masking them would garble every message.
SHORTEST = 4
# Lines of a secret of many lines (a PEM block) may be shown one by one.
_SHORTEST_LINE = 16


def scrub(value: t.Any, secrets: t.Iterable[str]) -> t.Any:
    """The same structure with every secret inside its strings masked."""
    pattern = pattern_of(secrets)
    return value if pattern is None else _replaced(value, pattern)


def pattern_of(secrets: t.Iterable[str]) -> re.Pattern[str] | None:
    """What finds the secrets in all their forms; None where there are none."""
    forms = {form for secret in secrets for form in written_forms(secret)}
    if not forms:
        return None
    return re.compile("|".join(re.escape(form) for form in sorted(forms, key=len, reverse=True)))


def written_forms(secret: str) -> set[str]:
    """The secret as it is, and as JSON, Go, Python, SQL, a shell and a URL write it."""
    as_json = json.dumps(secret)[1:-1]
    # As drivers for MySQL quote it; their errors are shown as Python writes them.
    as_sql = re.sub(r"([\\'\"])", r"\\\1", secret)
    lines = [line.strip() for line in secret.splitlines() if len(line.strip()) >= _SHORTEST_LINE]
    forms = {
        secret,
        as_json,
        json.dumps(as_json)[1:-1],
        json.dumps(secret, ensure_ascii=False)[1:-1],
        # Go's encoder, and so Docker's, escapes what HTML would take for its own.
        as_json.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e"),
        repr(secret)[1:-1],
        as_sql,
        repr(as_sql)[1:-1],
        as_sql.replace("\\", "\\\\").replace("'", "\\'"),
        # Within one kind of quotes or the other.
        secret.replace("\\", "\\\\").replace("'", "\\'"),
        secret.replace("'", "'\"'\"'"),
        secret.replace("'", "'\\''"),
        secret.replace("'", "''"),
        re.sub(r"([\\\"$`])", r"\\\1", secret),
        re.sub(r"([^\w@%+=:,./-])", r"\\\1", secret),
        shlex.quote(secret),
        *_url_forms(secret),
        *lines,
    }
    return {form for form in forms if len(form) >= SHORTEST}


def _url_forms(secret: str) -> set[str]:
    raw = secret.encode("utf-8", "surrogateescape")
    forms = {quote(raw, safe=""), quote(raw), quote(raw, safe="!$&'()*+,;=:@/"), quote_plus(raw)}
    return forms | {re.sub(r"%[0-9A-F]{2}", lambda code: code[0].lower(), form) for form in forms}


def _replaced(value: t.Any, pattern: re.Pattern[str]) -> t.Any:
    if isinstance(value, str):
        return pattern.sub(MASK, value)
    if isinstance(value, dict):
        return {key: _replaced(item, pattern) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_replaced(item, pattern) for item in value]
    return value
