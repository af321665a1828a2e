# Copyright: (c) 2026, wabiz.onprem contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The action plugin's own logic; what the modules behind it do is seen on the lab."""

from __future__ import annotations

from typing import Any
from unittest.mock import MagicMock

import pytest
from ansible_collections.wabiz.onprem.plugins.action.containers import ActionModule
from hypothesis import given
from hypothesis import strategies as st

SECRET = "canary-secret-1"
CONTAINER = {"name": "c1", "image": "web:v1", "env": {"WA_API_KEY": SECRET}, "networks": [{"name": "net"}]}
FRESH = {"changed": True, "diff": {"before": {"exists": False}, "after": {"exists": True}}}
SAME: dict[str, Any] = {"changed": False, "diff": {"before": {}, "after": {}}}
ENGINE = {"running": True, "present": True, "version": "28", "kind": "docker", "error": ""}


def there(name: str, cluster: str = "wabiz", **more: Any) -> dict[str, Any]:
    """A container, network or volume as host_info reports it."""
    return {"name": name, "cluster": cluster, "id": f"id-of-{name}", "networks": [], "volumes": [], **more}


class Host:
    """Plays the modules: answers by module name, and remembers what was asked."""

    def __init__(self, **answers: Any) -> None:
        self.found: dict[str, Any] = {"changed": False, "engine": ENGINE, "problems": {}}
        self.found["requirements"] = {"requests": answers.pop("requests", True)}
        self.found["limits"] = answers.pop("limits", {})
        for kind in ("containers", "networks", "volumes"):
            self.found[kind] = answers.pop(kind, [])
        self.answers: dict[str, dict[str, Any]] = {"host_info": self.found, **answers}
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.silent: list[bool] = []

    def execute(self, module_name: str, module_args: dict[str, Any], task_vars: dict[str, Any]) -> dict[str, Any]:
        short = module_name.rpartition(".")[2].removeprefix("docker_")
        self.asked.append((short, module_args))
        self.silent.append(task_vars["ansible_no_target_syslog"])
        return self.answers.get(short, {"changed": False})

    @property
    def acted(self) -> list[tuple[str, dict[str, Any]]]:
        """What was asked but the first look."""
        return [(kind, options) for kind, options in self.asked if kind != "host_info"]


def run(host: Host, check: bool = False, cluster: str = "wabiz", **args: Any) -> dict[str, Any]:
    task = MagicMock(args={"cluster": cluster, **args}, check_mode=check, diff=True, async_val=0, delegate_to=None)
    plugin = ActionModule(task, MagicMock(), MagicMock(), MagicMock(), MagicMock(), MagicMock())
    plugin._execute_module = host.execute
    result: dict[str, Any] = plugin.run(task_vars={"inventory_hostname": "web1"})
    return result


def states(result: dict[str, Any]) -> list[tuple[str, str]]:
    return [(item["kind"], item["state"]) for item in result["resources"]]


ALL: dict[str, Any] = {"network": {"name": "net"}, "volumes": [{"name": "vol"}], "containers": [CONTAINER]}


def test_network_volume_and_container_in_this_order() -> None:
    host = Host(container=FRESH, network={"changed": True}, volume={"changed": True})
    result = run(host, **ALL)
    assert [kind for kind, _args in host.asked] == ["host_info", "network", "volume", "container"]
    assert states(result) == [("network", "fresh"), ("volume", "fresh"), ("container", "fresh")]
    assert result["changed"] is True
    # What is no longer wanted counts too: the database's server has no label by which it would be seen.
    assert {host.asked[-1][1]["comparisons"][name] for name in ("env", "ulimits")} == {"strict"}
    assert host.asked[0][1] == {"details": False, "limits_of": ["c1"], "socket": "/var/run/docker.sock"}


def test_what_is_created_carries_the_label() -> None:
    host = Host(container=FRESH, network={"changed": True}, volume={"changed": True})
    foreign = {"org.wabiz.cluster": "other", "x": "y"}
    run(host, network={"name": "net", "labels": foreign}, volumes=[{"name": "vol"}], containers=[CONTAINER])
    assert [options["labels"]["org.wabiz.cluster"] for _kind, options in host.acted] == ["wabiz"] * 3
    assert host.acted[0][1]["labels"]["x"] == "y"


