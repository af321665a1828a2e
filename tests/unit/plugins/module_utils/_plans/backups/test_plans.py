# Copyright: (c) 2026, wabiz.onprem contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a backup saves from where, what a restore does now and later, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.wabiz.onprem.plugins.module_utils._plans.backups import backup, restore
from ansible_collections.wabiz.onprem.plugins.module_utils._plans.facts import Facts

SETTINGS: dict[str, Any] = {
    "database_engine": "mysql",
    "database_prefix": "wabiz_",
    "admin_password": "Canary-1",
    "phone_cc": "49",
    "phone_number": "30123456",
    "version": "2.57.2",
    "shards": 2,
    "media_path": "/srv/media",
    "backups": "/var/backups/wabiz-encrypted/wabiz",
    "backup_transit": "/var/backups/wabiz-encrypted/.transit-wabiz",
    "backup_parts": ["settings", "database", "certificates", "media_list"],
    "backup_host": None,
    "restore_cluster": "wabiz",
    "restore_from": "first",
}
LOOK: dict[str, Any] = {
    "server": {"kind": "mariadb", "version": "10.11.6"},
    "program": "10.11.6",
    "databases": [{"name": "wabiz_waent", "bytes": 50_000_000, "owner": "", "sessions": 0}],
    "roles": [],
    "members": [],
    "may_create": True,
    "missing_rights": {},
    "free": 90_000_000,
    "dumps": [],
}
PLACE: dict[str, Any] = {"host": "db1", "container": "wabiz-database", "address": None, "port": None, "user": "root"}
DUMP = {
    "created": "2026-11-04T03:15:00+00:00",
    "note": "",
    "prefix": "wabiz_",
    "kind": "mariadb",
    "version": "10.11.6",
    "bytes": 60_000_000,
    "databases": ["wabiz_waent"],
    "owners": [],
}
HEALTH = {"version": "2.57.2", "summary": {"registered": True, "connected_coreapps": 2}}
NEW = {"summary": {"registered": False, "connected_coreapps": 0}}


def file(part: str, name: str, host: str = "") -> dict[str, Any]:
    return {"part": part, "host": host, "file": name, "bytes": 7, "sha256": "0" * 64}


FILES = [
    file("settings", "settings.tar.enc"),
    file("database", "database/manifest.json"),
    file("database", "database/databases.sql.gz.enc"),
    *(file("certificates", f"certificates-{host}.tar.enc", host) for host in ("web1", "core1", "db1")),
    file("media", "media.tar.enc"),
]
SET: dict[str, Any] = {
    "name": "first",
    "created": "2026-11-04T03:15:00+00:00",
    "cluster": "wabiz",
    "number": "4930123456",
    "version": "2.57.2",
    "shards": 2,
    "engine": "mysql",
    "prefix": "wabiz_",
    "note": "",
    "size": 49,
    "parts": ["settings", "database", "certificates", "media"],
    "files": FILES,
}
BACKUPS: dict[str, Any] = {"backups": [SET], "lost": [], "faults": [], "free": 10**9, "dump": DUMP}


def container(name: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "id": name, "cluster": "wabiz", "node": name, "running": True, "database": {}, **more}


def surveys(*, running: bool = True, **more: Any) -> dict[str, Any]:
    report = {"engine": {"running": True}, "programs": {"openssl": True}, "disk_free": 10**11, "files": {}}
    found: dict[str, Any] = {
        "web1": {**report, "containers": [container("webapp", running=running)]},
        "core1": {**report, "containers": [container("coreapp", running=running)]},
        "db1": {**report, "containers": [container("wabiz-database", node="")]},
    }
    return {**found, **more}


