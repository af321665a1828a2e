"""Makes what awx/ holds of meta/awx.yml and meta/variables.yml, and the archive that AWX imports.

`python -m tools.awx` writes, `--check` reports what is outdated, `--archive FILE` builds the archive.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

import yaml
from ansible_collections.wabiz.onprem.plugins.plugin_utils.declared import declared

from tools.awx import objects, project
from tools.awx.page import page
from tools.awx.written import write
from tools.bundle import galaxy

ROOT = Path(__file__).resolve().parents[2]
HEAD = "---\n# Made by `python -m tools.awx` from {}; do not edit.\n"


def wanted() -> dict[Path, str]:
    """Every file that is generated here, with its content."""
    given = objects.offer(yaml.safe_load((ROOT / "meta" / "awx.yml").read_text(encoding="utf-8")), declared())
    collection = yaml.safe_load((ROOT / "galaxy.yml").read_text(encoding="utf-8"))
    head = HEAD.format("meta/awx.yml and meta/variables.yml")
    data = {
        "credential_types": {"controller_credential_types": objects.credential_types(given)},
        "templates": {"controller_templates": objects.templates(given)},
        "workflows": {"controller_workflows": objects.workflows(given)},
        "schedules": {"controller_schedules": objects.schedules(given)},
    }
    awx, guide = ROOT / "awx", ROOT / "docs" / "awx.md"
    return {
        **{awx / "objects" / f"{name}.yml": head + write(one) for name, one in data.items()},
        **{awx / f"{row.verb}.yml": HEAD.format("meta/awx.yml") + project.wrapper(row.verb) for row in given.templates},
        awx / "collections/requirements.yml": HEAD.format("galaxy.yml") + write(project.requirements(collection)),
        guide: page(guide.read_text(encoding="utf-8"), given),
    }


def main() -> None:
    """Write, check or build."""
    parser = argparse.ArgumentParser(prog="python -m tools.awx", description=__doc__)
    parser.add_argument("--check", action="store_true", help="only report what is outdated")
    parser.add_argument("--archive", type=Path, help="build the archive, a .tar.gz, instead")
    arguments = parser.parse_args()
    stale = {
        path: text for path, text in wanted().items() if not path.is_file() or path.read_text(encoding="utf-8") != text
    }
    if stale and (arguments.check or arguments.archive):
        names = ", ".join(sorted(str(path.relative_to(ROOT)) for path in stale))
        sys.exit(f"{names}: outdated, run python -m tools.awx")
    for path, text in stale.items():
        path.write_text(text, encoding="utf-8")
    if arguments.archive:
        with tempfile.TemporaryDirectory(prefix="wabiz-awx-") as place:
            built = Path(place) / "built"
            galaxy.build(ROOT, built)
            (tarball,) = built.glob("*.tar.gz")
            project.archive(ROOT / "awx", tarball, arguments.archive)


if __name__ == "__main__":
    main()