def test_the_engine_that_is_inspected_is_the_one_that_is_changed() -> None:
    """Whatever DOCKER_HOST says in the environment."""
    host = Host(container=FRESH)
    run(host, socket="/run/other.sock", **ALL)
    assert host.asked[0][1]["socket"] == "/run/other.sock"
    assert {options["docker_host"] for _kind, options in host.acted} == {"unix:///run/other.sock"}


def test_nothing_to_do_costs_one_execution_and_one_for_each_container() -> None:
    host = Host(containers=[there("c1"), there("c2")], networks=[there("net")], volumes=[there("vol")], container=SAME)
    two = [CONTAINER, {**CONTAINER, "name": "c2"}]
    result = run(host, network={"name": "net"}, volumes=[{"name": "vol"}], containers=two)
    assert (result["changed"], result["diff"]) == (False, [])
    assert [kind for kind, _args in host.asked] == ["host_info", "container", "container"]
    assert states(result) == [("network", "same"), ("volume", "same"), ("container", "same"), ("container", "same")]


@pytest.mark.parametrize("owner", ["", "other", "wabiz"])
@pytest.mark.parametrize("check", [False, True])
def test_a_network_or_volume_that_exists_is_used_as_it_is(owner: str, check: bool) -> None:
    host = Host(networks=[there("net", owner)], volumes=[there("vol", owner)], container=FRESH)
    labels = {"org.wabiz.cluster": "wabiz"}
    result = run(host, check, **{**ALL, "network": {"name": "net", "labels": labels, "driver": "macvlan"}})
    assert [kind for kind, _args in host.acted] == ["container"]
    assert states(result) == [("network", "same"), ("volume", "same"), ("container", "fresh")]
    assert host.acted[0][1]["networks"] == [{"name": "net"}]


@pytest.mark.parametrize("state", ["present", "stopped", "absent"])
@pytest.mark.parametrize("check", [False, True])
@pytest.mark.parametrize(
    ("owner", "reason"),
    [("", "has no label org.wabiz.cluster"), ("wabiz2", "belongs to cluster wabiz2, not to wabiz")],
)
def test_a_container_of_others_is_refused_before_anything_is_touched(
    state: str, check: bool, owner: str, reason: str
) -> None:
    host = Host(containers=[there("mine"), there("c1", owner)], container=FRESH)
    mine = {"name": "mine", "image": "x"}
    result = run(host, check, state=state, network={"name": "net"}, containers=[mine, CONTAINER])
    assert host.acted == []
    assert result["failed"] is True
    assert result["changed"] is False
    for part in ("container c1 on web1", reason, "docker rename c1", "another name for the cluster"):
        assert part in result["msg"]
    assert "container mine" not in result["msg"]


@pytest.mark.parametrize("blank", ["", " ", "\t\n"])
@pytest.mark.parametrize("state", ["present", "pulled", "stopped", "absent"])
def test_a_blank_cluster_is_refused(blank: str, state: str) -> None:
    """Else it would be equal to the label that others' containers do not have."""
    host = Host(containers=[there("c1", "")])
    result = run(host, cluster=blank, state=state, containers=[CONTAINER])
    assert host.asked == []
    assert "cluster is blank" in result["msg"]


@pytest.mark.parametrize("state", ["present", "stopped", "absent"])
def test_a_name_that_may_be_taken_for_anothers_id(state: str) -> None:
    """community.docker takes the beginning of an id for a name, and may find it first."""
    host = Host(containers=[there("foreign", "", id="db0123456789"), there("db")], container=FRESH)
    result = run(host, state=state, containers=[{"name": "db", "image": "x"}])
    assert host.acted == []
    assert "the beginning of the id of container foreign" in result["msg"]


