# Copyright: (c) 2026, wabiz.onprem contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A rotation of the client's secrets: what is done while the cluster serves, what interrupts it, what is refused."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
from ansible_collections.wabiz.onprem.plugins.module_utils._plans.facts import Facts
from ansible_collections.wabiz.onprem.plugins.module_utils._plans.secrets.plan import NOTHING, plan
from ansible_collections.wabiz.onprem.plugins.module_utils._rules.preflight.secrets import secrets as warnings_of
from hypothesis import given
from hypothesis import strategies as st

NEW = {"api_key": "Canary-api-key-2", "jwt_key": "Canary-jwt-key-2", "secret": "Canary-secret-2"}
OLD = {"api_key": "Canary-api-key-1", "jwt_key": "Canary-jwt-key-1", "secret": "Canary-secret-1"}
SETTINGS: dict[str, Any] = {
    **NEW,
    "rotate_interrupt": None,
    **dict.fromkeys(("api_ca_path", "api_endpoints", "api_server_hostname")),
}
PLACES = {"web1": "webapp", "web2": "webapp", "core1": "master", "core2": "coreapp", "core3": "coreapp"}
SAME: dict[str, Any] = {"admin": {"password_changed": False, "changed": False}, "webapps": [], "webhook_ca": {}}
UNAUTHORIZED = {"failed": False, "msg": "401", "error": {"status": 401}}


def fingerprint(text: str) -> str:
    salt = b"salt"
    return f"pbkdf2$1${salt.hex()}${hashlib.pbkdf2_hmac('sha256', text.encode(), salt, 1).hex()}" if text else ""


def container(service: str, **has: str) -> dict[str, Any]:
    """A node that has the new secrets, but for those that are named."""
    found = {**NEW, **has} if service == "webapp" else {"secret": {**NEW, **has}["secret"]}
    secrets = {name: fingerprint(found.get(name, "")) for name in NEW}
    name = f"wabiz-{service}-1"
    return {"name": name, "id": name, "cluster": "wabiz", "node": service, "running": True, "secrets": secrets}


def facts(old: dict[str, str] | None = None, hosts: dict[str, Any] | None = None, **more: Any) -> Facts:
    """All nodes have C(old), or what C(hosts) says of theirs."""
    report = {"engine": {"running": True}, "files": {}}
    surveys = {host: {**report, "containers": [container(service, **(old or {}))]} for host, service in PLACES.items()}
    nodes = [
        {"host": host, "service": service, "name": f"wabiz-{service}-1", "address": host, "zone": ""}
        for host, service in PLACES.items()
    ]
    topology = {"cluster": "wabiz", "nodes": nodes, "groups": {"loadbalancer": []}}
    settings = {**SETTINGS, **more.pop("settings", {})}
    secrets = {**SAME, **more.pop("secrets", {})}
    return Facts(topology, settings, {**surveys, **(hosts or {})}, {}, "2026-11-25", secrets=secrets, **more)


def steps(found: dict[str, Any]) -> list[str]:
    return [step["what"] for step in found["steps"]]


def presented(*hosts: str, names: tuple[str, ...] = ("web1", "web2")) -> list[dict[str, Any]]:
    """What the certificate module says of each webapp; these present another one."""
    places = ({"host": host, "name": "wabiz-webapp-1"} for host in ("web1", "web2"))
    return [
        {"item": item, "names": [*names], "restart_required": ["webapp"] if item["host"] in hosts else []}
        for item in places
    ]


def test_where_all_is_as_it_should_be_nothing_is_done() -> None:
    found = plan(facts())
    assert not found["needed"] and found["text"] == [NOTHING]
    assert found["refusals"] == found["steps"] == []


def test_the_api_key_changes_webapp_by_webapp() -> None:
    found = plan(facts({"api_key": OLD["api_key"]}))
    assert steps(found) == ["replace wabiz-webapp-1"] * 2
    assert found["interrupting"] == found["services"] == found["refusals"] == []
    assert "Give monitoring the new key" in found["warnings"][0]


@pytest.mark.parametrize("service", ["webapp", "master", "coreapp"])
def test_a_node_that_the_inventory_does_not_name_would_keep_the_old_secret(service: str) -> None:
    """As on a host of group retired: each further run would interrupt the service again."""
    left = {"engine": {"running": True}, "files": {}, "containers": [container(service, **OLD)]}
    found = plan(facts(hosts={"old1": left}, settings={"rotate_interrupt": "wabiz"}))
    (refusal,) = found["refusals"]
    assert "old1" in refusal and "remove it with retire.yml" in refusal
    left["containers"] = [container(service)]
    assert not plan(facts(hosts={"old1": left}))["needed"]


