# Copyright: (c) 2026, wabiz.onprem contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which host has which image, what is wrong with it, and from where a missing one comes."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.wabiz.onprem.plugins.module_utils._model.holdings import Holdings, kinds
from ansible_collections.wabiz.onprem.plugins.module_utils._model.images import archive_file
from ansible_collections.wabiz.onprem.plugins.module_utils._plans.facts import Facts
from ansible_collections.wabiz.onprem.plugins.module_utils._plans.images.plan import bringing, plan
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.image_faults import image_faults

CORE, WEB, SERVER = "registry.lab.test/coreapp:v2.57.2", "registry.lab.test/web:v2.57.2", "mysql:8.0"
WANTED = {
    "c1": {CORE: "coreapp"},
    "c2": {CORE: "coreapp"},
    "c3": {CORE: "coreapp"},
    "web1": {WEB: "web"},
    "db1": {SERVER: "database"},
}
UNAUTHORIZED = "cannot be checked: unauthorized"
TODAY = "2026-03-01"
MB = 1_000_000


def facts(identity: str, **more: Any) -> dict[str, Any]:
    known = {
        "id": f"sha256:{identity * 32}",
        "content": identity,
        "digests": [f"sha256:{identity[::-1] * 32}"],
        "tags": [],
        "created": "2026-02-01T00:00:00Z",
        "expires_on": "2026-12-01",
        "architecture": "amd64",
        "size": 800 * MB,
    }
    return {**known, **more}


def report(images: dict[str, Any], where: str = UNAUTHORIZED, **more: Any) -> dict[str, Any]:
    """A host with these images; those that are None it has not."""
    there = {name: value for name, value in images.items() if value is not None}
    known = {
        "engine": {"running": True, "architecture": "amd64"},
        "images": {name: "local" if name in there else where for name in images},
        "image_facts": there,
        "registry_facts": {},
        "disk_free": 50_000 * MB,
        "spaces": {"/var/lib": 50_000 * MB},
    }
    return {**known, **more}


