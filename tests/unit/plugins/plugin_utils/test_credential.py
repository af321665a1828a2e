# SPDX-License-Identifier: GPL-3.0-or-later
"""What a credential of AWX hands over takes the place of the inventory's, field by field."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.wabiz.onprem.plugins.module_utils._formats.unfit import Unfit
from ansible_collections.wabiz.onprem.plugins.plugin_utils.credential import VARIABLE, with_credential
from hypothesis import given
from hypothesis import strategies as st

INVENTORY = {"wabiz_api_key": "of the inventory", "wabiz_admin_password": "of the inventory", "other": 1}


def merged(handed: Any) -> dict[str, Any]:
    found = dict(with_credential({**INVENTORY, VARIABLE: handed}))
    found.pop(VARIABLE)
    return found


@pytest.mark.parametrize("handed", [None, "", "  ", "{}", {}, '{"wabiz_api_key": ""}', '{"wabiz_api_key": null}'])
def test_blank_fields_leave_the_inventory_as_it_is(handed: Any) -> None:
    assert merged(handed) == INVENTORY
    assert with_credential(INVENTORY) == INVENTORY


def test_a_field_takes_the_place_of_the_inventory() -> None:
    assert merged('{"wabiz_api_key": "a key", "wabiz_jwt_key": "b"}') == {
        **INVENTORY,
        "wabiz_api_key": "a key",
        "wabiz_jwt_key": "b",
    }


@pytest.mark.parametrize("handed", ["canary", "[]", '"canary"', ["canary"], 7])
def test_what_is_no_credential_of_ours_is_refused_without_its_value(handed: Any) -> None:
    with pytest.raises(Unfit) as raised:
        merged(handed)
    assert "canary" not in f"{raised.value.problem} {raised.value.remedy}"


@given(st.text(min_size=1).filter(str.strip))
def test_every_text_arrives_as_it_is(secret: str) -> None:
    assert merged(json.dumps({"wabiz_api_key": secret}))["wabiz_api_key"] == secret