def test_a_run_that_ended_early_goes_on_with_the_webapps_that_are_left() -> None:
    there = {"web1": {"engine": {"running": True}, "files": {}, "containers": [container("webapp")]}}
    found = plan(facts({"api_key": OLD["api_key"]}, hosts=there))
    assert [step["where"] for step in found["steps"]] == ["web2"]


@pytest.mark.parametrize(
    ("names", "services"),
    [
        (["jwt_key"], ["webapp"]),
        (["secret"], ["master", "coreapp", "webapp"]),
        (["jwt_key", "secret"], ["master", "coreapp", "webapp"]),
        (["jwt_key", "api_key"], ["webapp"]),
    ],
)
def test_what_both_sides_have_is_changed_at_once_and_only_if_that_is_allowed(
    names: list[str], services: list[str]
) -> None:
    old = {name: OLD[name] for name in names}
    refused = plan(facts(old))
    assert "wabiz_rotate_interrupt: wabiz" in refused["refusals"][0]
    assert plan(facts(old, settings={"rotate_interrupt": "other"}))["refusals"] == refused["refusals"]
    found = plan(facts(old, settings={"rotate_interrupt": "wabiz"}))
    assert (found["refusals"], found["services"]) == ([], services)
    assert not any(step.startswith("replace") for step in steps(found))
    assert ("all tokens end" in steps(found)) == ("jwt_key" in names)


def test_a_secret_that_the_inventory_has_no_more_is_removed() -> None:
    found = plan(facts({"secret": OLD["secret"]}, settings={"secret": None, "rotate_interrupt": "wabiz"}))
    assert found["interrupting"] == ["secret"] and found["refusals"] == []


def test_an_interruption_that_has_begun_is_finished_though_the_client_does_not_answer() -> None:
    there = {"web1": {"engine": {"running": True}, "files": {}, "containers": [container("webapp")]}}
    silent = {"admin": {"msg": "connection refused", "error": {}}}
    given: dict[str, Any] = {"settings": {"rotate_interrupt": "wabiz"}, "secrets": silent, "record": '{"restart": []}'}
    found = plan(facts({"secret": OLD["secret"]}, hosts=there, **given))
    assert found["refusals"] == [] and "does not answer" in found["warnings"][0]
    assert plan(facts(secrets=silent))["refusals"]
    # Webapps that are stopped present no certificate; the upload would fail, and the interruption would stay.
    stopped = {**silent, "webapps": presented("web1", "web2")}
    given = {**given, "secrets": stopped, "settings": {"rotate_interrupt": "wabiz", "api_ca_path": "/both.pem"}}
    found = plan(facts({"secret": OLD["secret"]}, hosts=there, **given))
    assert (found["certificate"], found["restart"], found["refusals"]) == (False, [], [])


def test_an_interruption_does_not_begin_where_the_client_does_not_answer() -> None:
    silent = {"admin": {"msg": "connection refused", "error": {"endpoint": "POST /v1/users/login"}}}
    given: dict[str, Any] = {"settings": {"rotate_interrupt": "wabiz"}, "secrets": silent}
    assert "does not answer" in plan(facts({"secret": OLD["secret"]}, **given))["refusals"][0]


@pytest.mark.parametrize("record", [None, '{"restart": []}'])
def test_a_password_that_the_client_would_not_take_is_no_silent_client(record: str | None) -> None:
    weak = {"admin": {"msg": "the new password does not have a digit. Choose another one.", "error": {"endpoint": ""}}}
    given: dict[str, Any] = {"settings": {"rotate_interrupt": "wabiz"}, "secrets": weak, "record": record}
    (refusal,) = plan(facts({"jwt_key": OLD["jwt_key"]}, **given))["refusals"]
    assert "does not have a digit" in refusal and "does not answer" not in refusal


@pytest.mark.parametrize(("record", "refused"), [(None, 1), ('{"restart": []}', 0)])
def test_an_interruption_does_not_begin_with_a_certificate_that_is_not_uploaded(
    record: str | None, refused: int
) -> None:
    bad = {"webapps": [{"item": {"host": "web1", "name": "x"}, "msg": "the PEM file is not uploaded."}]}
    given: dict[str, Any] = {"settings": {"rotate_interrupt": "wabiz"}, "secrets": bad, "record": record}
    assert len(plan(facts({"jwt_key": OLD["jwt_key"]}, **given))["refusals"]) == refused


