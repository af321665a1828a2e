"""Makes what awx/ holds of meta/awx.yml and meta/variables.yml, and the archive that AWX imports.

`python -m tools.awx` writes, `--check` reports what is outdated, `--archive FILE` builds the archive with our tarball in it.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import yaml
from ansible_collections.wabiz.onprem.plugins.plugin_utils.declared import declared

from tools.awx import objects, project
from tools.awx.page import page
from tools.awx.written import write

ROOT = Path(__file__).resolve().parents[2]
HEAD = "---\n# Made by `python -m tools.awx` from meta/awx.yml and meta/variables.yml; do not edit.\n"


def wanted() -> dict[Path, str]:
    """Every file that is generated here, with its content."""
    given = objects.offer(yaml.safe_load((ROOT / "meta" / "awx.yml").read_text(encoding="utf-8")), declared())
    galaxy = yaml.safe_load((ROOT / "galaxy.yml").read_text(encoding="utf-8"))
    data = {
        "credential_types": {"controller_credential_types": objects.credential_types(given)},
        "templates": {"controller_templates": objects.templates(given)},
        "workflows": {"controller_workflows": objects.workflows(given)},
        "schedules": {"controller_schedules": objects.schedules(given)},
    }
    guide = ROOT / "docs" / "awx.md"
    return {
        **{ROOT / "awx" / "objects" / f"{name}.yml": HEAD + write(one) for name, one in data.items()},
        **{ROOT / "awx" / f"{verb}.yml": project.wrapper(verb) for verb in {row.verb for row in given.templates}},
        ROOT / "awx" / "collections" / "requirements.yml": HEAD.replace("meta/awx.yml and meta/variables.yml", "galaxy.yml")
        + write(project.requirements(galaxy)),
        guide: page(guide.read_text(encoding="utf-8"), given),
    }


def _is_stale(path: Path, text: str) -> bool:
    return not path.is_file() or path.read_text(encoding="utf-8") != text


def main() -> None:
    """Write, check or build."""
    parser = argparse.ArgumentParser(prog="python -m tools.awx", description=__doc__)
    parser.add_argument("--check", action="store_true", help="only report what is outdated")
    parser.add_argument("--archive", type=Path, help="build the archive, a .tar.gz, instead")
    arguments = parser.parse_args()
    stale = {path: text for path, text in wanted().items() if _is_stale(path, text)}
    if arguments.check or (arguments.archive and stale):
        names = ", ".join(sorted(str(path.relative_to(ROOT)) for path in stale))
        sys.exit(f"{names}: outdated, run python -m tools.awx" if stale else 0)
    if arguments.archive:
        project.archive(ROOT, arguments.archive)
    for path, text in stale.items():
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
