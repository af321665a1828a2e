# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A directory of backups: each in a directory of its own, whose name it gets when all of it is there."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
from pathlib import Path

from ansible_collections.wabiz.onprem.plugins.module_utils._host import kept
from ansible_collections.wabiz.onprem.plugins.module_utils._host.private_file import write_private
from ansible_collections.wabiz.onprem.plugins.module_utils._model import database_dump
from ansible_collections.wabiz.onprem.plugins.module_utils._model.backup_set import (
    DATABASE,
    DUMP,
    MANIFEST,
    Manifest,
    is_genuine,
    is_name,
    outdated,
    parse,
    parts,
    same_cluster,
    written,
)


class BackupSets:
    """The backups in a directory of this host."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def listed(self) -> tuple[dict[str, Manifest], list[str]]:
        """The complete ones by name, the oldest first, and a line for each that cannot be used. Raises OSError."""
        return kept.listed(self.directory, is_name, MANIFEST, parse, "Backup")

    def faults(self, name: str, manifest: Manifest, passphrase: str) -> list[str]:
        """What shows that a backup was changed, or is one of others. Raises OSError."""
        if not is_genuine(manifest, passphrase):
            return ["The manifest was changed after it was written, or was made with another passphrase."]
        return [
            f"The SHA-256 of {one['file']} is not that of the manifest."
            for one in manifest["files"]
            if kept.digest(self.directory / name / one["file"]) != one["sha256"]
        ]

    def dump(self, name: str, manifest: Manifest) -> Manifest:
        """What the dump of a genuine backup is; empty where it has none. Raises OSError, Unfit."""
        if DATABASE not in parts(manifest):
            return {}
        told = database_dump.parse((self.directory / name / DUMP / MANIFEST).read_text(encoding="utf-8"))
        return {key: value for key, value in told.items() if key != "files"}

    def complete(self, name: str, source: Path, manifest: Manifest, passphrase: str) -> list[str]:
        """Take the manifest's files out of C(source) and give the backup its name.

        Returns the files that are not what the manifest says; then nothing was taken. Raises OSError.
        """
        wrong = kept.wrong_length(source, manifest["files"])
        wrong += [
            one["file"]
            for one in manifest["files"]
            if one["file"] not in wrong and kept.digest(source / one["file"]) != one["sha256"]
        ]
        if wrong:
            return wrong
        for stray in kept.strays(self.directory):
            shutil.rmtree(stray)
        place = kept.partial(self.directory, name)
        place.mkdir(mode=0o700, parents=True)
        # A share may refuse it; what is in it is encrypted.
        with contextlib.suppress(PermissionError):
            self.directory.chmod(0o700)
        for one in manifest["files"]:
            target = place / one["file"]
            target.parent.mkdir(mode=0o700, exist_ok=True)
            shutil.move(source / one["file"], target)
            _private(target)
            # One that came from another host, or another disk, was only written.
            kept.sync(target)
            kept.sync(target.parent)
        write_private(place / MANIFEST, written(manifest, passphrase, secrets.token_hex(16)))
        kept.sync(place)
        place.rename(self.directory / name)
        kept.sync(self.directory)
        return []

    def prune(self, about: Manifest, keep: int, made: str) -> list[str]:
        """Remove the backups of a cluster that so many newer ones replace; returns their names. Raises OSError.

        C(made) counts as the newest, whatever the clock said when the others were made.
        """
        known = kept.without_links(self.directory, self.listed()[0])
        listed = sorted(known.items(), key=lambda item: item[0] == made)
        old = outdated({name: parts(manifest) for name, manifest in listed if same_cluster(manifest, about)}, keep)
        for name in old:
            # Never half a backup under its own name.
            (self.directory / name).rename(kept.partial(self.directory, name))
            shutil.rmtree(kept.partial(self.directory, name))
        return old

    def free(self) -> int:
        """Bytes that are free there. Raises OSError."""
        return kept.free(self.directory)


def _private(path: Path) -> None:
    """A file that came over the controller belongs to whoever connected."""
    with contextlib.suppress(PermissionError):
        if os.geteuid() == 0:
            os.chown(path, 0, 0)
        path.chmod(0o600)