def test_the_password_of_admin() -> None:
    found = plan(facts(secrets={"admin": {"password_changed": True}}))
    assert found["admin"] and steps(found) == ["change the password of admin"]
    assert "stay valid for up to 7 days" in found["warnings"][0]
    (refused,) = plan(facts(secrets={"admin": UNAUTHORIZED}))["refusals"]
    assert "neither wabiz_admin_password nor wabiz_old_admin_password" in refused


def test_the_certificate_of_the_webapps() -> None:
    given: dict[str, Any] = {
        "secrets": {"webapps": presented("web1", "web2")},
        "settings": {"api_ca_path": "/both.pem"},
    }
    found = plan(facts(**given))
    assert (found["certificate"], found["restart"], found["refusals"]) == (True, ["webapp"], [])
    assert steps(found) == [
        "upload the certificate of the webapps",
        "restart web1/wabiz-webapp-1",
        "restart web2/wabiz-webapp-1",
    ]
    assert plan(facts(secrets={"webapps": presented()}))["needed"] is False


def test_the_old_certificate_is_uploaded_again_where_a_run_that_ended_early_has_uploaded_another_one() -> None:
    """All webapps still present it, and would present the other one from their next start on."""
    known = facts(secrets={"webapps": presented()}, record='{"restart": ["webapp"]}')
    found = plan(known)
    assert (found["certificate"], found["refusals"]) == (True, [])
    assert steps(found) == ["upload the certificate of the webapps"]
    # A run that ends early again leaves the same to the next one.
    assert found["record"] == {"restart": ["webapp"]}


def test_such_a_certificate_is_not_left_with_the_client_unnoticed() -> None:
    (refusal,) = plan(facts(record='{"restart": ["webapp"]}'))["refusals"]
    assert "wabiz_webapp_certificate" in refusal and "secrets.json" in refusal


def test_a_webapp_that_is_replaced_anyway_is_not_restarted() -> None:
    there = {"web2": {"engine": {"running": True}, "files": {}, "containers": [container("webapp")]}}
    given: dict[str, Any] = {
        "secrets": {"webapps": presented("web1", "web2")},
        "settings": {"api_ca_path": "/both.pem"},
    }
    found = plan(facts({"api_key": OLD["api_key"]}, hosts=there, **given))
    assert steps(found)[1:] == ["replace wabiz-webapp-1", "restart web2/wabiz-webapp-1"]


def test_a_certificate_that_nothing_would_trust_is_refused() -> None:
    (refused,) = plan(facts(secrets={"webapps": presented("web2")}))["refusals"]
    assert "wabiz_api_ca_path" in refused
    settings = {"api_ca_path": "/etc/ssl/both.pem", "api_endpoints": ["https://api.example.net"]}
    known = facts(secrets={"webapps": presented("web2")}, settings=settings)
    assert plan(known)["refusals"] == []
    known.topology["groups"]["loadbalancer"].append("lb1")
    assert "wabiz_api_endpoints" in plan(known)["refusals"][0]


@pytest.mark.parametrize(("hosts", "refused"), [(("web1", "web2"), 1), (("web1",), 0)])
def test_webapps_that_only_their_balancer_reaches_are_not_restarted_in_each_run(
    hosts: tuple[str, ...], refused: int
) -> None:
    """One that does not answer may have been given a bad certificate, and is restarted."""
    said = [
        {**one, "unseen": [one["item"]["host"]] if one["item"]["host"] in hosts else []}
        for one in presented("web1", "web2")
    ]
    settings = {"api_ca_path": "/balancers.pem", "api_endpoints": ["https://api.example.net"], "api_delegate_to": "ops"}
    refusals = plan(facts(secrets={"webapps": said}, settings=settings))["refusals"]
    assert len(refusals) == refused and all("ops reaches no webapp" in text for text in refusals)


@pytest.mark.parametrize(("endpoints", "refused"), [(None, 1), (["https://api.example.net"], 0)])
def test_a_certificate_that_the_file_of_cas_does_not_verify_is_refused(
    endpoints: list[str] | None, refused: int
) -> None:
    """The first webapp would be out of service after its restart. Another balancer has a CA of its own."""
    told = [{**one, "untrusted": "unable to get local issuer certificate"} for one in presented("web1")]
    settings = {"api_ca_path": "/old.pem", "api_endpoints": endpoints}
    refusals = plan(facts(secrets={"webapps": told}, settings=settings))["refusals"]
    assert len(refusals) == refused and all("wabiz_api_ca_path" in text for text in refusals)


