# SPDX-License-Identifier: GPL-3.0-or-later
"""Name and network of a lab come from the environment and are checked."""

from __future__ import annotations

import pytest

from lab import settings
from lab.errors import LabError


def test_defaults() -> None:
    lab = settings.load({})
    assert (lab.name, str(lab.subnet), lab.label) == ("wabiz-lab", "10.77.0.0/22", "wabiz.lab=wabiz-lab")
    assert lab.state == settings.REPO / "build" / "lab"


def test_two_labs_share_nothing() -> None:
    one, other = settings.load({}), settings.load({"LAB_NAME": "other", "LAB_SUBNET": "10.78.0.0/24"})
    assert one.state != other.state
    assert one.label != other.label
    assert one.container("web1") != other.container("web1")


@pytest.mark.parametrize("name", ["Lab", "a b", "-x", "x" * 32, "lab/x"])
def test_names_that_cannot_be_labels_are_refused(name: str) -> None:
    with pytest.raises(LabError, match="LAB_NAME"):
        settings.load({"LAB_NAME": name})


@pytest.mark.parametrize("subnet", ["10.77.0.1/22", "10.77.0.0/25", "172.20.0.0/16", "192.168.4.0/24", "ten"])
def test_subnets_that_cannot_work_are_refused(subnet: str) -> None:
    with pytest.raises(LabError, match="LAB_SUBNET"):
        settings.load({"LAB_SUBNET": subnet})
