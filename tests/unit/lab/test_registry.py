# SPDX-License-Identifier: GPL-3.0-or-later
"""Which local images go to the registry, and under which names."""

from __future__ import annotations

from lab import registry


def test_vendor_images_lose_their_host_and_databases_keep_their_names() -> None:
    local = [
        "docker.whatsapp.biz/web:v2.57.2",
        "docker.whatsapp.biz/coreapp:v2.57.2",
        "mysql:8.0.33",
        "mysql:9.7",
        "postgres:13.8",
    ]
    assert registry.published_names(local) == {
        "docker.whatsapp.biz/coreapp:v2.57.2": "coreapp:v2.57.2",
        "docker.whatsapp.biz/web:v2.57.2": "web:v2.57.2",
        "mysql:8.0.33": "mysql:8.0.33",
        "mysql:9.7": "mysql:9.7",
        "postgres:13.8": "postgres:13.8",
    }


def test_other_images_stay_at_home() -> None:
    others = ["debian:12-slim", "mysql:9", "standin/gateway:latest", "docker.whatsapp.biz/web:<none>", "<none>:<none>"]
    assert registry.published_names(others) == {}