def facts(media: dict[str, dict[str, Any]] | None = None, **more: Any) -> Facts:
    """More are fields of the facts, or settings in C(settings); C(media) those of a host."""
    services = {"web1": ["webapp"], "core1": ["coreapp"], "db1": ["database"]}
    directory = "/etc/wabiz/wabiz"
    topology = {
        "cluster": "wabiz",
        "keeper": "web1",
        "database_server": "db1, container wabiz-database",
        "services": services,
        "nodes": [],
        "groups": {"webapp": ["web1"], "coreapp": ["core1"], "database": ["db1"]},
        "unfinished": {"web1": {"restore": f"{directory}/database-restore.json"}, "core1": {}, "db1": {}},
        "saved_files": {host: [f"{directory}/webapp-ca.pem"] for host in services},
    }
    known: dict[str, Any] = {
        "topology": topology,
        "surveys": surveys(),
        "today": "2026-11-04",
        "databases": LOOK,
        "dump_place": PLACE,
        "snapshot": {"health": HEALTH, "shards": 2, "stats": {"messages": 5}},
        "backups": BACKUPS,
    }
    given = {**known, **more}
    given["settings"] = {**SETTINGS, **more.get("settings", {})}
    # The first host of the play is the database's, whose settings of the media mean nothing.
    hosts = {host: {**given["settings"], **(media or {}).get(host, {})} for host in ("web1", "core1")}
    given["settings"] = {key: value for key, value in given["settings"].items() if not key.startswith("media_")}
    given["topology"] |= {
        "media": {host: [one["media_path"]] if one["media_path"] else [] for host, one in hosts.items()},
        "media_settings": hosts,
    }
    return Facts(**given)


def new(**more: Any) -> Facts:
    """No node runs, as on new hosts."""
    return facts(surveys=surveys(running=False), snapshot={"msg": "no host of a webapp answers"}, **more)


def fresh(**more: Any) -> Facts:
    """Nodes run on an empty database."""
    return facts(snapshot={"health": NEW, "shards": 2}, **more)


# --- a backup ---------------------------------------------------------------------------------------------------------


def test_a_backup_says_what_goes_where() -> None:
    plan = backup.plan(facts())
    assert plan["refusals"] == plan["warnings"] == []
    assert plan["target"] == "web1:/var/backups/wabiz-encrypted/wabiz"
    assert {host: [one["file"] for one in files] for host, files in plan["archives"].items()} == {
        "web1": ["certificates-web1.tar.enc", "media.list.gz.enc"],
        "core1": ["certificates-core1.tar.enc"],
        "db1": ["certificates-db1.tar.enc"],
    }
    assert plan["hosts"] == ["core1", "db1"]
    assert plan["about"] == {
        "cluster": "wabiz",
        "number": "4930123456",
        "version": "2.57.2",
        "shards": 2,
        "engine": "mysql",
        "prefix": "wabiz_",
        "note": "",
    }
    text = "\n".join(plan["text"])
    assert "wabiz_waent (50 MB)" in text and "list of the media in /srv/media" in text
    assert "Canary" not in text


def test_media_in_volumes_are_those_of_each_host() -> None:
    plan = backup.plan(facts(settings={"media_path": None, "backup_parts": ["media"]}))
    assert [(host, one["host"], one["base"]) for host, (one,) in plan["archives"].items()] == [
        ("web1", "web1", ""),
        ("core1", "core1", ""),
    ]
    assert not plan["dump"] and not plan["settings"]


def with_volume(*users: str, part: str = "media") -> Facts:
    """The media are in a volume that is an NFS share; C(users) are hosts with a running node that uses it."""
    nfs = {"name": "wabiz-media", "cluster": "wabiz", "driver": "local", "options": {"type": "nfs", "device": ":/m"}}
    seen = surveys()
    for host in ("web1", "core1"):
        (node,) = seen[host]["containers"]
        seen[host] |= {"volumes": [nfs], "containers": [{**node, "volumes": ["wabiz-media"], "running": host in users}]}
    volume = {"media_path": None, "media_volume": "wabiz-media", "media_volume_before": "", "cluster_name": "wabiz"}
    return facts(surveys=seen, settings={**volume, "backup_parts": [part], "restore_parts": ["media"]})


def test_media_are_where_the_host_that_reads_them_has_them() -> None:
    """The hosts may have them below different paths, and some in a volume of their own."""
    other: dict[str, Any] = {"media": {"core1": {"media_path": "/mnt/wa"}}}
    for keeper, path in (("core1", "/mnt/wa"), ("web1", "/srv/media")):
        known = {**other, "settings": {"backup_host": keeper, "backup_parts": ["media"]}}
        assert [(host, one["base"]) for host, (one,) in backup.plan(facts(**known))["archives"].items()] == [
            (keeper, path)
        ]
        told = restore.plan(fresh(**{**other, "settings": {"backup_host": keeper, "restore_parts": ["media"]}}))
        assert told["unpacked"][keeper][0]["base"] == path


