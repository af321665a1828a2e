# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every module was tested, and every module documented as idempotent was idempotent."""

from __future__ import annotations

import json

import pytest
import yaml

from tests.integration.webapps import Webapps
from tests.support.gate import passes
from tests.support.paths import ROOT

pytestmark = pytest.mark.docker


def test_every_module_of_the_action_group_ran(api: Webapps) -> None:
    runtime = yaml.safe_load((ROOT / "meta" / "runtime.yml").read_text(encoding="utf-8"))
    names = [name.removeprefix("wabiz.onprem.") for name in runtime["action_groups"]["api"]]
    assert sorted(api.ran) == sorted(names)


def test_every_module_documented_as_idempotent_is(api: Webapps) -> None:
    output = passes("ansible-doc", "--json", *(f"wabiz.onprem.{name}" for name in sorted(api.ran)))
    documents = json.loads(output[output.index("{") :])
    attributes = {name.rpartition(".")[2]: entry["doc"]["attributes"] for name, entry in documents.items()}
    support = {name: entry["idempotent"]["support"] for name, entry in attributes.items()}
    only_looking = {name for name in support if name.endswith("_info") or name == "webapp_ready"}
    assert {name for name, word in support.items() if word == "full"} - only_looking <= api.settled
    assert "none" not in {support[name] for name in api.settled}
