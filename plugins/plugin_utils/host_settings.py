# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads a host's settings out of Ansible's variables. For action plugins."""

from __future__ import annotations

import re
import typing as t
from collections.abc import Mapping

from ansible.errors import AnsibleError, AnsibleValueOmittedError
from ansible_collections.wabiz.onprem.plugins.module_utils._formats.unfit import Unfit
from ansible_collections.wabiz.onprem.plugins.module_utils._model.topology import GROUPS
from ansible_collections.wabiz.onprem.plugins.module_utils._settings.conversion import convert
from ansible_collections.wabiz.onprem.plugins.module_utils._settings.declaration import Variable
from ansible_collections.wabiz.onprem.plugins.module_utils._settings.reading import CannotEvaluate, Settings, read
from ansible_collections.wabiz.onprem.plugins.plugin_utils import container_options
from ansible_collections.wabiz.onprem.plugins.plugin_utils.declared import declared

_REASON = 200
# Another variable and nothing else.
_REFERENCE = re.compile(r"\s*\{\{\s*[\w.\[\]'\"]+\s*\}\}\s*")


def host_settings(
    host: str, variables: Mapping[str, t.Any], wanted: list[Variable], template: t.Callable[[t.Any], t.Any]
) -> Settings:
    """Read the C(wanted) variables of a host; C(template) evaluates one raw value."""

    def evaluate(name: str) -> t.Any:
        raw = None
        try:
            raw = variables[name]
            return template(raw)
        except AnsibleValueOmittedError:
            return None
        except RecursionError:
            raise CannotEvaluate("it is nested too deeply.") from None
        except AnsibleError as error:
            raise CannotEvaluate(_reason(name, raw, str(error))) from None

    settings = read(host, declared(), wanted, variables, evaluate)
    settings.findings.extend(container_options.fit(host, wanted, settings.values))
    return settings


def _reason(name: str, raw: t.Any, said: str) -> str:
    """Why a variable cannot be evaluated. Of what may hold a secret only where the words cannot hold a part of it."""
    variable = declared().variables.get(name)
    if variable is not None and variable.confidential and not _harmless(raw):
        return "its expression fails, and is not shown; a value that holds {{ or {% has to be marked !unsafe"
    return said.splitlines()[0][:_REASON]


def _harmless(raw: t.Any) -> bool:
    """Whether all that is evaluated in a value are names of other variables."""
    if isinstance(raw, Mapping):
        return all(map(_harmless, raw.values()))
    if isinstance(raw, (list, tuple)):
        return all(map(_harmless, raw))
    if isinstance(raw, str):
        return bool(_REFERENCE.fullmatch(raw)) or not ("{{" in raw or "{%" in raw)
    # Of another host the value is not seen before it is evaluated.
    return raw is not None


def renamed_groups(given: t.Any, template: t.Callable[[t.Any], t.Any]) -> dict[str, str]:
    """What C(wabiz_groups) calls our groups; an unusable value, which has a finding of its own, renames nothing."""
    try:
        found: dict[str, str] = convert(declared().variables["wabiz_groups"], template(given))
    except (AnsibleError, Unfit, RecursionError):
        return {}
    return found


def cluster_groups(renamed: dict[str, str], groups: Mapping[str, list[str]]) -> dict[str, list[str]]:
    """The hosts of each of our groups, whatever the site calls it."""
    return {group: list(groups.get(renamed.get(group, group), [])) for group in GROUPS}
