# Copyright: (c) 2026, wabiz.onprem contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names of images: the same for roles, plans and checks."""

from __future__ import annotations

import pytest
import yaml
from ansible_collections.wabiz.onprem.plugins.module_utils._model.images import (
    IMAGES,
    is_client,
    is_versioned,
    reference,
    registry_of,
    tag,
    untagged,
)
from ansible_collections.wabiz.onprem.plugins.module_utils._model.topology import SERVICES

from tests.support.paths import ROOT


def test_every_service_has_an_image() -> None:
    assert tuple(IMAGES) == SERVICES


@pytest.mark.parametrize("service", SERVICES)
def test_a_role_runs_the_image_that_is_looked_for(service: str) -> None:
    variables = yaml.safe_load((ROOT / "roles" / service / "vars" / "main.yml").read_text(encoding="utf-8"))
    assert variables[f"_{service}_service"]["image"] == IMAGES[service]


@pytest.mark.parametrize("service", ["master", "coreapp"])
def test_the_schema_is_upgraded_by_the_image_of_masters_and_coreapps(service: str) -> None:
    text = (ROOT / "roles" / "node" / "vars" / "main.yml").read_text(encoding="utf-8")
    assert f"/{IMAGES[service]}:v{{{{ _node_version }}}}" in text


def test_a_reference_is_the_vendors_form() -> None:
    name = reference("docker.whatsapp.biz", IMAGES["webapp"], "2.57.2")
    assert name == "docker.whatsapp.biz/web:v2.57.2"
    assert name.endswith(tag("2.57.2")) and is_client(name)


@pytest.mark.parametrize(
    ("image", "registry"),
    [
        ("mysql:8.0", "docker.io"),
        ("company/mysql:8.0", "docker.io"),
        ("localhost/web:v1", "localhost"),
        ("registry:5000/web:v1", "registry:5000"),
        ("registry.example.net/whatsapp/web@sha256:ab", "registry.example.net"),
    ],
)
def test_the_registry_of_a_name(image: str, registry: str) -> None:
    assert registry_of(image) == registry


@pytest.mark.parametrize(
    ("image", "versioned"),
    [
        ("docker.whatsapp.biz/web:v2.57.2", True),
        ("registry:5000/x/coreapp:v2.57.2", True),
        ("registry:5000/coreapp:latest", False),
        ("mysql:8.0", False),
        ("registry:5000/mysql:v8", False),
    ],
)
def test_the_clients_images_are_known_in_any_registry(image: str, versioned: bool) -> None:
    assert is_versioned(image) is versioned


@pytest.mark.parametrize(
    ("image", "name"),
    [
        ("mysql:8.0", "mysql"),
        ("mysql", "mysql"),
        ("registry:5000/web", "registry:5000/web"),
        ("registry:5000/x/web:v1", "registry:5000/x/web"),
        ("registry:5000/web:v1@sha256:ab", "registry:5000/web"),
    ],
)
def test_a_name_without_its_tag(image: str, name: str) -> None:
    assert untagged(image) == name
