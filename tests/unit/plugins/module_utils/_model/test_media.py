# Copyright: (c) 2026, wabiz.onprem contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two clusters have their own media, and a cluster keeps what it has."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.wabiz.onprem.plugins.module_utils._model.media import media_volume

DERIVED = {"cluster_name": "a", "media_volume": "a-media", "media_volume_before": "whatsappMedia"}
GIVEN = {"cluster_name": "a", "media_volume": "mine", "media_volume_before": ""}


def found(cluster: str, container: str = "") -> dict[str, Any]:
    """A host with the volume of earlier versions; C(container) is the cluster of one that uses it."""
    containers = [{"cluster": container, "volumes": ["whatsappMedia"]}] if container else []
    return {"volumes": [{"name": "whatsappMedia", "cluster": cluster}], "containers": containers}


@pytest.mark.parametrize(
    ("report", "name"),
    [
        ({}, "a-media"),
        ({"volumes": [], "containers": []}, "a-media"),
        (found("a"), "whatsappMedia"),
        # Made by hand, or by the vendor's files, before the cluster took it.
        (found("", "a"), "whatsappMedia"),
        (found(""), "a-media"),
        (found("b", "b"), "a-media"),
    ],
)
def test_a_cluster_keeps_its_volume_and_takes_no_other(report: dict[str, Any], name: str) -> None:
    assert media_volume(DERIVED, report) == name


def test_what_the_site_names_counts() -> None:
    assert media_volume(GIVEN, found("a", "a")) == "mine"
