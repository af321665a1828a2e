# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files of our own in a directory that may hold others': which they are, and what becomes empty without them."""

from __future__ import annotations

import errno
import fnmatch
import os
import re
import shutil
import stat
import typing as t
from dataclasses import dataclass, field
from pathlib import Path

_MOUNTS = Path("/proc/self/mountinfo")
# As the last part of a pattern: all that is in the directory.
_ALL = "**"


def pattern_problem(pattern: str) -> str:
    """Why this is no pattern of files inside a directory; empty where it is one."""
    if pattern.startswith("/"):
        return "is not relative"
    if any(part in ("", ".", "..") for part in pattern.split("/")):
        return "has an empty part, . or .."
    return ""


def directory_problem(directory: str) -> str:
    """Why this cannot be a cluster's directory; empty where it can."""
    if not directory.startswith("/"):
        return "is not an absolute path"
    return "is a directory of the system" if len(Path(os.path.normpath(directory)).parts) < 3 else ""


def shown(path: str | os.PathLike[str]) -> str:
    """The name as it can be told in a result: what is no UTF-8 as C(\\xff)."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def is_link(directory: str) -> bool:
    """Whether the directory itself is a symbolic link, which plan_removal() leaves with all that is behind it."""
    return Path(os.path.normpath(directory)).is_symlink()


@dataclass
class Removal:
    """What is to be removed, in this order: files, directories with all that is in them, directories from the
    innermost to the outermost.

    C(kept) is what stays in the directory, relative to it, directories with a slash.
    """

    files: list[Path] = field(default_factory=list)
    trees: list[Path] = field(default_factory=list)
    directories: list[Path] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)


def plan_removal(directory: str, patterns: t.Iterable[str], parents: bool) -> Removal:
    """Looks, and touches nothing. Raises OSError."""
    # Without a slash at its end, which would have a link followed.
    top = Path(os.path.normpath(directory))
    plan = Removal()
    if not _is_directory(top):
        return plan
    mounts = _mount_points()
    empty = _look(top, "", [pattern.split("/") for pattern in patterns], mounts, plan)
    if not empty or _is_mount(top, mounts):
        return plan
    plan.directories.append(top)
    parent = top.parent
    # What is directly below the root is the system's, empty or not.
    ours = len(parent.parts) > 2 and _is_directory(parent) and not _is_mount(parent, mounts)
    if parents and ours and [item.name for item in parent.iterdir()] == [top.name]:
        plan.directories.append(parent)
    return plan


def carry_out(plan: Removal) -> list[str]:
    """Removes what is planned and returns it; a directory that got something in the meantime stays. Raises OSError."""
    removed = []
    for file in plan.files:
        file.unlink(missing_ok=True)
        removed.append(shown(file))
    for tree in plan.trees:
        shutil.rmtree(tree)
        removed.append(shown(tree))
    for directory in plan.directories:
        try:
            directory.rmdir()
        except OSError as error:
            if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
                raise
            break
        removed.append(shown(directory))
    return removed


def _look(directory: Path, prefix: str, patterns: list[list[str]], mounts: set[str], plan: Removal) -> bool:
    """Whether the directory will be empty; only directories that a pattern leads into are read."""
    empty = True
    for item in sorted(directory.iterdir()):
        matching = [parts for parts in patterns if fnmatch.fnmatchcase(item.name, parts[0])]
        within = [parts[1:] for parts in matching if len(parts) > 1 and parts[1:] != [_ALL]]
        whole = any(parts[1:] == [_ALL] for parts in matching)
        name = prefix + shown(item.name)
        if any(len(parts) == 1 for parts in matching) and _is_file(item, mounts):
            plan.files.append(item)
        elif whole and _is_directory(item) and not _holds_mount(item, mounts):
            plan.trees.append(item)
        elif within and _is_directory(item) and not _is_mount(item, mounts):
            before = len(plan.files)
            if not _look(item, f"{name}/", within, mounts, plan):
                empty = False
            elif len(plan.files) > before or any(parts[0] == item.name for parts in matching):
                plan.directories.append(item)
            else:
                # One that a wildcard leads into and that was empty before is not known to be ours.
                plan.kept.append(f"{name}/")
                empty = False
        else:
            plan.kept.append(f"{name}/" if _is_directory(item) else name)
            empty = False
    return empty


def _is_file(path: Path, mounts: set[str]) -> bool:
    """Whether it is a regular file itself, neither a link nor a mount."""
    return stat.S_ISREG(path.lstat().st_mode) and not _is_mount(path, mounts)


def _is_directory(path: Path) -> bool:
    try:
        return stat.S_ISDIR(path.lstat().st_mode)
    except (FileNotFoundError, NotADirectoryError):
        return False


def _is_mount(path: Path, mounts: set[str]) -> bool:
    """Also where a part of the same file system is mounted, which ismount() does not see."""
    return os.path.ismount(path) or os.path.realpath(path) in mounts


def _holds_mount(path: Path, mounts: set[str]) -> bool:
    real = os.path.realpath(path)
    return _is_mount(path, mounts) or any(mount.startswith(f"{real}/") for mount in mounts)


def _mount_points() -> set[str]:
    try:
        lines = _MOUNTS.read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    except OSError:
        return set()
    # Blanks and the like are written as octal numbers.
    points = (fields[4] for fields in map(str.split, lines) if len(fields) > 4)
    return {re.sub(r"\\([0-7]{3})", lambda code: chr(int(code[1], 8)), point) for point in points}
