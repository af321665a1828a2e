"""rotate_secrets.yml: what changes under load, what interrupts and is measured, refusals, and runs that are killed."""

from __future__ import annotations

import datetime as dt
import json
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.wabiz.onprem.tests.unit.plugins.certificates import Authority, issue

from tests.lab import balanced, client, foreign, gateway, upgrading
from tests.lab.hosts import CLUSTER, on, shell
from tests.lab.load import Load
from tests.lab.operation import KEEPER, holder
from tests.lab.play import play
from tests.lab.traffic import judge
from tests.lab.walk import Walk
from tests.support.canary import Canaries
from tests.support.guide import blocks
from tests.support.killing import kill_at, spread
from tests.support.paths import BUILD
from tests.support.playbook import PlaybookRun
from tests.support.variables import LAB_VARIABLES
from tests.support.waiting import wait_for

pytestmark = pytest.mark.drill

VERB = "rotate_secrets"
RATE, POINTS, SEED = 20, 5, 19
RECORD = f"/etc/wabiz/{CLUSTER}/secrets.json"
BOTH = "/etc/ssl/wabiz-both.pem"
# So long is the certificate valid that expires in a test, after webapps have started with it.
SOON = dt.timedelta(minutes=1)
VARIABLES = {"WA_API_KEY": "wabiz_api_key", "WA_WEB_JWT_CRYPTO_KEY": "wabiz_jwt_key", "WA_SECRET": "wabiz_secret"}


def password() -> str:
    return f"Aa1!{secrets.token_hex(8)}"


class Site:
    """A registered cluster behind a balancer, and the secrets that its inventory has at the moment."""

    def __init__(self) -> None:
        self.inventory = balanced.inventory()
        self.given: dict[str, Any] = {"wabiz_secret": secrets.token_hex(16)}
        self.canaries = Canaries([], {})
        self.put()

    def put(self, **more: Any) -> None:
        """Set variables; all values that were ever set are secret."""
        self.given.update(more)
        count = len(self.canaries.values)
        known = {f"{name} {count}": str(value) for name, value in self.given.items() if name in SECRET}
        self.canaries.values.update(known)

    def play(self, verb: str, *arguments: str, **more: Any) -> PlaybookRun:
        given = {**self.given, **more}
        return play(verb, *arguments, inventory=self.inventory, extra_vars=given, secrets=self.canaries)

    def rotated(self) -> None:
        """Every node has the inventory's secrets, nothing is left of the run, and a second run has nothing to do."""
        wanted = {**LAB_VARIABLES, **self.given}
        for place, env in environments().items():
            for variable, name in VARIABLES.items():
                if variable in env:
                    assert env[variable] == wanted.get(name), f"{place}: {variable}"
        assert shell(KEEPER, f"ls {RECORD} 2> /dev/null || true") == "" and holder() == ""
        wait_for("a connected coreapp", lambda: served(wanted["wabiz_api_key"]), 90)
        assert gateway.punishable() == []
        again = self.play(VERB).succeeded()
        assert "Nothing to do" in again.stdout and again.changed == set()


SECRET = {"wabiz_api_key", "wabiz_jwt_key", "wabiz_secret", "wabiz_admin_password", "wabiz_old_admin_password"}


def served(key: str) -> bool:
    try:
        health = client.ask("web1", "/v1/health", key)["health"]
    except OSError:
        return False
    return sum(node.get("gateway_status") == "connected" for node in health.values()) == 1


def environments() -> dict[str, dict[str, str]]:
    found = {}
    for place in sorted(upgrading.ALL):
        host, name = place.split("/")
        entries = json.loads(on(host, "docker", "inspect", "--format", "{{json .Config.Env}}", name))
        found[place] = dict(entry.split("=", 1) for entry in entries)
    return found


@pytest.fixture(scope="module")
def site(lab: Path) -> Iterator[Site]:
    upgrading.removed()
    foreign.place()
    found = Site()
    for verb in ("site", "register"):
        found.play(verb).succeeded()
    client.settled(60)
    yield found
    found.play("loadbalancer", "-e", "wabiz_loadbalancer_state=absent").succeeded()
    upgrading.removed()