def test_a_host_without_the_shared_media_has_a_volume_that_is_saved_too() -> None:
    mixed: dict[str, Any] = {"media": {"web1": {"media_path": None}}}
    plan = backup.plan(facts(**mixed, settings={"backup_parts": ["media"]}))
    where = {
        "core1": [("media.tar.enc", "/srv/media")],
        "web1": [("media-web1.tar.enc", "")],
    }
    assert {host: [(one["file"], one["base"]) for one in files] for host, files in plan["archives"].items()} == where
    saved = [file("media", "media.tar.enc"), file("media", "media-web1.tar.enc", "web1")]
    there = {**BACKUPS, "backups": [{**SET, "files": saved}]}
    told = restore.plan(fresh(**mixed, backups=there, settings={"restore_parts": ["media"]}))
    assert {host: [(one["file"], one["base"]) for one in files] for host, files in told["unpacked"].items()} == where


def test_a_volume_that_is_a_share_is_saved_once_where_it_is_mounted() -> None:
    """Docker mounts it as long as a container uses it."""
    plan = backup.plan(with_volume("core1"))
    assert [(host, [one["file"] for one in files]) for host, files in plan["archives"].items()] == [
        ("core1", ["media.tar.enc"])
    ]
    assert plan["refusals"] == []
    told = restore.plan(with_volume("core1"))
    assert [(host, one["base"]) for host, (one,) in told["unpacked"].items()] == [("core1", "")]
    assert told["refusals"] == []


@pytest.mark.parametrize("part", ["media", "media_list"])
def test_a_volume_that_is_a_share_and_mounted_nowhere_is_not_saved(part: str) -> None:
    """An empty directory would look like a cluster without media."""
    (refusal,) = backup.plan(with_volume(part=part))["refusals"]
    assert "no node runs that uses the volume of the media" in refusal


def test_a_host_that_keeps_backups_and_has_the_media_reads_them_itself() -> None:
    plan = backup.plan(facts(settings={"backup_host": "core1", "backup_parts": ["media"]}))
    assert (list(plan["archives"]), plan["hosts"]) == (["core1"], [])


def test_room_for_media_is_judged_by_the_last_copy_of_this_cluster() -> None:
    def planned(*copies: tuple[str, int], free: int = 10**8) -> dict[str, Any]:
        known = [
            {**SET, "number": number, "files": [{**file("media", "media.tar.enc"), "bytes": size}]}
            for number, size in copies
        ]
        wanted = {"backup_parts": ["database", "media"]}
        return backup.plan(facts(settings=wanted, backups={**BACKUPS, "backups": known, "free": free}))

    # 50 MB of databases are in it.
    ours, unknown = SET["number"], ""
    small = planned((ours, 10**12), (ours, 40_000_000), (unknown, 10**12))
    assert small["warnings"] == small["refusals"] == []
    large = planned((ours, 60_000_000))
    (warning,) = large["warnings"]
    assert warning.startswith("web1: With media as large as in the last backup, this one needs 110 MB in /var/backups")
    assert large["refusals"] == []
    assert "is not known: no earlier backup has one" in "\n".join(
        planned((unknown, 10**12), free=1_000_000_000)["text"]
    )


def test_what_is_removed_afterwards_is_of_this_cluster() -> None:
    """Its name alone does not say so: each cluster is called wabiz unless its inventory says another."""
    same = {**SET, "parts": SETTINGS["backup_parts"]}
    others = ({"cluster": "x"}, {"number": ""}, {"number": "4930999999"}, {"prefix": "x_"})
    known = [same | other | {"name": name} for name, other in zip("abcdef", ({}, *others, {}), strict=True)]
    plan = backup.plan(facts(settings={"backup_keep": 2}, backups={**BACKUPS, "backups": known}))
    assert "Backups that are there: a, f." in plan["text"] and "Removed afterwards: a." in plan["text"]


def test_two_clusters_of_one_name_have_no_directory_in_common() -> None:
    def refusals(number: str, **ours: Any) -> list[str]:
        there = {**BACKUPS, "backups": [SET, {**SET, "name": "b", "number": number}]}
        return list(backup.plan(facts(backups=there, settings=ours))["refusals"])

    (refusal,) = refusals("4930999999")
    assert refusal.startswith("web1: /var/backups/wabiz-encrypted/wabiz has backups of a cluster of the same name with")
    assert "4930999999" in refusal and "wabiz_backup_path" in refusal
    # What is not known is not another one's.
    assert refusals("") == refusals("4930999999", phone_number=None) == []


