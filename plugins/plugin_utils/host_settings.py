# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads a host's settings out of Ansible's variables. For action plugins."""

from __future__ import annotations

import typing as t
from collections.abc import Mapping

from ansible.errors import AnsibleError, AnsibleValueOmittedError
from ansible_collections.wabiz.onprem.plugins.module_utils._settings.conversion import Unfit, convert
from ansible_collections.wabiz.onprem.plugins.module_utils._settings.declaration import Variable
from ansible_collections.wabiz.onprem.plugins.module_utils._settings.reading import CannotEvaluate, Settings, read
from ansible_collections.wabiz.onprem.plugins.module_utils.topology import GROUPS
from ansible_collections.wabiz.onprem.plugins.plugin_utils.declared import declared

_REASON = 200


def host_settings(
    host: str, variables: Mapping[str, t.Any], wanted: list[Variable], template: t.Callable[[t.Any], t.Any]
) -> Settings:
    """Read the C(wanted) variables of a host; C(template) evaluates one raw value."""

    def evaluate(name: str) -> t.Any:
        try:
            return template(variables[name])
        except AnsibleValueOmittedError:
            return None
        except RecursionError:
            raise CannotEvaluate("it is nested too deeply.") from None
        except AnsibleError as error:
            raise CannotEvaluate(str(error).splitlines()[0][:_REASON]) from None

    return read(host, declared(), wanted, variables, evaluate)


def cluster_groups(
    given: t.Any, template: t.Callable[[t.Any], t.Any], groups: Mapping[str, list[str]]
) -> dict[str, list[str]]:
    """The hosts of each of our groups, whatever C(wabiz_groups) calls it; an unusable value renames nothing."""
    try:
        renamed = convert(declared().variables["wabiz_groups"], template(given))
    except (AnsibleError, Unfit, RecursionError):
        renamed = {}
    return {group: list(groups.get(str(renamed.get(group, group)), [])) for group in GROUPS}
