"""Writes docs/variables.md and the options in the roles' argument specs from meta/variables.yml.

With --check it only reports outdated files.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "collections"))

from ansible_collections.wabiz.onprem.plugins.module_utils._settings.declaration import Variable  # noqa: E402
from ansible_collections.wabiz.onprem.plugins.module_utils._settings.patterns import PATTERNS  # noqa: E402
from ansible_collections.wabiz.onprem.plugins.plugin_utils.declared import declared  # noqa: E402

PAGE = ROOT / "docs" / "variables.md"
HEAD = """# Variables

Made by `python tools/reference.py` from `meta/variables.yml`; do not edit.

All names begin with `wabiz_`; names without the prefix are ignored, and an unknown name with it is refused with the
one that was probably meant. A blank value (null, empty text, spaces) is as if the variable were not given. Text is
converted to the type of the variable, as surveys and `-e` give text: `"false"` is false, `"3"` is 3, a list may be
JSON text or have commas between its entries, a dictionary may be JSON text.

*Same* variables must have one value on all hosts of webapps, masters and coreapps. *Secret* ones belong into a vault;
they are never shown.
"""
# The entry points of a role, and as whom it reads the variables there.
ENTRIES = {"main": "alone", "absent": "absent"}
SHOWN = "_variables"
NOT_CHECKED = (
    "For ansible-doc only; no task file has this name. Ansible evaluates the options of an entry point before the role "
    "does: it would refuse blank values, and where an expression fails it would show lines of the inventory, secrets "
    "included. The role reads and checks its variables itself."
)
# What a list holds whose entries may have more than one form.
ELEMENTS = {"network": "raw"}
# Ansible's own names for types that only this collection knows.
ROLE_TYPES = {"file": "path", "command": "list"}


def value_of(variable: Variable) -> str:
    """The text of the default for a table cell."""
    if variable.fallback:
        return variable.fallback
    return "" if variable.default is None else f"`{json.dumps(variable.default)}`"


def allowed(variable: Variable) -> str:
    """The allowed values."""
    if variable.choices:
        return ", ".join(f"`{choice}`" for choice in variable.choices)
    if variable.range:
        return f"{variable.range[0]} to {variable.range[1]}"
    if variable.pattern:
        return PATTERNS[variable.pattern].meaning.replace("|", "\\|").replace("*", "\\*")
    return ""


def readers(names: frozenset[str]) -> str:
    """Playbooks and roles, in a fixed order."""
    every = declared().readers
    playbooks = [name for name in every["all"] if name in names]
    roles = sorted({name.partition(" ")[2] for name in names} - {""})
    alone = {name.partition(" ")[2] for name in _every_role(every)}
    shown = ["every playbook"] if len(playbooks) == len(every["all"]) else playbooks
    return ", ".join([*shown, *(["every role"] if alone <= set(roles) else map("role {}".format, roles))])


def _every_role(every: dict[str, list[str]]) -> Iterator[str]:
    """The readers that are roles in a user's own play."""
    yield from (name for name in every["road"] if name not in every)


def table(variables: list[Variable]) -> Iterator[str]:
    """One section's variables."""
    yield "| variable | type | default | values | meaning | read by |"
    yield "|---|---|---|---|---|---|"
    for variable in variables:
        marks = [name for name in ("same", "secret") if getattr(variable, name)]
        required = f" **Required** by {readers(variable.required)}." if variable.required else ""
        notes = f" *{', '.join(marks)}*" if marks else ""
        yield (
            f"| `{variable.name}` | {variable.type} | {value_of(variable)} | {allowed(variable)} "
            f"| {variable.description}{required}{notes} | {readers(variable.read_by)} |"
        )


def page() -> str:
    """The whole reference."""
    lines = [HEAD]
    for section, title in declared().sections.items():
        chosen = [variable for variable in declared().variables.values() if variable.section == section]
        lines += [f"## {title}", "", *table(chosen), ""]
    return "\n".join(lines).rstrip() + "\n"


def option(variable: Variable, reader: str) -> dict[str, Any]:
    """The variable as an option of a role's argument spec."""
    spec: dict[str, Any] = {
        "type": ROLE_TYPES.get(variable.type, variable.type),
        "description": variable.description,
    }
    if variable.fallback:
        spec["description"] += f" Without it {variable.fallback}."
    if spec["type"] == "list":
        spec["elements"] = ELEMENTS.get(variable.values) or (
            "dict" if variable.keys else "int" if variable.range else "str"
        )
    if variable.default is not None:
        spec["default"] = variable.default
    if variable.choices:
        spec["choices"] = list(variable.choices)
    if reader in variable.required:
        spec["required"] = True
    if variable.secret:
        spec["no_log"] = True
    elif "secret" in variable.name:
        spec["no_log"] = False
    return spec


def specification(path: Path) -> str:
    """The role's argument specs, and beside each entry point one that shows the variables that it reads."""
    role = path.parent.parent.name
    written = yaml.safe_load(path.read_text(encoding="utf-8"))["argument_specs"]
    found: dict[str, Any] = {}
    for entry in (name for name in written if name in ENTRIES):
        reader = f"{ENTRIES[entry]} {role}"
        found[entry] = {**written[entry], "options": {}}
        found[f"{entry}{SHOWN}"] = {
            "short_description": f"The variables that {entry} reads",
            "description": [NOT_CHECKED],
            "options": {variable.name: option(variable, reader) for variable in declared().read_by(reader)},
        }
    spec = {"argument_specs": found}
    body = yaml.dump(spec, Dumper=Indented, sort_keys=False, width=150, default_flow_style=False, allow_unicode=True)
    return f"---\n# The options are made by `python tools/reference.py` from meta/variables.yml.\n{body}"


class Indented(yaml.SafeDumper):
    """Lists one step deeper than their key, as yamllint requires."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002
        """Never without indentation."""
        super().increase_indent(flow, False)


def wanted() -> dict[Path, str]:
    """Every file that is generated here, with its content."""
    specs = sorted(ROOT.glob("roles/*/meta/argument_specs.yml"))
    return {PAGE: page(), **{path: specification(path) for path in specs}}


if __name__ == "__main__":
    stale = {path: text for path, text in wanted().items() if path.read_text(encoding="utf-8") != text}
    if "--check" in sys.argv:
        names = ", ".join(str(path.relative_to(ROOT)) for path in stale)
        sys.exit(f"{names}: outdated, run python tools/reference.py" if stale else 0)
    for path, text in stale.items():
        path.write_text(text, encoding="utf-8")
