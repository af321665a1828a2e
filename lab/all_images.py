# SPDX-License-Identifier: GPL-3.0-or-later
"""All images that the lab and the tests use: what does not depend on each other is made at the same time."""

from __future__ import annotations

from functools import partial

from lab import base_image, images, proc
from lab.progress import Report, reporter
from standin import build as standin
from standin.database import build as databases


def names() -> list[str]:
    """Repositories and tags of all these images; those of the lab itself change with their content."""
    lab = [f"{images.REPOSITORY}/{name}" for name in images.PARENTS]
    return [base_image.NAME, *standin.NAMES, *(image.tag for image in databases.IMAGES), *lab]


def ensure() -> None:
    """Make what is missing or out of date, and tell how it goes.

    Raises:
        LabError: an image can neither be pulled nor built.
    """
    report = reporter()
    # First what comes from outside: a registry that does not answer is waited for once, not once for each image.
    proc.together([partial(base, report), *(partial(databases.fetch, image) for image in databases.IMAGES)])
    proc.together(
        [
            partial(lab_image, "host", report),
            partial(standin.ensure, report),
            *(partial(database, image, report) for image in databases.IMAGES),
            *(partial(lab_image, name, report) for name in ("registry", "dns")),
        ]
    )


def base(report: Report) -> None:
    """The image that all others build on."""
    report(base_image.ensure())


def lab_image(name: str, report: Report) -> None:
    """One of the lab's own images, with the one that it builds on."""
    report(f"{images.ensure(name)} is there")


def database(image: databases.Image, report: Report) -> None:
    """One of the databases' images."""
    report(f"{image.tag}: {databases.ensure(image, pulling=False)}")
