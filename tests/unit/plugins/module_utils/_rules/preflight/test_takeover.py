# Copyright: (c) 2026, wabiz.onprem contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""An installation from the vendor's files is taken over with its databases, its version and its media."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.wabiz.onprem.plugins.module_utils._model.images import version_of
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.findings import merged
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.preflight.stages import (
    database_findings,
    host_findings,
)
from ansible_collections.wabiz.onprem.tests.unit.plugins.module_utils._rules.preflight.test_stages import (
    cluster,
    container,
    node,
    only,
    report,
)
from ansible_collections.wabiz.onprem.tests.unit.plugins.module_utils._rules.test_database_server import MYSQL_GOOD

IMAGE = "docker.whatsapp.biz/coreapp:v2.57.2"


def vendors(prefix: str = "", image: str = IMAGE, **more: Any) -> dict[str, Any]:
    """A stopped container of the vendor's compose file."""
    database = {"engine": "MYSQL", "host": "db1", "port": "3306", "prefix": prefix, **more}
    return container(name="biz_wacore_1", image=image, running=False, client="multi", database=database)


def told(*containers: dict[str, Any], more: dict[str, Any] | None = None, **values: Any) -> list[str]:
    reports = {"c1": report(containers=list(containers)), **(more or {})}
    return [str(one) for one in merged(host_findings(cluster(**values), reports, False)) if one.fatal]


# --- the prefix -------------------------------------------------------------------------------------------------------


def test_containers_of_an_installation_without_a_prefix_say_what_to_set() -> None:
    """It would start on new and empty databases, and registrations are closed."""
    line = only(told(vendors()))
    assert line.startswith("c1, variable wabiz_database_prefix: is wabiz_, and biz_wacore_1, which this collection did")
    assert "uses databases without a prefix (waent and waweb) on the same server" in line
    assert "set wabiz_database_prefix: none." in line
    assert told(vendors(), wabiz_database_prefix="none") == []


@pytest.mark.parametrize(
    ("has", "given"),
    [
        (vendors("biz_"), {"wabiz_database_prefix": "biz_"}),
        # Another server may have databases of any name.
        (vendors(host="db2"), {}),
        (vendors(port="3307"), {}),
        (vendors(engine="PGSQL"), {}),
        (vendors(host=""), {}),
        ({**vendors(), "client": "", "database": {}}, {}),
        (vendors(), {"wabiz_allow_database_change": "true"}),
    ],
)
def test_what_is_no_other_installation_on_the_server(has: dict[str, Any], given: dict[str, Any]) -> None:
    assert told(has, **given) == []


def test_the_right_prefix_is_told_whatever_it_is() -> None:
    assert "set wabiz_database_prefix: biz_." in only(told(vendors("biz_")))
    # And it is told of one that still runs, together with how it is stopped.
    lines = told({**vendors(), "running": True})
    assert [("docker stop" in line, "wabiz_database_prefix: none" in line) for line in lines] == [
        (True, False),
        (False, True),
    ]
    # No port is the usual one, and a name may be written otherwise.
    assert "wabiz_database_prefix: none" in only(told(vendors(host="DB1.", port="")))


def test_a_cluster_that_has_nodes_says_itself_which_database_it_has() -> None:
    assert told(node(), vendors()) == []
    assert told(vendors(), more={"c2": report(containers=[node()])}) == []


# --- the version ------------------------------------------------------------------------------------------------------


def test_a_newer_version_is_no_way_to_upgrade() -> None:
    old = vendors(image="registry.example.net/wa/web:v2.53.3")
    line = only(told(old, wabiz_database_prefix="none"))
    assert line.startswith("c1, variable wabiz_version: is 2.57.2, and biz_wacore_1 used the databases of this cluster")
    assert "with 2.53.3" in line
    assert "Set wabiz_version to 2.53.3, run site.yml, then upgrade.yml." in line
    assert told(old, wabiz_database_prefix="none", wabiz_version="2.53.3") == []
    # One of an upgrade that was left there.
    assert told(old, {**vendors(), "name": "other"}, wabiz_database_prefix="none") == []
    assert told(old, node(prefix=""), wabiz_database_prefix="none") == []


@pytest.mark.parametrize(
    ("image", "version"),
    [
        (IMAGE, "2.57.2"),
        ("web:2.53.3", "2.53.3"),
        ("r:5000/x/web:v2.53.3@sha256:00", "2.53.3"),
        ("web:latest", ""),
        ("web:2.53", ""),
        ("nginx:1.25.3", ""),
        ("sha256:00", ""),
    ],
)
def test_the_version_by_the_images_name(image: str, version: str) -> None:
    assert version_of(image) == version


# --- by what the server has -------------------------------------------------------------------------------------------


def by_server(
    surveys: dict[str, Any] | None = None, facts: dict[str, Any] | None = None, **values: Any
) -> list[tuple[str, bool]]:
    here = cluster({"database": []}, **values)
    known = {host: report() for host in here.node_hosts} if surveys is None else surveys
    looks = {"c1": {"host": {**MYSQL_GOOD, **(facts or {})}, "container": {}, "container_problem": ""}}
    return [(str(one), one.fatal) for one in database_findings(here, looks, True, known)]


