# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which names say that their value is a secret: of environment variables, labels, options, settings in a text."""

from __future__ import annotations

import re

# Secret wherever they occur, also within a word.
_ANYWHERE = re.compile(
    r"PASSWORD|PASSWD|PASS[_.-]?(?:PHRASE|CODE|WORD)|SECRET|TOKEN(?!I[SZ])|CRYPTO|CREDENTIAL|API[_.-]?KEY|AUTHKEY|BEARER"
    # Misspelt, shortened, in other languages.
    r"|PASSWRD|PASWORD|PSWD|PASSWORT|KENNWORT|SENHA|CONTRASE[NÑ]A|MOT[_.-]?DE[_.-]?PASSE"
)
# Secret as a word of their own.
_WORDS = re.compile(
    r"AUTH|AUTHORIZATION|BASICAUTH|COOKIE|CREDS|DSN|HMAC|JWT|MNEMONIC|OAUTH|OTP|PEPPER|PIN|PRIVATE|PRIVKEY|PW|PWD|"
    r"REQUIREPASS|SALT|SEED|SIG|SIGNATURE|TOTP"
)
# Secret at the end of a name or, where it is written as one word, at the end of that: MYSQLPWD, DBPASS, not COMPASS.
_ENDINGS = re.compile(
    r"PWD$|PW$|TKN$|^(?:PAT|SAS)$"
    r"|^(?!(?:(?:EN)?COM|BY|UNDER|OVER|TRES|SUR|LOW|HIGH|BAND|ALL|MULTI|SINGLE|DOUBLE|ONE|TWO|FIRST|LAST)PASS$).*PASS$"
    r"|(?:ADMIN|API|BASIC|DB|DIGEST|DOCKER|HTTPS?|LDAP|MAIL|NPM|PROXY|REDIS|REGISTRY|SMTP|USER|WEB)AUTH$"
    r"|(?:ACCESS|ACCOUNT|CLIENT|ENCRYPTION|LICEN[CS]E|MASTER|PRIVATE|SHARED|SIGNING|SSH)KEY$"
)
# A key of a known kind, whatever follows.
_KEYS = re.compile(r"(?:ACCESS|ENCRYPTION|MASTER|PRIVATE|SHARED|SIGNING|SSH)[_.-]KEY(?![A-Z])")
# A word after which the name is about the secret and does not hold it.
_ABOUT = re.compile(
    r"ALG|ALGORITHM|COUNT|DAYS|DIR|DISABLED|DOMAIN|ENABLED?|ENDPOINT|EXPIRES|EXPIRY|FILE|FORMAT|HOST|HOSTNAME|ID|"
    r"INTERVAL|ISSUER|LEN|LENGTH|METHOD|MODE|PATH|POLICY|PORTS?|PROVIDER|REALM|REQUIRED|ROUNDS|SECONDS|SERVER|SIZE|"
    r"SOCK|SOCKET|TIMEOUT|TTL|TYPE|URI|URL|USER|USERNAME"
)
# The shell's working directories, and names of a key's file (WA_DB_SSL_KEY).
_SPARED = re.compile(r"(?:OLD)?PWD|(?:.*_)?(?:SSL|TLS)_(?:KEY|CERT|CA)")
# Values that look random and are public.
_PUBLIC = re.compile(
    r"(?:^|[_.-])(?:SHA\d*|DIGEST|CHECKSUM|COMMIT|REVISION|HASH|FINGERPRINT|GPG_KEYS?)(?:$|[_.-])|(?:^|[_.-])ID$"
)
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")


def is_secret_name(name: str) -> bool:
    """Whether a value of this name is a secret."""
    upper = name.upper()
    words = [word.upper() for word in _WORD.findall(name)]
    if not words or _SPARED.fullmatch(upper):
        return False
    if _ANYWHERE.search(upper):
        return True
    if is_public_name(name):
        return False
    if words[-1] in ("KEY", "KEYS"):
        return True
    if _ABOUT.fullmatch(words[-1]):
        return False
    return any(map(_WORDS.fullmatch, words)) or bool(_ENDINGS.search(words[-1]) or _KEYS.search(upper))


def last_word(name: str) -> str:
    """The last word of a name in capital letters; empty where it has none."""
    return ["", *_WORD.findall(name)][-1].upper()


def is_public_name(name: str) -> bool:
    """Whether a value of this name is public although it may look like a secret: a digest, a revision."""
    return bool(_PUBLIC.search(name.upper()))