def test_a_network_whose_name_may_be_taken_for_anothers_id() -> None:
    host = Host(networks=[there("company", "", id="abcdef012345")])
    result = run(host, network={"name": "abc"}, containers=[CONTAINER])
    assert host.acted == []
    assert "the beginning of the id of network company" in result["msg"]
    assert run(Host(), network={"name": "abc"}, containers=[CONTAINER]).get("failed") is None


@pytest.mark.parametrize("check", [False, True])
def test_a_container_with_a_limit_that_was_set_by_hand_is_created_again(check: bool) -> None:
    """An update cannot remove a limit. Check mode and the run say the same."""
    found = {"c1": {"memory": 268435456, "memory_swap": 268435456}, "c2": {}}
    host = Host(containers=[there("c1"), there("c2")], container=SAME, limits=found)
    result = run(host, check, containers=[CONTAINER, {**CONTAINER, "name": "c2"}])
    assert [options.get("recreate") for _kind, options in host.acted] == [True, None]
    first, second = result["resources"]
    assert (first["state"], second["state"]) == ("changed", "same")
    assert first["differences"] == ["memory: 268435456 -> 0 (no limit)", "memory_swap: 268435456 -> 0 (no limit)"]
    assert result["diff"][0]["before"] == {"memory": 268435456, "memory_swap": 268435456}


def test_a_limit_is_told_once() -> None:
    """docker_container sees it too where the option is given."""
    seen = {"changed": True, "diff": {"before": {"memory": 1, "tty": True}, "after": {"memory": 2, "tty": False}}}
    host = Host(containers=[there("c1")], container=seen, limits={"c1": {"memory": 1}})
    result = run(host, containers=[{**CONTAINER, "memory": "2"}])
    assert result["resources"][0]["differences"] == ["memory: 1 -> 2", "tty: True -> False"]


@pytest.mark.parametrize(
    ("given", "retries"),
    [
        ({"restart_policy": "on-failure"}, 0),
        ({"restart_policy": "on-failure", "restart_retries": 5}, 5),
        # docker_container refuses a number without a policy.
        ({}, None),
    ],
)
def test_a_number_of_retries_that_was_set_by_hand_is_compared(given: dict[str, Any], retries: int | None) -> None:
    host = Host(containers=[there("c1")], container=SAME)
    run(host, containers=[{**CONTAINER, **given}])
    assert host.acted[0][1].get("restart_retries") == retries


def test_check_mode_does_not_compare_against_a_network_that_is_not_there() -> None:
    host = Host(containers=[there("c1")], container=SAME)
    result = run(host, check=True, network={"name": "net"}, containers=[CONTAINER])
    assert [kind for kind, _args in host.acted] == ["container"]
    assert "networks" not in host.acted[0][1]
    assert [item["state"] for item in result["resources"]] == ["fresh", "changed"]


def test_without_pythons_requests_check_mode_predicts_creation() -> None:
    """It was announced, and docker_container fails until it is installed. What exists cannot be compared."""
    lost = {"failed": True, "msg": "Failed to import the required Python library (requests)"}
    result = run(Host(requests=False, container=lost), check=True, network={"name": "net"}, containers=[CONTAINER])
    assert states(result) == [("network", "fresh"), ("container", "fresh")]
    for host, check in (
        (Host(requests=False, container=lost, containers=[there("c1")]), True),
        (Host(requests=False, container=lost), False),
    ):
        assert "requests" in run(host, check=check, containers=[CONTAINER])["msg"]


def test_without_an_engine_check_mode_predicts_creation() -> None:
    host = Host()
    result = run(host, check=True, engine_running=False, network={"name": "net"}, containers=[CONTAINER])
    assert host.asked == []
    assert [(item["kind"], item["name"], item["state"]) for item in result["resources"]] == [
        ("network", "net", "fresh"),
        ("container", "c1", "fresh"),
    ]


def test_without_an_engine_a_real_run_says_what_to_do() -> None:
    result = run(Host(), engine_running=False, containers=[CONTAINER])
    assert result["failed"] is True
    assert "role wabiz.onprem.engine" in result["msg"]


