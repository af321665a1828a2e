# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options of a container as a site gives them, by what the installed community.docker takes. For action plugins."""

from __future__ import annotations

import copy
import difflib
import typing as t
from functools import lru_cache

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.wabiz.onprem.plugins.module_utils._formats.unfit import Unfit
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.findings import Finding
from ansible_collections.wabiz.onprem.plugins.module_utils._settings.conversion import plain
from ansible_collections.wabiz.onprem.plugins.module_utils._settings.declaration import Variable

_MODULE = "community.docker.docker_container"


def fit(host: str, wanted: t.Iterable[Variable], values: dict[str, t.Any]) -> t.Iterator[Finding]:
    """Bring every option among the settings of a host into the module's own form; what does not fit is a finding."""
    for variable in wanted:
        given = values.get(variable.key)
        try:
            if given and variable.values == "option":
                values[variable.key] = _fitted(given)
            elif given and variable.values == "network":
                values[variable.key] = _fitted({"networks": given})["networks"]
        except Unfit as unfit:
            values[variable.key] = variable.default
            yield Finding(host, unfit.problem, unfit.remedy, variable=variable.name)


class _Module:
    """What docker_container's reading of an option asks of the module that it is in."""

    params: t.ClassVar = {"command_handling": "correct", "networks_cli_compatible": True}

    def fail_json(self, **_result: t.Any) -> t.NoReturn:
        raise ValueError

    def warn(self, _message: str) -> None:
        """Nothing that a site has to know before the run."""


@lru_cache(maxsize=1)
def _groups() -> dict[str, t.Any]:
    """What describes a container, by name, as docker_container declares it.

    How the module acts (state, recreate, comparisons ...) is not among it.
    """
    # Imported only where a site has such options; community.docker 5 has it under another name than 4.
    try:
        from ansible_collections.community.docker.plugins.module_utils._module_container.base import OPTIONS
    except ImportError:
        from ansible_collections.community.docker.plugins.module_utils.module_container.base import OPTIONS

    return {name: group for group in OPTIONS for name in group.argument_spec}


@lru_cache(maxsize=1)
def _specification() -> dict[str, dict[str, t.Any]]:
    return {name: group.argument_spec[name] for name, group in _groups().items()}


def _fitted(options: dict[str, t.Any]) -> dict[str, t.Any]:
    """The options by their proper names, converted. Raises Unfit, which shows no value: it may be a secret."""
    aliases = {alias: name for name, spec in _specification().items() for alias in spec.get("aliases", ())}
    found: dict[str, t.Any] = {}
    for given, value in options.items():
        name = aliases.get(given, given)
        spec = _specification().get(name)
        if spec is None:
            raise Unfit(f"has {given}, which is no option of a container in {_MODULE}.", _meant(given))
        if name in found:
            raise Unfit(f"has {name} twice, under two names.", "Remove one.")
        found[name] = _value(name, spec, value)
    return found


def _meant(name: str) -> str:
    near = difflib.get_close_matches(name, _specification(), n=1, cutoff=0.75)
    return f"Did you mean {near[0]}?" if near else f"ansible-doc {_MODULE} lists all options."


def _value(name: str, spec: dict[str, t.Any], value: t.Any) -> t.Any:
    choices = f", one of {', '.join(map(str, spec['choices']))}" if spec.get("choices") else ""
    remedy = f"It is of type {spec['type']}{choices}; ansible-doc {_MODULE} explains it."
    found = ArgumentSpecValidator({name: spec}).validate({name: value})
    if found.error_messages:
        raise Unfit(f"has an unfit value under {name}.", remedy)
    whole = found.validated_parameters[name]
    if spec["type"] == "dict" and not spec.get("options"):
        whole = _texts(name, _without_null(whole))
    if not _understood(name, whole):
        raise Unfit(f"has an unfit value under {name}.", remedy)
    return _without_null(whole)


def _understood(name: str, value: t.Any) -> bool:
    """Whether docker_container can read the text of a size, a duration, a port ...; its own way, before any host is."""
    try:
        read = _groups()[name].preprocess(_Module(), {name: copy.deepcopy(value)}).get(name)
    except Exception:
        return False  # whatever it raises: the value is what it cannot read
    # A limit in another form than name:number is nothing to it.
    return name != "ulimits" or all(read)


def _texts(name: str, value: dict[str, t.Any]) -> dict[str, str]:
    """Names with texts, as in an environment; the module refuses anything else."""
    try:
        return {key: plain(item) for key, item in value.items()}
    except Unfit as unfit:
        raise Unfit(f"has an unfit value under {name}.", unfit.remedy) from None


def _without_null(value: t.Any) -> t.Any:
    """As the module fills in null for each part of an option that is not given."""
    if isinstance(value, dict):
        return {key: _without_null(item) for key, item in value.items() if item is not None}
    return [_without_null(item) for item in value] if isinstance(value, list) else value
