"""A registry that asks for a login: who gets an image from it, what is said without one, and that no login is left."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.lab import client, gateway, imaging
from tests.lab.hosts import containers, on
from tests.lab.imaging import CORE, OURS, REAL, SMALL, USER, WEB, WITH_LOGIN, Login, run, short
from tests.lab.inventories import Groups, variant
from tests.lab.operation import holder
from tests.lab.play import SECRETS, play
from tests.support.canary import Canaries
from tests.support.playbook import PlaybookRun
from tests.support.variables import LAB_VARIABLES

CONTAINER = "wabiz-coreapp-1"
CONFIG = str(Path("/root", ".docker", "config.json"))
VERSION, OLD = f"v{LAB_VARIABLES['wabiz_version']}", "v2.55.1"
PULLED = f"{OURS}/coreapp:{VERSION}"
# Without a login, or with a wrong one; engines and registries word it differently.
REFUSED = r"no basic auth credentials|unauthorized|authentication required|401"


@pytest.fixture(scope="module")
def login(cluster_at_first: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Login]:
    """The registry; images of it that hosts have got are removed with it."""
    with imaging.registry_with_login(tmp_path_factory.mktemp("login")) as found:
        yield found
        imaging.forget(WITH_LOGIN, SMALL)


@pytest.fixture(scope="module")
def small(login: Login) -> Path:
    """An inventory whose images are small, each on one host."""
    imaging.forget(SMALL)
    imaging.make("core1", CORE)
    imaging.make("web1", WEB)
    return imaging.small_inventory()


def wrong() -> Canaries:
    """A password that is not the right one, and a secret nevertheless."""
    return Canaries(["wabiz_registry_password"])


def flat(done: PlaybookRun) -> str:
    """Return all that a run said, without line breaks: warnings are wrapped."""
    return " ".join(done.output.split())


# --- Into the registry ------------------------------------------------------------------------------------------------


@pytest.mark.drill
@pytest.mark.proves("wabiz_push_registry", "wabiz_registry_user", "wabiz_registry_password")
def test_images_are_pushed_with_the_login_which_does_not_stay(small: Path, login: Login) -> None:
    links = [imaging.tag_link(f"ours/{image}", f"v{SMALL}") for image in ("coreapp", "web")]
    given: dict[str, Any] = {"wabiz_push_registry": OURS, **login.variables}
    told = run("push", "--check", inventory=small, secrets=login.secrets, **given).succeeded()
    assert told.changed == set()
    assert re.search(rf"{CORE} \(3\.\d MB\): from core1", told.stdout)
    assert not any(link.exists() for link in links)
    done = run("push", "-vvv", inventory=small, secrets=login.secrets, **given).succeeded()
    assert all(link.exists() for link in links)
    assert f"to {OURS}/coreapp:v{SMALL}" in done.stdout
    assert (login.directories(), login.places()) == ({}, {})
    assert holder() == ""
    assert run("push", inventory=small, secrets=login.secrets, **given).succeeded().changed == set()


@pytest.mark.drill
def test_a_push_with_a_wrong_password_says_who_was_refused(small: Path, login: Login) -> None:
    other = wrong()
    given: dict[str, Any] = {"wabiz_push_registry": OURS, "wabiz_registry_user": USER, **other.values}
    done = run("push", inventory=small, secrets=other, **given).failed()
    reason = done.failures[-1]["msg"]
    assert f"Logging into {WITH_LOGIN} for user {USER} failed" in reason and re.search(REFUSED, reason)
    assert login.directories() == {}
    assert holder() == ""


@pytest.mark.drill
@pytest.mark.proves("wabiz_registry_keep_login")
def test_a_login_that_is_kept_is_the_hosts_own(small: Path, login: Login) -> None:
    """Without any login the push is refused; with the one that was kept it needs no variables any more."""
    given: dict[str, Any] = {"wabiz_push_registry": OURS}
    assert re.search(REFUSED, run("push", inventory=small, **given).failed().failures[-1]["msg"])
    kept: dict[str, Any] = {**given, **login.variables, "wabiz_registry_keep_login": True}
    run("push", inventory=small, secrets=login.secrets, **kept).succeeded()
    assert login.directories() == {}
    assert login.places() == {"core1": [CONFIG], "web1": [CONFIG]}
    run("push", inventory=small, secrets=login.secrets, **given).succeeded()
    for host in ("core1", "web1"):
        on(host, "docker", "logout", WITH_LOGIN)
    assert login.places() == {}


# --- Out of the registry ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["right", "wrong", "none"])
def test_the_check_before_a_run_names_a_login_that_is_missing_or_wrong(login: Login, kind: str) -> None:
    """It is a warning: the registry could not be asked, and a pull may still work."""
    secrets = {"right": login.secrets, "wrong": wrong(), "none": SECRETS}[kind]
    given: dict[str, Any] = {} if kind == "none" else {"wabiz_registry_user": USER, **secrets.values}
    extra_vars: dict[str, Any] = {"wabiz_registry": WITH_LOGIN, **given}
    done = play("preflight", "--limit=core2", extra_vars=extra_vars, secrets=secrets).succeeded()
    unknown = rf"image {WITH_LOGIN}/coreapp:{VERSION} cannot be checked: .*?({REFUSED})"
    assert bool(re.search(unknown, flat(done))) == (kind != "right"), done.output
    assert ("wabiz_registry_user and wabiz_registry_password" in flat(done)) == (kind != "right")


@dataclass
class Pulled:
    """Two standbys that have pulled: one with the login of its own, one with the variables'."""

    own: str
    given: str
    inventory: Path
    variables: dict[str, Any]
    run: PlaybookRun