@pytest.mark.parametrize("state", ["present", "stopped", "absent"])
@pytest.mark.parametrize("check", [False, True])
@pytest.mark.parametrize(
    ("found", "reason"),
    [
        ({"engine": {**ENGINE, "running": False, "error": "permission denied"}}, "permission denied"),
        ({"problems": {"networks": "no answer within 30 s"}}, "networks cannot be listed: no answer within 30 s"),
        ({"failed": True, "msg": "no Python"}, "no Python"),
        ({"unreachable": True, "msg": "no route"}, "no route"),
    ],
)
def test_without_knowing_what_is_there_nothing_is_touched(
    state: str, check: bool, found: dict[str, Any], reason: str
) -> None:
    host = Host(container=FRESH)
    host.found.update(found)
    result = run(host, check, state=state, **ALL)
    assert host.acted == []
    assert result["failed"] is True
    assert reason in result["msg"]
    assert result["unreachable"] is found.get("unreachable", False)


def test_a_failure_stops_and_shows_no_secret() -> None:
    host = Host(container={"failed": True, "msg": f"cannot start with {SECRET}"})
    result = run(host, containers=[CONTAINER, {**CONTAINER, "name": "c2"}])
    assert len(host.acted) == 1
    assert result["failed"] is True
    assert result["msg"].startswith("container c1: cannot start with")
    assert SECRET not in str(result)


def test_a_module_that_breaks_off_tells_its_last_words_without_secrets() -> None:
    broken = {
        "failed": True,
        "msg": "Module result deserialization failed.",
        "module_stdout": f"junk {SECRET}",
        "module_stderr": f"Traceback\n  File x\nValueError: no such {SECRET}\n",
        "exception": f"Traceback {SECRET}",
        "warnings": [SECRET],
        "deprecations": [{"msg": SECRET}],
        "invocation": {"module_args": {"env": {"WA_API_KEY": SECRET}}},
    }
    result = run(Host(container=broken), containers=[CONTAINER])
    assert result["msg"].endswith("failed. ValueError: no such ********")
    assert SECRET not in str(result)


def test_nothing_but_the_report_leaves_a_module_that_succeeds() -> None:
    talkative = {**SAME, "exception": SECRET, "warnings": [SECRET], "deprecations": [SECRET], "invocation": SECRET}
    assert SECRET not in str(run(Host(container=talkative), containers=[CONTAINER]))


def test_an_unreachable_host_stays_unreachable() -> None:
    result = run(Host(container={"unreachable": True, "msg": "no route"}), containers=[CONTAINER])
    assert result["unreachable"] is True


def test_no_secret_in_a_result() -> None:
    changed = {
        "changed": True,
        "diff": {"before": {"env": ["WA_API_KEY=older-secret"]}, "after": {"env": [f"WA_API_KEY={SECRET}"]}},
        "container": {
            "Id": "1",
            "Config": {"Env": [f"WA_API_KEY={SECRET}"]},
            "NetworkSettings": {"Networks": {"net": {"IPAddress": "172.18.0.2"}}},
        },
    }
    result = run(Host(container=changed), containers=[CONTAINER])
    assert SECRET not in str(result)
    assert "older-secret" not in str(result)
    assert result["containers"]["c1"] == {"id": "1", "addresses": ["172.18.0.2"]}


def test_names_stay_readable_where_a_weak_secret_is_a_part_of_them() -> None:
    changed = {"changed": True, "diff": {"before": {"image": "wabiz/a"}, "after": {"image": "wabiz/b"}}}
    weak = {"name": "wabiz-webapp-1", "image": "x", "env": {"WA_DB_PASSWORD": "wabiz"}}
    result = run(Host(container={**changed, "container": {"Id": "wabiz"}}), containers=[weak])
    assert result["resources"][0]["name"] == "wabiz-webapp-1"
    assert list(result["containers"]) == ["wabiz-webapp-1"]
    assert result["diff"][0]["before_header"] == "container wabiz-webapp-1"
    assert result["diff"][0]["before"] == {"image": "********/a"}


def test_the_journal_of_the_host_is_told_nothing() -> None:
    host = Host(container=SAME)
    run(host, **ALL)
    assert host.silent == [True] * 4


