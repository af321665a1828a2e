# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Networks and volumes of an engine, ours and others'."""

from __future__ import annotations

import typing as t

from ansible_collections.wabiz.onprem.plugins.module_utils._host.answers import dicts, mapping, text
from ansible_collections.wabiz.onprem.plugins.module_utils._host.engine import Engine, EngineError
from ansible_collections.wabiz.onprem.plugins.module_utils._host.secret_values import masked
from ansible_collections.wabiz.onprem.plugins.module_utils._model import labels
from ansible_collections.wabiz.onprem.plugins.module_utils._model.ids import short


def network_list(engine: Engine, attached: t.Mapping[str, list[str]]) -> list[dict[str, t.Any]]:
    """`attached` are names of containers by network: the engine's own list omits them."""
    listed = engine.read("/networks")
    if not isinstance(listed, list):
        raise EngineError("the engine's list of networks is not readable")
    return [
        {
            "name": text(network.get("Name")),
            "id": short(text(network.get("Id"))),
            "cluster": text(mapping(network.get("Labels")).get(labels.CLUSTER)),
            "containers": sorted(attached.get(text(network.get("Name")), [])),
            "subnets": sorted(
                {text(one.get("Subnet")) for one in dicts(mapping(network.get("IPAM")).get("Config"))} - {""}
            ),
        }
        for network in sorted(dicts(listed), key=lambda network: text(network.get("Name")))
    ]


def volume_list(engine: Engine) -> list[dict[str, t.Any]]:
    listed = engine.read("/volumes")
    if not isinstance(listed, dict):
        raise EngineError("the engine's list of volumes is not readable")
    found = [
        {
            "name": text(volume.get("Name")),
            "cluster": text(mapping(volume.get("Labels")).get(labels.CLUSTER)),
            "driver": text(volume.get("Driver")),
            # Mount options hold a share's password.
            "options": masked("driver_opts", {key: text(one) for key, one in mapping(volume.get("Options")).items()}),
        }
        for volume in dicts(listed.get("Volumes"))
    ]
    return sorted(found, key=lambda volume: str(volume["name"]))
