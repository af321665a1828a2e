"""A settings backup as opaque text: compressed, encrypted and authenticated with a password."""

import base64
import binascii
import hashlib
import json
import secrets
import zlib
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

FORM = b"\x01"
SALT, NONCE = 16, 12
COST = {"n": 2**14, "r": 8, "p": 1, "dklen": 32}


class Unreadable(Exception):
    """The password is wrong, or the text is not one of ours."""


def _key(password: str, salt: bytes) -> bytes:
    return hashlib.scrypt(password.encode(), salt=salt, **COST)


def seal(value: Any, password: str) -> str:
    """A JSON value as encrypted text."""
    salt, nonce = secrets.token_bytes(SALT), secrets.token_bytes(NONCE)
    body = zlib.compress(json.dumps(value).encode())
    return base64.b64encode(FORM + salt + nonce + AESGCM(_key(password, salt)).encrypt(nonce, body, FORM)).decode()


def unseal(text: str, password: str) -> Any:
    """The value of an encrypted text; raises Unreadable."""
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Unreadable("not base64") from error
    salt, nonce, body = raw[1 : 1 + SALT], raw[1 + SALT : 1 + SALT + NONCE], raw[1 + SALT + NONCE :]
    if raw[:1] != FORM or len(body) <= NONCE:
        raise Unreadable("not a backup")
    try:
        return json.loads(zlib.decompress(AESGCM(_key(password, salt)).decrypt(nonce, body, FORM)))
    except InvalidTag as error:
        raise Unreadable("wrong password or damaged") from error
