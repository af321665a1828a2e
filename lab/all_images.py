# SPDX-License-Identifier: GPL-3.0-or-later
"""All images that the lab and the tests use; independent ones are built in parallel."""

from __future__ import annotations

from functools import partial

from lab import base_image, images, proc
from lab.progress import Report, reporter
from standin import build as standin
from standin.database import build as databases

# Bases; a host of another release has its own made when an inventory asks for it.
SUITES = tuple(dict.fromkeys([base_image.SUITE, *(image.suite for image in databases.IMAGES)]))


def names() -> list[str]:
    """Repositories and tags of all these images; the tags of the lab's own change with their content."""
    lab = [f"{images.REPOSITORY}/{name}" for name in images.PARENTS]
    bases = [base_image.NAMES[suite] for suite in SUITES]
    return [*bases, *standin.NAMES, *(image.tag for image in databases.IMAGES), *lab]


def ensure() -> None:
    """Build missing and outdated images, and report the progress.

    Raises:
        LabError: an image can neither be pulled nor built.
    """
    report = reporter()
    # Pulls first and in parallel: a registry that does not answer costs its time-out once, not once per image.
    bases = (partial(base, suite, report) for suite in SUITES)
    proc.together([*bases, *(partial(databases.fetch, image) for image in databases.IMAGES)])
    proc.together(
        [
            partial(lab_image, "host", report),
            partial(standin.ensure, report),
            *(partial(database, image, report) for image in databases.IMAGES),
            *(partial(lab_image, name, report) for name in ("registry", "dns")),
        ]
    )


def base(suite: str, report: Report) -> None:
    """What other images are based on."""
    report(base_image.ensure(suite))


def lab_image(name: str, report: Report) -> None:
    """One of the lab's own images, and its base."""
    report(f"{images.ensure(name)} is there")


def database(image: databases.Image, report: Report) -> None:
    """One of the databases' images."""
    report(f"{image.tag}: {databases.ensure(image, pulling=False)}")
