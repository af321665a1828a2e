# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Secrets that a credential of AWX hands over: one variable for all, since AWX cannot leave out a blank field."""

from __future__ import annotations

import json
import typing as t
from collections.abc import Mapping

from ansible_collections.wabiz.onprem.plugins.module_utils._formats.unfit import Unfit
from ansible_collections.wabiz.onprem.plugins.module_utils._settings.conversion import given

# Set by the credential type of awx/objects, as JSON text.
VARIABLE = "_wabiz_credential"


def with_credential(variables: Mapping[str, t.Any]) -> Mapping[str, t.Any]:
    """Return a host's variables with the credential's in their place; a blank field leaves the inventory's as it is.

    The text is never evaluated: a secret may look like an expression. Raises Unfit, without any value.
    """
    handed = variables.get(VARIABLE)
    if not given(handed):
        return variables
    try:
        fields = json.loads(handed) if isinstance(handed, str) else handed
    except ValueError:
        fields = None
    if not isinstance(fields, Mapping):
        raise Unfit(
            "The fields of the AWX credential cannot be read.",
            "Use the credential type of awx/objects as it is, of the same version as the collection.",
        )
    return {**variables, **{name: value for name, value in fields.items() if given(value)}}