@pytest.fixture(scope="module")
def pulled(small: Path, login: Login) -> Iterator[Pulled]:
    """Both have the right image by its digest; the tag leads to another version in the meantime."""
    shutil.copytree(imaging.repository("coreapp"), imaging.repository("ours/coreapp"), dirs_exist_ok=True)
    right = imaging.tag_link("coreapp", VERSION).read_text(encoding="utf-8").strip()
    moved = imaging.tag_link("coreapp", OLD).read_text(encoding="utf-8").strip()
    imaging.tag_link("ours/coreapp", VERSION).write_text(moved, encoding="utf-8")
    client.settled(60)
    own, given = sorted(node.host for node in client.nodes() if (node.role, node.status) == ("coreapp", "disconnected"))

    def change(groups: Groups) -> None:
        hosts = groups["coreapp"]["hosts"]
        for host in (own, given):
            hosts[host].update(wabiz_registry=OURS, wabiz_image_digests={"coreapp": right})
        hosts[given].update(wabiz_registry_user=USER, wabiz_registry_password="{{ its_password }}")

    inventory = variant("login", change)
    variables: dict[str, Any] = {"its_password": login.password}
    login.give(own)
    try:
        limit = f"--limit={own},{given}"
        yield Pulled(own, given, inventory, variables, _site(login, inventory, variables, limit))
    finally:
        play("site").succeeded()
        client.settled(60)


def _site(login: Login, inventory: Path, variables: dict[str, Any], limit: str) -> PlaybookRun:
    return play("site", "-vvv", limit, inventory=inventory, extra_vars=variables, secrets=login.secrets)


@pytest.mark.drill
def test_a_host_pulls_nothing_with_a_wrong_password(login: Login) -> None:
    """The node is not touched."""
    host, other = imaging.standby(), wrong()
    before = containers(host)
    extra_vars: dict[str, Any] = {"wabiz_registry": WITH_LOGIN, "wabiz_registry_user": USER, **other.values}
    done = play("site", f"--limit={host}", extra_vars=extra_vars, secrets=other).failed()
    reason = done.failures[-1]["msg"]
    assert f"Logging into {WITH_LOGIN} for user {USER} failed" in reason and re.search(REFUSED, reason)
    assert containers(host) == before
    assert login.directories() == {}
    assert holder() == ""
    # The host has the configuration of the other registry.
    assert play("site").succeeded().changed == {(host, "copy /etc/wabiz/wabiz/coreapp.yml")}


@pytest.mark.drill
@pytest.mark.proves("wabiz_image_digests", "wabiz_registry_user")
def test_hosts_pull_by_digest_with_their_own_login_or_the_given_one(pulled: Pulled, login: Login) -> None:
    """By its tag they would have got the older version. What stays is the login that an administrator has made."""
    done = pulled.run.succeeded()
    right = imaging.ids(REAL)["core1"]
    for host in (pulled.own, pulled.given):
        assert (host, f"container {CONTAINER}") in done.changed
        form = "--format={{.Config.Image}} {{.Image}}"
        assert on(host, "docker", "inspect", form, CONTAINER) == f"{PULLED} {right}"
    assert login.directories() == {}
    assert login.places() == {pulled.own: [CONFIG]}
    client.settled(60)
    assert gateway.punishable() == []


@pytest.mark.drill
def test_a_tag_that_has_moved_is_reported(pulled: Pulled, login: Login) -> None:
    """A host that lacks the image would get another one by its tag than the others have."""
    imaging.lose(PULLED, pulled.given)
    right = imaging.tag_link("coreapp", VERSION).read_text(encoding="utf-8").strip()
    moved = imaging.tag_link("ours/coreapp", VERSION).read_text(encoding="utf-8").strip()
    shown = play("images", inventory=pulled.inventory, extra_vars=pulled.variables, secrets=login.secrets).succeeded()
    assert f"The tag of image {PULLED} has moved: the registry has {short(moved)} now" in shown.stdout
    assert f"the hosts have {short(right)}" in shown.stdout
    assert re.search(
        rf"{PULLED} +{pulled.own} +{short(imaging.ids(PULLED)[pulled.own])} +{short(right)} ", shown.stdout
    )
    assert re.search(rf"{PULLED} +{pulled.given} +missing", shown.stdout)
