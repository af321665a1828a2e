"""Archives of the client's images, as `images.yml` with verb `save` has made them."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from ansible_collections.wabiz.onprem.plugins.module_utils._formats.unfit import Unfit
from ansible_collections.wabiz.onprem.plugins.module_utils._host import image_archive

from tools.bundle import BundleError


def bring(saved: Path, target: Path) -> list[dict[str, Any]]:
    """Put what the manifest names into the bundle, and return its entries. Raises BundleError."""
    try:
        held = image_archive.read(saved)
    except Unfit as unfit:
        raise BundleError(f"the manifest of {saved} {unfit}") from unfit
    if not held:
        raise BundleError(f"{saved} holds no saved images: make them with images.yml, wabiz_images_verb save")
    lost = image_archive.usable(saved, held)[1]
    if lost:
        raise BundleError(" ".join([*lost, "Save the images again."]))
    target.mkdir()
    for one in held:
        _link_or_copy(saved / one["file"], target / one["file"])
    image_archive.write(target, held)
    return held


def judge(held: Iterable[Mapping[str, Any]], digests: Mapping[str, str]) -> None:
    """Raise BundleError where an archive in the bundle is not as the manifest says."""
    damaged = [one["image"] for one in held if digests[f"images/{one['file']}"] != one["sha256"]]
    if damaged:
        raise BundleError(f"the archives of {', '.join(damaged)} are damaged: save these images again")


def _link_or_copy(source: Path, target: Path) -> None:
    """A second name costs no room, where both are on one file system that has such names."""
    try:
        os.link(source, target)
    except OSError as error:
        if error.errno not in (errno.EXDEV, errno.EPERM, errno.EOPNOTSUPP, errno.EMLINK):
            raise
        shutil.copyfile(source, target)
