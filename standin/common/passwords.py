"""Password rules and hashing."""

import base64
import hashlib
import secrets
import string

MIN_LENGTH, MAX_LENGTH = 8, 64
SPECIAL = set("!\"#$%&'()*+,-./:;<=>?@[]^_`{|}~\\")
COST = {"n": 2**13, "r": 8, "p": 1}


def acceptable(password: str) -> bool:
    """8 to 64 characters with a digit, an upper-case, a lower-case and a special one."""
    kinds = (set(string.digits), set(string.ascii_uppercase), set(string.ascii_lowercase), SPECIAL)
    return MIN_LENGTH <= len(password) <= MAX_LENGTH and all(kind & set(password) for kind in kinds)


def hashed(password: str) -> str:
    """A salted hash."""
    salt = secrets.token_bytes(16)
    digest = hashlib.scrypt(password.encode(), salt=salt, n=COST["n"], r=COST["r"], p=COST["p"])
    return base64.b64encode(salt + digest).decode()


def matches(password: str, stored: str) -> bool:
    """The password is the one of a hash."""
    raw = base64.b64decode(stored)
    digest = hashlib.scrypt(password.encode(), salt=raw[:16], n=COST["n"], r=COST["r"], p=COST["p"])
    return secrets.compare_digest(digest, raw[16:])
