# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A backup of a cluster: a directory of encrypted files, and a manifest that shows whether one was changed. No I/O.

The manifest is authenticated by a key that is derived from the passphrase (PBKDF2, a salt of its own) and holds length
and SHA-256 of each file as it is encrypted. So a file, or the manifest, that was changed or made with another
passphrase is known before anything is decrypted.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import typing as t

from ansible_collections.wabiz.onprem.plugins.module_utils._formats.unfit import Unfit

MANIFEST = "manifest.json"
# What a backup may hold; media is a copy of the files, media_list only says which there are.
SETTINGS, DATABASE, CERTIFICATES, MEDIA_LIST, MEDIA = PARTS = (
    "settings",
    "database",
    "certificates",
    "media_list",
    "media",
)
# In the order in which they are restored: the first two while no node runs, the others while nodes do.
BEFORE, SERVING = (CERTIFICATES, DATABASE), (MEDIA, SETTINGS)
RESTORED = (*BEFORE, *SERVING)
# The archive of the settings; the directory of the dump of the databases.
SETTINGS_FILE, DUMP = "settings.tar.enc", "database"
_FORMAT = 1
_ROUNDS = 600_000
_MOST_ROUNDS = 10_000_000
_TEXTS = ("cluster", "number", "created", "version", "engine", "prefix", "note")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
# What a manifest names is read, sent and unpacked: nothing outside of its directory, whoever wrote it.
_FILE = re.compile(rf"({DUMP}/)?[A-Za-z0-9][A-Za-z0-9._-]{{0,250}}")
_HOST = re.compile(r"[A-Za-z0-9:._-]{0,253}")
_HEX = re.compile(r"([0-9a-f]{2}){16,32}")
_AGAIN = "Choose another backup."

Manifest = dict[str, t.Any]


def is_name(text: str) -> bool:
    """Whether it can be the name of a backup, which is that of its directory."""
    return _NAME.fullmatch(text) is not None


def is_file(told: t.Any) -> bool:
    """Whether it is the entry of a file: C(part), C(host), C(file), C(bytes) and C(sha256)."""
    if not isinstance(told, dict):
        return False
    texts = all(isinstance(told.get(key), str) for key in ("part", "host", "file", "sha256"))
    return bool(
        texts
        and isinstance(told.get("bytes"), int)
        and told["part"] in PARTS
        and _HOST.fullmatch(told["host"])
        and _FILE.fullmatch(told["file"])
        and told["file"] != MANIFEST
        and re.fullmatch(r"[0-9a-f]{64}", told["sha256"])
    )


def about(given: t.Mapping[str, t.Any]) -> Manifest:
    """What a manifest says of its cluster. Raises Unfit."""
    found = {key: given.get(key) or "" for key in _TEXTS}
    shards = given.get("shards")
    if not all(isinstance(value, str) for value in found.values()) or not isinstance(shards, (int, type(None))):
        raise Unfit("is not complete.", _AGAIN)
    return {**found, "shards": shards}


def written(manifest: Manifest, passphrase: str, salt: str) -> str:
    """The text of a manifest with C(about) and C(files), authenticated; C(salt) is 32 random hexadecimal digits."""
    told = {"format": _FORMAT, **manifest, "salt": salt, "rounds": _ROUNDS}
    return json.dumps({**told, "authentication": _authentication(told, passphrase)}, indent=2) + "\n"


def parse(text: str) -> Manifest:
    """A manifest as it was written; whether it is genuine is not known yet. Raises Unfit."""
    try:
        told = json.loads(text)
    except (ValueError, RecursionError):
        raise Unfit("is no JSON.", _AGAIN) from None
    if not isinstance(told, dict) or told.get("format") != _FORMAT:
        raise Unfit("has a form that this version does not know.", _AGAIN)
    files, rounds = told.get("files"), told.get("rounds")
    fits = (
        isinstance(files, list)
        and all(map(is_file, files))
        and len({one["file"] for one in files}) == len(files) > 0
        and isinstance(rounds, int)
        and 0 < rounds <= _MOST_ROUNDS
        and all(isinstance(told.get(key), str) and _HEX.fullmatch(told[key]) for key in ("salt", "authentication"))
    )
    if not fits:
        raise Unfit("is not complete, or names a file outside.", _AGAIN)
    about(told)
    return told


def is_genuine(manifest: Manifest, passphrase: str) -> bool:
    """Whether a manifest as C(parse) returns it was written with this passphrase and not changed since."""
    told = {key: value for key, value in manifest.items() if key != "authentication"}
    return hmac.compare_digest(_authentication(told, passphrase), manifest["authentication"])


def parts(manifest: Manifest) -> list[str]:
    """What a backup holds."""
    there = {one["part"] for one in manifest["files"]}
    return [part for part in PARTS if part in there]


def same_cluster(one: Manifest, other: Manifest) -> bool:
    """Whether both are of one cluster. Two sites may have given theirs the same name.

    A number that is known is not the same as none; two clusters without one cannot be told apart.
    """
    return all(one[key] == other[key] for key in ("cluster", "number", "prefix"))


def outdated(held: t.Mapping[str, t.Collection[str]], keep: int) -> list[str]:
    """The backups that C(keep) newer ones replace: each of these has every part that the backup has.

    C(held) are the parts of a cluster's backups by name, the oldest first.
    """
    names = list(held)
    return [
        name
        for place, name in enumerate(names)
        if sum(set(held[name]) <= set(held[newer]) for newer in names[place + 1 :]) >= keep
    ]


def size(manifest: Manifest) -> int:
    """Bytes of all files."""
    return sum(one["bytes"] for one in manifest["files"])


def _authentication(told: Manifest, passphrase: str) -> str:
    key = hashlib.pbkdf2_hmac("sha256", passphrase.encode(), bytes.fromhex(told["salt"]), told["rounds"])
    text = json.dumps(told, sort_keys=True, separators=(",", ":"))
    return hmac.new(key, text.encode(), "sha256").hexdigest()
