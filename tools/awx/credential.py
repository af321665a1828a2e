"""The credential type: a field for each secret, and what a job gets of it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ansible_collections.wabiz.onprem.plugins.module_utils._settings.declaration import Variable
from ansible_collections.wabiz.onprem.plugins.plugin_utils.credential import VARIABLE

from tools.awx.survey import label
from tools.awx.written import Unsafe


def inputs(variables: Iterable[Variable]) -> dict[str, Any]:
    """A field for each variable; none of them is required."""
    fields = [
        {
            "id": variable.name,
            "type": "string",
            "label": label(variable),
            "help_text": variable.description,
            "secret": True,
            # AWX shows one line where this is false.
            "multiline": variable.multiline or variable.base64 or variable.type == "file",
        }
        for variable in variables
    ]
    return {"fields": fields}


def injectors(variables: Iterable[Variable]) -> dict[str, Any]:
    """All fields in one extra variable, as JSON: one for each would hide the inventory's value where a field is blank.

    AWX leaves blank fields undefined. Files it writes in any case, so a blank one is not named.
    """
    every = list(variables)
    files = [variable.name for variable in every if variable.type == "file"]
    handed = ",\n".join(f'  "{variable.name}": {_value(variable)}' for variable in every)
    return {
        "file": {f"template.{name}": Unsafe(f"{{{{ {name} | default('') }}}}") for name in files},
        "extra_vars": {VARIABLE: Unsafe(f"{{\n{handed}\n}}")},
    }


def _value(variable: Variable) -> str:
    field = f"{variable.name} | default('')"
    if variable.type == "file":
        return f"{{{{ (tower.filename.{variable.name} if {field} else '') | tojson }}}}"
    return f"{{{{ {field} | tojson }}}}"