@pytest.mark.parametrize(
    ("names", "server_hostname", "balancers", "refused"),
    [
        (("web1", "web2"), None, ["lb1"], []),
        (("web1",), None, [], ["web2"]),
        (("api.example.net",), None, [], ["web1", "web2"]),
        (("api.example.net",), "api.example.net", [], []),
        (("*.example.net",), "api.example.net", [], []),
        # HAProxy compares the name by which it reaches a webapp.
        (("api.example.net",), "api.example.net", ["lb1"], ["web1", "web2"]),
    ],
)
def test_a_certificate_by_whose_names_no_webapp_would_be_reached_is_refused(
    names: tuple[str, ...], server_hostname: str | None, balancers: list[str], refused: list[str]
) -> None:
    settings = {"api_ca_path": "/both.pem", "api_server_hostname": server_hostname}
    known = facts(secrets={"webapps": presented("web1", "web2", names=names)}, settings=settings)
    known.topology["groups"]["loadbalancer"] += balancers
    told = plan(known)["refusals"]
    assert [text.partition(" is not valid for ")[2].partition(",")[0] for text in told] == refused
    assert all("wabiz_webapp_certificate" in text for text in told)


def test_what_is_in_front_of_the_webapps_judges_their_names_itself() -> None:
    settings = {"api_ca_path": "/both.pem", "api_endpoints": ["https://api.example.net"]}
    known = facts(secrets={"webapps": presented("web1", names=("other",))}, settings=settings)
    assert plan(known)["refusals"] == []


def test_a_bad_certificate_is_refused_once() -> None:
    bad = [{"item": {"host": host, "name": "x"}, "msg": "the PEM file is not uploaded."} for host in ("web1", "web2")]
    assert plan(facts(secrets={"webapps": bad}))["refusals"] == [
        "variable wabiz_webapp_certificate: cannot be given to the client: the PEM file is not uploaded. Correct it."
    ]


def test_the_ca_of_the_webhooks_server_restarts_coreapps() -> None:
    found = plan(facts(secrets={"webhook_ca": {"restart_required": ["coreapp"], "changed": True}}))
    assert steps(found) == ["upload the CA of the webhook's server", "restart all coreapps"]
    assert "one shard at a time" in found["steps"][1]["without service"]
    again = plan(facts(record='{"restart": ["coreapp"]}'))
    assert (again["needed"], again["restart"], steps(again)) == (True, ["coreapp"], ["restart all coreapps"])


@pytest.mark.parametrize("record", ["", "[]", "{}", '{"restart": 1}', "[" * 100_000])
def test_a_record_that_is_none_is_refused(record: str) -> None:
    assert "Remove it" in plan(facts(record=record))["refusals"][0]


def test_a_host_that_was_not_seen_may_have_the_old_secret() -> None:
    refusals = plan(facts(hosts={"core3": {"msg": "no route"}}))["refusals"]
    assert refusals == ["core3: is unreachable: no route. Fix the connection or exclude the host."]


@given(st.sets(st.sampled_from(sorted(NEW))), st.booleans())
def test_no_secret_is_in_a_plan_and_nothing_interrupts_unasked(names: set[str], allowed: bool) -> None:
    settings = {"rotate_interrupt": "wabiz" if allowed else None}
    found = plan(facts({name: OLD[name] for name in names}, settings=settings))
    assert "Canary" not in str(found)
    assert bool(found["interrupting"]) == bool(names & {"jwt_key", "secret"})
    assert bool(found["refusals"]) == (bool(found["interrupting"]) and not allowed)


class Wanted:
    """As much of an inventory as the check needs."""

    def __init__(self, **settings: Any) -> None:
        self.variables = {"web1": settings}

    @staticmethod
    def owns(container: dict[str, Any]) -> bool:
        return bool(container["cluster"] == "wabiz")


def test_another_playbook_warns_of_them() -> None:
    report = {"containers": [container("webapp", api_key=OLD["api_key"]), {**container("webapp"), "cluster": ""}]}
    (found,) = warnings_of(Wanted(**NEW), "web1", report)  # type: ignore[arg-type]
    assert not found.fatal and "wabiz_api_key" in str(found) and "rotate_secrets.yml" in str(found)
    # What a playbook does not read it does not judge.
    assert list(warnings_of(Wanted(), "web1", report)) == []  # type: ignore[arg-type]


@pytest.mark.parametrize(("given", "asking"), [(None, "the first webapp's host"), ("localhost", "localhost")])
def test_a_missing_library_is_told_once_and_is_no_fault_of_the_certificates(given: str | None, asking: str) -> None:
    lacks = {"failed": False, "msg": "Failed to import it", "missing_library": "cryptography"}
    looked = {"webapps": [lacks, lacks], "webhook_ca": lacks}
    (refusal,) = plan(facts(secrets=looked, settings={"api_delegate_to": given}))["refusals"]
    assert f"{asking} has no Python library cryptography" in refusal and "wabiz_webapp_certificate" not in refusal
