# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Secrets that are recognised by what they look like, within any text."""

from __future__ import annotations

import re
import typing as t

# The rest of an argument, up to the quotation mark where one precedes.
_REST = r"(?P<secret>(?(mark)[^\"']+|\S+?(?=[\"']*(?:\s|$))))"
_ARGUMENT = rf"(?P<mark>[\"'])?{_REST}"
# Whatever group "secret" matches is one.
_SHAPES = [
    # user:password@ of a URL, up to the last @ of the word; a port with what may follow is no password.
    re.compile(r"[A-Za-z0-9+.-]://[^\s:/@]*:(?!\d{1,5}(?:[/?#\s]|$))(?P<secret>\S+)@"),
    # The same with blanks in the password.
    re.compile(
        r"://[^\s:/@]*:(?!\d{1,5}(?:[/?#\s]|$))"
        r"(?P<secret>(?:(?!\s-|://)[^\s\"']){1,99}(?:(?!\s-|://)[^\n\"']){1,99})@[\w.\[]"
    ),
    re.compile(r"https?://(?=[^\s/@]*\d)(?P<secret>[^\s:/@]{8,})@"),
    # The same without a scheme: user:password@host, user:password@tcp(host:3306), user:password@(host:3306)/.
    re.compile(
        r"(?<![^\s\"'=,])(?!mailto:)[\w.%+-]+:(?!/)(?P<secret>\S+)@(?:\w*\(|[\w.-]+(?::\d+)?(?:[/?]\S*)?(?![^\s\"',]))"
    ),
    # A private key, to its end or to that of the text.
    re.compile(r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----(?P<secret>.*?)(?:-----END|\Z)", re.DOTALL),
    # A JSON Web Token, and what else has three long parts of base64.
    re.compile(r"(?P<secret>\beyJ[\w-]{5,}\.[\w-]{5,}\.[\w-]*)"),
    re.compile(r"(?<![\w.-])(?P<secret>(?=[\w-]*\d)(?=[\w-]*[A-Z])[\w-]{20,}\.[\w-]{6,}\.[\w-]{20,})(?![\w.-])"),
    # What well-known services give out.
    re.compile(
        r"(?<![A-Za-z0-9])(?P<secret>(?:gh[oprsu]_|github_pat_|glpat-|xox[a-z]-|npm_|dckr_pat_|hv[bs]\.|SG\."
        r"|[rs]k_live_|sk-|AKIA|ASIA|AIza|ya29\.|EAA)[\w.-]{16,})"
    ),
    re.compile(r"(?<![A-Za-z0-9])(?P<secret>SK[0-9a-f]{32})(?![A-Za-z0-9])"),
    re.compile(r"(?<!\d)(?P<secret>\d{6,12}:AA[\w-]{20,})"),
    re.compile(r"\bhooks\.slack\.com/(?:services|workflows|triggers)/(?P<secret>[\w/-]+)"),
    re.compile(r"\bdiscord(?:app)?\.com/api/webhooks/(?P<secret>[\w/-]+)"),
    re.compile(r"\bwebhook\.office\.com/(?P<secret>[^\s\"']+)"),
    re.compile(r"(?i:\b(?:bearer|basic)) +(?P<secret>[\w+/.=~-]{8,})"),
    # What a server logs of statements: IDENTIFIED BY 'secret', ... PASSWORD 'secret', SET PASSWORD ... = 'secret'.
    re.compile(
        r"(?i:\bIDENTIFIED\s+(?:(?:WITH|VIA)\s+\S+\s+)?(?:BY|AS|USING)\s+(?:PASSWORD\s+)?|\bPASSWORD\s+E?"
        r"|\bSET\s+PASSWORD\b[^=\n]{0,200}=\s*(?:PASSWORD\s*\(\s*)?)"
        r"(?P<mark>['\"])(?P<secret>(?:\\.|(?P=mark){2}|(?!(?P=mark))[^\n])+)"
    ),
    # mysql -psecret; sshpass -p secret; curl -u user:secret.
    re.compile(rf"\bmysql\w*\s(?:[^|;&]*\s)?-p{_ARGUMENT}"),
    re.compile(rf"\bsshpass\s+(?:-[ev]\s+)*-p\s*{_ARGUMENT}"),
    re.compile(rf"(?:^|\s)(?:-u|--user|--proxy-user)[= ]+(?P<mark>[\"'])?[^\s:\"']+:(?!\d+(?:\s|$)){_REST}"),
]
# A digest says by its prefix what it is.
_RANDOM = re.compile(
    r"(?<!sha256:)(?<!sha512:)(?<![A-Za-z0-9+/_.~-])[A-Za-z0-9+_][A-Za-z0-9+/_-]{22,}={0,2}(?![A-Za-z0-9+/_.-])"
)


def shaped_secrets(text: str) -> set[str]:
    """Parts of the text that look like secrets."""
    return marked_secrets(text) | {match[0] for match in _RANDOM.finditer(text) if _is_random(match[0])}


def marked_secrets(text: str) -> set[str]:
    """The same by what surrounds or begins them; not what merely looks random, as the ids of messages do."""
    return {match["secret"] for shape in _SHAPES for match in shape.finditer(text)} - {""}


def spread_secrets(items: t.Sequence[str]) -> list[set[str]]:
    """Parts of each of a command's arguments that look like secrets because of those before: C(-u), C(user:secret)."""
    # The blanks within arguments divide nothing.
    hidden = [re.sub(r"\s", "\0", item) for item in items]
    text = " ".join(hidden)
    found = {match["secret"] for shape in _SHAPES for match in shape.finditer(text) if " " in match[0]} - {""}
    return [
        {
            item[other.rindex(secret) :][: len(secret)]
            for secret in found
            if secret in other and (len(secret) > 3 or other.endswith(secret))
        }
        for item, other in zip(items, hidden)
    ]


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
