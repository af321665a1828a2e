# Copyright: (c) 2026, wabiz.onprem contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What engines say where a registry gives no image, and what an operator is told then."""

from __future__ import annotations

import pytest
from ansible_collections.wabiz.onprem.plugins.module_utils._model.registry_answers import cause
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.inventory_faults import registry_remedy

REGISTRY = "registry.example.net:5000"


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("Get https://r/v2/: unauthorized: incorrect username or password", "login"),
        (
            '500 Server Error: Internal Server Error ("Get https://r/v2/web/manifests/v1: no basic auth credentials")',
            "login",
        ),
        ("pull access denied for r/web, repository does not exist or may require 'docker login'", "login"),
        ("denied: requested access to the resource is denied", "login"),
        ("unexpected status from HEAD request to https://r/v2/web/manifests/v1: 403 Forbidden", "login"),
        ("login attempt to https://r/v2/ failed with status: 401 Unauthorized", "login"),
        ("tls: failed to verify certificate: x509: certificate signed by unknown authority", "untrusted"),
        ("http: server gave HTTP response to HTTPS client", "untrusted"),
        ("manifest for r/web:v1 not found: manifest unknown: manifest unknown", "missing"),
        ("failed to resolve reference r/web:v1: r/web:v1: not found", "missing"),
        ("no matching manifest for linux/arm64/v8 in the manifest list entries", "missing"),
        ("docker-credential-pass not installed or not available in PATH", "helper"),
        # All of these may be over at the next try.
        ("dial tcp: lookup registry.example.net on 10.0.0.2:53: no such host", ""),
        ("dial tcp 10.0.0.1:5000: connect: connection refused", ""),
        ("received unexpected HTTP status: 503 Service Unavailable", ""),
        ("toomanyrequests: You have reached your pull rate limit", ""),
        ("context deadline exceeded", ""),
        # About the engine's socket, and about a proxy.
        ("Error connecting: PermissionError(13, 'Permission denied')", ""),
        ("proxyconnect tcp: Proxy Authentication Required", ""),
        ("", ""),
    ],
)
def test_the_cause_of_a_refusal(said: str, why: str) -> None:
    assert cause(said) == why


@pytest.mark.parametrize(
    ("why", "user", "words"),
    [
        ("login", "puller", [f"{REGISTRY} refuses user puller", "wabiz_registry_user", "wabiz_registry_password"]),
        ("login", None, [f"docker login {REGISTRY}", "wabiz_registry_user"]),
        ("helper", None, ["~/.docker/config.json"]),
        ("untrusted", "puller", [f"/etc/docker/certs.d/{REGISTRY}/ca.crt"]),
        ("missing", None, ["wabiz_registry", "wabiz_version", "wabiz_image_digests", "wabiz_database_images"]),
    ],
)
def test_what_helps(why: str, user: str | None, words: list[str]) -> None:
    told = registry_remedy(why, REGISTRY, user)
    assert [word for word in words if word not in told] == []


def test_where_nothing_is_known_nothing_is_said() -> None:
    assert registry_remedy("", REGISTRY, "puller") == ""