def test_each_image_is_pulled_once() -> None:
    host = Host(image_pull={"changed": True})
    result = run(host, state="pulled", containers=[CONTAINER, {**CONTAINER, "name": "c2"}])
    engine = {"docker_host": "unix:///var/run/docker.sock"}
    assert host.asked == [("image_pull", {"name": "web:v1", "pull": "not_present", **engine})]
    assert result["resources"] == [{"kind": "image", "name": "web:v1", "state": "fresh", "differences": []}]


PINNED = f"sha256:{'ab' * 32}"


def test_a_pinned_image_is_pulled_by_its_digest_and_named_then() -> None:
    host = Host(image_pull={"changed": True}, image_tag={"changed": True})
    result = run(host, state="pulled", digest=PINNED, containers=[{"name": "c1", "image": "registry:5000/web:v1"}])
    pull, tag = (options for _kind, options in host.asked)
    assert pull["name"] == tag["name"] == f"registry:5000/web@{PINNED}"
    assert tag["repository"] == ["registry:5000/web:v1"]
    assert states(result) == [("image", "fresh")]


def test_check_mode_names_no_image_that_it_has_not_pulled() -> None:
    host = Host(image_pull={"changed": True})
    result = run(host, check=True, state="pulled", digest=PINNED, containers=[CONTAINER])
    assert [kind for kind, _options in host.asked] == ["image_pull"]
    assert states(result) == [("image", "fresh")]


def test_a_name_with_a_digest_of_its_own_is_pulled_by_it() -> None:
    host = Host(image_pull={"changed": True})
    own = f"mysql@sha256:{'cd' * 32}"
    run(host, state="pulled", digest=PINNED, containers=[{"name": "c1", "image": own}])
    assert [options["name"] for _kind, options in host.asked] == [own]


@pytest.mark.parametrize(
    ("said", "cause"),
    [("unauthorized: authentication required", "login"), ("manifest unknown", "missing"), ("connection refused", "")],
)
def test_a_pull_tells_whether_it_is_worth_another_try(said: str, cause: str) -> None:
    host = Host(image_pull={"failed": True, "msg": f"Error pulling image web:v1 - {said}"})
    result = run(host, state="pulled", containers=[CONTAINER])
    assert (result["failed"], result["cause"]) == (True, cause)
    assert said in result["msg"]


# --- stopped --------------------------------------------------------------------------------------------------------


def test_containers_that_exist_are_stopped_and_not_changed() -> None:
    host = Host(containers=[there("c1")], container={"changed": True, "diff": {}})
    result = run(host, state="stopped", containers=[{**CONTAINER, "stop_timeout": 60}, {"name": "none"}])
    engine = {"docker_host": "unix:///var/run/docker.sock"}
    kept = {"name": "id-of-c1", "state": "stopped", "stop_timeout": 60, "comparisons": {"*": "ignore"}}
    assert host.acted == [("container", {**kept, **engine})]
    assert [item["state"] for item in result["resources"]] == ["changed", "same"]


# --- absent ---------------------------------------------------------------------------------------------------------


def removable(**more: Any) -> Host:
    inside: dict[str, Any] = {"networks": ["net"], "volumes": ["vol"]}
    return Host(
        **{"containers": [there("c1", **inside)], "networks": [there("net")], "volumes": [there("vol")], **more},
        container={"changed": True},
        network={"changed": True},
        volume={"changed": True},
    )


def test_removal_is_from_containers_to_volumes_by_id() -> None:
    host = removable()
    result = run(host, state="absent", **ALL)
    assert [(kind, args["name"], args["state"]) for kind, args in host.acted] == [
        ("container", "id-of-c1", "absent"),
        ("network", "id-of-net", "absent"),
        ("volume", "vol", "absent"),
    ]
    assert states(result) == [("container", "gone"), ("network", "gone"), ("volume", "gone")]
    assert "warnings" not in result