def test_a_backup_of_the_settings_alone_removes_none_of_more_parts() -> None:
    known = [SET, {**SET, "name": "small", "parts": ["settings"]}]
    wanted = {"backup_keep": 1, "backup_parts": ["settings"]}
    plan = backup.plan(facts(settings=wanted, backups={**BACKUPS, "backups": known}))
    assert "Removed afterwards: small." in plan["text"]


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"snapshot": {"health": NEW}}, "No number is registered"),
        (
            {"snapshot": {"health": {"summary": {"registered": True, "connected_coreapps": 0}}}},
            "No coreapp is connected",
        ),
        ({"snapshot": {"msg": "refused"}}, "The client does not say how it is: refused."),
        ({"settings": {"admin_password": None}}, "wabiz_admin_password"),
        ({"settings": {"backup_parts": []}}, "names nothing"),
        ({"backups": {"msg": "Permission denied"}}, "the backups cannot be looked at: permission denied"),
        ({"backups": {**BACKUPS, "free": 5}}, "A backup of the databases needs 50 MB"),
        ({"databases": {**LOOK, "free": 5}}, "A dump of the databases needs 50 MB"),
        ({"databases": {"msg": "Access denied"}}, "access denied"),
        ({"surveys": surveys(core1={"msg": "no route"})}, "core1: is unreachable"),
        ({"surveys": {key: value for key, value in surveys().items() if key != "core1"}}, "Run without --limit"),
        (
            {"surveys": surveys(core1={**surveys()["core1"], "programs": {"openssl": False}})},
            "lacks the program openssl",
        ),
    ],
)
def test_a_backup_is_refused(more: dict[str, Any], said: str) -> None:
    refusals = backup.plan(facts(**more))["refusals"]
    assert any(said in line for line in refusals), refusals


@pytest.mark.parametrize(
    ("seen", "said"),
    [
        ({"mounts": {"/srv/media": False}}, "nothing is mounted at /srv/media"),
        ({"media": {"path": "/srv/media", "problem": "no answer within 5 s"}}, "does not answer: no answer within 5 s"),
        (
            {"media": {"path": "/srv/media", "problem": "", "modes": {}, "free": None}},
            "there is no media directory /srv/media",
        ),
    ],
)
def test_a_share_that_is_not_there_is_neither_saved_nor_restored(seen: dict[str, Any], said: str) -> None:
    known = facts(surveys=surveys(web1={**surveys()["web1"], **seen}))
    assert [said in line for line in backup.plan(known)["refusals"]] == [True]
    assert any(said in line for line in restore.plan(known)["refusals"])
    # In a volume each host has its own.
    alone = facts(surveys=known.surveys, settings={"media_path": None})
    assert backup.plan(alone)["refusals"] == []


def test_the_clients_user_must_be_able_to_use_the_databases_that_are_restored() -> None:
    """After a rotation, on a new server."""
    server = {"kind": "postgresql", "version": "13.16"}
    there = {**LOOK, "server": server, "program": "13.16", "roles": ["wabiz_b"], "databases": []}
    dump = {**DUMP, **server, "owners": ["wabiz"]}
    known = new(databases=there, backups={**BACKUPS, "dump": dump}, settings={"database_user": "wabiz_b"})
    assert any('GRANT "wabiz" TO "wabiz_b";' in line for line in restore.plan(known)["refusals"])


def test_half_a_database_is_not_saved() -> None:
    there = surveys()
    there["web1"]["files"] = {"/etc/wabiz/wabiz/database-restore.json": True}
    assert "may be incomplete" in backup.plan(facts(surveys=there))["refusals"][0]


def test_a_large_database_is_told() -> None:
    snapshot = {"health": HEALTH, "shards": 2, "stats": {"messages": 2_000_001}}
    (warning,) = backup.plan(facts(snapshot=snapshot))["warnings"]
    assert "2000001 messages" in warning


# --- a restore --------------------------------------------------------------------------------------------------------


def test_without_a_name_the_backups_are_shown() -> None:
    plan = restore.plan(facts(settings={"restore_from": None}))
    assert (plan["name"], plan["refusals"]) == ("", [])
    assert any(line.startswith("first ") for line in plan["text"])


