"""The bundle's README, whose commands install it; a test runs them as they are written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tools.venv import Version

_IMAGES = "-e wabiz_image_archive=$PWD/images"


@dataclass(frozen=True)
class Needs:
    """The collection's version, and what it needs of the controller."""

    version: str
    pythons: Sequence[Version]
    machine: str
    c_library: str


def either(pythons: Sequence[Version]) -> str:
    """Versions of Python for a sentence."""
    return " or ".join(".".join(map(str, version)) for version in pythons)


def commands(python: Version, *, with_images: bool) -> list[str]:
    """The five commands: check, environment, packages, collections, first look."""
    home = "~/wabiz/bin"
    return [
        "sha256sum --check --quiet SHA256SUMS",
        f"python{python[0]}.{python[1]} -m venv ~/wabiz",
        f"{home}/python -m pip install --no-index --find-links wheels --requirement requirements-controller.txt",
        f"{home}/ansible-galaxy collection install --offline --force collections/*.tar.gz",
        f"{home}/ansible-playbook -i ~/inventory wabiz.onprem.site --check{f' {_IMAGES}' if with_images else ''}",
    ]


def text(needs: Needs, *, with_images: bool) -> str:
    """The whole page."""
    shown = "\n".join(commands(needs.pythons[0], with_images=with_images))
    return f"""# wabiz.onprem {needs.version} for a controller without internet

Needed on the controller: Linux on {needs.machine} with the GNU C library {needs.c_library} or later,
Python {either(needs.pythons)} with its module venv (a package of its own on Debian), and an SSH client.
Your inventory is in `~/inventory`. In this directory:

```
{shown}
```

The first command compares every file with its checksum. The last one changes nothing; without `--check` it deploys
the cluster. All programs are in `~/wabiz`. The collections are in `~/.ansible/collections`, where they replace other
versions. A newer bundle is installed by the same commands.
{_IMAGES_PART if with_images else ""}
More is in `~/.ansible/collections/ansible_collections/wabiz/onprem/docs/offline.md`.
"""


_IMAGES_PART = f"""
What a host lacks comes from `images`, if no registry and no other host has it. To load it beforehand:

```
~/wabiz/bin/ansible-playbook -i ~/inventory wabiz.onprem.images -e wabiz_images_verb=load {_IMAGES}
```
"""
