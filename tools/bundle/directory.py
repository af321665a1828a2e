"""The bundle's directory: replaced as a whole, and only where it is a bundle; its checksums."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tools.bundle import BundleError

CHECKSUMS = "SHA256SUMS"


def refuse(target: Path, checkout: Path) -> None:
    """Raise BundleError where a bundle at this place would do damage."""
    if checkout.is_relative_to(target):
        raise BundleError(f"{target} holds the checkout: choose another directory with BUNDLE=")
    if target.is_relative_to(checkout) and (checkout / "build") not in target.parents:
        raise BundleError(
            f"{target} would become a part of the collection: choose a directory below build/ or elsewhere"
        )
    if target.exists() and (foreign := strangers(target)):
        raise BundleError(
            f"{target} holds what no bundle put there ({foreign[0]}): remove it, or choose another BUNDLE="
        )


def strangers(target: Path) -> list[str]:
    """Files that the checksums of a directory do not list; of one without checksums every file."""
    if not target.is_dir():
        return [target.name]
    checksums = target / CHECKSUMS
    text = checksums.read_text(encoding="utf-8") if checksums.is_file() else ""
    listed = {line.partition("  ")[2] for line in text.splitlines()} | ({CHECKSUMS} if text else set())
    return sorted(name for name in _files(target) if name not in listed)


@contextmanager
def replaced(target: Path) -> Iterator[Path]:
    """Give a new directory that takes the place of the target, if nothing fails meanwhile."""
    new, old = (target.with_name(f".{target.name}.{end}") for end in ("unfinished", "replaced"))
    # What a killed run left.
    _remove(new, old)
    try:
        new.mkdir(parents=True)
        yield new
        if target.exists():
            target.rename(old)
        new.rename(target)
    finally:
        _remove(new, old)


def sha256(path: Path) -> str:
    """The SHA-256 of a file in hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def digests(directory: Path) -> dict[str, str]:
    """The SHA-256 of each file by its path within the directory, in their order."""
    return {name: sha256(directory / name) for name in _files(directory)}


def lines(found: Mapping[str, str]) -> str:
    """Checksums as `sha256sum --check` reads them."""
    return "".join(f"{digest}  {name}\n" for name, digest in found.items())


def _files(directory: Path) -> list[str]:
    return sorted(path.relative_to(directory).as_posix() for path in directory.rglob("*") if not path.is_dir())


def _remove(*directories: Path) -> None:
    for path in directories:
        if path.exists():
            shutil.rmtree(path)