def test_another_api_key_loses_no_request(site: Site) -> None:
    site.put(wabiz_api_key=secrets.token_hex(16))
    assert site.play(VERB, "--check").succeeded().changed == set()
    with Load(balanced.BALANCER, RATE) as load:
        wait_for("load", lambda: len(load.accepted) > RATE, 30)
        run = site.play(VERB).succeeded()
    assert load.refused.total() == 0, load.failures
    assert (judge(load)["lost"], judge(load)["duplicated"]) == ([], [])
    assert {host for host, name in run.changed if name.startswith("container")} == {"web1", "web2"}
    site.rotated()


@pytest.mark.proves("wabiz_old_admin_password")
def test_the_password_of_admin(site: Site) -> None:
    old, new = LAB_VARIABLES["wabiz_admin_password"], password()
    refused = site.play(VERB, wabiz_admin_password=new).failed()
    assert "neither wabiz_admin_password nor wabiz_old_admin_password" in refused.failures[-1]["msg"]
    site.put(wabiz_admin_password=new, wabiz_old_admin_password=old)
    site.play(VERB).succeeded()
    site.rotated()
    site.put(wabiz_admin_password=old, wabiz_old_admin_password=new)
    site.play(VERB).succeeded()


@pytest.mark.proves("wabiz_rotate_interrupt")
@pytest.mark.parametrize("name", ["wabiz_jwt_key", "wabiz_secret"])
def test_an_interruption_is_asked_for_and_measured(site: Site, name: str) -> None:
    before = environments()
    site.put(**{name: secrets.token_hex(32)})
    refused = site.play(VERB).failed()
    assert "wabiz_rotate_interrupt" in refused.failures[-1]["msg"] and environments() == before
    run = site.play(VERB, wabiz_rotate_interrupt=CLUSTER).succeeded()
    assert re.search(r"Without service: [\d.]+ s", run.stdout)
    assert ("has to log in again" in run.stdout) == (name == "wabiz_jwt_key")
    site.rotated()


@pytest.mark.proves("wabiz_webapp_certificate")
def test_the_certificate_of_the_webapps_while_requests_are_answered(site: Site) -> None:
    """It has a name that those before did not have, and the hosts' own, by which the balancer verifies."""
    authority = issue("Webapp CA", ca=True)
    name = "api.lab.test"
    made, alone = (issue(name, authority, also=also) for also in (("web1", "web2"), ()))
    old = on(KEEPER, "cat", f"/etc/wabiz/{CLUSTER}/webapp-ca.pem")
    on(KEEPER, "sh", "-c", f"printf '%s\n' '{old}' '{authority.pem}' > {BOTH}")
    given = {"wabiz_webapp_certificate": made.key_pem + made.pem + authority.pem, "wabiz_api_server_hostname": name}
    assert "wabiz_api_ca_path" in site.play(VERB, **given).failed().failures[-1]["msg"]
    given["wabiz_api_ca_path"] = BOTH
    bad = {**given, "wabiz_webapp_certificate": made.pem + made.key_pem + authority.pem}
    assert "not a private key" in site.play(VERB, **bad).failed().failures[-1]["msg"]
    nameless = {**given, "wabiz_webapp_certificate": alone.key_pem + alone.pem + authority.pem}
    assert "not valid for web1, by which the balancers" in site.play(VERB, **nameless).failed().failures[-1]["msg"]
    site.put(**given)
    with Load(balanced.BALANCER, RATE) as load:
        run = site.play(VERB).succeeded()
    assert load.refused.total() == 0, load.failures
    assert run.changed
    site.rotated()


@pytest.mark.proves("wabiz_webhook_ca")
def test_the_ca_of_the_webhooks_server_restarts_each_coreapp_once(site: Site) -> None:
    begun = {place: started(place) for place in upgrading.ALL if "coreapp" in place}
    site.put(wabiz_webhook_ca=issue("Webhook CA", ca=True).pem)
    site.play(VERB).succeeded()
    assert all(started(place) != begun[place] for place in begun)
    site.rotated()


