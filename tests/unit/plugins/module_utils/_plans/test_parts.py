# Copyright: (c) 2026, wabiz.onprem contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a host consists of, the digest of its settings, and what is due on it."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.wabiz.onprem.plugins.module_utils._plans import parts
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.preflight import Cluster
from hypothesis import given, settings
from hypothesis import strategies as st

SETTINGS: dict[str, Any] = {
    "cluster_name": "wa.biz",
    "directory": "/etc/wabiz/wa.biz",
    "registry": "registry",
    "version": "2.57.2",
    "database_engine": "mysql",
    "database_images": {"mysql": "mysql:8.0"},
    "database_volume": "wabiz-database",
    "media_path": None,
    "media_source": None,
    "media_volume": "whatsappMedia",
}


def resources(groups: dict[str, list[str]], **more: Any) -> dict[str, list[str]]:
    """Those of host a."""
    names = ("database", "webapp", "master", "coreapp", "loadbalancer", "retired")
    everything = {name: groups.get(name, []) for name in names}
    hosts = {host for found in everything.values() for host in found}
    return parts.resources(Cluster(everything, {host: {**SETTINGS, **more} for host in hosts}, {}), "a")


def test_a_node_is_its_containers_and_what_they_need() -> None:
    found = resources({"webapp": ["a"], "coreapp": ["b", "a"]}, coreapp_instances=2)
    shared = ["network wa.biz", "volume whatsappMedia"]
    assert found == {
        "webapp": [
            "container wa.biz-webapp-1",
            "image registry/web:v2.57.2",
            *shared,
            "file /etc/wabiz/wa.biz/webapp.yml",
            "file /etc/wabiz/wa.biz/webapp-ca.pem",
        ],
        "coreapp": [
            "container wa.biz-coreapp-1",
            "container wa.biz-coreapp-2",
            "image registry/coreapp:v2.57.2",
            *shared,
            "file /etc/wabiz/wa.biz/coreapp.yml",
        ],
        "log_cleanup": ["file /etc/cron.d/wabiz-wa-biz"],
    }


def test_a_share_takes_the_place_of_the_volume() -> None:
    local = resources({"master": ["a"]}, media_path="/media")
    assert local["media"] == ["directory /media"]
    assert not [resource for resource in local["master"] if resource.startswith("volume")]
    mounted = resources({"master": ["a"]}, media_path="/media", media_source="nas:/media")
    assert mounted["media"] == ["directory /media", "mount /media", "file /etc/fstab"]


def test_a_database_server_alone_has_no_schedule_and_no_share() -> None:
    found = resources({"database": ["a"], "webapp": ["b"]}, media_path="/media")
    assert found == {
        "database": [
            "container wa.biz-database",
            "image mysql:8.0",
            "network wa.biz",
            "volume wabiz-database",
            "file /etc/wabiz/wa.biz/database-init.sh",
        ]
    }
    assert "volume /data" not in resources({"database": ["a"]}, database_volume="/data")["database"]


def test_a_balancer_is_its_files_and_its_unit() -> None:
    found = resources({"loadbalancer": ["a"], "webapp": ["b"]})
    assert list(found) == ["loadbalancer"]
    assert "file /etc/systemd/system/wa.biz-loadbalancer-1.service" in found["loadbalancer"]
    assert "unit wa.biz-loadbalancer-1.service" in found["loadbalancer"]
    assert {resource.partition(" ")[0] for resource in found["loadbalancer"]} == {"file", "unit"}


def test_a_retired_host_consists_of_nothing() -> None:
    assert resources({"retired": ["a"], "webapp": ["b"]}) == {}


@pytest.mark.parametrize("missing", ["registry", "version", "media_volume", "database_images"])
def test_a_playbook_that_does_not_read_it_all_asks_for_nothing(missing: str) -> None:
    variables = {key: value for key, value in SETTINGS.items() if key != missing}
    groups = {"database": [], "webapp": ["a"], "master": [], "coreapp": [], "loadbalancer": [], "retired": []}
    assert parts.resources(Cluster(groups, {"a": variables}, {}), "a") == {}


# --- digests --------------------------------------------------------------------------------------------------------

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=5,
)
KEYS = st.sampled_from(["api_key", "shards", "extra_env", "version"])