def test_what_is_not_there_costs_nothing() -> None:
    host = Host()
    result = run(host, state="absent", **ALL)
    assert host.acted == []
    assert result["changed"] is False
    assert states(result) == [("container", "same"), ("network", "same"), ("volume", "same")]


@pytest.mark.parametrize("owner", ["", "other"])
@pytest.mark.parametrize("check", [False, True])
def test_networks_and_volumes_of_others_stay(owner: str, check: bool) -> None:
    host = removable(networks=[there("net", owner)], volumes=[there("vol", owner)])
    result = run(host, check, state="absent", **ALL)
    assert [kind for kind, _args in host.acted] == ["container"]
    assert states(result) == [("container", "gone"), ("network", "same"), ("volume", "same")]
    assert [warning.partition(" is kept, ")[0] for warning in result["warnings"]] == [
        "network net on web1",
        "volume vol on web1",
    ]


@pytest.mark.parametrize("owner", ["", "other", "wabiz"])
@pytest.mark.parametrize("check", [False, True])
def test_networks_and_volumes_that_others_use_stay(owner: str, check: bool) -> None:
    """Removing a network would cut off whoever is attached; a stopped one could not be started again."""
    user = there("bot", owner, networks=["net"], volumes=["vol"])
    host = removable(containers=[there("c1", networks=["net"], volumes=["vol"]), user])
    result = run(host, check, state="absent", **ALL)
    assert [kind for kind, _args in host.acted] == ["container"]
    assert states(result)[1:] == [("network", "same"), ("volume", "same")]
    assert result["warnings"] == [
        "network net on web1 is kept, since it is used by bot.",
        "volume vol on web1 is kept, since it is used by bot.",
    ]


def test_without_an_engine_there_is_nothing_to_remove() -> None:
    host = Host()
    assert run(host, state="absent", engine_running=False, **ALL)["changed"] is False
    assert host.asked == []


@pytest.mark.parametrize("bad", [{"containers": [{"image": "x"}]}, {"containers": [], "volumes": [{"name": ""}]}])
def test_what_has_no_name_is_refused(bad: dict[str, Any]) -> None:
    host = Host()
    assert "needs a name" in run(host, **bad)["msg"]
    assert host.asked == []


# --- whatever is there, and whatever is asked -----------------------------------------------------------------------

NAMES = ["a", "ab", "wabiz-webapp-1", "net", "vol"]
some_names = st.lists(st.sampled_from(NAMES), max_size=2, unique=True)
resources = st.lists(
    st.fixed_dictionaries(
        {
            "name": st.sampled_from(NAMES),
            "cluster": st.sampled_from(["", "wabiz", "other", "wabiz2"]),
            "id": st.text("abc", min_size=12, max_size=12),
            "networks": some_names,
            "volumes": some_names,
        }
    ),
    max_size=4,
    unique_by=(lambda item: item["name"], lambda item: item["id"]),
)


@given(
    st.tuples(resources, resources, resources),
    st.sampled_from(["present", "stopped", "absent"]),
    st.booleans(),
    some_names,
    st.sampled_from(NAMES),
    st.sampled_from(NAMES),
)
def test_what_is_not_ours_is_never_touched(
    found: tuple[list[dict[str, Any]], ...], state: str, check: bool, wanted: list[str], net: str, vol: str
) -> None:
    containers, networks, volumes = found
    host = Host(containers=containers, networks=networks, volumes=volumes, container=FRESH)
    items = [{"name": name, "image": "x"} for name in wanted]
    run(host, check, state=state, network={"name": net}, volumes=[{"name": vol}], containers=items)
    known = {"container": containers, "network": networks, "volume": volumes}
    for kind, options in host.acted:
        name = options["name"]
        meant = [item for item in known[kind] if item["name"] == name]
        if kind != "volume":
            meant += [item for item in known[kind] if item["id"].startswith(name)]
        assert all(item["cluster"] == "wabiz" for item in meant), (kind, name)
        if kind != "container":
            assert bool(meant) == (options["state"] == "absent")
        if kind == "network" and meant:
            users = [item["name"] for item in containers if meant[0]["name"] in item["networks"]]
            assert set(users) <= set(wanted)
