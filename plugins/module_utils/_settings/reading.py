# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All settings of one host, and everything that is wrong with them. No I/O: who calls evaluates the variables."""

from __future__ import annotations

import difflib
import typing as t

from ansible_collections.wabiz.onprem.plugins.module_utils._formats.unfit import Unfit
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.findings import Finding
from ansible_collections.wabiz.onprem.plugins.module_utils._settings.conversion import convert, given
from ansible_collections.wabiz.onprem.plugins.module_utils._settings.declaration import (
    PREFIX,
    Declaration,
    Variable,
)
from ansible_collections.wabiz.onprem.plugins.module_utils._settings.derived import derive
from ansible_collections.wabiz.onprem.plugins.module_utils._settings.patterns import PATTERNS

# Set by our own playbooks for the task files of a site's balancer.
_OURS = frozenset({"wabiz_balancer_node"})


class CannotEvaluate(Exception):
    """A variable's expression cannot be evaluated; the text says why and holds no value."""


class Settings(t.NamedTuple):
    """Typed values by name without the prefix, and the findings. C(values) has every variable that was asked for."""

    values: dict[str, t.Any]
    findings: list[Finding]


def read(
    host: str,
    declaration: Declaration,
    wanted: list[Variable],
    names: t.Iterable[str],
    evaluate: t.Callable[[str], t.Any],
) -> Settings:
    """Read the C(wanted) variables of a host.

    C(names) are the names of all variables of the host; C(evaluate) returns the value of one, or raises CannotEvaluate.
    """
    there = set(names)
    findings = [*_host_name(host), *_misspelt(host, declaration, there)]
    values: dict[str, t.Any] = {}
    for variable in wanted:
        value, unfit = _one(variable, evaluate if variable.name in there else None)
        values[variable.key] = value
        if unfit:
            findings.append(Finding(host, unfit.problem, unfit.remedy, variable=variable.name))
    address, unfit = _address(evaluate if "ansible_host" in there else None)
    settings = derive(values, host, address)
    # Where it is only what Ansible connects to, Ansible judges it.
    if unfit and settings.get("external_hostname") == settings["ansible_host"]:
        findings.append(Finding(host, unfit.problem, unfit.remedy, variable="ansible_host"))
    return Settings(settings, findings)


def _address(evaluate: t.Callable[[str], t.Any] | None) -> tuple[str | None, Unfit | None]:
    """C(ansible_host), which other nodes use as well where they are given no name; and what is wrong with it."""
    try:
        value = evaluate("ansible_host") if evaluate else None
    except CannotEvaluate as error:
        return None, _cannot(error)
    if not given(value):
        return None, None
    if isinstance(value, str) and PATTERNS["host"].fits(value):
        return value, None
    return str(value), Unfit(
        "is not a host name or an IP address.",
        "Correct it, or set wabiz_external_hostname to how others reach the host.",
    )


def _cannot(error: CannotEvaluate) -> Unfit:
    return Unfit(f"cannot be evaluated: {str(error).rstrip('.')}.", "Fix it.")


def _one(variable: Variable, evaluate: t.Callable[[str], t.Any] | None) -> tuple[t.Any, Unfit | None]:
    """The value of one variable; where it is wrong its default, and why."""
    try:
        return convert(variable, evaluate(variable.name) if evaluate else None), None
    except CannotEvaluate as error:
        return variable.default, _cannot(error)
    except Unfit as unfit:
        return variable.default, unfit


def missing(host: str, required: list[Variable], settings: Settings) -> list[Finding]:
    """What must be given and is not; a value that was given and is wrong has its finding already."""
    faulty = {finding.variable for finding in settings.findings}
    return [
        Finding(host, "is not set.", "Set it for all hosts of the cluster.", variable=variable.name)
        for variable in required
        if variable.name not in faulty and not given(settings.values.get(variable.key))
    ]


def _host_name(host: str) -> t.Iterator[Finding]:
    if not PATTERNS["inventory name"].fits(host):
        yield Finding(repr(host), "cannot be the name of a host.", f"Write {PATTERNS['inventory name'].meaning}.")


def _misspelt(host: str, declaration: Declaration, names: set[str]) -> t.Iterator[Finding]:
    for name in sorted(names):
        if name.startswith(PREFIX) and name not in declaration.variables and name not in _OURS:
            near = difflib.get_close_matches(name, declaration.variables, n=1, cutoff=0.7)
            hint = f"Did you mean {near[0]}?" if near else "docs/variables.md lists all names."
            yield Finding(host, "is not a variable of this collection.", hint, variable=name)
