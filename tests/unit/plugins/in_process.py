# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Running a module inside the test's process, with arguments as Ansible passes them."""

from __future__ import annotations

import importlib
import io
import json
from contextlib import redirect_stdout
from typing import Any
from unittest.mock import patch

import pytest
from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.testing import patch_module_args

MODULES = "ansible_collections.wabiz.onprem.plugins.modules"


def execute(module_name: str, arguments: dict[str, Any], *, check: bool = False, diff: bool = False) -> dict[str, Any]:
    """Run a module and return its result; arguments that are None are omitted.

    Warnings are noted here, as Ansible keeps them for a whole process and shows them itself where its controller side
    was imported.
    """
    given = {name: value for name, value in arguments.items() if value is not None}
    given |= {"_ansible_check_mode": check, "_ansible_diff": diff, "_ansible_remote_tmp": "/tmp"}
    module = importlib.import_module(f"{MODULES}.{module_name}")
    output = io.StringIO()
    heard: list[str] = []
    noted = patch.object(AnsibleModule, "warn", lambda _self, text: heard.append(text))
    with noted, patch_module_args(given), redirect_stdout(output), pytest.raises(SystemExit):
        module.main()
    result: dict[str, Any] = json.loads(output.getvalue())
    return {**result, "warnings": heard}
