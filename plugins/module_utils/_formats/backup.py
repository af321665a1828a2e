# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The file in which a settings backup is kept: what the client gave, and what it may be restored onto."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

from ansible_collections.wabiz.onprem.plugins.module_utils._formats.unfit import Unfit


@dataclass(frozen=True)
class Backup:
    """A backup. C(data) is encrypted with the password that was given to make it; None means not known."""

    data: str
    shards: int | None = None
    single_instance: bool | None = None
    version: str | None = None
    created: str | None = None

    def __repr__(self) -> str:
        return f"Backup(shards={self.shards}, version={self.version}, created={self.created})"

    def text(self) -> str:
        """Return the content of the file."""
        return json.dumps(asdict(self), indent=2) + "\n"


def parse(text: str) -> Backup:
    """Read a file of ours, an answer of the client that someone kept, or the bare data. Raises Unfit."""
    # Some editors and shells put it there.
    text = text.removeprefix("\ufeff").strip()
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        # Half a file is no bare data.
        content = "" if text.startswith(("{", "[", '"', "<")) else text
    if isinstance(content, dict) and isinstance(content.get("settings"), dict):
        content = content["settings"]
    if isinstance(content, str) and content and len(content.split()) == 1:
        return Backup(content)
    if not isinstance(content, dict) or not isinstance(content.get("data"), str) or not content["data"]:
        raise Unfit("the file is not a settings backup.", "Give a file that wabiz.onprem.settings_backup wrote.")
    known = {name: content[name] for name in Backup.__dataclass_fields__ if name in content}
    kinds = {"shards": int, "single_instance": bool}
    odd = [name for name, kind in kinds.items() if not isinstance(known.get(name), (kind, type(None)))]
    if odd:
        raise Unfit(f"the file is not a settings backup: {odd[0]} has no such value.", "Give it as it was written.")
    return Backup(**known)


def restore_faults(backup: Backup, shards: int | None, single_instance: bool) -> list[str]:
    """Return why a backup does not fit this installation; what is not known counts as fitting."""
    found = []
    if backup.single_instance is not None and backup.single_instance != single_instance:
        kinds = {True: "a single instance", False: "a cluster"}
        found.append(f"It was made on {kinds[backup.single_instance]}, this is {kinds[single_instance]}.")
    if None not in (backup.shards, shards) and backup.shards != shards:
        found.append(f"It has {backup.shards} shards, this cluster has {shards}.")
    return found