def text(value: Any) -> str:
    """Python takes True for 1, which a setting is not."""
    return repr(sorted(value.items(), key=repr) if isinstance(value, dict) else value)


@settings(deadline=None)
@given(st.dictionaries(KEYS, VALUES), KEYS, VALUES, st.sets(KEYS))
def test_equal_settings_have_one_digest_and_others_another(
    values: dict[str, Any], key: str, other: Any, secret: set[str]
) -> None:
    digest = parts.digest(values, secret, ["edition"])
    assert parts.digest(dict(reversed(values.items())), sorted(secret, reverse=True), ["edition"]) == digest
    if text(values.get(key)) != text(other) and key in values:
        assert parts.digest({**values, key: other}, secret, ["edition"]) != digest


def test_what_belongs_to_it_counts() -> None:
    assert parts.digest({}, [], ["edition", []]) != parts.digest({}, [], ["another", []])
    assert parts.digest({}, [], ["edition", []]) != parts.digest({}, [], ["edition", [{"name": "web1"}]])


def test_secrets_do_not_appear_and_guesses_cost_time(monkeypatch: pytest.MonkeyPatch) -> None:
    hashed: list[str] = []

    def slow(secrets: str) -> str:
        hashed.append(secrets)
        return "slow"

    monkeypatch.setattr(parts, "_slow", slow)
    digest = parts.digest({"api_key": "canary", "shards": 2}, {"api_key"}, [])
    assert hashed == ['{"api_key": "canary"}'] and "canary" not in digest
    # Nothing but the slow hash of a secret goes into the fast one.
    assert parts.digest({"api_key": "another", "shards": 2}, {"api_key"}, []) == digest


def test_the_hash_of_secrets_is_slow_and_made_once_for_a_cluster() -> None:
    parts._slow.cache_clear()
    for shards in range(20):
        parts.digest({"api_key": "canary", "shards": shards}, {"api_key"}, [])
    assert parts._slow.cache_info().misses == 1
    assert parts._ITERATIONS >= 10_000


# --- what is due ----------------------------------------------------------------------------------------------------

NOTED: dict[str, Any] = {"wanted": "5d41", "found": {"file /a": "1", "file /b": "absent"}}


def due(noted: Any, there: dict[str, str], wanted: str = "5d41") -> dict[str, str]:
    stamp = {} if noted is None else {"webapp": noted}
    return parts.due({"webapp": wanted}, {"stamp": stamp, "fingerprints": {"webapp": there}})


def test_nothing_is_due_where_all_is_as_it_was_left() -> None:
    assert due(NOTED, NOTED["found"]) == {}


@pytest.mark.parametrize(
    ("noted", "there", "wanted", "words"),
    [
        (None, {"file /a": "1"}, "5d41", "no run has noted it yet"),
        (NOTED, {"file /a": "1", "file /b": "absent"}, "6e52", "settings, or the collection"),
        ({"found": NOTED["found"]}, {"file /a": "1", "file /b": "absent"}, "5d41", "settings, or the collection"),
        (NOTED, {"file /a": "2", "file /b": "3"}, "5d41", "file /a, file /b"),
        (NOTED, {"file /a": "1", "file /b": "unreadable: no engine answers"}, "5d41", "last run: file /b"),
        (NOTED, {"file /a": "1", "file /b": "absent", "file /c": "absent"}, "5d41", "file /c"),
        (NOTED, {"file /a": "1"}, "5d41", "what belongs to it"),
        (NOTED, {}, "5d41", "what belongs to it"),
    ],
)
def test_why_a_part_is_due(noted: Any, there: dict[str, str], wanted: str, words: str) -> None:
    assert words in due(noted, there, wanted)["webapp"]


def test_a_part_that_is_noted_but_not_wanted_any_more_is_not_due() -> None:
    assert parts.due({}, {"stamp": {"webapp": NOTED}, "fingerprints": {}}) == {}


@pytest.mark.parametrize(
    ("running", "requests", "expected"), [(True, True, False), (False, True, True), (True, False, True)]
)
def test_when_the_engine_is_due(running: bool, requests: bool, expected: bool) -> None:
    report = {"engine": {"running": running}, "requirements": {"requests": requests, "crontab": True}}
    assert parts.engine_due(report) is expected