def started(place: str) -> str:
    host, name = place.split("/")
    return on(host, "docker", "inspect", "--format", "{{.State.StartedAt}}", name)


def test_killed_anywhere_the_next_run_ends_it(site: Site) -> None:
    for point in spread(30, 160, POINTS, SEED):
        more = {"wabiz_rotate_interrupt": CLUSTER, "wabiz_take_over": True}
        site.put(wabiz_api_key=secrets.token_hex(16), wabiz_secret=secrets.token_hex(16))
        print(kill_at(f"playbooks/{VERB}.yml", point, {**site.given, **more}, site.inventory), flush=True)
        site.play(VERB, **more).succeeded()
        site.rotated()


@contextmanager
def page(site: Site, name: str, given: dict[str, Any]) -> Iterator[Walk]:
    """Return a walk through a page in docs/ by a reader with these values in the vault and the site's inventory."""
    directory = BUILD / "inventory"
    site.inventory.rename(directory)
    try:
        variables = directory / "group_vars" / "all"
        (written,) = blocks(name, "yaml")
        files = {"secret": site.given, "vault": given, "zz_page": yaml.safe_load(written)}
        for file, content in files.items():
            (variables / f"{file}.yml").write_text(yaml.safe_dump(content), encoding="utf-8")
        site.canaries.values.update(given)
        yield Walk(name, site.canaries)
        for file in files:
            (variables / f"{file}.yml").unlink()
    finally:
        directory.rename(site.inventory)


def test_the_runbook_of_a_leak(site: Site) -> None:
    """docs/secrets.md, command by command."""
    old = {**LAB_VARIABLES, **site.given}["wabiz_admin_password"]
    vault = {
        "vault_api_key": secrets.token_hex(16),
        "vault_old_admin_password": old,
        "vault_admin_password": password(),
        "vault_jwt_key": secrets.token_hex(32),
    }
    with page(site, "secrets.md", vault) as walk:
        while walk.ahead:
            walk.run("")
    site.put(**{name.replace("vault", "wabiz"): value for name, value in vault.items()})


def test_the_runbook_of_a_certificate(site: Site) -> None:
    """docs/certificates.md, command by command: renewed in time, and once more after it has expired."""
    authority = issue("Another webapp CA", ca=True)
    made = webapps_certificate(site, authority, dt.timedelta(days=300))
    (BUILD / "new-ca.pem").write_text(authority.pem, encoding="ascii")
    given = {"vault_webapp_certificate": made}
    with page(site, "certificates.md", given) as walk:
        for words in ("new-ca.pem", "webapp-ca.pem", "rotate_secrets --check", "rotate_secrets"):
            walk.run(words)
        assert "WABIZ OK" in walk.run("verify")
        upload, restart = walk.ahead[:2]
        expired_at = dt.datetime.now(dt.UTC) + SOON
        late = {"wabiz_webapp_certificate": webapps_certificate(site, authority, SOON)}
        (BUILD / "late.json").write_text(json.dumps(late), encoding="ascii")
        walk.do(upload.replace('"kind"', '"minimum_days": 0, "kind"') + " -e @late.json")
        walk.do(restart)
        wait_for("the certificate's end", lambda: dt.datetime.now(dt.UTC) > expired_at, 2 * SOON.total_seconds())
        assert "has expired" in walk.do("! ansible-playbook -i inventory wabiz.onprem.site")
        for words in ("certificate", "docker restart", "site"):
            walk.run(words)
        assert "WABIZ OK" in walk.run("verify")
    assert walk.ahead == []


def webapps_certificate(site: Site, authority: Authority, ends: dt.timedelta) -> str:
    """Return what the webapps are given: key, certificate, and the CA's. The key is one of the site's secrets."""
    made = issue("api.lab.test", authority, also=("web1", "web2"), ends=ends)
    site.canaries.values[f"key for {ends}"] = made.key_pem
    return made.key_pem + made.pem + authority.pem