def cluster(**hosts: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """c1 has the coreapp's image, c2 and c3 have not; the others have theirs."""
    return {
        "c1": report({CORE: facts("1a")}),
        "c2": report({CORE: None}),
        "c3": report({CORE: None}),
        "web1": report({WEB: facts("2b")}),
        "db1": report({SERVER: facts("3c", expires_on="", created="2020-01-01T00:00:00Z")}),
        **hosts,
    }


def entry(image: str, identity: str) -> dict[str, Any]:
    file = archive_file(image, f"sha256:{identity * 32}")
    return {"image": image, **facts(identity), "file": file, "sha256": "f" * 64, "bytes": 790 * MB}


def planned(
    reports: dict[str, dict[str, Any]],
    verb: str = "copy",
    archive: Any = (),
    make: Any = plan,
    played: tuple[str, ...] = (),
    **settings: Any,
) -> dict[str, Any]:
    given = {"images_verb": verb, "images_directory": "/var/lib", **settings}
    topology = {"cluster": "wabiz", "wanted_images": WANTED}
    found: dict[str, Any] = make(Facts(topology, given, reports, {}, TODAY, archive=archive, played=played))
    return found


def brought(found: dict[str, Any]) -> list[tuple[Any, ...]]:
    return [(step["image"], step["source"], step["host"], step["targets"]) for step in found["steps"]]


# --- From where -------------------------------------------------------------------------------------------------------


def test_a_copy_comes_from_a_host_that_has_it() -> None:
    found = planned(cluster())
    assert brought(found) == [(CORE, "hosts", "c1", ["c2", "c3"])]
    assert found["steps"][0]["bytes"] == 800 * MB and found["refusals"] == []
    assert f"{CORE} (800 MB): from c1 to c2, c3" in found["text"]
    assert found["missing"] == {CORE: ["c2", "c3"]}


ALL_WAYS = {CORE: facts("1a")}


@pytest.mark.parametrize(
    ("sources", "where", "source"),
    [
        (["registry", "hosts", "archive"], "registry", "registry"),
        (["registry", "hosts", "archive"], UNAUTHORIZED, "hosts"),
        (["hosts", "registry", "archive"], "registry", "hosts"),
        (["archive", "hosts", "registry"], "registry", "archive"),
        # A registry that could not be asked is tried where nothing else is allowed, one that has it not is not.
        (["registry"], UNAUTHORIZED, "registry"),
        (["registry"], "manifest unknown", None),
        ([], "registry", None),
    ],
)
def test_the_first_source_that_is_there_counts(sources: list[str], where: str, source: str | None) -> None:
    reports = cluster(c2=report({CORE: None}, where), c3=report({CORE: facts("1a")}))
    # show has the way of every image, and no step.
    held = [entry(CORE, "1a")] if sources else []
    found = planned(reports, "show", held, image_sources=sources or ["archive"])
    line = next(line for line in found["text"] if line.startswith(CORE) and "c2 " in line)
    assert line.split()[-1] == {"hosts": "c1", None: "nowhere"}.get(source, source)
    assert found["steps"] == []


def test_what_comes_from_nowhere_is_named_with_the_sources_that_were_tried() -> None:
    found = planned(cluster(c1=report({CORE: None})), "load", image_archive="/srv/images")
    assert found["steps"] == []
    assert f"Image {CORE} (coreapp) is missing on c1, c2, c3 and it is not in the archive." in found["warnings"]
    assert not any(line.startswith("Nothing") for line in found["text"])


def test_a_load_is_checked_against_the_manifest() -> None:
    found = planned(cluster(), "load", [entry(CORE, "1a")], image_archive="/srv/images")
    (step,) = found["steps"]
    assert (step["source"], step["sha256"], step["id"]) == ("archive", "f" * 64, facts("1a")["id"])
    assert step["file"] == "coreapp-v2.57.2-1a1a1a1a1a1a.tar"


def test_only_what_the_archive_has_not_is_saved() -> None:
    found = planned(cluster(), "save", [entry(CORE, "1a")], image_archive="/srv/images")
    assert [step["image"] for step in found["steps"]] == [WEB, SERVER]
    # Another image of the same name is saved, beside the old one.
    again = planned(cluster(), "save", [entry(CORE, "9f")], image_archive="/srv/images")
    assert [step["image"] for step in again["steps"]] == [CORE, WEB, SERVER]


@pytest.mark.parametrize("verb", ["save", "push", "load", "copy"])
def test_an_image_that_is_named_by_its_digest_comes_from_its_registry_alone(
    monkeypatch: pytest.MonkeyPatch, verb: str
) -> None:
    """An engine has it under another name, or none, after it was loaded."""
    named = f"{SERVER}@sha256:{'a' * 64}"
    monkeypatch.setitem(WANTED, "db1", {named: "database"})
    monkeypatch.setitem(WANTED, "db2", {named: "database"})
    reports = cluster(db1=report({named: facts("3c")}), db2=report({named: None}, "manifest unknown"))
    found = planned(reports, verb, [entry(named, "3c")], image_archive="/srv/images", push_registry="r.lab.test")
    assert named not in [step["image"] for step in found["steps"]]
    assert any(named in line and "its digest" in line for line in found["warnings"])


@pytest.mark.parametrize(
    ("verb", "variable"), [("save", "wabiz_image_archive"), ("load", "wabiz_image_archive"), ("push", "wabiz_push")]
)
def test_a_verb_that_lacks_its_setting_is_refused(verb: str, variable: str) -> None:
    assert any(variable in line for line in planned(cluster(), verb)["refusals"])


def test_other_playbooks_leave_the_registry_to_their_pull() -> None:
    reports = cluster(c2=report({CORE: None}, "registry"))
    found = planned(reports, make=bringing)
    assert brought(found) == [(CORE, "hosts", "c1", ["c3"])]
    assert f"{CORE} (size unknown): from its registry to c2" in found["text"]


def test_only_hosts_of_the_play_are_brought_an_image() -> None:
    """From any host that has it; without a host of the play that lacks it nothing is moved."""
    assert brought(planned(cluster(), make=bringing, played=("c2",))) == [(CORE, "hosts", "c1", ["c2"])]
    assert planned(cluster(), make=bringing, played=("web1",))["steps"] == []


# --- What is wrong ----------------------------------------------------------------------------------------------------


def faults(reports: dict[str, dict[str, Any]], **pins: dict[str, str]) -> list[str]:
    return [str(finding) for finding in image_faults(Holdings(WANTED, reports, **pins))]


def test_a_good_cluster_has_no_faults() -> None:
    assert faults(cluster()) == []


def test_hosts_with_different_images_are_found_and_not_copied_from() -> None:
    reports = cluster(c2=report({CORE: facts("9f")}))
    (line,) = faults(reports)
    assert "1a1a1a1a1a1a on c1; 9f9f9f9f9f9f on c2" in line and "wabiz_image_ids" in line
    found = planned(reports)
    assert found["steps"] == [] and "the hosts have different ones" in " ".join(found["warnings"])
    saved = planned(reports, "save", image_archive="/srv/images")
    assert CORE not in [step["image"] for step in saved["steps"]]


def test_a_pin_decides_which_of_them_is_copied() -> None:
    reports = cluster(c2=report({CORE: facts("9f")}))
    found = planned(reports, image_ids={"coreapp": facts("9f")["id"]})
    assert brought(found) == [(CORE, "hosts", "c2", ["c3"])]
    assert "c1: image" in found["refusals"][0] and "9f9f9f9f9f9f is pinned" in found["refusals"][0]


def test_one_image_in_two_kinds_of_engine_is_the_same() -> None:
    """With containerd's store the id is that of the manifest."""
    other = facts("1a", id=f"sha256:{'77' * 32}")
    assert kinds({"c1": facts("1a"), "c2": other}) == [["c1", "c2"]]
    assert faults(cluster(c2=report({CORE: other}))) == []


@pytest.mark.parametrize(
    ("digests", "pin", "told"),
    [
        (["sha256:" + "aa" * 32], "sha256:" + "aa" * 32, False),
        (["sha256:" + "aa" * 32], "sha256:" + "bb" * 32, True),
        # A loaded image has no digest: only its id could tell.
        ([], "sha256:" + "bb" * 32, False),
    ],
)
def test_a_pinned_digest(digests: list[str], pin: str, told: bool) -> None:
    found = faults(cluster(c1=report({CORE: facts("1a", digests=digests)})), digests={"coreapp": pin})
    assert bool(found) is told


def test_a_tag_that_moved_in_the_registry_is_found() -> None:
    new = report(
        {CORE: None}, "registry", registry_facts={CORE: {"digest": "sha256:" + "ee" * 32, "architectures": []}}
    )
    (line,) = faults(cluster(c2=new))
    assert "has moved: the registry has eeeeeeeeeeee now, the hosts have a1a1a1a1a1a1" in line
    # By a digest the tag is not asked.
    assert faults(cluster(c2=new), digests={"coreapp": facts("1a")["digests"][0]}) == []


def test_an_image_for_another_architecture_is_refused() -> None:
    arm = {"running": True, "architecture": "arm64"}
    (line,) = faults(cluster(c1=report({CORE: facts("1a")}, engine=arm)))
    assert "c1: image" in line and "made for amd64, and the host is arm64" in line
    offer = {CORE: {"digest": "", "architectures": ["amd64"]}}
    (line,) = faults(cluster(c2=report({CORE: None}, "registry", engine=arm, registry_facts=offer)))
    assert line.startswith("c2: image")
    (line,) = faults(cluster(c2=report({CORE: None}, "manifest unknown", engine=arm)))
    assert line.startswith("c2: image") and "made for amd64" in line
    # A registry that could not be asked may have another one.
    assert faults(cluster(c2=report({CORE: None}, engine=arm))) == []


def test_an_expired_image_is_a_warning_here() -> None:
    found = planned(cluster(c1=report({CORE: facts("1a", expires_on="2026-02-28")})))
    assert found["refusals"] == []
    assert any(f"Image {CORE} expired on 2026-02-28." in line for line in found["warnings"])


@pytest.mark.parametrize(
    ("host", "change", "place"),
    [
        ("c1", {"spaces": {"/var/lib": 799 * MB}}, "/var/lib"),
        ("c2", {"spaces": {"/var/lib": 799 * MB}}, "/var/lib"),
        ("c2", {"disk_free": 799 * MB}, "Docker's directory"),
    ],
)
def test_too_little_room_is_refused_before_anything_is_moved(host: str, change: dict[str, Any], place: str) -> None:
    reports = cluster()
    reports[host] = {**reports[host], **change}
    (line,) = planned(reports)["refusals"]
    assert line.startswith(f"{host}: ") and f"needs 800 MB in {place}, and 799 MB are free" in line
    assert planned(reports, "show")["refusals"] == []


def test_room_that_is_not_known_is_not_judged() -> None:
    reports = cluster()
    reports["c1"]["spaces"] = {"/var/lib": None}
    assert planned(reports)["refusals"] == []


def test_a_host_without_an_engine_cannot_load() -> None:
    reports = cluster(c2=report({}, engine={"running": False, "architecture": ""}))
    (line,) = planned(reports)["refusals"]
    assert line.startswith("c2: no Docker engine answers")


def test_a_host_that_did_not_answer_is_named_and_left_out() -> None:
    found = planned(cluster(c2={"unreachable": True}))
    assert brought(found) == [(CORE, "hosts", "c1", ["c3"])]
    assert any(line.startswith("c2: was not inspected") for line in found["warnings"])


def test_show_names_everything_there_is() -> None:
    found = planned(cluster(), "show", [entry(CORE, "1a")])
    table = "\n".join(found["text"])
    assert f"{CORE}  c1         1a1a1a1a1a1a  a1a1a1a1a1a1  2026-02-01  2026-12-01  amd64  800 MB" in table
    assert "(archive)" in table and "missing" in table
    # A database's image does not expire.
    assert next(line for line in found["text"] if line.startswith(SERVER)).split()[4:6] == ["2020-01-01", "-"]