PLAIN = {"unprefixed": ["waent", "waweb"], "databases": []}


def test_a_server_with_an_installation_without_a_prefix() -> None:
    ((line, fatal),) = by_server(facts=PLAIN)
    assert fatal
    assert "is wabiz_, and the server has no such databases, but waent and waweb of an installation" in line
    assert "set wabiz_database_prefix: none." in line
    assert by_server(facts=PLAIN, wabiz_allow_database_change=True) == []
    # Also where not all hosts were looked at; and no more once a node of the cluster is there.
    assert len(by_server({}, PLAIN)) == 1
    assert by_server({"c1": report(containers=[node()])}, PLAIN) == []
    assert by_server(facts={"unprefixed": [], "databases": []}) == []


@pytest.mark.parametrize("prefix", ["none", "wabiz_"])
def test_databases_without_a_node_are_a_warning_for_their_version(prefix: str) -> None:
    """They may have been restored, or kept by an uninstallation: then the version is the right one."""
    own = ["waent", "waweb"] if prefix == "none" else ["wabiz_waent"]
    facts = {"unprefixed": ["waent", "waweb"], "databases": own}
    ((line, fatal),) = by_server(facts=facts, wabiz_database_prefix=prefix)
    assert not fatal
    assert f"the server has {' and '.join(own)}, and no host has a node" in line
    assert "set wabiz_version to that version, run site.yml, and upgrade.yml" in line
    assert by_server({"c1": report(containers=[node()])}, facts, wabiz_database_prefix=prefix) == []
    # Where a host was not looked at, a node may be there.
    assert by_server({"c1": report()}, facts, wabiz_database_prefix=prefix) == []


def test_a_server_that_was_not_asked_tells_nothing() -> None:
    here = cluster({"database": []})
    unheard = {key: "" if key in ("failed_at", "driver") else value for key, value in MYSQL_GOOD.items()}
    facts = {key: unheard[key] for key in ("failed_at", "latency_ms", "version")} | {"driver": "pymysql"}
    looks = {"c1": {"host": facts, "container": {}, "container_problem": ""}}
    assert [one.fatal for one in database_findings(here, looks, False, {})] == [False]


# --- the media --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({}, "is wabiz-media, and container biz_wacore_1, which this collection did not make, has its media in volume"),
        ({"wabiz_media_volume": "biz_whatsappMedia"}, ""),
        ({"wabiz_media_path": "/srv/media"}, ""),
    ],
)
def test_media_that_would_be_left_behind_are_a_warning(given: dict[str, Any], words: str) -> None:
    theirs = {**vendors(), "volumes": ["biz_whatsappMedia"]}
    values = {"wabiz_database_prefix": "none", **given}
    found = host_findings(cluster(**values), {"c1": report(containers=[theirs])}, False)
    lines = [str(one) for one in found if "biz_whatsappMedia" in one.problem]
    assert words in only(lines) if words else lines == []


@pytest.mark.parametrize("key", ["media", "data"])
@pytest.mark.parametrize(
    ("name", "there", "used", "fatal"),
    [
        ("whatsappMedia", ["biz_whatsappMedia"], False, True),
        ("whatsappMedia", ["biz_whatsappMedia", "whatsappMedia"], False, None),
        ("whatsappMedia", ["whatsappMedia_old", "biz-whatsappMedia"], False, None),
        # Other programs have volumes of such names.
        ("files", ["shop_files"], False, False),
        ("files", ["shop_files"], True, True),
    ],
)
def test_a_volume_without_the_projects_name(
    key: str, name: str, there: list[str], used: bool, fatal: bool | None
) -> None:
    """Docker makes it new and empty, and the old media stay where they are."""
    volumes = [{"name": one, "cluster": "", "driver": "local", "options": {}} for one in there]
    theirs = [{**vendors(), "volumes": there}] if used else []
    values: dict[str, Any] = {"wabiz_database_prefix": "none", f"wabiz_{key}_volume": name}
    here = cluster(**values)
    found = host_findings(here, {"c1": report(containers=theirs, volumes=volumes)}, False)
    mine = [one for one in found if one.problem.startswith(f"is {name}, which does not exist on the host")]
    assert [one.fatal for one in mine] == ([] if fatal is None else [fatal])
    for one in mine:
        assert one.variable == f"wabiz_{key}_volume"
        assert there[0] in one.problem and f"docker volume create {name}" in one.remedy


def test_a_volume_that_is_described_is_made_of_its_description() -> None:
    share = {"type": "nfs", "o": "addr=nas", "device": ":/wa"}
    here = cluster(wabiz_media_volume="whatsappMedia", wabiz_media_volume_options=share)
    volumes = [{"name": "biz_whatsappMedia", "cluster": "", "driver": "local", "options": {}}]
    found = host_findings(here, {"c1": report(volumes=volumes)}, False)
    assert [str(one) for one in found if "does not exist" in one.problem] == []