def test_on_new_hosts_databases_and_certificates_come_first() -> None:
    plan = restore.plan(new())
    assert plan["refusals"] == []
    assert (plan["now"], plan["dump"], plan["settings"]) == (["certificates", "database"], True, False)
    assert set(plan["unpacked"]) == {"web1", "core1", "db1"}
    assert sorted((one["to"], one["file"]) for one in plan["moves"]) == [
        ("core1", "certificates-core1.tar.enc"),
        ("db1", "certificates-db1.tar.enc"),
        ("db1", "database/databases.sql.gz.enc"),
        ("db1", "database/manifest.json"),
    ]
    text = "\n".join(plan["text"])
    assert "later: no node runs" in text and "start the nodes with site.yml" in text


def test_on_nodes_without_a_number_media_and_settings_follow() -> None:
    plan = restore.plan(fresh())
    assert plan["refusals"] == []
    assert (plan["now"], plan["settings"], plan["dump"]) == (["media", "settings"], True, False)
    assert plan["unpacked"] == {
        "web1": [
            {"part": "media", "file": "media.tar.enc", "sha256": "0" * 64, "base": "/srv/media", "only": ["/srv/media"]}
        ]
    }
    assert (plan["moves"], plan["hosts"]) == ([], [])


def test_where_the_databases_brought_the_number_the_settings_are_not_needed() -> None:
    plan = restore.plan(facts())
    assert plan["now"] == ["media"] and plan["refusals"] == []
    assert any("not needed: a number is registered" in line for line in plan["text"])


def test_nothing_is_left_to_do() -> None:
    only_settings = {**SET, "parts": ["settings"], "files": FILES[:1]}
    plan = restore.plan(facts(backups={**BACKUPS, "backups": [only_settings]}))
    assert plan["now"] == [] and "nothing that can be restored now" in plan["refusals"][0]


def test_a_host_that_the_inventory_does_not_have_is_told() -> None:
    more = {**SET, "files": [*FILES, file("certificates", "certificates-old.tar.enc", "old")]}
    plan = restore.plan(new(backups={**BACKUPS, "backups": [more]}))
    assert "old" not in plan["unpacked"] and plan["refusals"] == []
    assert any("no host of the inventory" in line for line in plan["text"])


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (new(settings={"restore_from": "second"}), "no complete backup of that name"),
        (new(settings={"restore_cluster": None}), "wabiz_restore_cluster: wabiz says that it may be"),
        (new(settings={"restore_cluster": "other"}), "wabiz_restore_cluster"),
        (new(backups={**BACKUPS, "faults": ["The SHA-256 of x is not that of the manifest."]}), "the SHA-256 of x"),
        (new(backups={**BACKUPS, "backups": [{**SET, "cluster": "theirs"}]}), "of cluster theirs"),
        (new(backups={**BACKUPS, "backups": [{**SET, "number": "4930999999"}]}), "of number 4930999999"),
        (new(settings={"version": "2.58.0"}), "Set wabiz_version: 2.57.2"),
        (new(settings={"shards": 1}), "Set wabiz_shards: 2"),
        (new(backups={**BACKUPS, "dump": {**DUMP, "kind": "postgresql"}}), "Restore it on a server of its kind"),
        (new(backups={**BACKUPS, "dump": {**DUMP, "prefix": "x_"}}), "databases of prefix x_"),
        (new(databases={"msg": "Access denied"}), "access denied"),
        (new(settings={"restore_parts": ["settings"]}), "are restored while nodes run"),
        (facts(settings={"restore_parts": ["database"]}), "web1: webapp runs"),
        (facts(settings={"restore_parts": ["certificates"]}), "while no node runs"),
        (facts(settings={"restore_parts": ["settings"]}), "A number is registered already"),
        (fresh(settings={"admin_password": None}), "wabiz_admin_password"),
        (fresh(settings={"media_path": None}), "wabiz_media_path"),
        (facts(snapshot={"msg": "gone"}), "does not say whether a number is registered: gone."),
        (
            facts(snapshot={"health": {"summary": {"registered": None, "connected_coreapps": 0}}}),
            "no master answers. Start nodes that are stopped with site.yml",
        ),
        (facts(snapshot={"health": NEW, "shards": 4}), "the cluster has 4"),
        (facts(surveys=surveys(core1={"msg": "no route"})), "core1: is unreachable"),
    ],
)
def test_a_restore_is_refused(given: Facts, said: str) -> None:
    refusals = restore.plan(given)["refusals"]
    assert any(said in line for line in refusals), refusals


def test_parts_can_be_named() -> None:
    plan = restore.plan(new(settings={"restore_parts": ["certificates"]}))
    assert (plan["now"], plan["refusals"]) == (["certificates"], [])
    assert not any("database" in line for line in plan["text"])
